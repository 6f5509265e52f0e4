"""What `viscode bench compare` does: two models' results on the same tasks, by paired tests.

A folder is data/bench/MODEL, with a table for each library, or one of these tables. Over one
library McNemar's exact test is the one to go by. Over all of them a task counts once per library,
and its answers are not independent of each other: there the bootstrap, which draws whole tasks, is.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from viscode.bench.metrics import latest, percent
from viscode.errors import UserError
from viscode.records import Attempt
from viscode.report.paired import Paired, pair
from viscode.statistics import Bootstrap, paired_bootstrap, wilson
from viscode.tables import read_table

Passes = dict[str, bool]  # by task
Rounds = dict[str, Passes]  # "first" and "final"
NAMED = 5  # tasks without a partner that are named
ALL = "all"
DEPENDENT = "McNemar's test takes a task's libraries for independent"
SHARDS = "part-*.parquet"


def compare_command(a: Path, b: Path) -> None:
    """Print a line per library and round, and one JSON object as the last line.

    Raises:
        UserError: no results in a folder, or no task that both have.
    """
    found = {path: _results(path) for path in (a, b)}
    libraries = [name for name in found[a] if name in found[b]]
    _tell_unpaired(found[a], found[b], a, b)
    pairs = {name: _paired(found[a][name], found[b][name]) for name in libraries}
    pairs = {name: rounds for name, rounds in pairs.items() if rounds}
    if not pairs:
        raise UserError(
            "no task of one library has results in both",
            where=f"{a}, {b}",
            todo="compare two folders data/bench/MODEL, or two of their libraries",
        )
    if len(pairs) > 1:
        pairs[ALL] = _paired(_pooled(found[a], libraries), _pooled(found[b], libraries))
    numbers: dict[str, dict[str, dict[str, float | None]]] = {}
    for name, rounds in pairs.items():
        for number, one in rounds.items():
            drawn = _bootstrap(found[a], found[b], libraries if name == ALL else [name], number)
            line = _line(f"{name}, {number} answers", one, drawn)
            click.echo(f"{line}; go by the latter: {DEPENDENT}" if name == ALL else line)
            fields = {**dict(_fields(one)), **_drawn(drawn)}
            numbers.setdefault(name, {})[number] = fields
    click.echo(json.dumps(numbers))


def _results(folder: Path) -> dict[str, Rounds]:
    """Which tasks passed, by library."""
    tables = sorted({path.parent for path in (*folder.glob(SHARDS), *folder.glob(f"*/{SHARDS}"))})
    found: dict[str, Rounds] = {}
    for table in tables:
        attempts = [_slim(attempt) for attempt in read_table(table, Attempt)]
        for library in sorted({attempt.library for attempt in attempts}):
            found[library] = _rounds([one for one in attempts if one.library == library])
    if not found:
        raise UserError(
            "no answers here",
            where=str(folder),
            todo="name a folder data/bench/MODEL or data/bench/MODEL/LIBRARY; dvc repro makes them",
        )
    return found


def _slim(attempt: Attempt) -> Attempt:
    return attempt.model_copy(update={"images": (), "facts": "", "answer": "", "code": ""})


def _rounds(attempts: list[Attempt]) -> Rounds:
    last = max(attempt.round for attempt in attempts)
    return {
        name: {one.task_id: one.verdict == "pass" for one in latest(attempts, number)}
        for name, number in (("first", 0), ("final", last))
    }


def _paired(a: Rounds, b: Rounds) -> dict[str, Paired]:
    found = {name: pair(a[name], b[name]) for name in a}
    return {name: one for name, one in found.items() if one is not None}


def _pooled(found: Mapping[str, Rounds], libraries: list[str]) -> Rounds:
    """All libraries' tasks, each under a name of its own."""
    return {
        number: {
            f"{library} {task}": passed
            for library in libraries
            for task, passed in found[library][number].items()
        }
        for number in ("first", "final")
    }


def _tell_unpaired(a: Mapping[str, Rounds], b: Mapping[str, Rounds], *paths: Path) -> None:
    for one, other, path in ((a, b, paths[0]), (b, a, paths[1])):
        alone = sorted(_tasks(one) - _tasks(other))
        if alone:
            named = ", ".join(alone[:NAMED]) + (", ..." if len(alone) > NAMED else "")
            click.echo(f"only in {path}, not compared: {len(alone)} ({named})", err=True)


def _tasks(found: Mapping[str, Rounds]) -> set[str]:
    return {f"{library} {task}" for library, rounds in found.items() for task in rounds["first"]}


def _bootstrap(
    a: Mapping[str, Rounds], b: Mapping[str, Rounds], libraries: list[str], number: str
) -> Bootstrap | None:
    """Differences in points by task, those of its libraries together; None where no task differs,
    as drawing nothing but zeros would pass for certainty."""
    by_task: dict[str, list[float]] = {}
    for library in libraries:
        before, after = a[library][number], b[library][number]
        for task in sorted(before.keys() & after.keys()):
            by_task.setdefault(task, []).append(100.0 * (after[task] - before[task]))
    if not any(map(any, by_task.values())):
        return None
    return paired_bootstrap(list(by_task.values()))


def _drawn(drawn: Bootstrap | None) -> dict[str, float | None]:
    if drawn is None:
        return dict.fromkeys(("bootstrap_low", "bootstrap_high", "bootstrap_p"))
    return {
        "bootstrap_low": round(drawn.low, 1),
        "bootstrap_high": round(drawn.high, 1),
        "bootstrap_p": round(drawn.p_value, 4),
    }


def _line(name: str, one: Paired, drawn: Bootstrap | None) -> str:
    low, high = one.interval
    rates = " -> ".join(_rate(passed, one.tasks) for passed in (one.before, one.after))
    return (
        f"{name + ':':<28} {rates}, {one.difference:+.1f} points [{low:.1f}, {high:.1f}], "
        f"only first {one.lost}, only second {one.gained}, McNemar p = {one.p_value:.3g}, "
        f"bootstrap by task {_words(drawn)}"
    )


def _words(drawn: Bootstrap | None) -> str:
    if drawn is None:
        return "says nothing: no task differs"
    return f"[{drawn.low:.1f}, {drawn.high:.1f}] p = {drawn.p_value:.2g}"


def _rate(passed: int, tasks: int) -> str:
    low, high = (percent(end) for end in wilson(passed, tasks))
    return f"{passed}/{tasks} ({percent(passed / tasks)} % [{low}, {high}])"


def _fields(one: Paired) -> Iterator[tuple[str, float]]:
    low, high = one.interval
    yield from (("tasks", one.tasks), ("passed_a", one.before), ("passed_b", one.after))
    yield from (("only_a", one.lost), ("only_b", one.gained))
    yield from (("difference", round(one.difference, 1)), ("low", round(low, 1)))
    yield from (("high", round(high, 1)), ("p", one.p_value))
