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

from viscode.bench.verdicts import error_name
from viscode.core.metric_files import flat
from viscode.report import charts, failures, funnel_tables, rejects, results
from viscode.report.against import Against
from viscode.report.comparison import Comparison, compare
from viscode.report.funnel_tables import Funnel
from viscode.report.grid import Grid
from viscode.report.listings import listing, visible
from viscode.report.loading import RunMetrics
from viscode.report.published import TABLE_OF_MODEL, Published
from viscode.report.rejects import RejectCount
from viscode.report.samples import Contents
from viscode.report.task_pages import TaskView, Views, diff

TEMPLATES = Path(__file__).parent / "templates"
FACTS_SHOWN = 40


@dataclass(frozen=True)
class Report:
    """Everything that the pages show, and how they are rendered; templates call it `report`.
    `contents` is None where the data set is not made yet."""

    run: RunMetrics
    paper: Published
    contents: Contents | None
    views: Views
    tasks: list[TaskView]
    against: Against | None = None

    @cached_property
    def tables(self) -> dict[str, list[Grid]]:
        """The benchmark's tables, by what they show."""
        run, paper = self.run, self.paper
        changes = [failures.transitions(model, run) for model in run.models]
        recovered = [failures.recovery(model, run) for model in run.models]
        repaired = [failures.repairs(model, run) for model in run.models]
        return {
            "pass_rates": [results.pass_rates(name, run, paper) for name in run.libraries],
            "main": [results.main_results(name, run, paper) for name in run.libraries],
            "overview": [results.overview(run)],
            "judge_states": [results.judge_states(run)],
            "ablation": [results.ablation(run, paper)],
            "protocols": [results.protocol_rates(run), results.protocol_differences(run)],
            "errors": [failures.error_types(model, run) for model in run.models],
            "paper_errors": [failures.paper_errors(model, paper) for model in TABLE_OF_MODEL],
            "repairs": [*repaired, failures.paper_repairs(paper)],
            "recovery": [grid for grid in recovered if grid.rows],
            "transitions": [grid for grid in changes if grid.rows],
            "compared": [found.grid for found in self.comparisons],
        }

    @cached_property
    def comparisons(self) -> list[Comparison]:
        answers = {
            key: [view.attempt for views in tasks.values() for view in views]
            for key, tasks in self.views.items()
        }
        return compare(answers, self.run.models, self.run.libraries)

    @property
    def verdicts(self) -> list[str]:
        """What the comparisons over all libraries say, in words."""
        return [found.verdict for found in self.comparisons]

    @property
    def funnels(self) -> list[Funnel]:
        return funnel_tables.funnels(self.run.funnel)

    @cached_property
    def reasons(self) -> dict[str, list[RejectCount]]:
        return rejects.reasons(self.run.funnel)

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
    def pass_charts(self) -> list[charts.Chart]:
        return charts.pass_rate_charts(self.run, self.paper)

    @property
    def training_charts(self) -> list[charts.Chart]:
        return charts.training_charts(self.run.log)

    def passed(self, model: str) -> tuple[int, int]:
        """Answers of a model that pass after self-debug, and answers, over the libraries run."""
        found = [bench for (name, _), bench in self.run.bench.items() if name == model]
        passed = sum(bench.rounds[bench.last_round].passed for bench in found if bench.rounds)
        return passed, sum(bench.tasks for bench in found)

    def index_page(self, root: str = "") -> str:
        """The first page; `root` leads from its folder to the report's."""
        return self._render("index.html", "index", root, inline=True)

    def samples_page(self, shown: int) -> str:
        return self._render("samples.html", "samples", "../", shown=shown)

    def rejects_page(self, shown: int) -> str:
        return self._render("rejects.html", "rejects", "../", shown=shown)

    def task_pages(self) -> Iterator[tuple[str, str]]:
        """(file name, page) of every task, each with the ones before and after it."""
        tasks = self.tasks
        for before, view, after in zip([None, *tasks], tasks, [*tasks[1:], None], strict=False):
            values = {"before": before, "view": view, "after": after}
            yield view.file, self._render("task.html", "tasks", "../../", **values)

    def _render(self, template: str, here: str, root: str, **values: object) -> str:
        found = self._environment.get_template(template)
        return found.render(here=here, root=root, **{"inline": False, **values})

    @cached_property
    def _environment(self) -> Environment:
        found = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        styles = {model: charts.model_style(self.run, model) for model in self.run.models}
        found.globals |= {"report": self, "run": self.run, "style_of": styles}
        for function in (facts, error_name, visible, listing, diff):
            found.filters[function.__name__] = function
        return found


def facts(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Figures and texts of a metrics object as (readable name, text): thousands separated, four
    significant digits below a thousand."""

    def text(item: str | float) -> str:
        if isinstance(item, str | int):
            return item if isinstance(item, str) else f"{item:,}"
        return f"{item:,.1f}" if abs(item) >= 1000 else f"{item:.4g}"

    found = [(name.replace(".", ", "), text(item)) for name, item in sorted(flat(value))]
    return [(name.replace("_", " "), said) for name, said in found[:FACTS_SHOWN]]
