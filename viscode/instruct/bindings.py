"""Which data a plot shows, read off the drawing calls: "signal against t".

Figure facts know how many points were drawn, not what they are called. Only arguments that are
names of the data part, or columns of a table, are used; everything else is left unsaid.
"""

import ast
from collections.abc import Iterator

from viscode.instruct.words import join, plain
from viscode.mining.names import chain

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
GROUPINGS = ("hue", "color")


def shown_data(code: str, names: frozenset[str], columns: frozenset[str]) -> str:
    """A sentence such as "Show y against x", or "". `names` are the variables of the data part;
    `columns` those of the CSV, whose names then count as well."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return ""
    reader = _Reader(names, columns)
    calls = sorted(
        (n for n in ast.walk(tree) if isinstance(n, ast.Call)),
        key=lambda call: (call.lineno, call.col_offset),
    )
    found = list(dict.fromkeys(phrase for call in calls for phrase in reader.phrases(call)))
    found = [
        one for one in found if not any(other != one and other.startswith(one) for other in found)
    ]
    return f"Show {join(found)}" if 0 < len(found) <= MAX_PHRASES else ""


class _Reader:
    def __init__(self, names: frozenset[str], columns: frozenset[str]) -> None:
        self.names, self.columns = names, columns

    def phrases(self, call: ast.Call) -> Iterator[str]:
        function = chain(call.func)[-1]
        given = {k.arg: self._name(k.value, keyword=True) for k in call.keywords}
        values = [self._name(argument) for argument in call.args[:3]]
        first, second, third = [*values, "", "", ""][:3]
        x, y = given.get("x") or first, given.get("y") or second
        by = next(
            (
                f", grouped by {given[g]}"
                for g in GROUPINGS
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
