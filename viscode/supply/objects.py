"""Values that are no tables: single ones, dictionaries, objects with attributes, functions,
graphs and axes, as text."""

import keyword
import math
from collections.abc import Mapping

from viscode.supply.desk import Desk, exploded, figure, indented, text
from viscode.supply.quantities import SCALARS, known_quantity, quantity, rounded
from viscode.supply.wanted import Wanted
from viscode.supply.words import COLORS, text_value, words_of

CONFIGURATIONS = {
    *("arg", "args", "opt", "opts", "config", "cfg", "conf", "param", "hparam", "flag", "setting"),
    *("self", "option"),
}
"""Objects of these names hold single settings."""
OFF = {
    *("save", "verbose", "debug", "log", "quiet", "test", "dry"),
    *("gpu", "cuda", "download", "force", "overwrite"),
}
ANY = "*args, **kwargs"
FLAT = "np.asarray(X).reshape(len(X), -1)"
METHODS = {
    "predict": f"lambda X: ({FLAT}.mean(axis=1) > 0).astype(int)",
    "predict_classes": f"lambda X: ({FLAT}.mean(axis=1) > 0).astype(int)",
    "decision_function": f"lambda X: {FLAT}.sum(axis=1)",
    "score_samples": f"lambda X: -({FLAT} ** 2).sum(axis=1)",
    "predict_proba": "lambda X: np.full((len(X), 2), 0.5)",
    "transform": f"lambda X: {FLAT}[:, :2]",
    "fit_transform": f"lambda X, *args: {FLAT}[:, :2]",
    "inverse_transform": "lambda X: np.asarray(X)",
    "score": "lambda X, y: 0.87",
    "fit": f"lambda {ANY}: None",
}
"""What the methods of a fitted model give, where their uses do not tell."""
REGRESSION = f"lambda X: 2.0 * {FLAT}.mean(axis=1) + 1.0"
FORMULAS = {
    word: formula
    for words, formula in {
        "sigmoid logistic": "1 / (1 + np.exp(-x))",
        "relu": "np.maximum(0, x)",
        "tanh": "np.tanh(x)",
        "gaussian gauss normal pdf": "np.exp(-(x**2) / 2)",
        "linear line": "2 * x + 1",
        "quadratic parabola square": "x**2",
        "exponential decay": "np.exp(-x)",
        "log": "np.log(np.abs(x) + 1)",
        "derivative": "np.cos(x)",
    }.items()
    for word in words.split()
}


def scalar(name: str, wanted: Wanted, desk: Desk) -> str | None:
    """Code of a value that is one thing; None where the kind is another."""
    strings = [one for one in wanted.among if isinstance(one, str)]
    match wanted.kind:
        case "none":
            return "None"
        case "flag":
            return str(not OFF.intersection(words_of(name)))
        case "text":
            return text(strings[0] if strings else text_value(name, desk.variant))
        case "color":
            return text(strings[0] if strings else COLORS[desk.variant % len(COLORS)])
        case "colormap":
            desk.need("plt")
            return f"plt.get_cmap({text(strings[0] if strings else 'viridis')})"
        case "date":
            desk.need("pd")
            last = {"end", "last", "stop", "until"}.intersection(words_of(name))
            return f'pd.Timestamp("{"2023-12-31" if last else "2023-01-01"}")'
        case "integer" | "number":
            return _number(name, wanted, desk)
    return None


def _number(name: str, wanted: Wanted, desk: Desk) -> str:
    chosen = [one for one in wanted.among if not isinstance(one, str)]
    if chosen:
        return figure(chosen[0])
    usual = next((SCALARS[word] for word in reversed(words_of(name)) if word in SCALARS), None)
    low = -math.inf if wanted.low is None else wanted.low
    high = math.inf if wanted.high is None else wanted.high
    whole = wanted.kind == "integer"
    vague = usual is None and known_quantity(name) is None and not desk.varied
    if vague and low <= 10 <= high:
        usual = 10 if whole else 1.5 if low <= 1.5 else 10
    fits = usual is not None and low <= usual <= high and (usual % 1 == 0 or not whole)
    if usual is not None and fits and not desk.varied:
        return figure(usual)
    what, shares = quantity(name, wanted), (0.1, 0.9) if desk.varied else (0.4, 0.7)
    value = rounded(what, what.low + what.span * desk.random(name).uniform(*shares))
    return figure(value)


