"""One contract for every stage that turns records into records.

`transform` feeds each input to a pure function, writes what was kept to `out/part-*`, one outcome
row per input to `out/outcome-*`, and returns the counts. Nothing appears under `out` until all
of it is written.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Generic, TypeVar

from viscode.core.outcomes import Kept, Outcome, Rejected, Tally, outcome_of
from viscode.core.progress import Progress, stage_line
from viscode.core.records import Identified
from viscode.core.replacing import partial_of, replace
from viscode.core.tables import TableWriter, read_table

In = TypeVar("In", bound=Identified)
Out = TypeVar("Out", bound=Identified)
OUTCOME_PREFIX = "outcome"
UNMADE_PREFIX = "unmade"  # beside blocks: figures that gave none


class Beside(Generic[Out]):
    """A table of its own in a stage's folder, for what there is to tell beside records and
    outcomes. It takes records while `write_outcomes` asks for results."""

    def __init__(self, record_type: type[Out], prefix: str) -> None:
        self.record_type, self.prefix = record_type, prefix
        self._writer: TableWriter[Out] | None = None

    @contextmanager
    def opened(self, folder: Path) -> Iterator[None]:
        with TableWriter(folder, self.record_type, self.prefix) as self._writer:
            yield

    def add(self, record: Out) -> None:
        assert self._writer is not None, "write_outcomes was not given this table"
        self._writer.add(record)


def write_outcomes(
    results: Iterable[tuple[str, Kept[Out] | Rejected]],
    record_type: type[Out],
    out: Path,
    line: Progress | None = None,
    beside: Beside[Any] | None = None,
) -> Tally:
    """Write records and outcomes of (input id, result) pairs in any order; returns the counts.
    `line` shows how far it is; without one the running stage's own does. `beside` is a further
    table, which whoever makes the results fills.

    Raises:
        UserError: an input id or a record id occurs twice.
    """
    partial, tally = partial_of(out), Tally()
    line = line or stage_line()
    line.judges = True
    with (
        line,
        TableWriter(partial, record_type) as records,
        TableWriter(partial, Outcome, OUTCOME_PREFIX) as outcomes,
        beside.opened(partial) if beside else nullcontext(),
    ):
        for input_id, result in results:
            outcome = outcome_of(input_id, result)
            outcomes.add(outcome)
            tally.add(outcome)
            line.add(1, outcome.reason)
            if isinstance(result, Kept):
                for record in result.records:
                    records.add(record)
    replace(partial, out)
    return tally


def transform(
    inputs: Iterable[In],
    step: Callable[[In], Kept[Out] | Rejected],
    record_type: type[Out],
    out: Path,
    line: Progress | None = None,
) -> Tally:
    """Apply `step` to each input and write the outcome; see `write_outcomes`."""
    return write_outcomes(((item.id, step(item)) for item in inputs), record_type, out, line)


def read_outcomes(folder: Path) -> Iterator[Outcome]:
    """Stream the outcome rows of a stage, in id order of its inputs."""
    return read_table(folder, Outcome, OUTCOME_PREFIX)
