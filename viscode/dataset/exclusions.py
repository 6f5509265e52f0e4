"""Which samples are out, and why: the first pass of `assemble`.

Order of the rules: a sample that gives away a benchmark task, then one that equals another, then
one that is near another; only samples that are still in can have duplicates. Memory holds 60 bytes
a sample.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from viscode.core.outcomes import Rejected
from viscode.core.progress import stage_line
from viscode.core.records import SourceName, Task
from viscode.core.shards import parallel
from viscode.dataset.chat import SampleText, codes_of
from viscode.dataset.decontaminate import Contamination, TaskIndex
from viscode.dataset.duplicates import NONE, DuplicateIndex, Indices
from viscode.dataset.fingerprint import Fingerprint, fingerprint
from viscode.dataset.normal import normalize
from viscode.settings.dataset import DatasetSettings


class AssembleReason(StrEnum):
    SOURCE_OFF = "source_off"
    """Its source is not in dataset.sources."""
    CONTAMINATED = "contaminated"
    """It gives away a benchmark task; the detail names the task and the rule."""
    DUPLICATE = "duplicate"
    """Equal to the sample whose id is the detail."""
    NEAR_DUPLICATE = "near_duplicate"
    """Near the sample whose id is the detail, which stays."""


@dataclass(frozen=True)
class Looked:
    """What the first pass keeps of one sample."""

    id: str
    source: SourceName
    fingerprint: Fingerprint
    contamination: Contamination | None


class Ids:
    """Ids in ascending order, flat: some 40 bytes each."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("Q", [0])

    def add(self, name: str) -> None:
        self._text += name.encode()
        self._ends.append(len(self._text))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:
        return self._text[self._ends[index] : self._ends[index + 1]].decode()


@dataclass(frozen=True)
class Verdicts:
    """`contaminated` by index; `exact` and `near` as viscode.dataset.duplicates gives them."""

    sources: frozenset[str]
    ids: Ids
    contaminated: dict[int, tuple[SourceName, Contamination]]
    exact: Indices
    near: Indices

    def fault(self, sample_id: str, source: SourceName) -> Rejected | None:
        """Why a sample is out; None when it stays."""
        if source not in self.sources:
            return Rejected(AssembleReason.SOURCE_OFF)
        index = bisect_left(self.ids, sample_id)
        if index in self.contaminated:
            return Rejected(AssembleReason.CONTAMINATED, self.contaminated[index][1].detail)
        if self.exact[index] != NONE:
            return Rejected(AssembleReason.DUPLICATE, self.ids[self.exact[index]])
        if self.near[index] != NONE:
            return Rejected(AssembleReason.NEAR_DUPLICATE, self.ids[self.near[index]])
        return None

    def contaminations(self) -> Iterator[tuple[str, SourceName, Contamination]]:
        """(sample id, source, contamination) in id order."""
        for index, (source, contamination) in self.contaminated.items():
            yield self.ids[index], source, contamination

    def removed(self) -> dict[str, int]:
        """Samples out, by rule."""
        rules = Counter(f"contaminated: {c.rule}" for _, c in self.contaminated.values())
        duplicates = {
            "duplicate": int((self.exact != NONE).sum()),
            "near_duplicate": int((self.near != NONE).sum()),
        }
        return {**dict(sorted(rules.items())), **duplicates}


def examine(
    samples: Iterable[SampleText],
    tasks: Iterable[Task],
    settings: DatasetSettings,
    scratch: Path,
    workers: int,
) -> Verdicts:
    """Look at all samples, which come in id order; `scratch` is a folder that does not exist."""
    index = TaskIndex(tasks, settings) if settings.decontaminates else None
    ids, contaminated = Ids(), dict[int, tuple[SourceName, Contamination]]()
    with (
        DuplicateIndex(scratch, settings.near_duplicates) as duplicates,
        stage_line("samples", part="duplicates and contamination") as line,
    ):
        for looked in parallel(partial(look, index=index), samples, workers):
            if looked.contamination is not None:
                contaminated[len(ids)] = looked.source, looked.contamination
            duplicates.add(None if looked.contamination else looked.fingerprint)
            ids.add(looked.id)
            line.add()
        exact = duplicates.exact()
        near = duplicates.near(exact)
    return Verdicts(frozenset(settings.sources), ids, contaminated, exact, near)


def look(sample: SampleText, index: TaskIndex | None) -> Looked:
    """One sample's fingerprint and contamination; its code is normalized once for both."""
    normal = [normalize(code) for code in codes_of(sample)]
    contamination = index.contaminated_by(sample, normal) if index is not None else None
    return Looked(sample.id, sample.source, fingerprint(sample, normal), contamination)
