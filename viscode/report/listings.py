"""Code and chat text for the page: highlighted, cut where too long, always escaped."""

import re
from dataclasses import dataclass

from markupsafe import Markup
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

LIMIT = 12_000  # characters of one listing; more does not help who reads the page
FENCE = re.compile(r"^```[ \t]*[\w+.#-]*[^\n`]*\n(.*?)(?:^```[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
# names, operators and spaces are not coloured: without their spans the page is a third smaller
PLAIN_SPAN = re.compile(r'<span class="(?:n|o|p|w|nn|esc)">([^<]*)</span>')


@dataclass(frozen=True)
class Segment:
    """A piece of a message: highlighted `code`, or plain `text` (the other is "")."""

    text: str
    code: Markup


def cut(text: str, limit: int = LIMIT) -> str:
    """At most `limit` characters, with a line that says how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n... ({len(text) - limit:,} more characters)"


def listing(code: str) -> Markup:
    """Python code as spans with pygments' short class names; pygments escapes the text."""
    html = highlight(cut(code), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return Markup(PLAIN_SPAN.sub(r"\1", html))


def segments(content: str) -> list[Segment]:
    """A message split at its fenced blocks."""
    found, position = [], 0
    shown = cut(content)
    for block in FENCE.finditer(shown):
        found.append(Segment(shown[position : block.start()].strip("\n"), Markup("")))
        found.append(Segment("", listing(block.group(1).rstrip("\n"))))
        position = block.end()
    found.append(Segment(shown[position:].strip("\n"), Markup("")))
    return [piece for piece in found if piece.text.strip() or piece.code]
