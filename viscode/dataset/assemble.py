"""The data set from its sources: decontaminated, without duplicates and near ones, split (paper 3).

Two passes over the sources' tables, in id order. The first looks at the words and the code of every
sample, in several processes, and leaves fingerprints in flat arrays and files; from them follows
what is out (viscode.dataset.exclusions). The second writes. Neither samples nor images are ever
held, and all outputs are in id order, whatever the order of the inputs.
"""

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from viscode.core.checksums import digest_line, digest_path
from viscode.core.errors import UserError
from viscode.core.hashing import hash_rank
from viscode.core.outcomes import Kept, Rejected, Tally, outcome_of
from viscode.core.records import (
    ChatSample,
    Dialogue,
    Identified,
    InstructionSample,
    Message,
    SourceName,
    Task,
)
from viscode.core.replacing import partial_of, replace, write_text
from viscode.core.tables import read_columns, read_table
from viscode.core.transform import write_outcomes
from viscode.dataset.chat import InstructionText, Sample, SampleText, chat_of, messages_of
from viscode.dataset.counts import SampleCounts
from viscode.dataset.exclusions import Verdicts, examine
from viscode.dataset.seal import seal
from viscode.settings.dataset import DatasetSettings

SOURCES: tuple[SourceName, ...] = ("files", "charts", "dialogues")
RANK_DIGITS = 13  # hex digits of the hash rank that decide the split: exact as a float
RANKS = float(16**RANK_DIGITS)
COUNTED_TOGETHER = 256  # samples whose tokens are counted in one call,
CHARACTERS_TOGETHER = 4_000_000  # unless so many characters are reached before

S = TypeVar("S", bound=Identified)
Result = tuple[str, Kept[ChatSample] | Rejected]


class TokenCounting(Protocol):
    """viscode.models.chat_lengths.TokenCounter, or what a test puts in its place."""

    def count(self, chats: Sequence[Sequence[Message]]) -> list[int]: ...


@dataclass(frozen=True)
class Inputs:
    """Folders of the sources' tables, and of the benchmark's tasks."""

    files: Path
    charts: Path
    dialogues: Path
    tasks: Path

    def folder(self, source: SourceName) -> Path:
        return {"files": self.files, "charts": self.charts, "dialogues": self.dialogues}[source]

    def samples(self) -> Iterator[Sample]:
        """All samples in id order; a source whose folder is missing has none (one that is wanted
        failed in the first pass)."""
        present = [source for source in SOURCES if self.folder(source).is_dir()]
        return _by_id(self._whole(source) for source in present)

    def texts(self, sources: Iterable[SourceName]) -> Iterator[SampleText]:
        """The words and the code of the samples of `sources`, in id order."""
        return _by_id(self._text(source) for source in sources)

    def _whole(self, source: SourceName) -> Iterator[Sample]:
        if source == "dialogues":
            return read_table(self.dialogues, Dialogue)
        return read_table(self.folder(source), InstructionSample)

    def _text(self, source: SourceName) -> Iterator[SampleText]:
        if source == "dialogues":
            return read_table(self.dialogues, Dialogue)
        return read_columns(self.folder(source), InstructionText)


def _by_id(tables: Iterable[Iterator[S]]) -> Iterator[S]:
    return heapq.merge(*tables, key=lambda sample: sample.id)


@dataclass(frozen=True)
class Outputs:
    """The table (with images and outcomes) and the two chat files; a digest lies beside each."""

    table: Path
    train: Path
    validation: Path


@dataclass
class Assembled:
    """What `assemble` counted: the whole stage, each source, the samples kept, what was out."""

    verdicts: Verdicts
    tally: Tally = field(default_factory=Tally)
    by_source: dict[SourceName, Tally] = field(default_factory=dict)
    counts: SampleCounts = field(default_factory=SampleCounts)

    def used(self, settings: DatasetSettings) -> dict[SourceName, Tally]:
        """The tallies of the sources that went in; one that had no sample has an empty tally."""
        return {name: self.by_source.get(name, Tally()) for name in settings.sources}


