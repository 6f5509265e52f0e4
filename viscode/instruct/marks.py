"""Line styles and markers, read off the code: figure facts do not hold them yet.

Only what is certain without running: constants given for `linestyle`, `ls`, `marker` and `dash`,
and format strings such as "r--" or "bo-" among the arguments of a `plot` call.
"""

import ast
import re
from collections.abc import Iterator

LINES = {
    "--": "dashed",
    "dashed": "dashed",
    "dash": "dashed",
    ":": "dotted",
    "dotted": "dotted",
    "dot": "dotted",
    "-.": "dash-dotted",
    "dashdot": "dash-dotted",
}
MARKERS = {
    "o": "circles",
    "circle": "circles",
    "s": "squares",
    "square": "squares",
    "^": "triangles",
    "v": "triangles",
    "x": "crosses",
    "X": "crosses",
    "+": "plus signs",
    "*": "stars",
    "star": "stars",
    "D": "diamonds",
    "d": "diamonds",
    "diamond": "diamonds",
}
FORMAT = re.compile(r"(?:C\d|[bgrcmykw])?([ov^sx+*Dd])?(--|-\.|:|-)?(?:C\d|[bgrcmykw])?")
PLOT_CALLS = frozenset({"plot", "semilogx", "semilogy", "loglog", "errorbar"})


def line_styles(code: str) -> tuple[list[str], list[str]]:
    """(line styles, marker shapes), each distinct, in the order of the code; solid lines are
    not mentioned. Empty for code that does not parse."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return [], []
    styles: dict[str, None] = {}
    markers: dict[str, None] = {}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            for style, marker in _of_call(call):
                if style:
                    styles[style] = None
                if marker:
                    markers[marker] = None
    return list(styles), list(markers)


def _of_call(call: ast.Call) -> Iterator[tuple[str | None, str | None]]:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "grid":
        return
    for keyword in call.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg in ("linestyle", "ls", "dash"):
            yield LINES.get(str(value)), None
        elif keyword.arg == "marker":
            yield None, MARKERS.get(str(value))
    if isinstance(call.func, ast.Attribute) and call.func.attr in PLOT_CALLS:
        for argument in call.args[1:]:
            value = argument.value if isinstance(argument, ast.Constant) else None
            match = FORMAT.fullmatch(value) if isinstance(value, str) and value else None
            if match:
                yield LINES.get(match[2] or ""), MARKERS.get(match[1] or "")
