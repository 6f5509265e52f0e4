"""Protocol `paper`: the verdicts of the published harness, so that a number of ours can stand
beside its tables.

One kernel for all answers of a model, library and round; a cell each, in the order given, which is
the data set's. So a verdict depends on the other answers: an error leaves its names to the next
task, and a dead kernel ends the run. Whether an image is blank or shows the right library plays no
part. What the harness gets wrong is kept (paper_code.py, session.py); what differs is the sandbox,
an end to cells that swallow their interrupt, and that only images which decode count.
"""

from collections.abc import Sequence

from viscode.bench.paper_code import Cell, cell, extracted, rewritten
from viscode.bench.protocols import Answered, Scored
from viscode.core.progress import stage_line
from viscode.core.records import Execution, Verdict
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions
from viscode.execution.session import run_session
from viscode.settings.bench import Library

__all__ = ["run_cells", "score", "verdict"]


def score(
    answers: Sequence[Answered], library: Library, options: RunOptions, store: WorkStore | None
) -> list[Scored]:
    """The answers' verdicts, in their order; `options.timeout_s` holds for each cell.

    Raises:
        UserError: the sandboxed kernel could not be started.
    """
    codes = [rewritten(extracted(answered.text)) for answered in answers]
    cells = [
        cell(answered.task, code, library) for answered, code in zip(answers, codes, strict=True)
    ]
    return [
        Scored(code, execution, verdict(execution))
        for code, execution in zip(codes, run_cells(cells, options, store), strict=True)
    ]


def run_cells(
    cells: Sequence[Cell], options: RunOptions, store: WorkStore | None
) -> list[Execution]:
    """What became of each cell in one shared kernel."""
    with stage_line("answers", len(cells), "run in one kernel") as line:
        found = run_session(cells, options, store)
        line.add(len(found))
    return found


def verdict(execution: Execution) -> Verdict:
    """Passed means an image and no error; no image and no error is the harness's "Unexpected
    Error"."""
    if execution.status != "ok":
        return "error"
    return "pass" if execution.images else "no_image"
