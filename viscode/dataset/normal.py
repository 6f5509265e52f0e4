"""Code without what a copyist changes: names, comments, layout, quotes, the form of imports.

For equal code (`digest`) and for similar code (`tokens`, from which others make n-grams). A tree is
changed in place and written out again by `ast.unparse`: an imported name becomes the dotted path of
what it imports (`plt.plot` and a bare `plot` are both matplotlib.pyplot.plot), a builtin stays, and
all others become one placeholder, numbered by first use. Names that nothing binds count as
variables (a benchmark's code finds its `df` ready), unless a star import may have them. Attributes,
string constants and the keyword names of foreign calls stay, since renaming them changes what the
code does; keywords stand in the order of their names. Scopes are not told apart: two functions that
both call an argument `a` are not equal to two that call theirs `a` and `b`.

Imports, constants that stand as statements (docstrings) and the final show() are left out, with a
close() after it. Another show() or close() stays: where it stands decides what is on which picture.

Code that does not parse is tried again without prompts, magics and indent; if that fails too, its
text gives the tokens. No code is run, and no text, however hostile, raises or costs more than
linear time.
"""

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import lru_cache

from viscode.core.hashing import content_id
from viscode.libraries.names import imported_names, star_source, without_pylab
from viscode.libraries.registry import CUSTOMARY
from viscode.text.lines import split_lines
from viscode.text.python_text import ParseFailure, parse

VARIABLE = "_"
MARK = "\u2d63"  # in front of variables while the tree is changed; a letter that no code has
MARKED = re.compile(rf"{MARK}(\w+)")
MAX_CHARS = 200_000  # longer code is not parsed, and only so much of it becomes tokens
MAX_TOKEN = 200  # characters of a token
BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "display"}
FOUND_READY = frozenset({"df"})  # a variable that nothing binds: a benchmark's code finds it


@dataclass(frozen=True)
class NormalCode:
    """`digest` is equal for code that is equal but for names, comments, layout, the order of
    keywords, the form of imports and a final show(); for code that does not parse, for equal text;
    "" for code that does nothing. `tokens` have one placeholder for all variables."""

    digest: str
    tokens: tuple[str, ...]


@lru_cache(maxsize=32)  # duplicates and decontamination ask for the same code in turn
def normalize(code: str) -> NormalCode:
    """The normal form of `code`; of code that is no Python, tokens of its text."""
    is_long = len(code) > MAX_CHARS
    for reading in () if is_long else _readings(code):
        tree = parse(reading)
        if not isinstance(tree, ParseFailure):
            try:
                return _of_tree(tree)
            except ValueError:  # a number of more digits than Python writes
                break
    tokens = text_tokens(code)
    text = code if is_long else "\0".join(tokens)
    return NormalCode(content_id(text) if tokens else "", tokens)


def _of_tree(tree: ast.Module) -> NormalCode:
    nodes = list(ast.walk(tree))
    names = _Names(nodes)
    tree.body = _without_final_show(tree.body, names.bound)
    for node in nodes:
        _simplify(node, names)
    text, numbers = ast.unparse(tree), dict[str, str]()
    text = MARKED.sub(
        lambda name: numbers.setdefault(name[1], f"{VARIABLE}{len(numbers) + 1}"), text
    )
    return NormalCode(content_id(text) if text else "", _tokens(text, frozenset()))


PROMPT = re.compile(r"^[ \t]*(?:In ?\[[ \d]*\]:|>>>|\.{3,}:?)(?: |$)", re.M)
NOISE = re.compile(r"^[ \t]*[%!].*$", re.M)


def _readings(code: str) -> Iterator[str]:
    """The code; the same without what notebooks, interactive sessions and web pages add."""
    yield code
    text = code.replace("\u00a0", " ")
    if PROMPT.search(text):
        lines = split_lines(text)
        text = "\n".join(PROMPT.sub("", line, 1) for line in lines if PROMPT.match(line))
    text = textwrap.dedent(NOISE.sub("", text))
    if text != code:
        yield text


class _Names:
    """What the names of a module mean. `bound` are its variables and functions; the names that a
    class body binds are attributes, and stay."""

    def __init__(self, nodes: list[ast.AST]) -> None:
        self.paths: dict[str, str] = {}
        self.stars: list[str] = []
        self.bound: set[str] = set()
        attributes: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                parts = [p for p in node.body if isinstance(p, ast.FunctionDef)]
                attributes.update(part.name for part in parts)
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name, path in imported_names(node):
                    if name == "*":
                        self.stars.append(path)
                    else:
                        self.paths[name] = path
            elif isinstance(node, ast.Name):
                if not isinstance(node.ctx, ast.Load):
                    self.bound.add(node.id)
            else:
                self.bound.update(_own_names(node))
        self.bound -= attributes | self.paths.keys()
        self._attributes = attributes

    def plain(self, name: str) -> str:
        """The path of what is imported, a builtin or attribute as it is; a variable is marked."""
        if name in self.bound:
            return MARK + name
        if path := self.paths.get(name, ""):
            return path
        if name in BUILTINS or name in self._attributes:
            return name
        source = "" if name in FOUND_READY else star_source(name, self.stars)
        path = f"{source}.{name}" if source else CUSTOMARY.get(name, "")
        return path or MARK + name


# Attributes in which a node holds a name that it binds, or several.
NAMED = {
    ast.arg: "arg",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}


def _own_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    name = getattr(node, NAMED.get(type(node), ""), None)
    return [name] if name else []


