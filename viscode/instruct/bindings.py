"""Which data a plot shows, read off the drawing calls: "signal against t".

Figure facts know how many points were drawn, not what they are called. A call counts where it is
known to draw: on pyplot, axes, a figure or a frame (`Drawings`), not whatever method is called
`step`. Only arguments that are names of the data part, or columns of a table, are used; everything
else is left unsaid.
"""

import ast
from collections.abc import Iterator

from viscode.instruct.reading import Reading
from viscode.instruct.words import join, plain
from viscode.libraries.detect import Drawing

MAX_PHRASES = 4
PAIRS = frozenset(
    {
        "plot",
        "scatter",
        "bar",
        "step",
        "stem",
        "errorbar",
        "semilogx",
        "semilogy",
        "loglog",
        "line",
        "area",
        "scatterplot",
        "lineplot",
        "barplot",
        "regplot",
        "boxplot",
        "violinplot",
        "stripplot",
        "swarmplot",
        "box",
        "violin",
        "Scatter",
        "Bar",
        "fill_between",
        "relplot",
        "catplot",
        "strip",
    }
)
SPREADS = frozenset(
    {
        "hist",
        "boxplot",
        "violinplot",
        "histplot",
        "kdeplot",
        "displot",
        "ecdfplot",
        "histogram",
        "Histogram",
        "Box",
        "Violin",
        "box",
        "violin",
    }
)
FIELDS = frozenset(
    {
        "contour",
        "contourf",
        "pcolormesh",
        "plot_surface",
        "plot_wireframe",
        "plot_trisurf",
        "imshow",
        "matshow",
        "heatmap",
        "Heatmap",
        "Surface",
        "Contour",
        "pcolor",
    }
)
SPREADS_ALONE = frozenset({"boxplot", "violinplot"})  # of matplotlib: the second says how
GROUPINGS = {"seaborn": ("hue",), "plotly": ("color",)}  # library -> keywords


def shown_data(reading: Reading, names: frozenset[str], columns: frozenset[str]) -> str:
    """A sentence such as "Show y against x", or "". `names` are the variables of the data part;
    `columns` those of the CSV, whose names then count as well."""
    reader = _Reader(names, columns)
    calls = sorted(reading.origins.calls, key=lambda call: (call.lineno, call.col_offset))
    found: dict[str, None] = {}
    for call in calls:
        for drawing in reading.drawings.of(call):
            if drawing.marks and drawing.known:
                found.update(dict.fromkeys(reader.phrases(call, drawing)))
    phrases = [
        one for one in found if not any(other != one and other.startswith(one) for other in found)
    ]
    return f"Show {join(phrases)}" if 0 < len(phrases) <= MAX_PHRASES else ""


class _Reader:
    def __init__(self, names: frozenset[str], columns: frozenset[str]) -> None:
        self.names, self.columns = names, columns

    def phrases(self, call: ast.Call, drawing: Drawing) -> Iterator[str]:
        function = drawing.function
        given = {k.arg: self._name(k.value, keyword=True) for k in call.keywords}
        values = [self._name(argument) for argument in call.args[:3]]
        if drawing.library == "matplotlib" and function in SPREADS_ALONE:
            values = values[:1]
        first, second, third = [*values, "", "", ""][:3]
        x, y = given.get("x") or first, given.get("y") or second
        by = next(
            (
                f", grouped by {given[g]}"
                for g in GROUPINGS.get(drawing.library, ())
                if given.get(g) and given[g] not in (x, y)
            ),
            "",
        )
        if function in FIELDS:
            z = given.get("z") or third or (first if len(call.args) == 1 else "")
            over = f" over {first} and {second}" if z == third and first and second else ""
            if z:
                yield f"the values of {z}{over}"
        elif function in PAIRS and x and y:
            yield f"{y} against {x}{by}"
        elif function in SPREADS and (only := x or y) and not (x and y):
            yield f"the distribution of {only}{by}"
        elif function in ("pie", "Pie") and (share := given.get("values") or first):
            yield f"the shares given by {share}"

    def _name(self, node: ast.expr, keyword: bool = False) -> str:
        """What the data part calls an argument; "" when it does not name it."""
        if isinstance(node, ast.Name):
            return node.id if node.id in self.names else ""
        if isinstance(node, ast.Constant) and keyword and isinstance(node.value, str):
            known = self.names or node.value in self.columns
            return plain(node.value) if known and not node.value.startswith("#") else ""
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            column = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(column, str) and (node.value.id in self.names or column in self.columns):
                return plain(column)
        return ""
