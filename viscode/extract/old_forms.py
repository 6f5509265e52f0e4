"""Forms of old code that no table of names can say: what has to be done depends on the arguments.

Each function takes an expression that it may change in place, and gives what takes its place, or
None where nothing has to.
"""

import ast
import re
from collections.abc import Callable

from viscode.extract.call_rules import below, is_named
from viscode.extract.changed_calls import FREQUENCIES, RC_KEYS
from viscode.extract.editing import Editor, last_name
from viscode.extract.renames import COLORMAPS, STYLES
from viscode.libraries.origins import CLASS, LITERAL

FREQUENCY = re.compile(r"(-?\d*)([A-Z]+)(-[A-Z]{3})?")
STARTS = {"AS", "BA", "A", "Q", "Y", "QS", "BQ", "BY"}  # intervals that may name a month
ROW_NAME = re.compile(r"(?:^|_)(?:row|record|entry|item|dic|dict|result|res|s)\d*$")
SHOWING = frozenset(
    f"{module}.{name}"
    for module in (
        "plotly.offline",
        "plotly.offline.offline",
        "plotly.plotly",
        "chart_studio.plotly",
    )
    for name in ("iplot", "plot")
)
MAKES_FIGURE = re.compile(
    r"plotly\.(?:graph_obj(?:ect)?s\.Figure|express\.\w+|figure_factory\.\w+"
    r"|(?:sub\w+|tools)\.make_subplots)\(\)"
)
ROWS = ("dict()", "pandas.Series()", ".iterrows()", ".iloc", ".loc")
Form = Callable[[Editor, ast.Call], ast.expr | None]


