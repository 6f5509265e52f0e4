"""The page's charts: Figure 2 of the paper with our runs in it, and the training curves. Every y
axis starts at zero."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from viscode.core.drawing import COLORS, svg, tag
from viscode.report.loading import LogRow, RunMetrics
from viscode.report.published import Published
from viscode.report.results import round_name, shown_rounds

# the models of the paper's Figure 2, its pairs together -> (short name, line style)
FIGURE_2 = {
    "GPT-4o": ("GPT-4o", "-"),
    "GPT-4o-mini": ("GPT-4o-mini", "--"),
    "VisCoder-7B": ("VisCoder-7B", "-"),
    "Qwen2.5-Coder-7B-Instruct": ("Qwen-Coder-7B", "--"),
    "VisCoder-3B": ("VisCoder-3B", "-"),
    "Qwen2.5-Coder-3B-Instruct": ("Qwen-Coder-3B", "--"),
}
DODGE = 0.12  # rounds between the points of two models, so that their intervals stay apart
LABEL_GAP = 4.6  # per cent; least distance between the names at the ends of two curves
MODEL_STYLES = 6
LOG_POINTS = 400


@dataclass(frozen=True)
class Chart:
    title: str
    svg: str


def model_style(run: RunMetrics, model: str) -> str:
    """CSS class that carries a model's color."""
    return f"model-{run.models.index(model) % MODEL_STYLES}"


def pass_rate_charts(run: RunMetrics, paper: Published) -> list[Chart]:
    """Figure 2: pass rate over self-debug rounds, one chart per library that was run."""
    charts = []
    for library in run.libraries:
        if words := "; ".join(_in_words(run, library)):
            paint = partial(_pass_rates, library=library, run=run, paper=paper)
            said = f"Execution pass rate on {library} by round. {words}."
            charts.append(Chart(library, svg(360, 310, paint, said)))
    return charts


def _pass_rates(figure: Any, library: str, run: RunMetrics, paper: Published) -> None:
    axes = figure.add_axes((0.11, 0.11, 0.64, 0.85))
    rounds = range(shown_rounds(run))
    axes.set(xlim=(-0.25, rounds[-1] + 0.05), ylim=(0, 100), yticks=range(0, 101, 25))
    axes.set_xticks(rounds, [round_name(number) for number in rounds])
    published = paper.pass_rate_by_round.get(library, {})
    rates = {model: published[model] for model in FIGURE_2 if model in published}
    end = rounds[-1] + 0.12
    for model, at in _apart({model: found[-1] for model, found in rates.items()}).items():
        name, line_style = FIGURE_2[model]
        (line,) = axes.plot(rates[model], line_style, color=COLORS["paper-line"], lw=1.1)
        words = axes.text(end, at, name, fontsize=10, color=COLORS["muted"], va="center")
        for artist in (line, words):
            tag(artist, css="paper")
    for index, model in enumerate(run.models):
        if (model, library) in run.bench:
            shift = DODGE * (index - (len(run.models) - 1) / 2)
            _our_curve(axes, model, run, library, shift, COLORS[f"m{index % MODEL_STYLES}"])


def _our_curve(
    axes: Any, model: str, run: RunMetrics, library: str, shift: float, color: str
) -> None:
    """Points with whiskers, the 95 % intervals; what each says shows when it is pointed at."""
    points = [
        (number + shift, found.pass_rate)
        for number, found in sorted(run.bench[model, library].rounds.items())
        if found.pass_rate.percent is not None
    ]
    axes.plot([x for x, _ in points], [rate.percent for _, rate in points], color=color, lw=2.2)
    for x, rate in points:
        axes.plot([x, x], [rate.low, rate.high], "_-", color=color, lw=1.2, alpha=0.5)
        (point,) = axes.plot(x, rate.percent, "o", color=color, ms=7)
        interval = f"(95 % interval {rate.low} to {rate.high})"
        tag(point, title=f"{model}: {rate.percent} % {interval}")


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Where the curves' names stand: at their ends, moved up where they would collide."""
    names = sorted(ends, key=lambda name: ends[name])
    placed = {name: ends[name] for name in names}
    for below, name in pairwise(names):
        placed[name] = max(placed[name], placed[below] + LABEL_GAP)
    over = max(0.0, max(placed.values(), default=0.0) - 100)
    return {name: at - over for name, at in placed.items()}


def _in_words(run: RunMetrics, library: str) -> Iterator[str]:
    """Text form of a chart for who cannot see it: a part for each model that was run."""
    for model in run.models:
        if bench := run.bench.get((model, library)):
            rounds = sorted(bench.rounds.items())
            rates = ", ".join(f"{found.pass_rate.percent or 0:.1f} %" for _, found in rounds)
            yield f"{model}: {rates}"


def training_charts(log: tuple[LogRow, ...]) -> list[Chart]:
    """Loss and learning rate over steps; none without a log."""
    rows = log[:: max(1, len(log) // LOG_POINTS)]
    if len(rows) < 2:
        return []
    steps = [row.step for row in rows]
    return [
        _over_steps("Training loss", steps, [row.loss for row in rows]),
        _over_steps("Learning rate", steps, [row.lr for row in rows]),
    ]


def _over_steps(title: str, steps: Sequence[int], values: Sequence[float]) -> Chart:
    def paint(figure: Any) -> None:
        axes = figure.add_axes((0.11, 0.2, 0.86, 0.74))
        axes.plot(steps, values, color=COLORS["m1"], lw=2.2)
        axes.set(xlabel="step", xlim=(0, steps[-1]))
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.locator_params(nbins=4)

    said = f"{title}: {values[0]:.4g} at the first step shown, {values[-1]:.4g} at the last."
    return Chart(title, svg(440, 230, paint, said))
