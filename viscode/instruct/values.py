"""What an expression of the data-generation lines gives, told statically in plain English.

Nothing is run: literals, the common constructors of numpy and pandas, random numbers and data sets
are recognised by where their function comes from (`Origins`); anything else is "computed from" the
names it reads. A size that is not a constant is left out rather than guessed.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from viscode.instruct.constructors import CALLS, keys_of, mapping_phrase
from viscode.instruct.words import a, count_of, join
from viscode.libraries.origins import Origins

DATA_PATHS = ("seaborn.load_dataset", "plotly.data.", "plotly.express.data.")
MAX_SOURCE = 48  # characters of source quoted, such as the bound "2 * np.pi"
UNIFORM, NORMAL = "uniformly distributed random numbers", "normally distributed random numbers"
RANDOM = {
    "rand": UNIFORM,
    "random": UNIFORM,
    "random_sample": UNIFORM,
    "uniform": UNIFORM,
    "randn": NORMAL,
    "normal": NORMAL,
    "standard_normal": NORMAL,
    "multivariate_normal": "random vectors of a multivariate normal distribution",
    "lognormal": "log-normally distributed random numbers",
    "exponential": "exponentially distributed random numbers",
    "poisson": "Poisson-distributed random numbers",
    "binomial": "binomially distributed random numbers",
    "gamma": "gamma-distributed random numbers",
    "beta": "beta-distributed random numbers",
    "randint": "random integers",
    "integers": "random integers",
    "choice": "randomly chosen values",
    "permutation": "randomly permuted values",
    "gauss": NORMAL,
    "normalvariate": NORMAL,
    "lognormvariate": "log-normally distributed random numbers",
    "expovariate": "exponentially distributed random numbers",
    "gammavariate": "gamma-distributed random numbers",
    "betavariate": "beta-distributed random numbers",
    "randrange": "random integers",
    "choices": "randomly chosen values",
}
OTHER_RANDOM = "random values"  # of the functions of a generator that are not listed
NO_VALUES = frozenset(
    {
        "",
        "BitGenerator",
        "Generator",
        "MT19937",
        "PCG64",
        "PCG64DXSM",
        "Philox",
        "Random",
        "RandomState",
        "SFC64",
        "SeedSequence",
        "SystemRandom",
        "default_rng",
        "get_state",
        "getstate",
        "seed",
        "spawn",
    }
)
"""What modules and generators have beside functions of random values."""
SPREAD_SIZE = frozenset({"rand", "randn"})  # their shape is the positional arguments
POSITIONAL_SIZE = {
    "random": 0,
    "random_sample": 0,
    "standard_normal": 0,
    "exponential": 1,
    "poisson": 1,
    "choice": 1,
    "uniform": 2,
    "normal": 2,
    "lognormal": 2,
    "randint": 2,
    "integers": 2,
    "gamma": 2,
    "beta": 2,
    "binomial": 2,
    "multivariate_normal": 2,
}


GENERATORS = frozenset(
    {
        "numpy",  # through pylab, which has the functions of numpy.random among its own
        "numpy.random",
        "numpy.random.default_rng",
        "numpy.random.Generator",
        "numpy.random.RandomState",
        "random",
        "random.Random",
        "sklearn.utils.check_random_state",
    }
)
"""Modules and makers of objects whose methods give random numbers."""


def random_function(path: str) -> str:
    """The name under which a path (as of `Origins.path`) gives random numbers, or "": of scipy's
    and one's own gamma it is ""."""
    owner, _, name = path.replace("()", "").rpartition(".")
    if owner not in GENERATORS or name in NO_VALUES:
        return ""
    return name if name in RANDOM or owner != "numpy" else ""


