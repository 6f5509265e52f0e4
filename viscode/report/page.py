"""The pages, rendered from templates: the index with its style and script inside, the two
browsers, and one page for each benchmark task.

Autoescape is on for every template: text from data sets, model answers and tracebacks is shown,
never interpreted. Nothing is loaded from outside of the report's folder; links out lead to the
samples' origins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from viscode.core.metric_files import flat
from viscode.report import charts, comparison, failures, results
from viscode.report.against import Against
from viscode.report.charts import Chart
from viscode.report.comparison import ALL_LIBRARIES, Comparison, sentence
from viscode.report.funnel_tables import Funnel
from viscode.report.grid import Grid
from viscode.report.loading import RunMetrics
from viscode.report.published import Published
from viscode.report.rejects import RejectCount
from viscode.report.samples import Contents
from viscode.report.task_pages import TaskView

TEMPLATES = Path(__file__).parent / "templates"
FACTS_SHOWN = 40


@dataclass(frozen=True)
class Page:
    """Everything that the pages show. `contents` is None where the data set is not made yet."""

    run: RunMetrics
    paper: Published
    contents: Contents | None
    funnels: list[Funnel]
    reasons: dict[str, list[RejectCount]]
    comparisons: list[Comparison]
    tasks: list[TaskView]
    against: Against | None = None

    @cached_property
    def tables(self) -> dict[str, list[Grid]]:
        """The benchmark's tables, by what they show."""
        run, paper = self.run, self.paper
        return {
            "pass_rates": results.pass_rates(run, paper),
            "main": results.main_results(run, paper),
            "overview": [results.overview(run)],
            "judge_states": [results.judge_states(run)],
            "ablation": [results.ablation(run, paper)],
            "protocols": [results.protocol_rates(run), results.protocol_differences(run)],
            "errors": failures.error_types(run),
            "paper_errors": failures.paper_errors(paper),
            "repairs": failures.repairs(run, paper),
            "recovery": failures.recovery(run),
            "transitions": failures.transitions(run),
            "compared": comparison.grids(self.comparisons),
        }

    @property
    def validated(self) -> tuple[int, int]:
        """Scripts that ran and drew, and scripts that were run, of all sources."""
        tallies = [
            tally
            for stages in self.run.funnel.values()
            for stage, tally in stages.items()
            if stage.startswith("validate/")
        ]
        return sum(tally.kept for tally in tallies), sum(tally.inputs for tally in tallies)

    @property
    def pass_charts(self) -> list[Chart]:
        return charts.pass_rate_charts(self.run, self.paper)

    @property
    def training_charts(self) -> list[Chart]:
        return charts.training_charts(self.run.log)

    @property
    def verdicts(self) -> list[str]:
        """What the comparisons over all libraries say, in words."""
        return [sentence(row) for row in self.comparisons if row.library == ALL_LIBRARIES]

    def passed(self, model: str) -> tuple[int, int]:
        """Answers of a model that pass after self-debug, and answers, over the libraries run."""
        found = [bench for (name, _), bench in self.run.bench.items() if name == model]
        passed = sum(bench.rounds[bench.last_round].passed for bench in found if bench.rounds)
        return passed, sum(bench.tasks for bench in found)


def facts(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Figures and texts of a metrics object as (readable name, text)."""
    return [
        (name.replace(".", ", ").replace("_", " "), _text(item))
        for name, item in sorted(flat(value))
    ][:FACTS_SHOWN]


def _text(item: str | float) -> str:
    """Thousands separated; four significant digits below a thousand."""
    if isinstance(item, str | int):
        return item if isinstance(item, str) else f"{item:,}"
    return f"{item:,.1f}" if abs(item) >= 1000 else f"{item:.4g}"


class PageRenderer:
    """Renders the pages of one report."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["facts"] = facts

    def index(self, root: str = "") -> str:
        """The first page; `root` leads from its folder to the report's."""
        return self._render("index.html", "index", root, inline=True)

    def samples(self, shown: int) -> str:
        return self._render("samples.html", "samples", "../", shown=shown)

    def rejects(self, shown: int) -> str:
        return self._render("rejects.html", "rejects", "../", shown=shown)

    def tasks(self) -> Iterator[tuple[str, str]]:
        """(file name, page) of every task, each with the ones before and after it."""
        tasks = self.page.tasks
        around = zip([None, *tasks], tasks, [*tasks[1:], None], strict=False)
        for before, task, after in around:
            values = {"before": before, "task": task, "after": after}
            yield task.file, self._render("task.html", "tasks", "../../", **values)

    def _render(self, template: str, here: str, root: str, **values: object) -> str:
        given = {"inline": False, "style_of": _style_of(self.page.run), **values}
        found = self._environment.get_template(template)
        return found.render(page=self.page, run=self.page.run, here=here, root=root, **given)


def _style_of(run: RunMetrics) -> dict[str, str]:
    return {model: charts.model_style(run, model) for model in run.models}
