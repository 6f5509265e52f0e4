"""The page's charts: Figure 2 of the paper with our runs in it, and the training curves."""

from viscode.report.line_charts import Chart, Curve, Point, line_chart, nice_ceiling
from viscode.report.loading import LogRow, RunMetrics
from viscode.report.published import Published
from viscode.report.results import shown_rounds

# the models of the paper's Figure 2, its pairs together -> (short name, CSS class)
FIGURE_2 = {
    "GPT-4o": ("GPT-4o", "paper-gpt"),
    "GPT-4o-mini": ("GPT-4o-mini", "paper-gpt dashed"),
    "VisCoder-7B": ("VisCoder-7B", "paper-7b"),
    "Qwen2.5-Coder-7B-Instruct": ("Qwen-Coder-7B", "paper-7b dashed"),
    "VisCoder-3B": ("VisCoder-3B", "paper-3b"),
    "Qwen2.5-Coder-3B-Instruct": ("Qwen-Coder-3B", "paper-3b dashed"),
}
DODGE = 0.12  # rounds between the points of two models, so that their intervals stay apart
MODEL_STYLES = 6
LOG_POINTS = 400


def model_style(run: RunMetrics, model: str) -> str:
    """CSS class that carries a model's colour."""
    return f"model-{run.models.index(model) % MODEL_STYLES}"


def pass_rate_charts(run: RunMetrics, paper: Published) -> list[Chart]:
    """Figure 2: pass rate over self-debug rounds, one chart per library that was run."""
    rounds = shown_rounds(run)
    ticks = [(float(n), "Normal" if n == 0 else f"Round {n}") for n in range(rounds)]
    run_libraries = {library for _, library in run.bench}
    return [
        line_chart(
            library,
            [*_paper_curves(library, paper), *_our_curves(library, run)],
            x_values=[(-0.25, ""), *ticks],
            x_label="",
            y_high=100,
            unit=" %",
            label_room=80,
            height=310,
            description=_in_words(library, run),
        )
        for library in run.libraries
        if library in run_libraries
    ]


def _paper_curves(library: str, paper: Published) -> list[Curve]:
    rates = paper.pass_rate_by_round.get(library, {})
    return [
        Curve(
            name,
            f"paper {style}",
            tuple(Point(n, rate) for n, rate in enumerate(rates[model])),
            labelled=True,
        )
        for model, (name, style) in FIGURE_2.items()
        if model in rates
    ]


def _our_curves(library: str, run: RunMetrics) -> list[Curve]:
    models = [model for model in run.models if (model, library) in run.bench]
    return [
        Curve(
            model,
            f"ours {model_style(run, model)}",
            tuple(
                Point(
                    number + DODGE * (index - (len(models) - 1) / 2),
                    found.pass_rate.percent or 0.0,
                    found.pass_rate.low,
                    found.pass_rate.high,
                )
                for number, found in sorted(run.bench[model, library].rounds.items())
            ),
        )
        for index, model in enumerate(models)
    ]


def _in_words(library: str, run: RunMetrics) -> str:
    """Text form of a chart for who cannot see it."""
    parts = [
        f"{model}: "
        + ", ".join(
            f"{found.pass_rate.percent or 0:.1f} %"
            for _, found in sorted(run.bench[model, library].rounds.items())
        )
        for model in run.models
        if (model, library) in run.bench
    ]
    return f"Execution pass rate on {library} by round. " + "; ".join(parts) + "."


def training_charts(log: tuple[LogRow, ...]) -> list[Chart]:
    """Loss and learning rate over steps; none without a log."""
    rows = log[:: max(1, len(log) // LOG_POINTS)]
    if len(rows) < 2:
        return []
    last = rows[-1].step
    ticks = [(0.0, "0"), *((float(last * k // 4), str(last * k // 4)) for k in (1, 2, 3, 4))]
    return [
        _over_steps("Training loss", [Point(row.step, row.loss) for row in rows], ticks),
        _over_steps("Learning rate", [Point(row.step, row.lr) for row in rows], ticks),
    ]


def _over_steps(title: str, points: list[Point], ticks: list[tuple[float, str]]) -> Chart:
    first, last = points[0].y, points[-1].y
    return line_chart(
        title,
        [Curve(title, "ours model-1 plain", tuple(points))],
        x_values=sorted(set(ticks)),
        x_label="step",
        y_high=nice_ceiling(max(point.y for point in points)),
        width=440,
        height=230,
        description=f"{title}: {first:.4g} at the first step shown, {last:.4g} at the last.",
    )
