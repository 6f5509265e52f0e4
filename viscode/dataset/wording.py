"""What tells one instruction from another: n-grams, and whatever its phrasing, words and pairs.

Words of the grammar are left out, endings are cut, pairs are of neighbours in any order; so a text
is recognised after synonyms, moved clauses and left-out words have broken every longer n-gram.
English only, as the benchmark is.
"""

import re
from itertools import pairwise

MAX_CHARS = 200_000  # of a text that is looked at
HEADING = re.compile(r"^\s*plot (?:style )?description\s*:", re.I | re.M)
WORD = re.compile(r"[^\W_]+")
ENDINGS = ("ing", "ed", "es", "s")
MIN_STEM = 3
GRAMMAR_WORDS = """
a an and any are as at be been both but by can could do does each every for from had has have if in
into is it its may might must of on or over shall should so such that the their them then there
these they this those to under was were where which while will with would you your
"""
GRAMMAR = frozenset(GRAMMAR_WORDS.split())


def telling_words(text: str) -> list[str]:
    """The words of a text in order, without those of the grammar, endings cut."""
    found = WORD.findall(HEADING.sub("", text[:MAX_CHARS]).lower())
    return [_stem(word) for word in found if word not in GRAMMAR]


def word_ngrams(text: str, length: int) -> set[tuple[str, ...]]:
    """Distinct n-grams of the running words of a text, grammar and endings included."""
    words = WORD.findall(HEADING.sub("", text[:MAX_CHARS]).lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def neighbours(words: list[str]) -> set[tuple[str, ...]]:
    """Distinct pairs of words that stand side by side, in either order."""
    return {(a, b) if a < b else (b, a) for a, b in pairwise(words)}


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= MIN_STEM:
            return word[: -len(ending)]
    return word
