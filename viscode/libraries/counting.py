"""`transform` and `write_outcomes` for records that name their libraries: the metrics count the
kept ones by library."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import Progress
from viscode.core.records import Block, Identified, SelectedFile
from viscode.core.transform import write_outcomes

_In = TypeVar("_In", bound=Identified)
_Out = TypeVar("_Out", SelectedFile, Block)


def transform_counting(
    inputs: Iterable[_In],
    step: Callable[[_In], Kept[_Out] | Rejected],
    record_type: type[_Out],
    out: Path,
    line: Progress | None = None,
) -> dict[str, object]:
    """Apply `step` to each input and write the outcome; see `write_counting`."""
    return write_counting(((item.id, step(item)) for item in inputs), record_type, out, line)


def write_counting(
    results: Iterable[tuple[str, Kept[_Out] | Rejected]],
    record_type: type[_Out],
    out: Path,
    line: Progress | None = None,
) -> dict[str, object]:
    """Write records and outcomes of (input id, result) pairs in any order; returns the stage's
    metrics: those of the tally, and {"libraries": {name: kept records that use it}}."""
    libraries: Counter[str] = Counter()

    def counted() -> Iterator[tuple[str, Kept[_Out] | Rejected]]:
        for input_id, result in results:
            if isinstance(result, Kept):
                for record in result.records:
                    libraries.update(record.libraries)
            yield input_id, result

    tally = write_outcomes(counted(), record_type, out, line)
    return {**tally.as_metrics(), "libraries": dict(sorted(libraries.items()))}
