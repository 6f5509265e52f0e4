"""A row per task, for spreadsheets: metrics/bench_details/MODEL/LIBRARY.tasks.tsv."""

from collections.abc import Iterator, Sequence

from viscode.bench.metrics import latest
from viscode.bench.verdicts import error_name
from viscode.core.records import Attempt


def task_rows(attempts: Sequence[Attempt], rounds: int) -> str:
    """Tab-separated text with a header: the task, its verdict and error after each round, the
    final verdict, the other protocol's verdict of the first answer. By task number."""
    by_round = [latest(attempts, number) for number in range(rounds + 1)]
    names = [
        f"round_{number}_{part}" for number in range(rounds + 1) for part in ("verdict", "error")
    ]
    header = [
        "task_id",
        "number",
        *names,
        "final_verdict",
        "other_protocol",
        "other_verdict",
        "other_error",
    ]
    tasks = sorted(
        zip(*by_round, strict=True), key=lambda row: (row[0].task_number, row[0].task_id)
    )
    return "".join("\t".join(row) + "\n" for row in (header, *map(_row, tasks)))


def _row(by_round: Sequence[Attempt]) -> list[str]:
    first, last = by_round[0], by_round[-1]
    return [
        first.task_id,
        str(first.task_number),
        *_verdicts(by_round),
        last.verdict,
        *_other(first),
    ]


def _verdicts(by_round: Sequence[Attempt]) -> Iterator[str]:
    for attempt in by_round:
        yield from (attempt.verdict, _cell(error_name(attempt)))


def _other(first: Attempt) -> list[str]:
    for other in first.other:
        return [other.protocol, other.verdict, _cell(error_name(other))]
    return [""] * 3


def _cell(text: str) -> str:
    """The name of an error is the word of an answer's code: no tabs, no line ends."""
    return " ".join(text.split())
