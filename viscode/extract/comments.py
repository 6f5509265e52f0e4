"""Which of an author's comments still make sense beside the code that was kept.

Prose stays. What speaks to tools (noqa, type:, pylint, cell marks, sphinx-gallery's rules), licence
headers, commented-out code and texts of more than MOST_LINES go.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from viscode.text.python_text import ParseFailure, parse

MOST_LINES = 3
MOST_CODE_LINES = 12  # lines of one commented-out statement
LONGEST = 2_000  # characters of a comment that is looked into
MARK = re.compile(r"^#+[ \t]?")
RULES = re.compile(r"^[-=*~#_]{2,}[ \t]*|[ \t]*[-=*~#_]{2,}[ \t]*$|[ \t]+$")  # around a heading
DIRECTIVE = re.compile(
    r"""^\#[!:|] | ^\#\s*(?:%%|[%!]\w) | ^\#\s*In\s?\[ | ^\#\s*</?\w+>\s*$ | ^\#\s*[+-](?:\s|$)
    | ^\#\s*(?:-\*-|(?:en)?coding[:=]) | ^\#(?:(?:end)?region|export|hide|default_exp)\b
    | ^\#\s*(?:type:|pragma\b|pylint\b|flake8\b|fmt:|isort\b|mypy\b|pyright\b|yapf\b|nosec\b
        |noinspection\b|sphinx_gallery|sourcery\b|ruff:|vim?:)
    | \#\s*noqa\b | \b(?:TODO|FIXME|XXX|HACK)\b""",
    re.VERBOSE,
)
LICENCE = re.compile(
    r"copyright|\blicen[cs]e|spdx|\(c\)\s*\d{4}|^\W*(?:@?authors?|created on|@\w+)\b[\s:]",
    re.IGNORECASE | re.MULTILINE,
)
MARKUP = re.compile(r"^\#\s*\.\.\s|:\w+:`", re.MULTILINE)  # reStructuredText
HEADER = re.compile(r"^(?:if|for|while|with|def|class|else|elif|try|except|finally)\b.*:$")
STATEMENT = re.compile(r"^(?:print|return|import|from|del|raise|assert|yield|pass|break)\b")
SPACED_CALL = re.compile(r"^[A-Za-z]\w*[ \t]+\(")  # "Panel (a)": prose, although it parses
DOTTED = re.compile(r"^\w+(?:\.\w+)+$")
SIGNS = re.compile(r"[=(\[]")
ACTIONS = (ast.Call, ast.Subscript)
BINDINGS = (ast.Assign, ast.AugAssign, ast.Import, ast.ImportFrom, ast.Delete)


def kept_comments(lines: Sequence[str]) -> list[str]:
    """Of a block of comment lines (each from its "#" on) those that stay, written "# text"."""
    block = "\n".join(lines)
    if len(block) > LONGEST or LICENCE.search(block) or MARKUP.search(block):
        return []
    texts = [RULES.sub("", MARK.sub("", one)) for one in lines if not DIRECTIVE.search(one)]
    stay = [text for text in _without_code(texts) if re.search(r"[^\W\d_]", text)]
    return [f"# {text}" for text in stay] if len(stay) <= MOST_LINES else []


def _without_code(texts: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(texts):
        ends = range(min(len(texts), at + MOST_CODE_LINES), at, -1)
        code_end = next((end for end in ends if _is_code("\n".join(texts[at:end]))), None)
        if code_end is None:
            yield texts[at]
        at = code_end or at + 1


def _is_code(text: str) -> bool:
    """Whether a text is code that does something: binds, calls, picks an item, or heads a block.
    `Panel (a)` and `x` are prose."""
    text = _dedented(text)
    if DOTTED.match(text):
        return True
    if SPACED_CALL.match(text) or not any(one.search(text) for one in (SIGNS, STATEMENT, HEADER)):
        return False
    filled = f"{text} pass" if HEADER.match(text) and "\n" not in text else text
    tree = parse(filled)
    if isinstance(tree, ParseFailure):
        one_line = "\n" not in text
        return one_line and (_is_arguments(text) or bool(re.match(r"^print\s+['\"%\w]", text)))
    return all(_acts(statement, text) for statement in tree.body) and bool(tree.body)


def _acts(statement: ast.stmt, text: str) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ACTIONS)
    if isinstance(statement, ast.AnnAssign):  # "note: this"
        return statement.value is not None
    return isinstance(statement, BINDINGS) or bool(STATEMENT.match(text) or HEADER.match(text[:99]))


def _is_arguments(text: str) -> bool:
    """Whether a text is keyword arguments, as of a call whose other lines are code."""
    tree = parse(f"f({text.rstrip('),; ')})")
    if isinstance(tree, ParseFailure) or not isinstance(tree.body[0], ast.Expr):
        return False
    call = tree.body[0].value
    return isinstance(call, ast.Call) and bool(call.keywords)


def _dedented(text: str) -> str:
    lines = text.split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] if line[:indent].isspace() else line for line in lines)