class Values:
    """Describes expressions; knows the origins of names, which hold data, and the constants."""

    def __init__(
        self, origins: Origins, data: frozenset[str], constants: Mapping[str, Any]
    ) -> None:
        self.origins = origins
        self.data = data
        self.constants = constants

    def describe(self, node: ast.expr) -> str:
        """A noun phrase such as "50 evenly spaced values from 0 to 1"."""
        if isinstance(node, ast.List | ast.Tuple):
            return self._sequence(node, "list" if isinstance(node, ast.List) else "tuple")
        if isinstance(node, ast.Dict):
            return mapping_phrase("a dictionary", "key", keys_of(node))
        if isinstance(node, ast.Constant):
            return "a text" if isinstance(node.value, str) else f"the value {node.value!r}"
        if isinstance(node, ast.Lambda):
            return function_phrase(node.args)
        if isinstance(node, ast.Call):
            return self._call(node)
        return self._computed(node)

    def constant(self, node: ast.expr | None) -> Any:
        """The value of a literal or of a name bound to one; None when it is neither."""
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        return None if node is None else literal(node)

    def _sequence(self, node: ast.List | ast.Tuple, noun: str) -> str:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return self._computed(node)
        if node.elts and all(isinstance(item, ast.List | ast.Tuple) for item in node.elts):
            widths = {len(i.elts) for i in node.elts if isinstance(i, ast.List | ast.Tuple)}
            width = f" of {count_of(widths.pop(), 'value')} each" if len(widths) == 1 else ""
            return f"{a(noun)} of {count_of(len(node.elts), 'row')}{width}"
        return f"{a(noun)} of {count_of(len(node.elts), *_nouns(node.elts))}"

    def _call(self, node: ast.Call) -> str:
        path = self.origins.path(node.func)
        maker = CALLS.get(path)
        if maker is not None and (phrase := maker(self, node, path)):
            return phrase
        if random := random_function(path):
            return self._random(node, random)
        is_loader = "datasets" in path.split(".")[:-1] or path.startswith(DATA_PATHS)
        if is_loader and "()" not in path:
            return f"the data set {self._data_set(node, path)}"
        return self._computed(node)

    def _data_set(self, node: ast.Call, path: str) -> str:
        name = self.constant(node.args[0]) if node.args else None
        if isinstance(name, str):
            return name
        *_, module, last = path.replace("()", "").split(".")
        if last in ("load", "load_pandas", "get_data"):
            return module
        return last.removeprefix("load_").removeprefix("fetch_")

    def _random(self, node: ast.Call, last: str) -> str:
        size = next((k.value for k in node.keywords if k.arg == "size"), None)
        if size is None and last in SPREAD_SIZE and node.args:
            size = node.args[0] if len(node.args) == 1 else ast.Tuple(node.args, ast.Load())
        place = POSITIONAL_SIZE.get(last)
        if size is None and place is not None and len(node.args) > place:
            size = node.args[place]
        what = RANDOM.get(last, OTHER_RANDOM)
        shape = self.shape(size)
        if shape is None:
            return what if size is not None else a(what.rstrip("s"))
        if len(shape) == 1:
            return f"{shape[0]} {what}"
        return f"{a(' by '.join(map(str, shape)) + ' array')} of {what}"

    def shape(self, node: ast.expr | None) -> tuple[int, ...] | None:
        """A constant size as a tuple; None when it is not known without running."""
        if isinstance(node, ast.Tuple | ast.List):
            sizes = [self.constant(item) for item in node.elts]
        else:
            value = self.constant(node)
            sizes = list(value) if isinstance(value, tuple | list) else [value]
        known = [size for size in sizes if isinstance(size, int) and not isinstance(size, bool)]
        return tuple(known) if known and len(known) == len(sizes) else None

    def source(self, node: ast.expr) -> str:
        """Short source of a bound: "0", "2 * np.pi"; the value of a constant name."""
        value = self.constant(node)
        text = f"{value}" if isinstance(value, int | float) else ast.unparse(node)
        return text if len(text) <= MAX_SOURCE else ""

    def _computed(self, node: ast.expr) -> str:
        used = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in self.data]
        used.sort(key=lambda n: (n.lineno, n.col_offset))
        names = list(dict.fromkeys(n.id for n in used))
        random = any(
            isinstance(n, ast.Call) and random_function(self.origins.path(n.func))
            for n in ast.walk(node)
        )
        if not names:
            source = ast.unparse(node)
            if isinstance(node, ast.Call) and len(source) <= MAX_SOURCE:
                return f"given by {source}"
            return "random values" if random else "computed values"
        return f"computed from {join(names)}{' with random noise' if random else ''}"


def _nouns(items: Sequence[ast.expr]) -> tuple[str, str]:
    values = [item.value if isinstance(item, ast.Constant) else None for item in items]
    if all(isinstance(value, str) for value in values) and values:
        return "text", "texts"
    numbers = all(
        isinstance(i, ast.UnaryOp)
        or (isinstance(i, ast.Constant) and isinstance(i.value, int | float))
        for i in items
    )
    return ("number", "numbers") if numbers else ("item", "items")


def function_phrase(arguments: ast.arguments) -> str:
    """(x, y) -> "a function of x and y"."""
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    return f"a function of {join(names)}" if names else "a function"


def literal(node: ast.expr) -> Any:
    """The value of a literal; of a dict display its keys, whatever the values; else None."""
    if isinstance(node, ast.Dict):
        return {k.value: None for k in node.keys if isinstance(k, ast.Constant)}
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
