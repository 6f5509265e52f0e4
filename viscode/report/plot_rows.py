"""Rows that `dvc plots` draws, as tab-separated text with a header. dvc.yaml names the files and
.dvc/plots the templates, whose axes start at zero."""

from collections.abc import Iterable, Iterator

from viscode.report.loading import RunMetrics
from viscode.report.page import Page
from viscode.report.repairs import transition_counts
from viscode.report.samples import by_count, length_counts, library_counts

KINDS_SHOWN = 30


def files(page: Page) -> dict[str, str]:
    """File name -> text; a header alone where there is nothing to draw."""
    held = page.contents
    return {
        "pass_rate_by_round.tsv": _text(
            ("model", "library", "round", "pass_rate", "low", "high"), _pass_rates(page.run)
        ),
        "libraries.tsv": _text(("library", "samples"), library_counts(held) if held else ()),
        "chart_kinds.tsv": _text(
            ("chart_kind", "images"), by_count(held.kinds, KINDS_SHOWN) if held else ()
        ),
        "token_lengths.tsv": _text(("tokens", "samples"), length_counts(held) if held else ()),
        "error_transitions.tsv": _text(("model", "from", "to", "tasks"), _transitions(page.run)),
    }


def _text(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    return "".join("\t".join(map(str, row)) + "\n" for row in (header, *rows))


def _pass_rates(run: RunMetrics) -> Iterator[tuple[str, ...]]:
    """A row per model, library and round: percent with the ends of the 95 % interval."""
    for model in run.models:
        for library in run.libraries:
            bench = run.bench.get((model, library))
            for number, found in sorted(bench.rounds.items()) if bench else ():
                ends = (found.pass_rate, found.pass_low, found.pass_high)
                yield (model, library, str(number), *(f"{value:.1f}" for value in ends))


def _transitions(run: RunMetrics) -> Iterator[tuple[str, str, str, int]]:
    """What the failures of one round are in the next, all rounds and libraries together."""
    for model in run.models:
        for (before, after), tasks in sorted(transition_counts(model, run).items()):
            yield model, before, after, tasks