def _simplify(node: ast.AST, names: _Names) -> None:
    """Rename, sort and leave out, in place; nodes come from the outside in."""
    for part in ("body", "orelse", "finalbody"):
        if isinstance(statements := getattr(node, part, None), list):
            setattr(node, part, [one for one in statements if not _does_nothing(one)])
    if isinstance(node, ast.Name):
        node.id = names.plain(node.id)
    elif isinstance(node, ast.Attribute):
        _join(node, names)
    elif isinstance(node, ast.Call):
        _name_keywords(node, names)
    elif isinstance(node, ast.Global | ast.Nonlocal):
        node.names = [names.plain(name) for name in node.names]
    elif own := _own_names(node):
        setattr(node, NAMED[type(node)], names.plain(own[0]))


def _does_nothing(statement: ast.AST) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Import | ast.ImportFrom)


def _join(node: ast.Attribute, names: _Names) -> None:
    """Make `plt.plot` its path, and the same of all attributes of plain names."""
    attributes, base = [node.attr], node.value
    while isinstance(base, ast.Attribute):
        attributes.append(base.attr)
        base = base.value
    if not isinstance(base, ast.Name):
        return
    path = without_pylab(".".join([names.plain(base.id), *reversed(attributes)]))
    owner, _, node.attr = path.rpartition(".")
    node.value = ast.Name(owner, ast.Load())


def _name_keywords(call: ast.Call, names: _Names) -> None:
    """Sort a foreign call's keywords by name, ** last; those of an own function are variables."""
    if isinstance(call.func, ast.Name) and call.func.id in names.bound:
        for keyword in call.keywords:
            if keyword.arg in names.bound:
                keyword.arg = names.plain(keyword.arg)
    else:
        call.keywords.sort(key=lambda keyword: (keyword.arg is None, keyword.arg or ""))


def _without_final_show(body: list[ast.stmt], own: Set[str]) -> list[ast.stmt]:
    """The statements without the last show(), and the close() that follow it, where nothing comes
    after it but these, texts and print(): whether the last picture is shown or left to the
    notebook, it is the same picture. A show() of the code's own stays."""
    after = len(body)
    while after and _called(body[after - 1]) in ("", "print", "close"):
        after -= 1
    if not after or _called(body[after - 1]) != "show":
        return body
    if ast.unparse(body[after - 1]).partition("(")[0] in own:
        return body
    rest = [statement for statement in body[after:] if _called(statement) != "close"]
    return [*body[: after - 1], *rest]


def _called(statement: ast.stmt) -> str | None:
    """The last name of the function that a statement calls and nothing more; "" for a text."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(value, ast.Constant):
        return ""
    function = value.func if isinstance(value, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


CODE_LINE = re.compile(
    r"^[ \t]*+(?:(?:import|from)[ \t]++[\w.]++"
    r"|[\w., \t*()'\"\[\]]{1,80}?=(?!=)|[\w.]++\(.*[(),\[]$)",
    re.M,
)


def code_within(text: str) -> str:
    """What stands in a text of prose and code from the first line that looks like code to the last
    one, "" without any."""
    lines = split_lines(text[:MAX_CHARS])
    found = [
        number
        for number, line in enumerate(lines)
        if CODE_LINE.match(line.partition("  #")[0].rstrip())
    ]
    return "\n".join(lines[found[0] : found[-1] + 1]) if found else ""


NAME = r"[^\W\d]\w*+"
TOKEN = re.compile(
    rf"(#[^\n]*)|[rbuf]{{0,2}}(\"[^\"\n]*\"|'[^'\n]*')|(?:{NAME})?(?:\.{NAME})+"
    rf"|{NAME}=(?!=)|\w+(?:\.\d+)?|[^\w\s]",
    re.I,
)
NUMBERED = re.compile(rf"\b{VARIABLE}\d+\b")
ASSIGNED = re.compile(
    rf"^[ \t]*({NAME}(?:[ \t]*,[ \t]*{NAME})*+)[ \t]+=(?!=)"
    rf"|^({NAME}(?:,[ \t]*{NAME})*+)=(?!=)"
    rf"|\bfor[ \t]+(\(*+{NAME}\)*+(?:[ \t]*,[ \t]*\(*+{NAME}\)*+)*+)[ \t]+in\b"
    rf"|\b(?:as|def|class)[ \t]+({NAME})",
    re.M,
)
WORD = re.compile(NAME)


def text_tokens(code: str) -> tuple[str, ...]:
    """Tokens of text that may be no Python, comments left out, the names that it visibly assigns
    replaced; a dotted name is one token, and so are a keyword and its "="."""
    text = code[:MAX_CHARS]
    assigned = (
        name for groups in ASSIGNED.findall(text) for name in WORD.findall(" ".join(groups))
    )
    return _tokens(text, FOUND_READY | set(assigned))


def _tokens(text: str, names: Set[str]) -> tuple[str, ...]:
    """`names` are variables; so is what `_Names` has numbered."""
    return tuple(
        _token(match[2] or match[0], names) for match in TOKEN.finditer(text) if not match[1]
    )


def _token(token: str, names: Set[str]) -> str:
    token = NUMBERED.sub(VARIABLE, token)
    if token[0] in "'\"":
        return token.replace("'", '"')[:MAX_TOKEN]
    first = WORD.match(token)
    if first and first[0] in names:
        token = VARIABLE + token[first.end() :]
    return token[:MAX_TOKEN]
