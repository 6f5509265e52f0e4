"""Whether a block whose data were all supplied still says something of its source."""

from viscode.core.records import Execution
from viscode.execution import facts
from viscode.supply.wanted import Hole  # noqa: F401


def says_nothing(code: str, names: tuple[str, ...], execution: Execution) -> bool:
    """Whether nothing that the figure shows as text (titles, labels, legend) stands in the source,
    and no value that it draws."""
    texts = set()
    for figure in facts.as_list(execution.facts):
        if figure is None:
            return False
        texts.add(figure.suptitle)
        for axes in figure.axes:
            texts |= {axes.title, axes.xlabel, axes.ylabel, axes.zlabel}
            texts |= {*axes.legend, *axes.annotations}
    return not any(text.strip() for text in texts)
