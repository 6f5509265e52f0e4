"""Which expressions do nothing but give a value, and which calls only talk to a console.

`idle` is a list of what is known to be harmless: whatever is not on it may draw or change
something. Random numbers count as values: where an unread draw goes, later ones give other numbers
of the same kind. `acting` is for the arguments of `print`, most of which are harmless: a list of
what is known to act.
"""

import ast
import re
from collections import Counter
from functools import cached_property

from viscode.extract.usage import below, children, names_in
from viscode.libraries.detect import Drawings
from viscode.libraries.origins import (
    BUILTIN_NAMES,
    CLASS,
    FUNCTION,
    LITERAL,
    UNKNOWN_ORIGIN,
    root_of,
)

QUIET_FUNCTIONS = re.compile(
    r"""^(?: (?:len|int|float|str|list|dict|set|tuple|range|min|max|sum|abs|round|sorted|type|bool
        |isinstance|zip|enumerate|dir|repr|any|all|id|hasattr|reversed|divmod|pow|complex|format
        |bytes|frozenset|slice|chr|ord|hash|callable|issubclass)
    | numpy\.(?!random\.|save|put|copyto|fill_diagonal|place|seterr|set_|testing|nditer)[\w.]+
    | numpy\.random\.(?:default_rng|RandomState|Generator)
    | pandas\.(?!set_|reset_|options|plotting|eval|to_|io\.)\w+
    | (?:math|cmath|statistics|datetime|calendar|decimal|fractions|colorsys|operator|itertools
        |collections|string|os\.path|keyword|textwrap)\.[\w.]+
    | time\.(?!sleep)\w+ | datetime\.[\w.]+ | re\.\w+ | copy\.(?:deep)?copy | glob\.glob
    | functools\.partial | json\.(?:loads|dumps) | logging\.getLogger | pathlib\.Path
    | os\.(?:getcwd|listdir|getenv)
    | scipy\.(?!io\.|datasets|misc)[\w.]+ | sklearn\.(?:metrics\.\w+|(?:\w+\.)*[A-Z]\w*)
    | matplotlib\.(?:(?:cm|colors|ticker|dates|lines|patches|transforms|path|markers|colormaps)
        \.\w+ | pyplot\.(?:get_cmap|get_fignums|Normalize) | colormaps\.get_cmap
        | font_manager\.FontProperties | gridspec\.GridSpec)
    | seaborn\.(?:(?!set_)\w*palette|load_dataset|axes_style|plotting_context|get_dataset_names)
    )$""",
    re.VERBOSE,
)
QUIET_METHODS = frozenset(
    """all any argmax argmin argsort astype copy corr count cov cumprod cumsum describe diff dot
    dropna dtypes endswith fillna find flatten format get groupby head idxmax idxmin index info
    isin isna isnull items join keys kurt lower max mean median min mode nlargest notna notnull
    nsmallest nunique pivot pivot_table prod quantile ravel replace reset_index reshape round
    set_index size skew sort_index sort_values split squeeze startswith std strftime strip sum tail
    to_dict to_list to_numpy to_string tobytes tolist total_seconds transpose unique upper
    value_counts values var isoformat date time weekday agg aggregate mad memory_usage
    predict predict_proba decision_function transform inverse_transform score drop drop_duplicates
    rename query filter assign melt merge stack unstack interpolate clip rolling expanding
    to_frame""".split()  # noqa: SIM905
)
"""Methods that change nothing, whatever the receiver is, unless that is one of the code's own."""
ACTING_ROOTS = frozenset({CLASS, FUNCTION, "os", "pathlib", "shutil", "subprocess"})
"""Roots of objects of which nothing is known, or whose methods change files."""
ACTING_METHODS = frozenset(
    """append extend insert pop popitem remove clear update setdefault sort reverse add discard fit
    fit_transform fit_predict partial_fit train step seed shuffle read readline readlines write
    next send close to_csv savefig save add_node add_edge add_nodes_from add_edges_from backward
    zero_grad eval compile""".split()  # noqa: SIM905
)
ACTING_FUNCTIONS = frozenset({"next", "setattr", "delattr", "exec", "eval", "open", "map"})
DRAWS = re.compile(
    r"""^(?:numpy\.)?random\.(?!seed|shuffle|[gs]et_state|default_rng|Generator|RandomState)\w+$
    | ^numpy\.random\.(?:default_rng|RandomState|Generator)\(\)\.(?!seed|shuffle)\w+$
    | ^scipy\.stats\.[\w.()]+\.rvs$""",
    re.VERBOSE,
)
"""Paths of calls that draw random numbers and do nothing else."""
SEEDS = re.compile(r"^(?:numpy\.)?random\.seed$")
MAY_DRAW = re.compile(
    r"""\.(?:sample|resample|shuffle|bootstrap_plot)$ | ^sklearn\.(?!metrics)
    | ^networkx\..*(?:random|layout|graph)
    | ^seaborn\.(?!\w*palette|load_dataset|axes_style|set)
    | ^(?:torch|tensorflow|keras|jax)\.""",
    re.VERBOSE,
)
"""Paths of calls that may take numbers from the generators which those draw from."""
CONSOLE = re.compile(
    r"""^(?: (?:builtins\.)?print | pprint\.pprint
    | matplotlib\.use | matplotlib\.pyplot\.(?:ion|ioff|switch_backend)
    | warnings\.(?:filterwarnings|simplefilter|warn|resetwarnings)
    | logging\.(?:basicConfig|debug|info|warning|error|critical|disable|captureWarnings
        |getLogger(?:\(\)\.\w+)?(?:\(\)\.\w+)?)
    | numpy\.(?:seterr|set_printoptions) | pandas\.set_option | gc\.collect | time\.sleep
    | sys\.(?:path\.(?:append|insert)|stdout\.\w+|stderr\.\w+)
    | (?:\w+\.)*get_ipython\(\)\.\w+
    )$""",
    re.VERBOSE,
)
"""Calls that only print, or set what is printed and where windows open."""
DISPLAYS = re.compile(r"^(?:IPython\.(?:core\.)?display\.)?display$")
SHOWN_ANYWAY = frozenset(
    {
        *("matplotlib", "seaborn", "pandas", "numpy", "scipy", "sklearn", "math", "statsmodels"),
        *("collections", "datetime", "time", "os", "sys", "re", "json", "networkx"),
        *(FUNCTION, CLASS, LITERAL),
    }
)
"""Roots of values that show nothing by themselves as the last line of a notebook's cell, or show
what the figures of pyplot show already."""
PLAIN_ROOTS = SHOWN_ANYWAY - {"seaborn", "sklearn", "networkx", "statsmodels"}
"""Of these nothing draws random numbers but what DRAWS and MAY_DRAW know."""
SHOWS_ITSELF = re.compile(r"^(?:seaborn\.objects|matplotlib\.figure)\.")
HELD = re.compile(r"^matplotlib\.(?:animation|widgets)\.|(?:Animation|Cursor|Slider|Button)$")
"""Paths of what ends when no name holds it."""
NOT_VALUES = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Effects:
    """What the expressions of one tree do."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._drawings = Drawings(tree)
        self.origins = self._drawings.origins

    def path(self, node: ast.expr) -> str:
        """`Origins.path`."""
        return self.origins.path(node)

    def idle(self, node: ast.AST) -> bool:
        """Whether to evaluate an expression changes and draws nothing."""
        return all(
            not isinstance(inner, NOT_VALUES)
            and (not isinstance(inner, ast.Call) or self._is_quiet(inner))
            for inner in below(node)
        )

    def acting(self, node: ast.expr) -> list[ast.expr]:
        """The outermost calls in an expression that draw or change something, in their order."""
        if isinstance(node, ast.Call) and self._acts(node):
            return [node]
        inner = [child for child in children(node) if not isinstance(child, ast.Lambda)]
        parts = [part.value if isinstance(part, ast.keyword) else part for part in inner]
        return [one for part in parts if isinstance(part, ast.expr) for one in self.acting(part)]

    def is_console(self, call: ast.Call) -> bool:
        """Whether a statement that is this call only talks to the console."""
        path = self.path(call.func)
        if path == "pandas.set_option":
            return not (call.args and "plotting" in ast.unparse(call.args[0]))
        if DISPLAYS.match(path):
            return all(self.idle(one) and not self.may_show(one) for one in call.args)
        return bool(CONSOLE.match(path))

    def may_show(self, node: ast.expr) -> bool:
        """Whether an expression may be what a notebook shows as a figure, as its last line."""
        path = self.path(node)
        if root_of(path) not in SHOWN_ANYWAY and path not in BUILTIN_NAMES:
            return not isinstance(node, ast.Compare | ast.JoinedStr)
        return bool(SHOWS_ITSELF.match(path)) or (self._hides and path.startswith("matplotlib."))

    def is_held(self, value: ast.expr) -> bool:
        """Whether a value works only as long as a name holds it: figures keep no hold on what
        they tell of events."""
        if not isinstance(value, ast.Call):
            return False
        path = self.path(value.func)
        return bool(HELD.search(path)) or (path.startswith(CLASS) and self._calls("mpl_connect"))

    @cached_property
    def _hides(self) -> bool:
        """Whether the code closes figures or keeps them from being shown."""
        return self._calls("close", "ioff")

    def _calls(self, *names: str) -> bool:
        ends = (self.path(call.func).rpartition(".")[2] for call in self.origins.calls)
        return any(end in names for end in ends)

    @cached_property
    def _draws(self) -> bool:
        """Whether anything takes, or may take, random numbers."""
        paths = [self.path(call.func) for call in self.origins.calls]
        return not PLAIN_ROOTS.issuperset(map(root_of, {*paths} - BUILTIN_NAMES)) or any(
            DRAWS.search(path) or MAY_DRAW.search(path) for path in paths
        )

    @cached_property
    def _pure(self) -> dict[str, Function]:
        """Functions of the code's own that only give a value, by name."""
        all_functions = [node for node in below(self._tree) if isinstance(node, Function)]
        counts = Counter(function.name for function in all_functions)
        pure = {one.name: one for one in all_functions if counts[one.name] == 1}
        self.__dict__["_pure"] = pure  # what they call is looked up here
        users: dict[str, list[str]] = {}
        for name, one in pure.items():
            for used in names_in(one):
                users.setdefault(used, []).append(name)
        waiting = list(pure)
        while waiting:
            name = waiting.pop()
            if name in pure and not self._gives_value(pure[name]):
                del pure[name]
                waiting += users.get(name, ())
        return pure

    def _gives_value(self, function: Function) -> bool:
        stores = (ast.Attribute, ast.Subscript)
        return not function.decorator_list and all(
            not isinstance(node, (ast.Global, ast.Nonlocal, *NOT_VALUES))
            and not (isinstance(node, stores) and not isinstance(node.ctx, ast.Load))
            and (not isinstance(node, ast.Call) or self._is_quiet(node) or self._prints(node))
            for node in below(function)
        )

    def _prints(self, call: ast.Call) -> bool:
        return self.path(call.func) == "print"

    def _is_quiet(self, call: ast.Call) -> bool:
        path = self.path(call.func)
        if any(keyword.arg in ("inplace", "out") for keyword in call.keywords):
            return False
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(self.path(one) == FUNCTION and not self._is_pure(one) for one in given):
            return False
        if any(drawing.marks for drawing in self._drawings.of(call)):
            return False
        if SEEDS.match(path):
            return not self._draws
        if path == FUNCTION:
            return self._is_pure(call.func)
        if QUIET_FUNCTIONS.match(path) or DRAWS.search(path):
            return True
        root, of_module = root_of(path), "()" not in path
        if not isinstance(call.func, ast.Attribute) or root in ACTING_ROOTS:
            return False
        if of_module and root in self._drawings.roots:
            return False
        named = call.func.attr in QUIET_METHODS or call.func.attr.startswith("get_")
        return named and not _is_self(call.func)

    def _is_pure(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._pure

    def _acts(self, call: ast.Call) -> bool:
        path = self.path(call.func)
        if self._is_quiet(call):
            return False
        if root_of(path) in (FUNCTION, CLASS) or path in ACTING_FUNCTIONS or _is_self(call.func):
            return True
        if path.startswith(UNKNOWN_ORIGIN) and isinstance(call.func, ast.Name):
            return True
        end = path.rpartition(".")[2]
        drawn = any(True for _ in self._drawings.of(call))
        return drawn or end in ACTING_METHODS


def _is_self(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in ("self", "cls")
    )
