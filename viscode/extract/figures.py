"""Which statements of a straight program make which figure.

What counts is where a call comes from. `plt.figure()` and the like begin a figure, other functions
of pyplot draw on the one that is there, methods of axes on that of their axes, `plt.show()` ends
it. A statement that draws on two figures (a loop over both) makes them one.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from viscode.extract.touching import Definition, body_nodes, definitions, read, stored, walk
from viscode.libraries.detect import FRAME_CALLS, Drawings
from viscode.libraries.names import CHILD_FIELDS, chain
from viscode.libraries.origins import root_of
from viscode.libraries.registry import ROOTS
from viscode.supply.infer import infer
from viscode.supply.wanted import Hole

NEW = re.compile(
    r"^(?:matplotlib\.pyplot\.(?:figure|subplots|subplot_mosaic)|matplotlib\.figure\.Figure"
    r"|seaborn\.(?:relplot|catplot|factorplot|displot|lmplot|jointplot|pairplot|clustermap"
    r"|FacetGrid|PairGrid|JointGrid)"
    r"|plotly\.express\.(?!data|colors)\w+|plotly\.(?:graph_objects|graph_objs)\.Figure(?:Widget)?"
    r"|plotly\.(?:subplots|tools)\.make_subplots|plotly\.figure_factory\.\w+|plotly\.\w+\.i?plot"
    r"|altair\.\w+|bokeh\.plotting\.figure|plotnine\.ggplot)$"
)
SHOW = re.compile(
    r"^matplotlib\.pyplot\.(?:show|close|clf)$|^matplotlib\.pyplot\.(?:figure|subplots)\(\)\.show$"
)
SAVE = re.compile(
    r"^matplotlib\.pyplot\.savefig$|\.(?:savefig|write_html|write_image|write_json|to_html)$"
)
STYLE = re.compile(
    r"^(?:matplotlib\.(?:pyplot\.)?(?:rc|rcdefaults|rc_file|rcParams\.update|style\.use|xkcd)"
    r"|matplotlib\.style\.use|matplotlib\.pyplot\.(?:style\.use|set_cmap)|matplotlib\.rcParams\S*"
    r"|matplotlib\.pyplot\.rcParams\S*|matplotlib\.rcParams\.update"
    r"|seaborn\.(?:set\w*|reset_\w+)|plotly\.io\.templates\S*"
    r"|pandas\.plotting\.register_matplotlib_converters|pandas\.options\S*)$"
)
NOISE = re.compile(
    r"^(?:matplotlib\.use|matplotlib\.(?:pyplot\.)?(?:switch_backend|interactive|ioff|ion|close|clf|cla|pause"
    r"|draw|get_current_fig_manager\S*|waitforbuttonpress|ginput|get_fignums|set_loglevel)"
    r"|matplotlib\.pyplot\.figure\(\)\.canvas\S*|plotly\.offline\.init_notebook_mode"
    r"|plotly\.io\.renderers\S*|print|pprint\S*|logging\.\S+|warnings\.\S+|help|exit|quit|time\.sleep"
    r"|sys\.(?:exit|path\.\S+|stdout\.\S+|stderr\.\S+)|os\.(?:makedirs|mkdir|chdir|system|environ\S*|remove)"
    r"|gc\.collect|pandas\.set_option|numpy\.set_printoptions|tqdm\S*|pdb\.\S+|breakpoint|getLogger\S*"
    r"|shutil\.\S+|numpy\.save\w*|pickle\.dump|json\.dump|torch\.save|input|traceback\.\S+|IPython\.\S+)$"
)
"""What may go from every program: it draws nothing and nothing drawn depends on it."""
DATA = re.compile(
    r"^(?:matplotlib\.(?:cm|colors|dates|ticker|patches|lines|path|transforms|collections|cbook"
    r"|gridspec|animation|font_manager|offsetbox|text|legend|scale|units|mathtext|tri|markers|image"
    r"|patheffects|projections|colormaps|textpath|hatch)"
    r"|matplotlib\.pyplot\.(?:cm|get_cmap|Normalize|Circle|Rectangle|Polygon|Line2D|rcParams"
    r"|cycler|MultipleLocator|NullFormatter|FuncFormatter|MaxNLocator|setp|getp|GridSpec"
    r"|imread|colormaps|LogLocator|FixedLocator)"
    r"|matplotlib\.(?:rcParams|get_cmap|__version__|image\.imread)"
    r"|seaborn\.(?:\w*palette|load_dataset|axes_style|plotting_context|cm|xkcd_rgb)"
    r"|plotly\.(?:graph_objects|graph_objs)\.(?!Figure)\w+|plotly\.(?:express\.)?(?:data|colors)"
    r"|mpl_toolkits\.\w+\.art3d|bokeh\.(?:models|palettes|sampledata|transform|layouts)"
    r"|sklearn\.(?!metrics\.\w*Display|inspection|tree\.plot_tree|tree\._export|utils\.plot)"
    r")(?:[.(]|$)"
)
"""Paths into plotting libraries that give values and touch no figure."""
PYPLOT = "matplotlib.pyplot."
STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)


def _drawings(tree: ast.Module) -> Drawings:
    """The drawings of a tree in which a name that nothing binds, and that is used as a frame, is
    one of pandas."""
    found = Drawings(tree)
    roots = {
        found.origins.path(call.func).partition(".")[0].removesuffix("()")
        for call in found.origins.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in FRAME_CALLS
    }
    bound = {node.id for node in walk(tree) if isinstance(node, ast.Name) and not read(node)}
    names = sorted(name for name in roots - bound - found.roots if name.isidentifier())
    wanted = infer(tree, [Hole(name) for name in names]) if names else {}
    frames = [
        name
        for name, one in wanted.items()
        if (one.kind == "frame" and one.parts) or (one.kind in ("frame", "series") and one.certain)
    ]
    return Drawings(tree, dict.fromkeys(frames, "pandas.DataFrame()")) if frames else found


class FigureCalls:
    """The calls of a program that have to do with figures. `holders` are the names that hold
    figures, axes or parts of them."""

    def __init__(self, tree: ast.Module) -> None:
        self.drawings = _drawings(tree)
        self.origins = self.drawings.origins
        self.functions = definitions(tree.body)
        self.drawing_functions: set[str] = set()
        self.holders: set[str] = set()
        self._kinds: dict[int, tuple[ast.Call, str]] = {}  # the calls too: their ids stay theirs
        self._closed = False
        self._close(tree)
        self._closed = True

    def _close(self, tree: ast.Module) -> None:
        """Find functions that draw and names that hold figures, until nothing is new."""
        bindings = [
            (node.targets[0], node.value)
            if isinstance(node, ast.Assign)
            else (node.target, node.iter)
            for node in walk(tree)
            if isinstance(node, ast.Assign | ast.For)
        ]
        calls = {
            name: [node for node in walk(one) if isinstance(node, ast.Call)]
            for name, one in self.functions.items()
        }
        callers: dict[str, set[str]] = {}
        for name, inside in calls.items():
            for call in inside:
                if isinstance(call.func, ast.Name) and call.func.id in calls:
                    callers.setdefault(call.func.id, set()).add(name)
        size = -1
        while size != len(self.holders) + len(self.drawing_functions):
            size = len(self.holders) + len(self.drawing_functions)
            waiting = [
                name
                for name, inside in calls.items()
                if name not in self.drawing_functions and any(map(self.kind, inside))
            ]
            while waiting:
                name = waiting.pop()
                if name not in self.drawing_functions:
                    self.drawing_functions.add(name)
                    waiting.extend(sorted(callers.get(name, ())))
            for target, value in bindings:
                if self.holds(value):
                    self.holders |= stored(target)

    def holds(self, value: ast.expr) -> bool:
        """Whether an expression gives a figure, axes or something drawn."""
        if isinstance(value, ast.Name):
            return value.id in self.holders
        if isinstance(value, ast.Call):
            if isinstance(value.func, ast.Name) and value.func.id in ("zip", "enumerate", "list"):
                return any(map(self.holds, value.args))
            return self.kind(value) not in ("", "show", "save")
        if isinstance(value, ast.Attribute | ast.Subscript | ast.Starred):
            return self.holds(value.value)
        if isinstance(value, ast.IfExp):
            return self.holds(value.body) or self.holds(value.orelse)
        if isinstance(value, ast.Tuple | ast.List):
            return any(map(self.holds, value.elts))
        if isinstance(value, ast.ListComp):
            return self.holds(value.elt)
        return False

    def kind(self, call: ast.Call) -> str:
        """ "new", "current", "on", "frame", "own", "show", "save", or "" for a call without a
        figure."""
        known = self._kinds.get(id(call))
        if known is not None:
            return known[1]
        found = self._kind(call)
        if self._closed:
            self._kinds[id(call)] = call, found
        return found

    def _kind(self, call: ast.Call) -> str:
        path = self.origins.path(call.func)
        if SHOW.match(path):
            return "show"
        if SAVE.search(path):
            return "save"
        if STYLE.match(path) or NOISE.match(path) or DATA.match(path):
            return ""
        plain = path.replace("()", "")
        if NEW.match(path):
            return "new"
        name = chain(call.func)
        if len(name) > 1 and name[0] in self.holders:
            return "on"
        if isinstance(call.func, ast.Name) and call.func.id in self.functions:
            return "own" if call.func.id in self.drawing_functions else ""
        if not any(True for _ in self.drawings.of(call)):
            return ""
        if any(one.arg in ("ax", "axes") for one in call.keywords):
            return "on"
        if root_of(path) == "pandas" or (plain.partition(".")[0] not in ROOTS and "()" in path):
            return "frame"
        return "current" if root_of(path) in ROOTS or path.startswith(("networkx", "s")) else "on"

    def marks(self, node: ast.AST) -> bool:
        """Whether something in it is put on a picture."""
        calls = (one for one in walk(node) if isinstance(one, ast.Call))
        return any(drawing.marks for one in calls for drawing in self.drawings.of(one))

    def draws(self, statement: ast.AST) -> bool:
        """Whether a statement, with all in it, touches a figure."""
        if isinstance(statement, Definition):
            return False
        nodes = body_nodes([statement]) if isinstance(statement, ast.stmt) else walk(statement)
        return any(
            (isinstance(one, ast.Call) and self.kind(one) not in ("", "show", "save"))
            or (isinstance(one, ast.Assign | ast.AugAssign) and self.sets(one))
            for one in nodes
        )

    def sets(self, one: ast.Assign | ast.AugAssign) -> bool:
        """Whether it sets an attribute of something drawn."""
        targets = one.targets if isinstance(one, ast.Assign) else [one.target]
        return any(
            isinstance(t, ast.Attribute | ast.Subscript) and chain(t)[0] in self.holders
            for t in targets
        )

    def is_style(self, statement: ast.stmt) -> bool:
        """Whether it sets how everything after it looks."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            return bool(STYLE.match(self.origins.path(statement.value.func)))
        if isinstance(statement, ast.Assign):
            return any(
                isinstance(t, ast.Subscript) and STYLE.match(self.origins.path(t.value))
                for t in statement.targets
            )
        return False

    def is_noise(self, statement: ast.stmt) -> bool:
        """Whether it may go: a print, a pause, a folder made."""
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.Call):
            return bool(NOISE.match(self.origins.path(value.func)))
        return isinstance(value, ast.Constant)


