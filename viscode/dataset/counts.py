"""metrics/dataset.json: how many samples the data set has, of what kind and length."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path

import numpy as np

from viscode.core.hashing import file_digest
from viscode.core.records import ChatSample, Identified
from viscode.core.tables import read_columns

UNKNOWN_LICENCES = frozenset({"", "unknown", "none", "noassertion", "n/a", "null", "other"})
JOINED = re.compile(r"\b(?:and|or|with)\b|[()]", re.I)


def is_unknown(licence: str) -> bool:
    """Whether a licence, or a part of one that "AND", "OR" or "WITH" joins, is not known."""
    parts = [part.strip().lower() for part in JOINED.split(licence)]
    return any(part in UNKNOWN_LICENCES for part in parts if part) or not any(parts)


@dataclass
class SampleCounts:
    """Counts of the samples kept; a sample counts for each of its libraries. `by_method` counts how
    instructions were written; dialogues have none. `seal` is empty while the files are not
    written."""

    validation: int = 0
    with_image: int = 0
    characters: int = 0
    by_library: Counter[str] = field(default_factory=Counter)
    by_licence: Counter[tuple[str, str]] = field(default_factory=Counter)  # source, licence
    by_method: Counter[tuple[str, str]] = field(default_factory=Counter)  # source, method
    lengths: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Source -> tokens of each sample."""
    seal: dict[str, str] = field(default_factory=dict)

    def add(self, chat: ChatSample) -> None:
        self.validation += chat.split == "validation"
        self.with_image += bool(chat.image)
        self.characters += sum(len(message.content) for message in chat.messages)
        self.by_library.update(chat.libraries)
        self.by_licence[chat.source, chat.licence] += 1
        self.lengths[chat.source].append(chat.tokens)
        if chat.method:
            self.by_method[chat.source, chat.method] += 1

    @property
    def by_source(self) -> dict[str, int]:
        return {source: len(lengths) for source, lengths in sorted(self.lengths.items())}

    @property
    def samples(self) -> int:
        return sum(self.by_source.values())

    @property
    def train(self) -> int:
        return self.samples - self.validation

    @property
    def scripts(self) -> int:
        """Samples of the sources whose scripts were run."""
        return self.samples - self.by_source.get("dialogues", 0)

    @property
    def unknown_licences(self) -> int:
        """Samples that nobody knows the licence of."""
        return sum(count for (_, name), count in self.by_licence.items() if is_unknown(name))

    @property
    def all_lengths(self) -> list[int]:
        """The lengths of the samples of all sources."""
        return list(chain.from_iterable(self.lengths.values()))

    def as_metrics(self) -> dict[str, object]:
        """`characters_mean` is per sample, over all its messages."""
        return {
            "samples": self.samples,
            "train": self.train,
            "validation": self.validation,
            "by_source": self.by_source,
            "by_library": dict(sorted(self.by_library.items())),
            "by_licence": _by_name(self.by_licence),
            "by_method": _by_name(self.by_method),
            "tokens": length_metrics(self.all_lengths),
            "unknown_licence": self.unknown_licences,
            "characters_mean": round(self.characters / self.samples, 1) if self.samples else 0.0,
            "with_image": self.with_image,
            "seal": self.seal,
        }


def _by_name(counts: Counter[tuple[str, str]]) -> dict[str, int]:
    """Without the sources."""
    names: Counter[str] = Counter()
    for (_, name), count in counts.items():
        names[name] += count
    return dict(sorted(names.items()))


def length_metrics(lengths: Sequence[int]) -> dict[str, int | float]:
    """Tokens of all samples, and of one: mean, percentiles (the smallest length that so many % of
    the samples do not exceed), longest."""
    known = lengths or [0]
    p50, p95 = np.percentile(known, [50, 95], method="inverted_cdf").tolist()
    mean = round(sum(known) / len(known), 1)
    return {"total": sum(known), "mean": mean, "p50": p50, "p95": p95, "max": max(known)}


def seal(train: Path, validation: Path, table: Path) -> dict[str, str]:
    """What ties the files of one data set together, so that files of different runs are not
    published as one: SHA-256 (hex) of the two chat files, and of the ids of the table in order.

    Raises:
        UserError: a missing table or a corrupt shard.
    """
    ids = sha256()
    for row in read_columns(table, Identified):
        ids.update(f"{row.id}\n".encode())
    return {
        "train": file_digest(train),
        "validation": file_digest(validation),
        "table_ids": ids.hexdigest(),
    }
