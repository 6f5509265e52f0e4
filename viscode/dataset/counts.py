"""metrics/dataset.json: how many samples the data set has, of what kind and length.

Memory is bounded by the number of different libraries, licences, methods and lengths, not by the
number of samples.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from viscode.core.records import ChatSample

UNKNOWN_LICENCES = frozenset({"", "unknown", "none", "noassertion", "n/a", "null", "other"})
JOINED = re.compile(r"\b(?:and|or|with)\b|[()]", re.I)


def is_unknown(licence: str) -> bool:
    """Whether a licence, or a part of one that "AND", "OR" or "WITH" joins, is not known."""
    parts = [part.strip().lower() for part in JOINED.split(licence)]
    return any(part in UNKNOWN_LICENCES for part in parts if part) or not any(parts)


@dataclass
class Lengths:
    """Lengths in tokens; each different one is held once, so that percentiles are exact."""

    samples: Counter[int] = field(default_factory=Counter)

    def add(self, tokens: int) -> None:
        self.samples[tokens] += 1

    def percentile(self, percent: int) -> int:
        """The smallest length that at least `percent` % of the samples do not exceed; 0 of none."""
        wanted = max(1, ceil(self.samples.total() * percent / 100))
        passed = 0
        for tokens, count in sorted(self.samples.items()):
            passed += count
            if passed >= wanted:
                return tokens
        return 0

    @property
    def total(self) -> int:
        return sum(tokens * count for tokens, count in self.samples.items())

    def as_metrics(self) -> dict[str, int | float]:
        """Tokens of all samples, and of one: mean, percentiles, longest."""
        count = self.samples.total()
        return {
            "total": self.total,
            "mean": round(self.total / count, 1) if count else 0.0,
            "p50": self.percentile(50),
            "p95": self.percentile(95),
            "max": self.percentile(100),
        }


@dataclass
class SampleCounts:
    """Counts of the samples kept; a sample counts for each of its libraries. `methods` counts how
    instructions were written; dialogues have none. `seal` is that of viscode.dataset.seal,
    empty while the files are not written."""

    samples: int = 0
    validation: int = 0
    with_image: int = 0
    characters: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    by_library: Counter[str] = field(default_factory=Counter)
    by_licence: Counter[str] = field(default_factory=Counter)
    licences: dict[str, Counter[str]] = field(default_factory=dict)  # source -> licence -> count
    methods: dict[str, Counter[str]] = field(default_factory=dict)  # source -> method -> count
    lengths: dict[str, Lengths] = field(default_factory=dict)  # source -> lengths
    seal: dict[str, str] = field(default_factory=dict)

    def add(self, chat: ChatSample) -> None:
        self.samples += 1
        self.validation += chat.split == "validation"
        self.with_image += bool(chat.image)
        self.characters += sum(len(message.content) for message in chat.messages)
        self.by_source[chat.source] += 1
        self.by_library.update(chat.libraries)
        self.by_licence[chat.licence] += 1
        self.licences.setdefault(chat.source, Counter())[chat.licence] += 1
        self.lengths.setdefault(chat.source, Lengths()).add(chat.tokens)
        if chat.method:
            self.methods.setdefault(chat.source, Counter())[chat.method] += 1

    @property
    def train(self) -> int:
        return self.samples - self.validation

    @property
    def unknown_licences(self) -> int:
        """Samples that nobody knows the licence of."""
        return sum(count for name, count in self.by_licence.items() if is_unknown(name))

    @property
    def scripts(self) -> int:
        """Samples of the sources whose scripts were run."""
        return self.by_source["files"] + self.by_source["charts"]

    def all_lengths(self) -> Lengths:
        """The lengths of the samples of all sources."""
        return Lengths(sum((one.samples for one in self.lengths.values()), Counter()))

    def as_metrics(self) -> dict[str, object]:
        """`characters_mean` is per sample, over all its messages."""
        return {
            "samples": self.samples,
            "train": self.train,
            "validation": self.validation,
            "by_source": _sorted(self.by_source),
            "by_library": _sorted(self.by_library),
            "by_licence": _sorted(self.by_licence),
            "by_method": _sorted(sum(self.methods.values(), Counter())),
            "tokens": self.all_lengths().as_metrics(),
            "unknown_licence": self.unknown_licences,
            "characters_mean": round(self.characters / self.samples, 1) if self.samples else 0.0,
            "with_image": self.with_image,
            "seal": self.seal,
        }


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
