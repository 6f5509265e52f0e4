"""Which of a block's figures an instruction is about."""

from collections.abc import Sequence

from viscode.execution.facts import Axes, FigureFacts


def drawn_axes(figure: FigureFacts | None) -> tuple[Axes, ...]:
    """The axes of a figure that show something; none where nothing is known of it."""
    return tuple(axes for axes in figure.axes if axes.kinds) if figure is not None else ()


def drawn_figures(figures: Sequence[FigureFacts | None]) -> list[FigureFacts]:
    """The different figures that show something: a figure that was both shown and saved is one
    figure to whoever reads the instruction."""
    distinct: list[FigureFacts] = []
    for figure in figures:
        if figure is not None and drawn_axes(figure) and figure not in distinct:
            distinct.append(figure)
    return distinct