def assemble(
    inputs: Inputs,
    settings: DatasetSettings,
    tokens: TokenCounting,
    outputs: Outputs,
    workers: int = 1,
) -> Assembled:
    """Write the outputs, each whole or not at all.

    Raises:
        UserError: a source that is wanted is missing, or nothing is left.
    """
    tasks = read_table(inputs.tasks, Task) if settings.decontaminates else ()
    scratch = partial_of(outputs.table.with_name("fingerprints"))
    texts = inputs.texts(settings.sources)
    assembled = Assembled(examine(texts, tasks, settings, scratch, workers))
    with (
        _no_partial(outputs.table),
        _chat_file(outputs.train) as train,
        _chat_file(outputs.validation) as validation,
    ):

        def results() -> Iterator[Result]:
            for samples in _chunks(inputs.samples()):
                for sample, result in _judged(samples, assembled.verdicts, tokens, settings):
                    assembled.by_source.setdefault(sample.source, Tally()).add(
                        outcome_of(sample.id, result)
                    )
                    for chat in result.records if isinstance(result, Kept) else ():
                        (validation if chat.split == "validation" else train)(chat)
                        assembled.counts.add(chat)
                    yield sample.id, result
            if not assembled.counts.samples:
                raise UserError(
                    "no sample is left for the data set",
                    where=str(outputs.table),
                    todo="see the reasons in the metrics of the earlier stages",
                )

        assembled.tally = write_outcomes(results(), ChatSample, outputs.table)
    assembled.counts.seal = seal(outputs.train, outputs.validation, outputs.table)
    return assembled


@contextmanager
def _no_partial(target: Path) -> Iterator[None]:
    """A failure leaves no half-written `target` behind."""
    try:
        yield
    except BaseException:
        partial_of(target)  # removes it
        raise


def _chunks(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    chunk: list[Sample] = []
    size = 0
    for sample in samples:
        chunk.append(sample)
        size += _size(sample)
        if len(chunk) == COUNTED_TOGETHER or size >= CHARACTERS_TOGETHER:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _size(sample: Sample) -> int:
    """What a sample holds, in characters and bytes."""
    image = 0 if isinstance(sample, Dialogue) else len(sample.image)
    return image + sum(len(message.content) for message in messages_of(sample))


def _judged(
    samples: list[Sample], verdicts: Verdicts, tokens: TokenCounting, settings: DatasetSettings
) -> Iterator[tuple[Sample, Kept[ChatSample] | Rejected]]:
    faults = [verdicts.fault(sample.id, sample.source) for sample in samples]
    kept = [s for s, fault in zip(samples, faults, strict=True) if fault is None]
    lengths = iter(tokens.count([messages_of(sample) for sample in kept]))
    for sample, fault in zip(samples, faults, strict=True):
        if fault is not None:
            yield sample, fault
        else:
            held_back = is_validation(sample.id, settings)
            chat = chat_of(sample, next(lengths), "validation" if held_back else "train")
            yield sample, Kept([chat])


def is_validation(sample_id: str, settings: DatasetSettings) -> bool:
    """Whether a sample is held back: by its own id alone, so that no other sample moves it."""
    rank = int(hash_rank(sample_id, settings.seed)[:RANK_DIGITS], 16)
    return rank < settings.validation_share * RANKS


@contextmanager
def _chat_file(target: Path) -> Iterator[Callable[[ChatSample], object]]:
    """Write chats to a jsonl file; it and its digest are in place only when the block ends without
    an error. Every line has all keys, so that readers infer one schema from any of them."""
    partial = partial_of(target)

    def add(chat: ChatSample) -> None:
        line = chat.model_dump(include={"id", "source", "licence", "origin", "messages"})
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")

    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            yield add
        write_text(digest_path(target), digest_line(partial, target.name))
        replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
