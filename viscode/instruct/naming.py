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
from dataclasses import dataclass

from viscode.libraries.names import aliases, chain, dotted
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
MATHEMATICS = ("numpy.", "math.", "scipy.")


@dataclass(frozen=True)
class CodeNames:
    """What a script calls things. `drawn` are methods called with anything but mathematics."""

    names: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    drawn: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()


def names_of(code: str) -> CodeNames:
    """The names in a script; none in code that is no plain Python."""
    tree = parse(code)
    if isinstance(tree, ParseFailure):
        return CodeNames()
    imports, nodes = aliases(tree), list(ast.walk(tree))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    methods = [func for func in calls if isinstance(func, ast.Attribute)]
    defined = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return CodeNames(
        names=frozenset(node.id for node in nodes if isinstance(node, ast.Name)),
        attributes=frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute)),
        functions=frozenset([*(chain(func)[-1] for func in calls), *defined]),
        drawn=frozenset(m.attr for m in methods if not dotted(m, imports).startswith(MATHEMATICS)),
        texts=frozenset(
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ),
    )


def named(text: str, code: str) -> list[str]:
    """Libraries and functions that the text names, sorted; [] for a good description."""
    of = names_of(code)
    bare = QUOTED.sub('""', text)
    spelled = QUOTED.sub(lambda match: _quoted(match, of), text)
    found = {match[0] for match in [*LIBRARY.finditer(bare), *ALIAS.finditer(bare)]}
    found |= {word for word in WORD.findall(spelled) if _is_function(word, of)}
    found |= set(EMPTY_CALL.findall(spelled))
    found |= {match[0] + ")" for match in FILLED_CALL.finditer(spelled) if match[1] in of.drawn}
    found |= {
        match[0]
        for match in DOTTED.finditer(spelled)
        if match[1] in of.names | RECEIVERS and match[2] in of.attributes
    }
    return sorted(found)


def _quoted(match: re.Match[str], of: CodeNames) -> str:
    inner = next(group for group in match.groups() if group is not None)
    is_name = IDENTIFIER.fullmatch(inner) and inner not in of.texts
    return f" {inner} " if is_name else '""'


def _is_function(word: str, of: CodeNames) -> bool:
    spelled = "_" in word.strip("_") or INNER_CAPITAL.search(word) is not None
    return bool(NOT_WORDS.fullmatch(word)) or (spelled and word in of.functions)
