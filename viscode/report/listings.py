"""Code and chat text for the pages: colored, cut where too long, with nothing hidden in it.

Static pages get pygments' spans as HTML; the browsers get the plain text and where its colors
lie, a third of the size, and build their spans from that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]

from viscode.text.markdown import read_blocks

LIMIT = 12_000  # characters of one listing; more does not help who reads the page
# names, operators and spaces are not colored: without their spans a page is a third smaller
PLAIN_SPAN = re.compile(r'<span class="(?:n|o|p|w|nn|esc)">([^<]*)</span>')
# what would move or hide text: controls, marks of direction, characters without width
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
TOKEN_COLORS = "kscmf"  # keyword, string, comment, number, function: the browsers' classes
CLASS_OF = {"kn": "k", "kc": "k", "kd": "k", "ow": "k", "nf": "f", "nc": "f", "nd": "f", "nb": "f"}


@dataclass(frozen=True)
class Segment:
    """A piece of a message: Python `code`, or plain text."""

    text: str
    is_code: bool


def cut(text: str, limit: int = LIMIT) -> str:
    """At most `limit` characters, with a line that says how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n... ({len(text) - limit:,} more characters)"


def visible(text: str) -> str:
    """The text with hidden characters written out, as \\u202e: none can reorder or hide code."""
    return HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("\r\n", "\n"))


def listing(code: str) -> Markup:
    """Python code as spans with pygments' short class names; pygments escapes the text."""
    shown = visible(cut(code))
    html = highlight(shown, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return Markup(PLAIN_SPAN.sub(r"\1", html))


def colors(code: str) -> list[int]:
    """Where a text's colors lie, flat: characters without color, characters with, the color's
    place in `TOKEN_COLORS`, and again."""
    found, plain = list[int](), 0
    for color, length in _runs(code):
        if color < 0:
            plain += length
        else:
            found += (plain, length, color)
            plain = 0
    return found


def _runs(code: str) -> Iterator[tuple[int, int]]:
    """(color or -1, characters) from the start of the text to its end, equal neighbours joined."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    last, length = -1, 0
    for _, kind, value in lexer.get_tokens_unprocessed(code):
        color = _color(kind)
        if color != last:
            yield last, length
            last, length = color, 0
        length += len(value)
    yield last, length


def _color(kind: object) -> int:
    short = STANDARD_TYPES.get(kind, "")
    return TOKEN_COLORS.find(CLASS_OF.get(short) or short[:1] or "-")


def segments(content: str) -> list[Segment]:
    """A message split at its fenced blocks."""
    found, position = [], 0
    shown = visible(cut(content))
    for block in read_blocks(shown):
        found.append(Segment(shown[position : block.start].strip("\n"), False))
        found.append(Segment(block.code.rstrip("\n"), True))
        position = block.end
    found.append(Segment(shown[position:].strip("\n"), False))
    return [piece for piece in found if piece.text.strip()]