def mapping(items: Mapping[str, str]) -> str:
    """A dictionary of codes by the codes of their keys."""
    return exploded("{", [f"{key}: {code}" for key, code in items.items()], "}")


def record(items: Mapping[str, str], bunch: bool, desk: Desk) -> str:
    """An object with attributes; as a bunch of scikit-learn, it has them as keys, too."""
    named = [f"{key}={code}" for key, code in items.items()]
    desk.need("Bunch" if bunch else "types")
    return exploded("Bunch(" if bunch else "types.SimpleNamespace(", named, ")")


def is_name(key: str) -> bool:
    """Whether a text can be the name of an attribute."""
    return key.isidentifier() and not keyword.iskeyword(key)


def method(name: str, wanted: Wanted, desk: Desk) -> str | None:
    """Code of a usual method of a fitted model, None for another one."""
    item = wanted.item
    if name not in METHODS:
        return None
    if item is not None and item.kind not in ("unknown", "array") and name != "score":
        return None
    if item is not None and item.shape and any(size is not None for size in item.shape):
        return None
    if name not in ("score", "fit"):
        desk.need("np")
    values = item.item if item else None
    if name == "predict" and values is not None and values.kind == "number":
        return REGRESSION
    return METHODS[name]


def formula_function(name: str, desk: Desk) -> str:
    """A function of numbers, by its name: statements."""
    desk.need("np")
    words = words_of(name)
    body = next((FORMULAS[word] for word in words if word in FORMULAS), "np.sin(x)")
    return f"def {name}(x, {ANY}):\n    return {body}"


def constant_function(name: str, result: str) -> str:
    """A function that gives the same whatever it is called with: statements."""
    return f"def {name}({ANY}):\n{indented(f'return {result}')}"


def graph(name: str, wanted: Wanted, desk: Desk) -> str:
    """A small graph: directed, a tree or of the nodes that it is asked for."""
    desk.need("nx")
    words = words_of(name)
    nodes = [text(one) for one in wanted.among]
    directed = {"di", "dg", "digraph", "directed", "dag"}.intersection(words)
    if nodes:
        kind = "DiGraph" if directed else "Graph"
        pairs = zip(nodes, (*nodes[1:], nodes[0]), strict=True)
        return exploded(f"nx.{kind}([", [f"({a}, {b})" for a, b in pairs], "])")
    if "tree" in words:
        return "nx.balanced_tree(2, 3)"
    if directed:
        return f"nx.gn_graph(12, seed={desk.random(name).randint(1, 99)})"
    return "nx.karate_club_graph()"


def subplots(figure_name: str, axes: Mapping[str, Wanted], desk: Desk) -> str:
    """A statement that makes a figure with axes: one name for all of them, or one for each."""
    desk.need("plt")
    if not axes:
        return f"{figure_name} = plt.figure()"
    roles = [wanted.role for wanted in axes.values()]
    projection = next((role for role in roles if role in ("3d", "polar")), "")
    extra = [f'subplot_kw={{"projection": "{projection}"}}'] if projection else []
    if len(axes) == 1:
        name, wanted = next(iter(axes.items()))
        arguments = [*_grid(wanted), *extra]
        return f"{figure_name}, {name} = plt.subplots({', '.join(arguments)})"
    rows = [f"1, {len(axes)}", f"figsize=({4 * min(len(axes), 4)}, 4)", *extra]
    return f"{figure_name}, ({', '.join(axes)}) = plt.subplots({', '.join(rows)})"


def _grid(wanted: Wanted) -> list[str]:
    """Arguments of `plt.subplots` for an array of axes of a shape."""
    if wanted.shape is None or not wanted.shape:
        return []
    sizes = [min(max(size or 2, 1), 8) for size in wanted.shape[:2]]
    rows, columns = sizes if len(sizes) == 2 else (1, max(sizes[0], 2))
    if len(sizes) == 1 and columns > 4:
        rows, columns = columns, 1
    grid = f"{rows}, {columns}"
    size = f"figsize=({min(4 * columns, 14)}, {min(3 * rows + 1, 14)})"
    squeezed = ["squeeze=False"] if len(sizes) == 2 and 1 in sizes else []
    return [grid, size, *squeezed]
