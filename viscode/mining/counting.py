"""`transform` for records that name their libraries, with a count of the kept ones by library."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from viscode.outcomes import Kept, Rejected
from viscode.records import Block, Identified, SelectedFile
from viscode.transform import write_outcomes

In = TypeVar("In", bound=Identified)
Out = TypeVar("Out", SelectedFile, Block)


def transform_counting(
    inputs: Iterable[In],
    step: Callable[[In], Kept[Out] | Rejected],
    record_type: type[Out],
    out: Path,
) -> dict[str, object]:
    """Apply `step` to each input, write records and outcomes; returns the stage's metrics:
    those of the tally, and {"libraries": {name: kept records that use it}}."""
    libraries: Counter[str] = Counter()

    def results() -> Iterator[tuple[str, Kept[Out] | Rejected]]:
        for item in inputs:
            result = step(item)
            if isinstance(result, Kept):
                for record in result.records:
                    libraries.update(record.libraries)
            yield item.id, result

    tally = write_outcomes(results(), record_type, out)
    return {**tally.as_metrics(), "libraries": dict(sorted(libraries.items()))}
