"""Which samples are out, and why: the first pass of `assemble`.

Order of the rules: a sample that gives away a benchmark task, then one that equals another, then
one that is near another; only samples that are still in can have duplicates.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from viscode.core.outcomes import Rejected
from viscode.core.progress import stage_line
from viscode.core.records import SourceName
from viscode.core.shards import parallel
from viscode.dataset.chat import SampleText
from viscode.dataset.decontaminate import Contamination, TaskIndex
from viscode.dataset.duplicates import (
    NONE,
    Fingerprint,
    exact_duplicates,
    fingerprint,
    near_duplicates,
)


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
class Exclusions:
    """`looked_at`: number of all samples. `faults`: those that are out, by id. `contaminated`:
    sample id, source and finding, in id order."""

    looked_at: int
    faults: dict[str, Rejected]
    contaminated: list[tuple[str, SourceName, Contamination]]

    def removed(self) -> dict[str, int]:
        """Samples out, by rule."""
        rules = Counter(f"contaminated: {hit.rule}" for _, _, hit in self.contaminated)
        reasons = Counter(fault.reason for fault in self.faults.values())
        duplicates = (AssembleReason.DUPLICATE, AssembleReason.NEAR_DUPLICATE)
        return {**dict(sorted(rules.items())), **{str(one): reasons[one] for one in duplicates}}


def examine(
    samples: Iterable[SampleText],
    index: TaskIndex | None,
    near_threshold: float,
    scratch: Path,
    workers: int,
) -> Exclusions:
    """Look at all samples, which come in id order; a file without a name lies in `scratch` while
    it goes on."""
    ids: list[str] = []
    keys, usable = bytearray(), bytearray()
    contaminated: list[tuple[str, SourceName, Contamination]] = []
    with (
        TemporaryFile(dir=scratch) as signatures,
        stage_line("samples", part="duplicates and contamination") as line,
    ):
        for name, source, mark, hit in parallel(partial(look, index=index), samples, workers):
            if hit is not None:
                contaminated.append((name, source, hit))
            ids.append(name)
            keys += mark.key
            usable.append(hit is None)
            signatures.write(mark.signature)
            line.add()
        clean = np.frombuffer(usable, np.bool_)
        exact = exact_duplicates(keys, clean)
        near = near_duplicates(signatures, clean & (exact == NONE), near_threshold)
    faults = {
        name: Rejected(AssembleReason.CONTAMINATED, hit.detail) for name, _, hit in contaminated
    }
    for reason, twins in (
        (AssembleReason.DUPLICATE, exact),
        (AssembleReason.NEAR_DUPLICATE, near),
    ):
        for place in np.flatnonzero(twins != NONE).tolist():
            faults[ids[place]] = Rejected(reason, ids[twins[place]])
    return Exclusions(len(ids), faults, contaminated)


def look(
    sample: SampleText, index: TaskIndex | None
) -> tuple[str, SourceName, Fingerprint, Contamination | None]:
    """What the first pass keeps of one sample."""
    hit = index.contaminated_by(sample) if index is not None else None
    return sample.id, sample.source, fingerprint(sample), hit