def groups(body: Sequence[ast.stmt], calls: FigureCalls) -> list[list[int]]:
    """For each figure the places of the top-level statements that draw on it, show it or save it,
    in the order in which the figures begin."""
    return _Grouping(body, calls).found()


class _Grouping:
    def __init__(self, body: Sequence[ast.stmt], calls: FigureCalls) -> None:
        self.body, self.calls = body, calls
        self.parent: list[int] = []  # union-find over figures
        self.of_name: dict[str, int] = {}
        self.numbered: dict[str, int] = {}
        self.current: int | None = None
        self.places: dict[int, set[int]] = {}

    def found(self) -> list[list[int]]:
        for place, statement in enumerate(self.body):
            if not isinstance(statement, Definition | ast.Import | ast.ImportFrom):
                self._statement(place, statement)
        merged: dict[int, set[int]] = {}
        for figure, places in self.places.items():
            merged.setdefault(self._root(figure), set()).update(places)
        return sorted((sorted(places) for places in merged.values()), key=lambda one: one[0])

    def _statement(self, place: int, statement: ast.stmt) -> None:
        if is_cell_end(statement):
            self.current = None
            return
        figures = self._figures(statement)
        for figure in figures:
            self.places.setdefault(figure, set()).add(place)
            self._union(figures[0], figure)

    def _figures(self, statement: ast.stmt) -> list[int]:
        """The figures that a statement touches, with all in it, in its order."""
        found: list[int] = []
        for call in _header_calls(statement):
            found += self._call(call)
        if isinstance(statement, ast.Assign | ast.AugAssign) and self.calls.sets(statement):
            found += self._named(statement)
        self._names(statement, found)
        for inner in _inner(statement):
            found += self._figures(inner)
        return found

    def _names(self, statement: ast.stmt, figures: list[int]) -> None:
        """Which figure the names belong to that a statement binds: the one that it makes, that of
        what it takes (`ax = axes[0]`, `for ax in axes:`), or none from here on."""
        match statement:
            case ast.Assign(value=value) | ast.For(iter=value) if self.calls.holds(value):
                known = [self.of_name[n] for n in sorted(read(value)) if n in self.of_name]
            case _:
                known = []
        for name in _bound(statement):
            if known:
                self.of_name[name] = known[0]
            elif figures and name in self.calls.holders:
                self.of_name[name] = figures[-1]
            elif not figures:
                self.of_name.pop(name, None)

    def _call(self, call: ast.Call) -> list[int]:
        kind = self.calls.kind(call)
        if kind == "new":
            return [self._begin(call)]
        if kind == "show":
            ended = self.current
            self.current = None
            return [ended] if ended is not None else self._named(call)
        if kind in ("on", "save"):
            return self._named(call) or self._here()
        if kind == "own":
            return self._named(call) or self._own(call)
        if kind == "frame":
            return self._named_arguments(call) or self._here()
        return self._here() if kind == "current" else []

    def _own(self, call: ast.Call) -> list[int]:
        """A call of a function of the program's own: does it begin a figure?"""
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        names = [name]
        seen: set[str] = set()
        begins = ends = False
        while names:
            one = names.pop()
            if one in seen or one not in self.calls.functions:
                continue
            seen.add(one)
            for node in walk(self.calls.functions[one]):
                if isinstance(node, ast.Call):
                    kind = self.calls.kind(node)
                    begins |= kind == "new"
                    ends |= kind == "show"
                    if kind == "own" and isinstance(node.func, ast.Name):
                        names.append(node.func.id)
        if begins:
            self.current = self._new()
        figure = self._here()
        if ends:
            self.current = None
        return figure

    def _begin(self, call: ast.Call) -> int:
        number = ast.unparse(call.args[0]) if call.args and chain(call.func)[-1] == "figure" else ""
        known = self.numbered.get(number) if number else None
        figure = self._new() if known is None else known
        if number:
            self.numbered[number] = figure
        path = self.calls.origins.path(call.func)
        if not path.startswith(("plotly", "altair", "bokeh", "plotnine")):
            self.current = figure
        return figure

    def _here(self) -> list[int]:
        if self.current is None:
            self.current = self._new()
        return [self.current]

    def _named(self, node: ast.AST) -> list[int]:
        """The figures of the names that a call or an assignment has in it."""
        if isinstance(node, ast.Call) and (root := chain(node.func)[0]) in self.of_name:
            return [self.of_name[root]]
        names = {one.id for one in walk(node) if isinstance(one, ast.Name)}
        return sorted({self.of_name[name] for name in names if name in self.of_name})

    def _named_arguments(self, call: ast.Call) -> list[int]:
        names = set().union(*(read(one.value) for one in call.keywords if one.arg == "ax"))
        return sorted({self.of_name[name] for name in names if name in self.of_name})

    def _new(self) -> int:
        self.parent.append(len(self.parent))
        return len(self.parent) - 1

    def _root(self, figure: int) -> int:
        while self.parent[figure] != figure:
            figure = self.parent[figure]
        return figure

    def _union(self, one: int, other: int) -> None:
        self.parent[self._root(other)] = self._root(one)