def appended(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`df.append(other)`, whose value is used, as a concatenation."""
    keywords = {one.arg: one.value for one in call.keywords}
    other = call.args[0] if len(call.args) == 1 else keywords.pop("other", None)
    frame = below(call.func, "append")
    statement = editor.statement
    if other is None or frame is None or len(call.args) > 1 or None in keywords:
        return None
    if isinstance(statement, ast.Expr) and statement.value is call:
        return None  # a list's
    told = editor.known_methods.get("append") or editor.kind(frame)
    known = told == "FRAME" or "ignore_index" in keywords
    path = editor.path(frame)
    other_library = path in (CLASS, LITERAL) or path.startswith((f"{CLASS}(", "numpy."))
    if not known and (other_library or not _assigned_to(statement, frame)):
        return None
    keywords.pop("verify_integrity", None)
    parts = [other] if path.endswith("Series()") else _parts(editor, other)
    new = editor.reference("pandas.concat")
    kept = [ast.keyword(name, value) for name, value in keywords.items()]
    editor.note("pandas.DataFrame.append -> pandas.concat")
    return ast.Call(new, [ast.List([frame, *parts], ast.Load())], kept)


def _assigned_to(statement: ast.stmt | None, frame: ast.expr) -> bool:
    """Whether a statement is like `df = df.append(...)`, which no list would be in."""
    return isinstance(statement, ast.Assign) and ast.dump(statement.targets[0]).replace(
        "Store()", "Load()"
    ) == ast.dump(frame)


def _parts(editor: Editor, other: ast.expr) -> list[ast.expr]:
    """What is appended, as frames: a list of frames, a row that is a dict or series, a frame."""
    path = editor.path(other)
    rows = isinstance(other, ast.List)
    if isinstance(other, ast.List) and not any(isinstance(one, ast.Dict) for one in other.elts):
        return list(other.elts)
    is_row = isinstance(other, ast.Dict) or path.endswith(ROWS)
    if isinstance(other, ast.Name) and not path.endswith("DataFrame()"):
        is_row = is_row or path == LITERAL or bool(ROW_NAME.search(other.id))
    if not is_row and not rows:
        return [other]
    given = other if rows else ast.List([other], ast.Load())
    return [ast.Call(editor.reference("pandas.DataFrame"), [given], [])]


def indexed(editor: Editor, node: ast.Subscript) -> ast.expr | None:
    """Subscripts that mean something else now: `df.ix[...]`, several columns of a group without a
    list, places in what networkx gives."""
    value = node.value
    if isinstance(value, ast.Attribute) and value.attr == "ix":
        by_place = _by_place(node.slice)
        value.attr = "iloc" if by_place else "loc"
        editor.note(f"pandas.DataFrame.ix -> {value.attr}")
        return None
    grouped = isinstance(value, ast.Call) and below(value.func, "groupby") is not None
    if grouped and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) > 1:
        node.slice = ast.List(node.slice.elts, ast.Load())
        editor.note("pandas.DataFrame.groupby: columns as a list")
        return None
    is_place = isinstance(node.slice, ast.Slice) or isinstance(
        getattr(node.slice, "value", None), int
    )
    views = ("GRAPH.nodes", "GRAPH.edges", "networkx.nodes", "networkx.edges")
    called = value.func if is_place and isinstance(value, ast.Call) else None
    if called is not None and any(is_named(editor, called, view) for view in views):
        node.value = ast.Call(editor.reference("list"), [value], [])
        editor.note("networkx.Graph.nodes -> list(networkx.Graph.nodes)")
    return None


def _by_place(index: ast.expr) -> bool:
    """Whether an index of `ix` counts places: where columns are numbers. Rows that are numbers are
    mostly the labels of a default index."""
    if isinstance(index, ast.Tuple) and len(index.elts) == 2:
        return _counts(index.elts[1])
    return False


def _counts(index: ast.expr) -> bool:
    if isinstance(index, ast.Slice):
        ends = [end for end in (index.lower, index.upper) if end is not None]
        return bool(ends) and all(map(_counts, ends))
    if isinstance(index, ast.List):
        return bool(index.elts) and all(map(_counts, index.elts))
    if isinstance(index, ast.UnaryOp):
        index = index.operand
    return isinstance(index, ast.Constant) and type(index.value) is int


def resampled(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`resample("D", how="mean")` as `resample("D").mean()`."""
    frame = below(call.func, "resample")
    if frame is None:
        return None
    how = next((one for one in call.keywords if one.arg == "how"), None)
    value = how.value if how else (call.args[1] if len(call.args) == 2 else None)
    if value is None or (how is None and not isinstance(value, ast.Constant)):
        return None
    call.keywords = [one for one in call.keywords if one is not how]
    del call.args[1:]
    editor.note("pandas.DataFrame.resample: how -> a method")
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return ast.Call(ast.Attribute(call, value.value, ast.Load()), [], [])
    return ast.Call(ast.Attribute(call, "agg", ast.Load()), [value], [])


def frequency(editor: Editor, call: ast.Call) -> ast.expr | None:
    """The names of intervals as newer releases of pandas spell them."""
    name = last_name(call.func)
    values = [one.value for one in call.keywords if one.arg in ("freq", "rule")]
    if name in ("resample", "asfreq") and call.args:
        values.append(call.args[0])
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            match = FREQUENCY.fullmatch(value.value)
            new = FREQUENCIES.get(match[2]) if match else None
            if match and new and (not match[3] or match[2] in STARTS):
                old = value.value
                value.value = f"{match[1]}{new}{match[3] or ''}"
                editor.note(f"{name}: {old!r} -> {value.value!r}")
    return None


def styled(editor: Editor, call: ast.Call) -> ast.expr | None:
    """The style sheets that seaborn's releases gave their names to."""
    if not editor.path(call.func).startswith("matplotlib."):
        return None
    for value in ast.walk(call):
        if isinstance(value, ast.Constant) and value.value in STYLES:
            old = str(value.value)
            value.value = STYLES[old]
            editor.note(f"style {old} -> {STYLES[old]}")
    return None


def colored(editor: Editor, call: ast.Call) -> ast.expr | None:
    """Color maps by their names of today."""
    values = [one.value for one in call.keywords if one.arg == "cmap"]
    if last_name(call.func) in ("get_cmap", "set_cmap"):
        values += call.args[:1]
    for value in values:
        if isinstance(value, ast.Constant) and value.value in COLORMAPS:
            old = str(value.value)
            value.value = COLORMAPS[old]
            editor.note(f"color map {old} -> {COLORMAPS[old]}")
    return None


def gridded(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`matplotlib.mlab.griddata` with places that span a grid already."""
    if editor.path(call.func) != "matplotlib.mlab.griddata" or len(call.args) < 5:
        return None
    x, y, z, *places = call.args[:5]
    if not all("grid" in editor.path(place) for place in places):
        return None
    editor.note("matplotlib.mlab.griddata -> scipy.interpolate.griddata")
    pairs: list[ast.expr] = [ast.Tuple([x, y], ast.Load()), z, ast.Tuple(places, ast.Load())]
    return ast.Call(editor.reference("scipy.interpolate.griddata"), pairs, [])


def distributed(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`seaborn.distplot` as the function that its documentation names: a histogram with a density
    estimate, or the estimate alone. Its other options have no equal."""
    keywords = {one.arg: one.value for one in call.keywords}
    flags = {name: _flag(keywords.get(name), name) for name in ("hist", "kde", "rug", "norm_hist")}
    same = {"a", "bins", "hist", "kde", "rug", "norm_hist", "color", "label", "ax"}
    other = any(name not in same for name in keywords) or len(call.args) > 2
    if other or not is_named(editor, call.func, "seaborn.distplot"):
        return None
    if not call.args and "a" not in keywords:
        return None
    if None in flags.values() or flags["rug"] or not flags["kde"]:
        return None
    data = [*call.args[:1], *([keywords["a"]] if "a" in keywords else [])]
    kept: dict[str, ast.expr] = {
        name: keywords[name] for name in ("bins", "color", "label", "ax") if name in keywords
    }
    if len(call.args) == 2:
        kept = {"bins": call.args[1], **kept}
    if not flags["hist"]:
        kept.pop("bins", None)
    else:
        kept |= {"kde": ast.Constant(True), "stat": ast.Constant("density")}
    new = "seaborn.histplot" if flags["hist"] else "seaborn.kdeplot"
    editor.note(f"seaborn.distplot -> {new}")
    function = editor.reference(new, call.func)
    return ast.Call(function, data, [ast.keyword(name, value) for name, value in kept.items()])


def _flag(value: ast.expr | None, name: str) -> bool | None:
    """A flag's value, None where the text does not tell."""
    if value is None:
        return name in ("hist", "kde")
    return bool(value.value) if isinstance(value, ast.Constant) else None


def shown(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`iplot(figure)` and `plot(figure)` of plotly's older modules as `figure.show()`."""
    if editor.path(call.func) not in SHOWING or not call.args:
        return None
    if any(one.arg == "output_type" for one in call.keywords):
        return None
    figure = call.args[0]
    if not MAKES_FIGURE.fullmatch(editor.path(figure)):
        figure = ast.Call(editor.reference("plotly.graph_objs.Figure"), [figure], [])
    editor.note("plotly.offline.iplot -> plotly.graph_objs.Figure.show")
    return ast.Call(ast.Attribute(figure, "show", ast.Load()), [], [])


def selected(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`plt.subplot(ax)`, which makes axes that there are the current ones."""
    if editor.path(call.func) != "matplotlib.pyplot.subplot" or len(call.args) != 1:
        return None
    if call.keywords or editor.kind(call.args[0]) != "AXES":
        return None
    editor.note("matplotlib.pyplot.subplot -> matplotlib.pyplot.sca")
    return ast.Call(editor.reference("matplotlib.pyplot.sca", call.func), call.args, [])


def joined(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`ax.get_shared_x_axes().join(ax, other)`."""
    inner = call.func.value if isinstance(call.func, ast.Attribute) else None
    for side in ("x", "y"):
        shares = isinstance(inner, ast.Call) and last_name(inner.func) == f"get_shared_{side}_axes"
        if shares and len(call.args) == 2:
            editor.note(f"get_shared_{side}_axes().join -> share{side}")
            second, first = call.args[1], call.args[0]
            return ast.Call(ast.Attribute(second, f"share{side}", ast.Load()), [first], [])
    return None


def attributed(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`nx.set_node_attributes(G, "name", values)`, whose last two changed places."""
    if editor.path(call.func) not in (
        "networkx.set_node_attributes",
        "networkx.set_edge_attributes",
    ):
        return None
    if len(call.args) == 3 and isinstance(call.args[1], ast.Constant):
        call.args[1], call.args[2] = call.args[2], call.args[1]
        editor.note(f"{editor.path(call.func)}: values before the name")
    return None


def degrees(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`G.degree().values()`, which was a dict's."""
    inner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(inner, ast.Call):
        return None
    functions = [f"{owner}.{name}" for owner in ("GRAPH", "networkx") for name in DEGREES]
    if any(is_named(editor, inner.func, function) for function in functions):
        assert isinstance(call.func, ast.Attribute)
        call.func.value = ast.Call(editor.reference("dict"), [inner], [])
        editor.note("networkx.Graph.degree -> dict(networkx.Graph.degree)")
    return None


def autoregressive(editor: Editor, call: ast.Call) -> ast.expr | None:
    """`sm.tsa.ARMA(x, (p, q))` as ARIMA without differences."""
    if not is_named(editor, call.func, "statsmodels.ARMA"):
        return None
    order = next((one.value for one in call.keywords if one.arg == "order"), None)
    order = call.args[1] if len(call.args) == 2 else order
    if not isinstance(order, ast.Tuple) or len(order.elts) != 2:
        return None
    order.elts.insert(1, ast.Constant(0))
    if len(call.args) == 2:
        call.args.pop()
        call.keywords.insert(0, ast.keyword("order", order))
    short = editor.path(call.func) == "statsmodels.api.tsa.ARMA"
    new = f"statsmodels.{'api.tsa' if short else 'tsa.arima.model'}.ARIMA"
    call.func = editor.reference(new, call.func)
    editor.note(f"statsmodels.tsa.ARMA -> {new}")
    return None


def configured(editor: Editor, call: ast.Call) -> ast.expr | None:
    """Parameters of matplotlib in `rcParams.update({...})`, `plt.rc("axes", color_cycle=[...])`
    and the `rc` of seaborn's `set`."""
    if last_name(call.func) == "rc" and editor.path(call.func).startswith("matplotlib"):
        first = call.args[0] if call.args else None
        group = str(first.value) if isinstance(first, ast.Constant) else ""
        for one in [*call.keywords]:
            new = RC_KEYS.get(f"{group}.{one.arg}")
            if new is not None:
                call.keywords.remove(one)
            if new:
                cycle = _cycler(editor, one.value)
                call.keywords.append(ast.keyword(new.rpartition(".")[2], cycle))
            if new is not None:
                editor.note(f"rcParams: {group}.{one.arg} -> {new or 'dropped'}")
    for value in (*call.args, *(one.value for one in call.keywords)):
        if isinstance(value, ast.Dict):
            _configure(editor, value)
    return None


def _configure(editor: Editor, values: ast.Dict) -> None:
    pairs = list(zip(values.keys, values.values, strict=True))
    for key, value in pairs:
        old = str(key.value) if isinstance(key, ast.Constant) else ""
        new = RC_KEYS.get(old)
        if new is None or not isinstance(key, ast.Constant):
            continue
        place = values.keys.index(key)
        editor.note(f"rcParams: {old} -> {new or 'dropped'}")
        if new:
            key.value, values.values[place] = new, _cycler(editor, value)
        else:
            del values.keys[place], values.values[place]


def _cycler(editor: Editor, colors: ast.expr) -> ast.expr:
    function = editor.reference("matplotlib.pyplot.cycler")
    return ast.Call(function, [], [ast.keyword("color", colors)])


def set_parameter(editor: Editor, statement: ast.Assign) -> ast.stmt | None:
    """`rcParams["axes.color_cycle"] = [...]`; None where the parameter is gone."""
    target = statement.targets[0]
    if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Constant):
        return statement
    old = str(target.slice.value)
    new = RC_KEYS.get(old)
    if new is None or last_name(target.value) != "rcParams":
        return statement
    editor.note(f"rcParams: {old} -> {new or 'dropped'}")
    if not new:
        return None
    target.slice.value = new
    statement.value = _cycler(editor, statement.value)
    return statement


DEGREES = ("degree", "in_degree", "out_degree")
FORMS: dict[str, tuple[Form, ...]] = {
    "append": (appended,),
    "resample": (frequency, resampled),
    **dict.fromkeys(
        ("asfreq", "date_range", "bdate_range", "Grouper", "TimeGrouper"), (frequency,)
    ),
    "use": (styled,),
    "context": (styled,),
    "griddata": (gridded,),
    "distplot": (distributed,),
    **dict.fromkeys(("iplot", "plot"), (shown,)),
    **dict.fromkeys(("set_node_attributes", "set_edge_attributes"), (attributed,)),
    **dict.fromkeys(("values", "items", "keys"), (degrees,)),
    "ARMA": (autoregressive,),
    "join": (joined,),
    "subplot": (selected,),
    **dict.fromkeys(("rc", "update", "set", "set_theme", "rc_context", "set_style"), (configured,)),
}
"""Last name of a function -> the forms that a call of it may have."""
