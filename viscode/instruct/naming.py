"""Whether a description names a library or a function (Appendix A forbids both in the plot and
style descriptions; the setup names the libraries).

English comes first: "bar plot", "legend", "grid" and "subplots" are words even where the code
calls `ax.legend`. A name is what English has no use for: a library or its alias, `plot()`,
`ax.bar`, a function of the code spelled with underscores or inner capitals (`plot_surface`,
`PercentFormatter`), a drawing method with arguments (`scatter(x, y)`; mathematics such as
`sin(x)` is none), and the functions that `NOT_WORDS` lists. Text in quotes is the figure's own
(titles, labels) and may name a library; but `"ax.bar"` in quotes is a name, unless the code holds
it as a text.
"""

import ast
import re

from viscode.libraries.names import aliases, chain
from viscode.libraries.registry import BY_NAME, MODULES
from viscode.text.python_text import ParseFailure, parse

LIBRARY = re.compile(
    rf"\b({'|'.join(sorted({*BY_NAME, *MODULES}))}|pyplot|numpy|scikit-learn)\b", re.IGNORECASE
)
ALIAS = re.compile(r"\b(plt|sns|mpl|np|pd)\b")
NOT_WORDS = re.compile(
    r"ax[hv](line|span)|axline|bxp|catplot|contourf|displot|gc[af]|gridspec|histplot|imshow|iplot|"
    r"kdeplot|lmplot|matshow|pcolor(mesh)?|rcparams|regplot|relplot|residplot|savefig|"
    r"semilog[xy]|suptitle|tricontourf|tripcolor|twin[xy]|[xyz](label|lim|ticks)"
)
QUOTED = re.compile(
    r"\"([^\"\n]*)\"|“([^”\n]*)”|‘([^’\n]*)’|(?<!\w)'([^'\n]*)'(?!\w)"  # no apostrophes
)
IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*(?:\(\))?")
WORD = re.compile(r"[A-Za-z_]\w*")
INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
EMPTY_CALL = re.compile(r"\b[A-Za-z_][\w.]*\(\)")
FILLED_CALL = re.compile(r"\b([A-Za-z_]\w*)\((?!e?s\))")  # not: subplot(s)
DOTTED = re.compile(r"\b([A-Za-z_]\w*)\.(?:\w+\.)*([A-Za-z_]\w*)")
RECEIVERS = frozenset({"ax", "axs", "axes", "fig"})
MATHEMATICS = ("numpy", "math", "scipy")


def named(text: str, code: str) -> list[str]:
    """Libraries and functions that the text names, sorted; [] for a good description. Code that is
    no plain Python has no names of its own."""
    tree = parse(code)
    nodes = [] if isinstance(tree, ParseFailure) else list(ast.walk(tree))
    imports = aliases(nodes)
    names = {node.id for node in nodes if isinstance(node, ast.Name)} | RECEIVERS
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    calls = [chain(node.func) for node in nodes if isinstance(node, ast.Call)]
    functions = {call[-1] for call in calls}
    functions |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    drawn = {
        method
        for root, *_, method in (call for call in calls if len(call) > 1)
        if imports.get(root, root).partition(".")[0] not in MATHEMATICS
    }
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    texts = {value for value in constants if isinstance(value, str)}

    def unquoted(match: re.Match[str]) -> str:
        inner = next(group for group in match.groups() if group is not None)
        return f" {inner} " if IDENTIFIER.fullmatch(inner) and inner not in texts else '""'

    bare, spelled = QUOTED.sub('""', text), QUOTED.sub(unquoted, text)
    found = {match[0] for match in [*LIBRARY.finditer(bare), *ALIAS.finditer(bare)]}
    found |= {word for word in WORD.findall(spelled) if NOT_WORDS.fullmatch(word)}
    found |= {word for word in functions & set(WORD.findall(spelled)) if _is_spelled(word)}
    found |= set(EMPTY_CALL.findall(spelled))
    found |= {match[0] + ")" for match in FILLED_CALL.finditer(spelled) if match[1] in drawn}
    dotted = (match for match in DOTTED.finditer(spelled) if match[1] in names)
    return sorted(found | {match[0] for match in dotted if match[2] in attributes})


def _is_spelled(word: str) -> bool:
    """Whether English does not spell a word so."""
    return "_" in word.strip("_") or INNER_CAPITAL.search(word) is not None
