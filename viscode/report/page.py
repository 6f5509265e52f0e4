"""The page: one HTML file with styles, script and images inside, rendered from templates.

Autoescape is on for every template: text from data sets, model answers and tracebacks is shown,
never interpreted. No resource is loaded from anywhere; links out lead to the samples' origins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from viscode.report import figures
from viscode.report.against import Against
from viscode.report.bench_files import BenchMetrics
from viscode.report.charts import Chart
from viscode.report.comparison import ALL_LIBRARIES, Comparison, sentence
from viscode.report.funnel import Funnel
from viscode.report.grid import Grid, rate, signed
from viscode.report.loading import RunMetrics
from viscode.report.published import Published
from viscode.report.rejects import Rejects
from viscode.report.samples import Card, Contents, by_count, length_counts, library_counts
from viscode.report.tasks import TaskView

RESOURCES = (
    "templates/against.html",
    "templates/base.html",
    "templates/benchmark.html",
    "templates/data.html",
    "templates/macros.html",
    "templates/overview.html",
    "templates/rejects.html",
    "templates/samples.html",
    "templates/script.js",
    "templates/style.css",
    "templates/tasks.html",
    "templates/training.html",
)
FACTS_SHOWN = 40


@dataclass(frozen=True)
class Page:
    """Everything that the page shows. `contents` is None where the data set is not made yet."""

    run: RunMetrics
    paper: Published
    contents: Contents | None
    cards: list[Card]
    funnels: list[Funnel]
    rejects: list[Rejects]
    comparisons: list[Comparison]
    tasks: list[TaskView]
    tasks_asked: int
    pass_grids: list[Grid]
    error_grids: list[Grid]
    main_grids: list[Grid]
    main_overview: Grid
    ablation: Grid
    judge_states: Grid
    protocol_rates: Grid
    protocol_differences: Grid
    repair_grids: list[Grid]
    transition_grids: list[Grid]
    recovery_grids: list[Grid]
    comparison_grids: list[Grid]
    against: Against | None = None

    @property
    def pass_charts(self) -> list[Chart]:
        return figures.pass_rate_charts(self.run, self.paper)

    @property
    def training_charts(self) -> list[Chart]:
        return figures.training_charts(self.run.log)

    @property
    def library_counts(self) -> list[tuple[str, int]]:
        return library_counts(self.contents) if self.contents else []

    @property
    def kind_counts(self) -> list[tuple[str, int]]:
        return by_count(self.contents.kinds) if self.contents else []

    @property
    def length_counts(self) -> list[tuple[str, int]]:
        return length_counts(self.contents) if self.contents else []

    @property
    def licence_counts(self) -> list[tuple[str, int]]:
        return by_count(self.contents.licences, 8) if self.contents else []

    @property
    def summary(self) -> dict[str, Any]:
        """The training summary's figures, without those that are not there."""
        return self.run.train.model_dump(exclude_none=True) if self.run.train else {}

    @property
    def verdicts(self) -> list[str]:
        """What the comparisons over all libraries say, in words."""
        return [sentence(row) for row in self.comparisons if row.library == ALL_LIBRARIES]

    @property
    def validated(self) -> tuple[int, int]:
        """Scripts that ran and drew, and scripts that were run."""
        return (
            sum(reject.kept for reject in self.rejects),
            sum(reject.inputs for reject in self.rejects),
        )

    def passed(self, model: str) -> tuple[int, int]:
        """Answers of a model that pass after self-debug, and answers, over the libraries run."""
        found: list[BenchMetrics] = [
            bench for (name, _), bench in sorted(self.run.bench.items()) if name == model
        ]
        return (
            sum(b.rounds[b.last_round].passed for b in found if b.rounds),
            sum(b.tasks for b in found),
        )


def flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Numbers and short strings of a metrics object as (readable name, text), nested ones too."""
    found: list[tuple[str, str]] = []
    for key, item in sorted(value.items()):
        name = f"{prefix}{key}".replace("_", " ")
        if isinstance(item, Mapping):
            found += flat(item, f"{name}, ")
        elif isinstance(item, str | int | float):
            found.append((name, item if isinstance(item, str) else number(item)))
    return found[:FACTS_SHOWN] if not prefix else found


def number(value: float | int) -> str:
    """Thousands separated; four significant digits below a thousand."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def render(page: Page) -> str:
    """The whole page as text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"rate": rate, "signed": signed, "number": number, "flat": flat}
    template = environment.get_template("base.html")
    return template.render(page=page, run=page.run, style_of=_style_of(page.run))


def _style_of(run: RunMetrics) -> dict[str, str]:
    return {model: figures.model_style(run, model) for model in run.models}
