"""The data set from its sources: decontaminated, without duplicates and near ones, split (paper 3).

Two passes over the sources' tables, in id order. The first looks at the words and the code of every
sample, in several processes, and says what is out (viscode.dataset.exclusions). The second writes,
a few samples at a time. All outputs are in id order, whatever the order of the inputs.
"""

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

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
    Traced,
)
from viscode.core.replacing import partial_of, replace, write_text
from viscode.core.tables import read_columns, read_table
from viscode.core.transform import write_outcomes
from viscode.dataset.chat import InstructionText, Sample, SampleText, chat_of, messages_of
from viscode.dataset.counts import SampleCounts, seal
from viscode.dataset.decontaminate import TaskIndex
from viscode.dataset.exclusions import AssembleReason, Exclusions, examine
from viscode.settings.dataset import DatasetSettings

RANK_DIGITS = 13  # hex digits of the hash rank that decide the split: exact as a float
COUNTED_TOGETHER = 64  # samples whose tokens are counted in one call; so many are held

S = TypeVar("S", bound=Identified)
CountTokens = Callable[[Sequence[Sequence[Message]]], list[int]]


@dataclass(frozen=True)
class Inputs:
    """Folders of the sources' tables, and of the benchmark's tasks."""

    files: Path
    charts: Path
    dialogues: Path
    tasks: Path

    def texts(self, sources: Iterable[SourceName]) -> Iterator[SampleText]:
        """The words and the code of the samples of `sources`, in id order."""
        tables: dict[SourceName, Iterator[SampleText]] = {
            "files": read_columns(self.files, InstructionText),
            "charts": read_columns(self.charts, InstructionText),
            "dialogues": read_table(self.dialogues, Dialogue),
        }
        return _by_id(tables[source] for source in sources)

    def samples(self) -> Iterator[Sample]:
        """All samples in id order; a source whose folder is missing has none (one that is wanted
        failed in the first pass)."""
        tables: list[tuple[Path, Iterator[Sample]]] = [
            (self.files, read_table(self.files, InstructionSample)),
            (self.charts, read_table(self.charts, InstructionSample)),
            (self.dialogues, read_table(self.dialogues, Dialogue)),
        ]
        return _by_id(table for folder, table in tables if folder.is_dir())


def _by_id(tables: Iterable[Iterator[S]]) -> Iterator[S]:
    return heapq.merge(*tables, key=lambda sample: sample.id)


@dataclass(frozen=True)
class Outputs:
    """The table (with images and outcomes) and the two chat files; a digest lies beside each."""

    table: Path
    train: Path
    validation: Path


@dataclass(frozen=True)
class Assembled:
    """What `assemble` counted: the whole stage, each source that went in, the samples kept; and
    what was out."""

    tally: Tally
    by_source: dict[SourceName, Tally]
    counts: SampleCounts
    excluded: Exclusions


def assemble(
    inputs: Inputs,
    settings: DatasetSettings,
    count_tokens: CountTokens,
    outputs: Outputs,
    workers: int = 1,
) -> Assembled:
    """Write the outputs, each whole or not at all.

    Raises:
        UserError: a source that is wanted is missing, or nothing is left.
    """
    tasks = read_table(inputs.tasks, Task)
    index = TaskIndex(tasks, settings) if settings.decontaminates else None
    texts, scratch = inputs.texts(settings.sources), outputs.table.parent
    excluded = examine(texts, index, settings.near_duplicates, scratch, workers)
    if len(excluded.faults) == excluded.looked_at:
        raise UserError(
            "no sample is left for the data set",
            where=str(outputs.table),
            todo="see the reasons in the metrics of the earlier stages",
        )
    by_source = {source: Tally() for source in settings.sources}
    counts = SampleCounts()

    def results() -> Iterator[tuple[str, Kept[ChatSample] | Rejected]]:
        for sample, result in _judged(inputs.samples(), excluded, count_tokens, settings):
            if sample.source in by_source:
                by_source[sample.source].add(outcome_of(sample.id, result))
            if isinstance(result, Kept):
                counts.add(result.records[0])
            yield sample.id, result

    tally = write_outcomes(results(), ChatSample, outputs.table)
    _write_chats(outputs)
    counts.seal = seal(outputs.train, outputs.validation, outputs.table)
    return Assembled(tally, by_source, counts, excluded)


def _judged(
    samples: Iterator[Sample],
    excluded: Exclusions,
    count_tokens: CountTokens,
    settings: DatasetSettings,
) -> Iterator[tuple[Sample, Kept[ChatSample] | Rejected]]:
    """Each sample with what becomes of it."""
    while together := list(islice(samples, COUNTED_TOGETHER)):
        faults = [
            excluded.faults.get(sample.id)
            if sample.source in settings.sources
            else Rejected(AssembleReason.SOURCE_OFF)
            for sample in together
        ]
        chats = [messages_of(s) for s, fault in zip(together, faults, strict=True) if not fault]
        lengths = iter(count_tokens(chats))
        for sample, fault in zip(together, faults, strict=True):
            if fault:
                yield sample, fault
            else:
                yield sample, Kept([chat_of(sample, next(lengths), _split_of(sample, settings))])


def _split_of(sample: Sample, settings: DatasetSettings) -> Literal["train", "validation"]:
    """By the sample's own id alone, so that no other sample moves it."""
    rank = int(hash_rank(sample.id, settings.seed)[:RANK_DIGITS], 16)
    return "validation" if rank < settings.validation_share * 16.0**RANK_DIGITS else "train"


class _ChatLine(Traced):
    """The columns of a ChatSample that stand in the chat files, and which of them has it."""

    messages: tuple[Message, ...]
    split: Literal["train", "validation"]


def _write_chats(outputs: Outputs) -> None:
    """The chat files from the table. Every line has all keys, so that readers infer one schema from
    any of them."""
    targets = {"train": outputs.train, "validation": outputs.validation}
    partials = {split: partial_of(target) for split, target in targets.items()}
    with ExitStack() as stack:
        streams = {
            split: stack.enter_context(partial.open("w", encoding="utf-8", newline="\n"))
            for split, partial in partials.items()
        }
        for chat in read_columns(outputs.table, _ChatLine):
            line = json.dumps(chat.model_dump(exclude={"split"}), ensure_ascii=False)
            streams[chat.split].write(f"{line}\n")
    for split, target in targets.items():
        write_text(digest_path(target), digest_line(partials[split], target.name))
        replace(partials[split], target)
