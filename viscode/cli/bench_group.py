"""What `viscode bench compare` does: two models' results on the same tasks, by paired tests.

A folder is data/bench/MODEL, with a table for each library, one of these tables, or what
`viscode bench score` has written. Over one library McNemar's exact test is the one to go by. Over
all of them a task counts once per library, and its answers are not independent of each other: there
what takes whole tasks is, the bootstrap's interval and the p of exchanging the models by task.
Verdicts of different protocols are not compared.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from viscode.bench.metrics import latest, percent
from viscode.bench.score_folder import CARD, read_scores
from viscode.bench.tasks import attempt_tables
from viscode.core.errors import UserError
from viscode.core.records import Attempt
from viscode.core.statistics import Bootstrap, Paired, compare_by_task, pair, wilson
from viscode.core.tables import read_table
from viscode.settings.bench import Protocol

Passes = dict[str, bool]  # by task
NAMED = 5  # tasks without a partner that are named
ALL = "all"
DEPENDENT = "McNemar's test takes a task's libraries for independent"


@dataclass(frozen=True)
class _Table:
    """Which tasks of one library passed, under which protocol, after how many rounds."""

    passes: dict[str, Passes]  # of "first" and "final" answers
    protocol: str
    rounds: int = 0


_Side = Mapping[str, _Table]  # by library


def compare_command(a: Path, b: Path, protocol: Protocol | None = None) -> None:
    """Print a line per library and round, and one JSON object as the last line. `protocol` None
    is the one under which the folders' results stand.

    Raises:
        UserError: no results in a folder, none under the protocol, different protocols, or no task
            that both have.
    """
    one, other = (_results(path, protocol) for path in (a, b))
    _tell_unpaired(one, other, a, b)
    libraries = [name for name in one if name in other]
    _check_alike(one, other, libraries, (a, b))
    libraries = [
        name
        for name in libraries
        if one[name].passes["first"].keys() & other[name].passes["first"].keys()
    ]
    if not libraries:
        raise UserError(
            "no task of one library has results in both",
            where=f"{a}, {b}",
            todo="compare two folders data/bench/MODEL, or two of their libraries",
        )
    numbers: dict[str, dict[str, dict[str, float | None]]] = {}
    for name in [*libraries, ALL] if len(libraries) > 1 else libraries:
        chosen = libraries if name == ALL else [name]
        for answers in ("first", "final"):
            if not all(answers in side[lib].passes for side in (one, other) for lib in chosen):
                continue
            before, after = ([side[lib].passes[answers] for lib in chosen] for side in (one, other))
            found = pair(_pooled(before), _pooled(after))
            if found is None:
                continue
            drawn = compare_by_task(list(zip(before, after, strict=True)))
            line = _line(f"{name}, {answers} answers", found, drawn)
            click.echo(f"{line}; go by the latter: {DEPENDENT}" if name == ALL else line)
            numbers.setdefault(name, {})[answers] = _numbers(found, drawn)
    click.echo(json.dumps(numbers))


def _pooled(libraries: list[Passes]) -> Passes:
    """The tasks of several libraries, each under a name of its own."""
    return {
        f"{number} {task}": passed
        for number, passes in enumerate(libraries)
        for task, passed in passes.items()
    }


def _results(folder: Path, protocol: Protocol | None) -> _Side:
    """What a folder holds, under `protocol` or the one that its results stand under."""
    if (folder / CARD).is_file():
        scores = read_scores(folder)
        if protocol not in (None, scores.protocol):
            raise _not_under(protocol, folder)
        return {scores.library: _Table({"first": scores.passes}, scores.protocol)}
    found: dict[str, _Table] = {}
    for table in attempt_tables(folder):
        attempts = [_slim(attempt) for attempt in read_table(table, Attempt)]
        for library in sorted({attempt.library for attempt in attempts}):
            some = [one for one in attempts if one.library == library]
            found[library] = _table(some, protocol or some[0].protocol, table)
    return found


def _slim(attempt: Attempt) -> Attempt:
    other = tuple(one.model_copy(update={"images": (), "code": ""}) for one in attempt.other)
    return attempt.model_copy(
        update={"images": (), "facts": "", "answer": "", "code": "", "other": other}
    )


def _table(attempts: list[Attempt], protocol: str, folder: Path) -> _Table:
    last = max(attempt.round for attempt in attempts)
    if protocol == attempts[0].protocol:
        passes = {
            name: {one.task_id: one.verdict == "pass" for one in latest(attempts, number)}
            for name, number in (("first", 0), ("final", last))
        }
        return _Table(passes, protocol, last)
    first = {
        one.task_id: other.verdict == "pass"
        for one in latest(attempts, 0)
        for other in one.other
        if other.protocol == protocol
    }
    if not first:
        raise _not_under(protocol, folder)
    return _Table({"first": first}, protocol)


def _not_under(protocol: str | None, folder: Path) -> UserError:
    return UserError(
        f"no verdicts under protocol {protocol}",
        where=str(folder),
        todo="leave --protocol out, or score the answers: viscode bench score --protocol ...",
    )


def _check_alike(a: _Side, b: _Side, libraries: Sequence[str], paths: Sequence[Path]) -> None:
    """Refuse verdicts of different protocols; say where the rounds differ."""
    for library in libraries:
        one, other = a[library], b[library]
        if one.protocol != other.protocol:
            raise UserError(
                f"{paths[0]} was judged under {one.protocol}, {paths[1]} under {other.protocol}",
                where=library,
                todo="compare first answers under one of them: --protocol isolated or paper",
            )
        if one.rounds != other.rounds and {"final"} <= one.passes.keys() & other.passes.keys():
            rounds = f"{one.rounds} round(s) of self-debug there, {other.rounds} here"
            click.echo(f"{library}: final answers come after {rounds}", err=True)


def _tell_unpaired(a: _Side, b: _Side, *paths: Path) -> None:
    for one, other, path in ((a, b, paths[0]), (b, a, paths[1])):
        alone = sorted(_tasks(one) - _tasks(other))
        if alone:
            named = ", ".join(alone[:NAMED]) + (", ..." if len(alone) > NAMED else "")
            click.echo(f"only in {path}, not compared: {len(alone)} ({named})", err=True)


def _tasks(found: _Side) -> set[str]:
    return {f"{name} {task}" for name, table in found.items() for task in table.passes["first"]}


def _numbers(found: Paired, drawn: Bootstrap | None) -> dict[str, float | None]:
    low, high = found.interval
    return {
        "tasks": found.tasks,
        "passed_a": found.before,
        "passed_b": found.after,
        "only_a": found.lost,
        "only_b": found.gained,
        "difference": round(found.difference, 1),
        "low": round(low, 1),
        "high": round(high, 1),
        "p": found.p_value,
        "bootstrap_low": round(drawn.low, 1) if drawn else None,
        "bootstrap_high": round(drawn.high, 1) if drawn else None,
        "by_task_p": round(drawn.p_value, 4) if drawn else None,
    }


def _line(name: str, one: Paired, drawn: Bootstrap | None) -> str:
    low, high = one.interval
    rates = " -> ".join(_rate(passed, one.tasks) for passed in (one.before, one.after))
    by_task = "says nothing: no task differs"
    if drawn is not None:
        by_task = f"[{drawn.low:.1f}, {drawn.high:.1f}] p = {drawn.p_value:.2g}"
    return (
        f"{name + ':':<28} {rates}, {one.difference:+.1f} points [{low:.1f}, {high:.1f}], "
        f"only first {one.lost}, only second {one.gained}, McNemar p = {one.p_value:.3g}, "
        f"by whole tasks {by_task}"
    )


def _rate(passed: int, tasks: int) -> str:
    low, high = (percent(end) for end in wilson(passed, tasks))
    return f"{passed}/{tasks} ({percent(passed / tasks)} % [{low}, {high}])"
