"""What the data set holds, counted in one pass, and the samples that the gallery shows."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest

from viscode.dialogues.fences import split_fences
from viscode.hashing import hash_rank
from viscode.records import ChatSample, Origin
from viscode.report.images import Thumbnail, thumbnail
from viscode.report.listings import Segment, cut, segments
from viscode.report.loading import LIBRARY_ORDER, in_order

SAMPLE_SEED = 1
LENGTH_BOUNDS = (500, 1_000, 2_000, 4_000, 8_000, 16_000)
PREVIEW_CHARS = 220
LINKS = {
    "repository": "https://github.com/{name}",
    "dataset": "https://huggingface.co/datasets/{name}",
}
SAFE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?", re.ASCII)


@dataclass
class Contents:
    """Counts over all samples. A sample with two libraries counts for both; chart kinds count
    once per image; `lengths` are characters of all messages, by upper bound."""

    sources: Counter[str] = field(default_factory=Counter)
    libraries: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.sources.values())

    def add(self, sample: ChatSample) -> None:
        self.sources[sample.source] += 1
        self.libraries.update(sample.libraries)
        self.kinds.update(chart_kinds(sample.facts))
        self.licences[sample.licence or "unknown"] += 1
        self.lengths[_bin(sum(len(message.content) for message in sample.messages))] += 1


@dataclass(frozen=True)
class Turn:
    """A message; `preview` is the start of its words, without code."""

    role: str
    preview: str
    segments: list[Segment]


@dataclass(frozen=True)
class Card:
    """A sample as the gallery shows it."""

    id: str
    source: str
    title: str
    image: Thumbnail | None
    libraries: tuple[str, ...]
    kinds: tuple[str, ...]
    licence: str
    origin: str
    link: str
    turns: list[Turn]


class Picker:
    """The `limit` samples of smallest hash rank of each source, in bounded memory."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: dict[str, list[tuple[str, ChatSample]]] = {}

    def add(self, sample: ChatSample) -> None:
        kept = self._kept.setdefault(sample.source, [])
        kept.append((hash_rank(sample.id, SAMPLE_SEED), sample))
        if len(kept) > 2 * self.limit:
            self._kept[sample.source] = self._smallest(kept)

    def _smallest(self, kept: list[tuple[str, ChatSample]]) -> list[tuple[str, ChatSample]]:
        return sorted(kept, key=lambda pair: pair[0])[: self.limit]

    def picked(self) -> list[ChatSample]:
        """`limit` samples in turns from each source; a short source leaves its room to others."""
        queues = [self._smallest(kept) for _, kept in sorted(self._kept.items())]
        turns = zip_longest(*queues)
        in_turn = [pair[1] for turn in turns for pair in turn if pair is not None]
        return in_turn[: self.limit]


def survey(samples: Iterable[ChatSample], limit: int) -> tuple[Contents, list[Card]]:
    """Counts over all samples, and cards of `limit` of them, charts and files mixed."""
    contents, picker = Contents(), Picker(limit)
    for sample in samples:
        contents.add(sample)
        picker.add(sample)
    return contents, [card(sample) for sample in picker.picked()]


def card(sample: ChatSample) -> Card:
    """One sample; its title is the start of the first user message."""
    turns = [Turn(m.role, _preview(m.content), segments(m.content)) for m in sample.messages]
    return Card(
        id=sample.id,
        source=sample.source,
        title=next((turn.preview for turn in turns if turn.role == "user"), ""),
        image=thumbnail(sample.image) if sample.image else None,
        libraries=sample.libraries,
        kinds=tuple(sorted(set(chart_kinds(sample.facts)))),
        licence=sample.licence or "unknown",
        origin=_place(sample.origin),
        link=_link(sample.origin),
        turns=turns,
    )


def chart_kinds(facts: str) -> list[str]:
    """Chart kinds of the figures in `facts`, each once per image; [] where nothing is known."""
    try:
        figures = json.loads(facts or "[]")
        return [
            kind
            for figure in figures
            if figure
            for kind in sorted({kind for axes in figure["axes"] for kind in axes["kinds"]})
        ]
    except (ValueError, KeyError, TypeError):
        return []


def _bin(characters: int) -> int:
    """Smallest bound that holds the length; 0 stands for "longer than all"."""
    return next((bound for bound in LENGTH_BOUNDS if characters <= bound), 0)


def length_counts(contents: Contents) -> list[tuple[str, int]]:
    """Bins of characters per sample, shortest first, with their labels."""
    lower, found = 0, []
    for bound in LENGTH_BOUNDS:
        found.append((f"{lower:,}–{bound:,}", contents.lengths[bound]))
        lower = bound
    return [*found, (f"over {lower:,}", contents.lengths[0])]


def library_counts(contents: Contents) -> list[tuple[str, int]]:
    names = in_order(set(contents.libraries), LIBRARY_ORDER)
    return [(name, contents.libraries[name]) for name in names]


def by_count(counts: Counter[str], limit: int = 14) -> list[tuple[str, int]]:
    """Most frequent first; what is beyond `limit` is one last row."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ranked) == limit + 1:
        return ranked
    rest = sum(count for _, count in ranked[limit:])
    return [*ranked[:limit], *([(f"{len(ranked) - limit} more", rest)] if rest else [])]


def _preview(content: str) -> str:
    """The first words outside of code blocks, or that there is only code."""
    flat = " ".join(split_fences(cut(content)).outside.split()) or "(code)"
    return flat if len(flat) <= PREVIEW_CHARS else flat[:PREVIEW_CHARS].rstrip() + " ..."


def _place(origin: Origin) -> str:
    parts = (f"{origin.name} {origin.version}".strip(), origin.path, origin.locator)
    return cut(" · ".join(part for part in parts if part), 300)


def _link(origin: Origin) -> str:
    """A public page of the origin; "" where there is none or its name is not a plain one."""
    pattern = LINKS.get(origin.kind, "")
    return pattern.format(name=origin.name) if SAFE_NAME.fullmatch(origin.name) else ""
