"""The data set from its sources: decontaminated, without exact duplicates, split (paper 3).

Two passes over the sources' tables, so that memory holds 16 bytes of identity and an id per sample
and never the samples: the first finds contaminated samples and, of equal ones, the smallest id
among the clean; the second writes. The tables are sorted by id, and so are all outputs.
Near duplicates are not found yet.
"""

import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from viscode.dataset.chat import Sample, chat_of, identity
from viscode.dataset.counts import Counts
from viscode.dataset.decontaminate import TaskIndex
from viscode.errors import UserError
from viscode.hashing import hash_rank
from viscode.outcomes import Kept, Rejected, Tally, outcome_of
from viscode.records import ChatSample, Dialogue, InstructionSample, SourceName, Task
from viscode.settings.dataset import DatasetSettings
from viscode.tables import partial_of, read_table, replace
from viscode.transform import write_outcomes

SOURCES: tuple[SourceName, ...] = ("files", "charts", "dialogues")
RANK_DIGITS = 13  # hex digits of the hash rank that decide the split: exact as a float
RANKS = float(16**RANK_DIGITS)


class Reason(StrEnum):
    SOURCE_OFF = "source_off"
    """Its source is not in dataset.sources."""
    CONTAMINATED = "contaminated"
    """It gives away a benchmark task; the detail names the task and the rule."""
    DUPLICATE = "duplicate"
    """Equal to the sample whose id is the detail."""


@dataclass(frozen=True)
class Inputs:
    """Folders of the sources' tables, and of the benchmark's tasks."""

    files: Path
    charts: Path
    dialogues: Path
    tasks: Path

    def read(self, source: SourceName) -> Iterator[Sample]:
        if source == "dialogues":
            return read_table(self.dialogues, Dialogue)
        return read_table(self.files if source == "files" else self.charts, InstructionSample)

    def folder(self, source: SourceName) -> Path:
        return {"files": self.files, "charts": self.charts, "dialogues": self.dialogues}[source]


@dataclass
class Assembled:
    """What `assemble` counted: the whole stage, each source, and the samples kept."""

    tally: Tally = field(default_factory=Tally)
    by_source: dict[SourceName, Tally] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    def used(self, settings: DatasetSettings) -> dict[SourceName, Tally]:
        """The tallies of the sources that went in; one that had no sample has an empty tally."""
        return {name: self.by_source.get(name, Tally()) for name in settings.sources}


def assemble(
    inputs: Inputs, settings: DatasetSettings, table: Path, train: Path, validation: Path
) -> Assembled:
    """Write the table (with images and outcomes) and the two chat files.

    Raises:
        UserError: a source that is wanted is missing, or nothing is left.
    """
    verdicts = _first_pass(inputs, settings)
    assembled = Assembled()
    with _ChatFile(train) as train_file, _ChatFile(validation) as validation_file:

        def results() -> Iterator[tuple[str, Kept[ChatSample] | Rejected]]:
            for sample in _merged(inputs, SOURCES):
                result = verdicts.result(sample)
                tally = assembled.by_source.setdefault(sample.source, Tally())
                tally.add(outcome_of(sample.id, result))
                for chat in result.records if isinstance(result, Kept) else ():
                    held_back = is_validation(chat.id, settings)
                    (validation_file if held_back else train_file).add(chat)
                    assembled.counts.add(chat, validation=held_back)
                yield sample.id, result
            if not assembled.counts.samples:
                raise UserError(
                    "no sample is left for the data set",
                    where=str(table),
                    todo="see the reasons in the metrics of the earlier stages",
                )

        assembled.tally = write_outcomes(results(), ChatSample, table)
    return assembled


def is_validation(sample_id: str, settings: DatasetSettings) -> bool:
    """Whether a sample is held back: by its own id alone, so that no other sample moves it."""
    rank = int(hash_rank(sample_id, settings.seed)[:RANK_DIGITS], 16)
    return rank < settings.validation_share * RANKS


@dataclass(frozen=True)
class _Verdicts:
    sources: frozenset[str]
    contaminated: dict[str, str]  # sample id -> detail
    smallest: dict[bytes, bytes]  # identity -> smallest id of the clean samples

    def result(self, sample: Sample) -> Kept[ChatSample] | Rejected:
        if sample.source not in self.sources:
            return Rejected(Reason.SOURCE_OFF)
        if sample.id in self.contaminated:
            return Rejected(Reason.CONTAMINATED, self.contaminated[sample.id])
        first = self.smallest[identity(sample)].decode()
        if first != sample.id:
            return Rejected(Reason.DUPLICATE, first)
        return Kept([chat_of(sample)])


def _first_pass(inputs: Inputs, settings: DatasetSettings) -> _Verdicts:
    index = None
    if settings.decontaminates:
        index = TaskIndex(read_table(inputs.tasks, Task), settings)
    contaminated: dict[str, str] = {}
    smallest: dict[bytes, bytes] = {}
    for source in settings.sources:
        for sample in inputs.read(source):
            if index is not None and (detail := index.contaminated_by(sample)):
                contaminated[sample.id] = detail
                continue
            key, name = identity(sample), sample.id.encode()
            smallest[key] = min(name, smallest.get(key, name))
    return _Verdicts(frozenset(settings.sources), contaminated, smallest)


def _merged(inputs: Inputs, sources: Sequence[SourceName]) -> Iterator[Sample]:
    """All samples in id order; a source whose folder is missing has none (one that is wanted
    failed in the first pass)."""
    present = [source for source in sources if inputs.folder(source).is_dir()]
    return heapq.merge(*map(inputs.read, present), key=lambda sample: sample.id)


class _ChatFile:
    """A jsonl file of chats, in place only when the block ends without an error."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> "_ChatFile":
        self._partial = partial_of(self.target)
        self._stream = self._partial.open("w", encoding="utf-8", newline="\n")
        return self

    def add(self, chat: ChatSample) -> None:
        messages = [message.model_dump() for message in chat.messages]
        line = {"id": chat.id, "source": chat.source, "messages": messages}
        self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")

    def __exit__(
        self, error: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._stream.close()
        if error is None:
            replace(self._partial, self.target)
        else:
            self._partial.unlink(missing_ok=True)
