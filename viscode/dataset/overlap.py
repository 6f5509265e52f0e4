"""How much of what is in a sample is in one of many known texts, by an inverted index.

A feature is anything hashable: an n-gram, a word. Features that stand in many of the texts are
common property and count on neither side.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

Feature = str | tuple[str, ...]
COMMON_TEXTS = 5  # a feature in more texts is common,
COMMON_SHARE = 0.03  # and so is one in more than this share of them


@dataclass(frozen=True)
class Shared:
    """`count` features are both in the sample and in a known text, which has `size`."""

    owner: str
    count: int
    size: int


class Overlap:
    """The known texts, each with its owner; an owner may have several."""

    def __init__(self, texts: Sequence[tuple[str, Set[Feature]]]) -> None:
        owners: dict[Feature, set[str]] = {}
        for owner, features in texts:
            for feature in features:
                owners.setdefault(feature, set()).add(owner)
        limit = max(COMMON_TEXTS, COMMON_SHARE * len({owner for owner, _ in texts}))
        self.common = frozenset(f for f, found in owners.items() if len(found) > limit)
        self._owners = [owner for owner, _ in texts]
        self._sizes = [len(features - self.common) for _, features in texts]
        self._holders: dict[Feature, list[int]] = {}
        for number, (_, features) in enumerate(texts):
            for feature in features - self.common:
                self._holders.setdefault(feature, []).append(number)

    def shared(self, features: Set[Feature]) -> dict[int, Shared]:
        """By number of the text; texts with nothing in common are left out."""
        held = (self._holders[feature] for feature in features & self._holders.keys())
        counts = Counter(number for numbers in held for number in numbers)
        return {
            number: Shared(self._owners[number], count, self._sizes[number])
            for number, count in counts.items()
        }


def best(candidates: Iterable[tuple[float, str]]) -> tuple[float, str]:
    """The highest share and its owner, the smallest of equal ones; (0, "") without any."""
    return min(candidates, key=lambda pair: (-pair[0], pair[1]), default=(0.0, ""))
