"""Plain English for the instruction components: numbers, lists, quotes, variation.

Variation is a function of a key (the record's id), so the same record always reads the same.
"""

import re
from collections.abc import Iterable, Sequence

from viscode.core.hashing import digest

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
]


PLAIN_MATHS = re.compile(r"\$\\mathdefault\{([^{}$]*)\}\$")  # how numbers are written on axes
LARGE = 1e7


def pick(key: str, slot: str, variants: Sequence[str]) -> str:
    """One of several phrasings; `slot` makes the choices within one text independent."""
    return variants[int(digest(key, slot)[:8], 16) % len(variants)]


def number(count: int) -> str:
    """3 -> "three", 12 -> "12"."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)


def count_of(count: int, singular: str, plural: str = "") -> str:
    """(1, "line") -> "one line"; (2, "line") -> "two lines"."""
    return f"{number(count)} {singular if count == 1 else plural or singular + 's'}"


def ordinal(index: int) -> str:
    """0 -> "first", 9 -> "tenth", 10 -> "11th"."""
    if index < len(ORDINALS):
        return ORDINALS[index]
    place = index + 1
    tail = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{'th' if place % 100 in (11, 12, 13) else tail}"


def a(noun: str) -> str:
    """The noun of a chart with its article: "an area plot"."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def short(value: float | None) -> str:
    """At most four significant digits."""
    return f"{value:.4g}"


def roughly(value: float, digits: int = 2) -> str:
    """Two significant digits, or more: 1234 -> "1200"."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.0f}" if 10 <= abs(rounded) < LARGE else f"{rounded:g}"


def join(items: Iterable[str]) -> str:
    """["a", "b", "c"] -> "a, b and c"; "" for no items."""
    *first, last = list(items) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def quote(text: str) -> str:
    """A text that stands on the plot, on one line and in double quotes."""
    text = PLAIN_MATHS.sub(r"\1", text)
    return '"' + " ".join(text.split()).replace('"', "'") + '"'


def plain(name: str) -> str:
    """A name from the data as it reads in a sentence: quoted when its own commas or brackets
    would be taken for the sentence's."""
    name = " ".join(name.split())
    return quote(name) if set(name) & set(',;:()".') or not name else name


def sentence(text: str) -> str:
    """First letter up, one full stop at the end, also after a closing quote."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def sentences(parts: Iterable[str]) -> str:
    """Sentences in one paragraph; empty parts are left out."""
    return " ".join(sentence(part) for part in parts if part.strip())
