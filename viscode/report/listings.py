"""Code and chat text for the pages: colored, cut where too long, with nothing hidden in it."""

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]

from viscode.text.markdown import read_blocks

LIMIT = 12_000  # characters of one listing; more does not help who reads the page
# what would move or hide text: controls, marks of direction, characters without width
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
TOKEN_COLORS = "kscmf"  # keyword, string, comment, number, function: the pages' classes
CLASS_OF = {"kn": "k", "kc": "k", "kd": "k", "ow": "k", "nf": "f", "nc": "f", "nd": "f", "nb": "f"}
Piece = tuple[str] | tuple[str, list[int]]  # of a message: text, or Python code with its `colors`


def visible(text: str, limit: int = LIMIT) -> str:
    """At most `limit` characters, then how many were left out; hidden characters written out, as
    \\u202e: none can reorder or hide code."""
    left = len(text) - limit
    if left > 0:
        text = f"{text[:limit]}\n... ({left:,} more characters)"
    plain = text.replace("\r\n", "\n")
    return HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", plain)


def listing(code: str) -> Markup:
    """Python code as HTML, its colors as spans."""
    span = Markup('<span class="{}">{}</span>')
    runs = _runs(visible(code))
    return Markup("").join(span.format(name, run) if name else run for name, run in runs)


def code_piece(code: str) -> Piece:
    """Python code for the browsers, which build the spans themselves: a third of the size."""
    shown = visible(code)
    return shown, colors(shown)


def colors(code: str) -> list[int]:
    """Where a text's colors lie, flat: characters without color, characters with, the color's
    place in `TOKEN_COLORS`, and again."""
    found, plain = list[int](), 0
    for name, run in _runs(code):
        if name:
            found += (plain, len(run), TOKEN_COLORS.index(name))
            plain = 0
        else:
            plain = len(run)
    return found


def _runs(code: str) -> Iterator[tuple[str, str]]:
    """(color or "", text) from start to end, equal neighbors joined. Names and operators have no
    color."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    tokens = [(_color(kind), value) for _, kind, value in lexer.get_tokens_unprocessed(code)]
    for name, run in groupby(tokens, key=lambda token: token[0]):
        yield name, "".join(value for _, value in run)


def _color(kind: object) -> str:
    short = STANDARD_TYPES.get(kind, "")
    name = CLASS_OF.get(short, short[:1])
    return name if name in TOKEN_COLORS else ""


def segments(content: str) -> list[Piece]:
    """A message split at its fenced blocks."""
    shown, position = visible(content), 0
    found: list[Piece] = []
    for block in read_blocks(shown):
        code = block.code.rstrip("\n")
        found += [(shown[position : block.start].strip("\n"),), (code, colors(code))]
        position = block.end
    found.append((shown[position:].strip("\n"),))
    return [piece for piece in found if piece[0].strip()]
