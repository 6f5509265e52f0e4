"""One contract for every stage that turns records into records.

`transform` feeds each input to a pure function, writes what was kept to `out/part-*`, one outcome
row per input to `out/outcome-*`, and returns the counts. Nothing appears under `out` until all
of it is written.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from viscode.core.outcomes import Kept, Outcome, Rejected, Tally, outcome_of
from viscode.core.progress import Progress, stage_line
from viscode.core.records import Identified
from viscode.core.replacing import partial_of, replace
from viscode.core.tables import TableWriter, read_table

In = TypeVar("In", bound=Identified)
Out = TypeVar("Out", bound=Identified)
OUTCOME_PREFIX = "outcome"


def write_outcomes(
    results: Iterable[tuple[str, Kept[Out] | Rejected]],
    record_type: type[Out],
    out: Path,
    line: Progress | None = None,
) -> Tally:
    """Write records and outcomes of (input id, result) pairs in any order; returns the counts.
    `line` shows how far it is; without one the running stage's own does.

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