def is_cell_end(statement: ast.stmt) -> bool:
    """Whether it is the `...` that stands between the cells of a notebook: where one ends, its
    figures are shown."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and statement.value.value is ...
    )


def _bound(statement: ast.stmt) -> list[str]:
    """The names that a statement binds itself, not those of the statements in it."""
    match statement:
        case ast.Assign(targets=targets):
            bound = [name for target in targets for name in stored(target)]
        case ast.For(target=target) | ast.AnnAssign(target=target):
            bound = list(stored(target))
        case ast.With(items=items):
            variables = [one.optional_vars for one in items if one.optional_vars is not None]
            bound = [name for target in variables for name in stored(target)]
        case _:
            bound = []
    return sorted(bound)


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements directly inside a compound one, in their order."""
    if isinstance(statement, Definition):
        return
    for name in ("body", "handlers", "orelse", "finalbody"):
        for one in getattr(statement, name, None) or ():
            if isinstance(one, ast.ExceptHandler):
                yield from one.body
            else:
                yield one
    if isinstance(statement, ast.Match):
        for case in statement.cases:
            yield from case.body


def _header_calls(statement: ast.stmt) -> list[ast.Call]:
    """The calls of a statement without those of the statements in it, in the order in which they
    run: the parts of an expression before the expression."""
    found: list[ast.Call] = []

    def look(node: ast.AST) -> None:
        for name in CHILD_FIELDS[node.__class__]:
            value = getattr(node, name)
            for child in value if value.__class__ is list else (value,):
                if child is not None and not isinstance(child, STATEMENTS):
                    look(child)
        if node.__class__ is ast.Call:
            found.append(node)

    if not isinstance(statement, Definition):
        look(statement)
    return found
