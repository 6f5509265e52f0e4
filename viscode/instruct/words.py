"""Plain English for the instruction components: numbers, lists, quotes, variation.

Variation is a function of a key (the record's id), so the same record always reads the same.
"""

import re
from collections.abc import Iterable, Sequence

from viscode.core.hashing import digest

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ORDINALS = (
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
)
VOWELS = tuple("aeiou")
SILENT_H = ("hour", "honest", "honour", "honor", "heir")
LIKE_YOU_OR_ONE = (
    "unif",
    "union",
    "uniq",
    "unit",
    "univ",
    "use",
    "usu",
    "uti",
    "eu",
    "one",
    "once",
)
NUMERAL = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)|\d{1,100}")
LETTER = re.compile(r"[a-z](?![a-z'])")  # a letter that is spoken as one: an x-axis


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
    """The noun with its article, as it is spoken: "an area", "an 8 by 8 array", "a uniform one"."""
    return f"an {noun}" if _begins_with_vowel(noun) else f"a {noun}"


def _begins_with_vowel(noun: str) -> bool:
    if number := NUMERAL.match(noun):
        spoken = int(number[0].replace(",", ""))
        while spoken >= 1000:  # 11,500: eleven thousand
            spoken //= 1000
        return spoken in (11, 18) or str(spoken).startswith("8")
    word = noun.lower()
    if LETTER.match(word):
        return word[0] in "aefhilmnorsx"
    return word.startswith((*VOWELS, *SILENT_H)) and not word.startswith(LIKE_YOU_OR_ONE)


def join(items: Iterable[str]) -> str:
    """["a", "b", "c"] -> "a, b and c"."""
    parts = list(items)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def quote(text: str) -> str:
    """A text that stands on the plot, on one line and in double quotes."""
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
    """Sentences in one paragraph; empty parts fall out."""
    return " ".join(sentence(part) for part in parts if part.strip())
