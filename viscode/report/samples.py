"""What the data set holds, counted in one pass, and the samples that its browser shows.

The pass reads no images: at full size they are nine tenths of the table.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from viscode.core.hashing import hash_rank
from viscode.core.records import ChatSample, Identified, Origin, Traced
from viscode.core.tables import read_columns
from viscode.report.entries import BrowserEntry, Fact
from viscode.report.listings import LIMIT, segments, visible
from viscode.report.loading import LIBRARY_ORDER, in_order, ranked
from viscode.report.pictures import picture
from viscode.text.markdown import read_document

SAMPLE_SEED = 1
LENGTH_BOUNDS = (128, 256, 512, 1_024, 2_048, 4_096)  # tokens
PREVIEW_CHARS, ORIGIN_CHARS = 180, 300
NO_LIBRARY, UNKNOWN = "none", "unknown"
LINKS = {
    "repository": "https://github.com/{name}",
    "dataset": "https://huggingface.co/datasets/{name}",
}
SAFE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?", re.ASCII)
SAMPLE_FACETS = ("Source", "Library", "Chart kind", "Licence")


class SampleFigures(Identified):
    """The columns of the data set that are counted."""

    source: str
    licence: str
    libraries: tuple[str, ...]
    facts: str
    tokens: int


@dataclass
class Contents:
    """Counts over all samples. A sample with two libraries counts for both; chart kinds count
    once per image; `lengths` are tokens of all messages, by upper bound, 0 for the longest."""

    sources: Counter[str] = field(default_factory=Counter)
    libraries: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.sources.total()

    def by_library(self) -> list[tuple[str, int]]:
        names = in_order(set(self.libraries), LIBRARY_ORDER)
        return [(name, self.libraries[name]) for name in names]

    def by_kind(self, limit: int = 14) -> list[tuple[str, int]]:
        return most_frequent(self.kinds, limit)

    def by_licence(self) -> list[tuple[str, int]]:
        return most_frequent(self.licences, 8)

    def by_length(self) -> list[tuple[str, int]]:
        """Bins of tokens per sample, shortest first, with their labels."""
        lower = (1, *(bound + 1 for bound in LENGTH_BOUNDS))
        bins = zip(lower, LENGTH_BOUNDS, strict=False)
        found = [(f"{low:,}–{high:,}", self.lengths[high]) for low, high in bins]
        return [*found, (f"over {LENGTH_BOUNDS[-1]:,}", self.lengths[0])]

    def add(self, sample: SampleFigures) -> None:
        self.sources[sample.source] += 1
        self.libraries.update(sample.libraries)
        self.kinds.update(chart_kinds(sample.facts))
        self.licences[sample.licence or UNKNOWN] += 1
        self.lengths[next((b for b in LENGTH_BOUNDS if sample.tokens <= b), 0)] += 1


class Picker:
    """The `limit` ids of smallest hash rank, in turns from each group, in bounded memory: a short
    group leaves its room to others. An id of several groups counts once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: dict[str, list[tuple[str, str]]] = {}

    def add(self, group: str, name: str) -> None:
        kept = self._kept.setdefault(group, [])
        kept.append((hash_rank(name, SAMPLE_SEED), name))
        if len(kept) > 2 * self.limit:
            self._kept[group] = sorted(kept)[: self.limit]

    def picked(self) -> frozenset[str]:
        queues = [sorted(kept)[: self.limit] for _, kept in sorted(self._kept.items())]
        in_turn = [pair[1] for turn in zip_longest(*queues) for pair in turn if pair is not None]
        return frozenset(list(dict.fromkeys(in_turn))[: self.limit])


def survey(folder: Path, limit: int) -> tuple[Contents, frozenset[str]]:
    """Counts over all samples of a table, and the ids of those to show."""
    contents, picker = Contents(), Picker(limit)
    for sample in read_columns(folder, SampleFigures):
        contents.add(sample)
        picker.add(sample.source, sample.id)
    return contents, picker.picked()


def entry(sample: ChatSample) -> BrowserEntry:
    """One sample as the browser shows it; its title is the start of the first user message."""
    kinds = tuple(sorted(set(chart_kinds(sample.facts))))
    first = next((m.content for m in sample.messages if m.role == "user"), "")
    facts: list[Fact] = [("Tokens", f"{sample.tokens:,}"), ("Split", sample.split)]
    if sample.method:
        facts.append(("Instruction by", visible(sample.method)))
    return BrowserEntry(
        id=sample.id,
        title=preview(first),
        facets=(
            (sample.source,),
            sample.libraries or (NO_LIBRARY,),
            kinds or (UNKNOWN if sample.image else "no image",),
            (sample.licence or UNKNOWN,),
        ),
        turns=tuple((m.role, segments(m.content)) for m in sample.messages),
        facts=(*origin_facts(sample), *facts),
        picture=picture(sample.image) if sample.image else None,
    )


def origin_facts(record: Traced) -> tuple[Fact, Fact]:
    """Where a record comes from, with a link where that is public, and its licence."""
    origin = record.origin
    parts = (f"{origin.name} {origin.version}".strip(), origin.path, origin.locator)
    place = visible(" · ".join(part for part in parts if part), ORIGIN_CHARS)
    address = link(origin)
    return (
        ("Origin", place, address) if address else ("Origin", place),
        ("Licence", visible(record.licence) or UNKNOWN),
    )


def chart_kinds(facts: str) -> list[str]:
    """Chart kinds of the figures in `facts`, each once per image."""
    return [
        kind
        for figure in json.loads(facts or "[]")
        if figure
        for kind in sorted({kind for axes in figure["axes"] for kind in axes["kinds"]})
    ]


def most_frequent(counts: Counter[str], limit: int) -> list[tuple[str, int]]:
    """Most frequent first; what is beyond `limit` is one last row."""
    found = ranked(counts)
    if len(found) <= limit + 1:
        return found
    return [*found[:limit], (f"{len(found) - limit} more", sum(n for _, n in found[limit:]))]


def preview(content: str) -> str:
    """The first words outside of code blocks, or that there is only code."""
    flat = " ".join(visible(read_document(content[:LIMIT]).outside).split()) or "(code)"
    return flat if len(flat) <= PREVIEW_CHARS else flat[:PREVIEW_CHARS].rstrip() + " ..."


def link(origin: Origin) -> str:
    """A public page of a repository or data set; "" where the origin has none (a package is known
    by name and version) or its name is not a plain one."""
    pattern = LINKS.get(origin.kind, "")
    return pattern.format(name=origin.name) if SAFE_NAME.fullmatch(origin.name) else ""
