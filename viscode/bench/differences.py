"""Why the two protocols differ on an answer: one cause each, found by running it again.

Four causes are plain: `blank` (its plot shows nothing; only `isolated` minds), `not_drawn` (what it
shows was there before it ran; likewise), `dead_kernel` (an answer before it ended the kernel) and
`exit_status` (it ends with status 0, which is success for a program and an error for a kernel). For
the others the answer's cell runs alone in a process of its own with one thing changed at a time;
the first change that gives the verdict of `isolated` names the cause:

| cause | the change |
|---|---|
| leaked_names | nothing: names or settings that answers before it left decided |
| form | all forms of a display count, not PNG alone |
| time | the time limit of `isolated` |
| reset_lines | without the lines behind the answer that reset the notebook |
| last_expression | the same, for a plot that only stands in the answer's last line |
| block | the answer's last block instead of its first |
| data_file | a data.csv that it can load itself |
| rewriting | its code as it was, with a data.csv |
| data_loading | only its code as it was, without the lines that load the data and import pandas |
| saved_file | none: `isolated` would not pass it either, did it not count saved files |
| several | all of these together |
| unknown | no change gives the other verdict |

The runs go through the work store like all others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from viscode.bench import paper
from viscode.bench.answer_code import answer_code
from viscode.bench.paper_code import Cell, before, cell, extracted, rewritten
from viscode.bench.protocols import Answered, Scored
from viscode.bench.tasks import data_files
from viscode.bench.verdicts import verdict
from viscode.core.records import Execution, Script
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions, run
from viscode.execution.image_origins import drawn
from viscode.execution.session import WORK_AT, run_session
from viscode.settings.bench import Library

DEAD = "DeadKernelError"
ALONE, FORM, TIME = "leaked_names", "form", "time"
RESET, FILES = "reset_lines", "saved_file"
CHANGES = (
    ALONE,
    FORM,
    TIME,
    RESET,
    "block",
    "data_file",
    "rewriting",
    "data_loading",
    FILES,
    "several",
)
LONGER = (TIME, FILES, "several")  # run under the limit of `isolated`


@dataclass(frozen=True)
class _Pair:
    """An answer on which the protocols differ."""

    number: int
    answered: Answered
    isolated: Scored
    paper: Scored


def causes(
    answers: Sequence[Answered],
    isolated: Sequence[Scored],
    paper: Sequence[Scored],
    library: Library,
    options: RunOptions,
    paper_timeout_s: float,
    store: WorkStore | None,
    limits: Mapping[str, float] | None = None,
) -> list[str]:
    """The cause for each answer, "" where both protocols agree whether it passed. `options` and
    `limits` are those of `isolated.score`."""
    found = [""] * len(answers)
    open_: list[_Pair] = []
    for number, pair in enumerate(zip(answers, isolated, paper, strict=True)):
        one = _Pair(number, *pair)
        if one.isolated.passed != one.paper.passed:
            found[number] = _plain(one)
            open_ += [] if found[number] else [one]
    ran = _run(open_, library, options, limits or {}, paper_timeout_s, store)
    for one in open_:
        found[one.number] = _cause(one, ran)
    return found


def _plain(one: _Pair) -> str:
    if one.isolated.verdict == "blank":
        return "blank"
    if one.paper.passed and not drawn(one.paper.execution).images:
        return "not_drawn"
    return {DEAD: "dead_kernel", "SystemExit": "exit_status"}.get(
        one.paper.execution.error_type, ""
    )


def _run(
    pairs: Sequence[_Pair],
    library: Library,
    options: RunOptions,
    limits: Mapping[str, float],
    paper_timeout_s: float,
    store: WorkStore | None,
) -> dict[str, Execution]:
    """All changed runs, by "NUMBER CHANGE"."""
    by_limit: dict[float, list[Script]] = {}
    for one in pairs:
        own = max(options.timeout_s, limits.get(one.answered.task.id, 0.0))
        for change, script in _scripts(one, library):
            limit = own if change in LONGER else paper_timeout_s
            named = Script(id=f"{one.number} {change}", code=script.code, files=script.files)
            by_limit.setdefault(limit, []).append(named)
    found: dict[str, Execution] = {}
    published = replace(options, timeout_s=paper_timeout_s)
    for one in pairs:
        (done,) = run_session([_alone(one, library)], published, store)
        found[f"{one.number} {ALONE}"] = done
    for limit, scripts in sorted(by_limit.items()):
        under = replace(options, saved_files=False, timeout_s=limit)
        found |= {done.id: done for done in run(scripts, under, store)}
    return found


def _alone(one: _Pair, library: Library) -> Cell:
    """The answer's cell as the published harness runs it."""
    return cell(one.answered.task, rewritten(extracted(one.answered.text)), library)


def _scripts(one: _Pair, library: Library) -> Iterator[tuple[str, Script]]:
    task, text = one.answered.task, one.answered.text
    first, beside = extracted(text), data_files(task)
    alone = _alone(one, library)
    own = "\n".join([*before(library), first])
    if one.paper.execution.status == "timeout":  # each change would take as long again
        yield TIME, _script(alone)
        return
    yield FORM, _script(alone)
    yield RESET, _script(cell(task, rewritten(first), library, reset=False))
    yield "block", _script(cell(task, rewritten(answer_code(text)), library))
    yield "data_file", _script(Cell(alone.source, {**alone.files, **beside}))
    raw = cell(task, first, library)
    yield "rewriting", _script(Cell(raw.source, {**raw.files, **beside}))
    yield "data_loading", _script(Cell(own, beside))
    yield FILES, Script(id="changed", code=one.isolated.code, files=beside)
    last = cell(task, answer_code(text), library, reset=False)
    yield "several", _script(Cell(last.source, {**last.files, **beside}))


def _script(one: Cell) -> Script:
    return Script(id="changed", code=one.source.replace(WORK_AT, "."), files=dict(one.files))


def _cause(one: _Pair, ran: dict[str, Execution]) -> str:
    for change in CHANGES:
        done = ran.get(f"{one.number} {change}")
        if done is None:
            continue
        if change == FILES:
            if one.isolated.passed and verdict(done) != "pass":
                return FILES
        elif (paper.verdict(done) == "pass") == one.isolated.passed:
            unseen = change == RESET and one.paper.verdict == "no_image"
            return "last_expression" if unseen else change
    return "unknown"
