"""In words, what a script works out from its data: "`y` as the sine of `x`, `m` as the mean of
`sales` for each `region`".

Well-known operations by a table, arithmetic as its formula without module names, short functions of
the script's own by what they return. Of anything else only what it is derived from is said, with
the operation's name as English where it has one. Nothing is run.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from viscode.instruct.given_values import DRAWS
from viscode.instruct.operations import OPERATIONS, TWO
from viscode.instruct.straight import Passed
from viscode.instruct.words import a, join, quote
from viscode.libraries.names import chain
from viscode.libraries.origins import BUILTIN_NAMES, WITHOUT_IMPORT, Origins, root_of

FORMULA_CHARS = 90
MAX_ENTRIES = 10
MAX_SETTINGS = 6
POWERS = {"2": "square", "3": "cube"}
WINDOWS = ("rolling", "ewm", "expanding", "resample")
PASSED_OVER = frozenset(
    (
        *("tolist", "to_numpy", "copy", "astype", "values", "reshape", "to_frame", "round"),
        *("unstack", "squeeze", "todense", "toarray", "items", "rename"),
    )
)
UNTELLING = PASSED_OVER | {"append", "extend", "add", "errstate", "array", "asarray"}
COMPARED = frozenset({"numpy", "math", "torch", "builtins"})
APPLYING = frozenset({"apply", "map", "applymap", "vectorize"})
NAMED_FITS = ("fit", "fit_transform", "fit_predict", "predict", "predict_proba", "transform")
FILLED = re.compile(r"(empty|zeros|ones|full)(_like)?|list|dict")
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


class Words:
    """Words for the expressions of one script."""

    def __init__(self, tree: ast.Module, origins: Origins) -> None:
        self.origins = origins
        self._returns: dict[str, str] = {}  # by the names of functions
        self.functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}

    def entries(self, statements: Sequence[ast.stmt], drawn: Sequence[ast.expr]) -> list[str]:
        """What is computed by statements, and by expressions that stand in plotting calls: noun
        phrases, the first MAX_ENTRIES of them."""
        found: dict[str, None] = {}
        for index, statement in enumerate(statements):
            later = {name for one in statements[index + 1 :] for name in _stored(one)}
            if not _is_filled(statement, later):
                found |= dict.fromkeys(self._of_statement(statement))
        found |= dict.fromkeys(self.phrase(one) for one in drawn if not _is_pick(one))
        used = (name for node in [*statements, *drawn] for name in _called(node))
        shown = [text for name in dict.fromkeys(used) if (text := self._function(name))]
        return [*dict.fromkeys(shown), *filter(None, found)][:MAX_ENTRIES]

    def _of_statement(self, node: ast.stmt) -> Iterator[str]:
        if isinstance(node, Passed) and isinstance(node.value, ast.Name):
            return
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if node.value is not None:
                yield from self._all_defined(targets[0], node.value)
        elif isinstance(node, ast.AugAssign):
            yield self._defined(node.target, ast.BinOp(node.target, node.op, node.value))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield self._changed(node.value)
        elif isinstance(node, ast.With):
            for inner in node.body:
                yield from self._of_statement(inner)
        elif isinstance(node, ast.For | ast.While | ast.If | ast.Try):
            yield self._from(_stored(node), node)

    def _all_defined(self, target: ast.expr, value: ast.expr) -> Iterator[str]:
        """`a, b = x + 1, y` defines each by itself."""
        displays = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        if displays and len(target.elts) == len(value.elts):  # type: ignore[attr-defined]
            for one, part in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]
                yield self._defined(one, part)
        else:
            yield self._defined(target, value)

    def _defined(self, target: ast.expr, value: ast.expr) -> str:
        name = self._target(target)
        if isinstance(value, ast.Lambda) and isinstance(target, ast.Name):
            text = self.phrase(value.body)
            arguments = ", ".join(one.arg for one in value.args.args)
            return f"`{target.id}({arguments})` as {text}" if text else ""
        phrase = self.phrase(value)
        if not name or phrase == name:
            return ""
        if not phrase and self._makes_up(value):
            return f"{name} as made-up values{self._hint(value) and f' ({self._hint(value)})'}"
        return f"{name} as {phrase}" if phrase else self._from([name], value)

    def _makes_up(self, value: ast.expr) -> bool:
        """Whether it is a call of a function of the script's own that draws random numbers and is
        handed no data."""
        if not isinstance(value, ast.Call) or chain(value.func)[-1] not in self.functions:
            return False
        body = self.functions[chain(value.func)[-1]]
        calls = (inner for inner in ast.walk(body) if isinstance(inner, ast.Call))
        plain = all(isinstance(one, ast.Constant | ast.Name) for one in value.args)
        return plain and any(DRAWS.fullmatch(self.origins.path(call.func)) for call in calls)

    def _target(self, target: ast.expr) -> str:
        if isinstance(target, ast.Tuple | ast.List):
            return join(filter(None, map(self._target, target.elts)))
        if isinstance(target, ast.Name):
            return "" if target.id.startswith("_") else f"`{target.id}`"
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
            return f"parts of `{chain(target)[0]}`"
        if isinstance(target, ast.Subscript) and isinstance(target.slice.value, str):  # type: ignore
            return f"the column {_constant(target.slice)} of {self._target(target.value)}"
        name = chain(target)[0]
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            return f"the {spelled(target.attr)} of `{name}`"
        return f"`{name}`" if name else ""

    def _changed(self, call: ast.Call) -> str:
        """A method that changes what it is called on: a model that is fitted."""
        name = chain(call.func)
        if name[-1] == "fit" and len(name) > 1:
            model = self._model(call.func)
            return f"{model}, fitted to {self._names_in(call.args)}" if call.args else ""
        return self._from([f"`{name[0]}`"], call) if name[0] else ""

    def _from(self, names: Sequence[str], node: ast.AST) -> str:
        """All that can be said of the unknown: what it is derived from."""
        sources = [name for name in _read(node) if f"`{name}`" not in names]
        known = [f"`{name}`" for name in sources if self._is_data(name)]
        hint = self._hint(node)
        if not known and isinstance(node, ast.Call) and chain(node.func)[-1][:1].isupper():
            kind, settings = spelled(chain(node.func)[-1]), _settings(node, None)
            return f"{join(names)} as {a(kind)} model{settings}" if settings and names else ""
        text = join(names) + (f" from {join(known[:4])}" if known else "")
        return f"{text} ({hint})" if hint and names else text if known and names else ""

    def _hint(self, node: ast.AST) -> str:
        """The English of a library's function, or of an own one's description."""
        calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
        for call in calls:
            name = chain(call.func)
            if name[-1] in self.functions:
                function = self.functions[name[-1]]
                return (_described(function) or spelled(name[-1])) + _settings(call, function)
            path = self.origins.path(call.func)
            if name[-1] in NAMED_FITS and (kind := _class_in(path)):
                return kind
            if name[-1] in APPLYING and call.args and isinstance(call.args[0], ast.Name):
                return spelled(call.args[0].id)
            if "." in path and root_of(path) not in WITHOUT_IMPORT and name[-1] not in UNTELLING:
                return spelled(name[-1]) + _settings(call, None)
        return ""

    def _is_data(self, name: str) -> bool:
        return name not in {*self.functions, *_imported(self.origins), *BUILTIN_NAMES}

    def phrase(self, node: ast.expr) -> str:
        """A noun phrase for an expression, "" where there are no words for it."""
        if isinstance(node, ast.Name):
            return f"`{node.id}`"
        if isinstance(node, ast.Constant):
            return _constant(node)
        if isinstance(node, ast.Call):
            return self._called(node) or self._formula(node)
        if isinstance(node, ast.Subscript):
            return self._part(node) or self._formula(node)
        if isinstance(node, ast.Attribute):
            inner = self.phrase(node.value)
            if node.attr == "T":
                return inner and f"{inner}, transposed"
            if node.attr in PASSED_OVER:
                return inner
        if isinstance(node, ast.ListComp) and len(node.generators) == 1:
            return self._for_each(node.elt, node.generators[0])
        return self._squared(node) or self._formula(node)

    def _called(self, node: ast.Call) -> str:
        name, path = chain(node.func)[-1], self.origins.path(node.func)
        method = isinstance(node.func, ast.Attribute) and not self._of_module(node.func)
        owner = [node.func.value] if method and isinstance(node.func, ast.Attribute) else []
        given = [*owner, *node.args]
        if name in PASSED_OVER and given:
            return self.phrase(given[0])
        if name in APPLYING and owner and node.args and isinstance(node.args[0], ast.Lambda):
            return self._applied(node.args[0], owner[0])
        if name in NAMED_FITS and method:
            return self._fitted(node, name)
        if name in ("agg", "aggregate") and owner and node.args:
            return self._aggregated(owner[0], node.args[0])
        if name == "sort_values" and owner:
            return self._sorted(node, owner[0])
        if name in ("head", "tail") and owner:
            count = _constant(node.args[0]) if node.args else "5"
            end = "first" if name == "head" else "last"
            return f"the {end} {count} rows of {self._short(owner[0])}"
        if name in ("fillna",) and owner and node.args:
            return f"{self._short(owner[0])} with {self._short(node.args[0])} for missing values"
        if name == "polyfit" and len(node.args) > 2:
            x, y, degree = map(self._short, node.args[:3])
            return f"the coefficients of a polynomial of degree {degree} fitted to {y} over {x}"
        if name == "interp" and len(node.args) > 2:
            at, x, y = map(self._short, node.args[:3])
            return f"{y} over {x}, interpolated at {at}"
        if name in ("pdf", "cdf", "ppf") and "scipy.stats" in path:
            what = {"pdf": "density", "cdf": "distribution function", "ppf": "quantile function"}
            kind = spelled(chain(node.func)[-2])
            return (
                f"the {what[name]} of the {kind} distribution at {self._short(node.args[0])}"
                if node.args
                else ""
            )
        if name in ("min", "max") and path == name and len(given) > 1:
            end = "smallest" if name == "min" else "largest"
            return f"the {end} of {self._names_in(given)}"
        if name in TWO and len(given) > 1 and self._known(path, method):
            return TWO[name].format(*map(self._short, given[:2]))
        if name in OPERATIONS and given and self._known(path, method):
            plain = OPERATIONS[name].format(self._short(given[0])) + _along(node)
            return self._grouped(owner, name) or plain
        return ""

    def _applied(self, function: ast.Lambda, owner: ast.expr) -> str:
        """What a function of one value gives for all values of data."""
        arguments = function.args.args
        if len(arguments) != 1 or len(list(ast.walk(function.body))) > FORMULA_CHARS:
            return ""
        body = _Put(arguments[0].arg, owner).visit(_copied(function.body))
        return self.phrase(body)

    def _known(self, path: str, method: bool) -> bool:
        """Whether a function is a library's, so that its name means what it says."""
        return method or "." in path or path in ("sum", "min", "max", "abs", "sorted", "len")

    def _of_module(self, node: ast.Attribute) -> bool:
        called = any(isinstance(inner, ast.Call) for inner in ast.walk(node))
        return not called and chain(node)[0] in _imported(self.origins)

    def _grouped(self, owner: Sequence[ast.expr], name: str) -> str:
        """ "the mean of `b` for each `a`", of groups, windows and periods."""
        if not owner:
            return ""
        call, picked = owner[0], ""
        if isinstance(call, ast.Subscript | ast.Attribute):
            picked = _key(call)
            call = call.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            return ""
        method, inner = call.func.attr, self._short(call.func.value)
        what = OPERATIONS[name].format(picked or inner)
        argument = _argument(call)
        if method == "groupby" and argument is not None:
            return f"{what} for each {_keys(argument)}"
        if method in WINDOWS and argument is not None:
            over = "for each period of" if method == "resample" else "over a moving window of"
            return f"{what} {over} {self._short(argument)}"
        return ""

    def _aggregated(self, owner: ast.expr, how: ast.expr) -> str:
        names = [
            n.value
            for n in ast.walk(how)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        known = [name for name in names if name in OPERATIONS]
        if len(known) == 1 and isinstance(how, ast.Constant):
            return self._grouped([owner], known[0])
        return ""

    def _sorted(self, node: ast.Call, owner: ast.expr) -> str:
        keywords = {one.arg: one.value for one in node.keywords}
        by = node.args[0] if node.args else keywords.get("by")
        falling = (
            isinstance(last := keywords.get("ascending"), ast.Constant) and last.value is False
        )
        text = f"{self._short(owner)}, sorted" + (f" by {_keys(by)}" if by is not None else "")
        return text + (" in descending order" if falling else "")

    def _fitted(self, node: ast.Call, name: str) -> str:
        assert isinstance(node.func, ast.Attribute)
        model, given = self._model(node.func), self._names_in(node.args)
        if not given:
            return ""
        if name == "fit":
            return f"{model}, fitted to {given}"
        if name in ("transform", "fit_transform"):
            return f"{given}, transformed by {model}"
        return f"the predictions of {model} for {given}"

    def _model(self, function: ast.expr) -> str:
        """ "the linear regression `model`", by the class that a model is of."""
        kind = _class_in(self.origins.path(function))
        name = chain(function)[0]
        if not name or name in _imported(self.origins):
            return f"{a(kind)} model" if kind else "a model"
        return f"the {kind} `{name}`" if kind else f"`{name}`"

    def _names_in(self, nodes: Sequence[ast.expr]) -> str:
        return join(filter(None, map(self._short, nodes)))

    def _part(self, node: ast.Subscript) -> str:
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            inner = self.phrase(node.value)
            return f"{_constant(node.slice)} of {inner}" if inner else ""
        if isinstance(node.slice, ast.Compare) and isinstance(node.value, ast.Name):
            return f"the rows of `{node.value.id}` where {self._formula(node.slice)}"
        return ""

    def _short(self, node: ast.expr) -> str:
        return self.phrase(node) or self._names_of(node)

    def _names_of(self, node: ast.expr) -> str:
        names = [f"`{name}`" for name in _read(node) if self._is_data(name)]
        return join(names[:3]) or "the data"

    def _for_each(self, item: ast.expr, through: ast.comprehension) -> str:
        text = self.phrase(item)
        if not text or through.ifs or not isinstance(through.target, ast.Name):
            return ""
        return f"{text} for each `{through.target.id}` in {self._short(through.iter)}"

    def _squared(self, node: ast.expr) -> str:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Pow):
            return ""
        simple = isinstance(node.left, ast.Name) and isinstance(node.right, ast.Constant)
        power = POWERS.get(ast.unparse(node.right)) if simple else None
        return f"the {power} of {self.phrase(node.left)}" if power else ""

    def _formula(self, node: ast.expr) -> str:
        """Arithmetic as one writes it, without module names; "" where it is none or long."""
        for count, inner in enumerate(ast.walk(node)):
            if count > FORMULA_CHARS:
                return ""
            if isinstance(inner, ast.Lambda | ast.ListComp | ast.DictComp | ast.GeneratorExp):
                return ""
            if isinstance(inner, ast.Call) and not self._is_term(inner):
                return ""
        text = ast.unparse(_Bare(self.origins).visit(_copied(node)))
        return f"`{text}`" if len(text) <= FORMULA_CHARS and "`" not in text else ""

    def _is_term(self, node: ast.Call) -> bool:
        root = self.origins.path(node.func).partition(".")[0]
        name = chain(node.func)[-1]
        if name in self.functions:
            return bool(self._function(name))
        return root in {*COMPARED, *BUILTIN_NAMES} or name in OPERATIONS

    def _function(self, name: str) -> str:
        """What a function of the script's own returns; "" for one that calls itself."""
        if name not in self._returns and name in self.functions:
            self._returns[name] = ""
            self._returns[name] = self._returned(name, self.functions[name])
        return self._returns.get(name, "")

    def _returned(self, name: str, node: ast.FunctionDef) -> str:
        arguments = ", ".join(one.arg for one in node.args.args)
        body = [one for one in node.body if not _is_text(one)]
        if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
            text = self._formula(body[0].value)
            return f"`{name}({arguments})` as {text}" if text else ""
        return ""


def _class_in(path: str) -> str:
    """The English of the class that a path goes through."""
    classes = [part for part in path.split(".") if part[:1].isupper()]
    return spelled(classes[0].removesuffix("()")) if classes else ""


def _settings(call: ast.Call, function: ast.FunctionDef | None) -> str:
    """The numbers and words that a call sets, by the names of parameters: " with mu = 1"."""
    names = [one.arg for one in function.args.args] if function else []
    given = [*zip(names, call.args, strict=False)]
    given += [(one.arg, one.value) for one in call.keywords if one.arg]
    found = [f"{name} = {_constant(value)}" for name, value in given if _is_setting(value)]
    return f" with {join(found)}" if 0 < len(found) <= MAX_SETTINGS else ""


def _along(call: ast.Call) -> str:
    """ " along axis 0" of a call that says so."""
    axes = [one.value for one in call.keywords if one.arg == "axis"]
    return f" along axis {_constant(axes[0])}" if axes and _is_setting(axes[0]) else ""


def _is_setting(value: ast.expr) -> bool:
    inner = value.operand if isinstance(value, ast.UnaryOp) else value
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int | float | str)


class _Bare(ast.NodeTransformer):
    """`np.sin(x)` -> `sin(x)`."""

    def __init__(self, origins: Origins) -> None:
        self.aliases = _imported(origins)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        names = chain(node)
        plain = all(
            isinstance(inner, ast.Attribute | ast.Name | ast.Load) for inner in ast.walk(node)
        )
        if plain and names[0] in self.aliases:
            return ast.Name(node.attr, ast.Load())
        self.generic_visit(node)
        return node


class _Put(ast.NodeTransformer):
    """Puts an expression in the place of a name."""

    def __init__(self, name: str, value: ast.expr) -> None:
        self.name = name
        self.value = value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.value if node.id == self.name else node


def spelled(name: str) -> str:
    """ "LinearRegression" -> "linear regression", "PCA" -> "PCA"."""
    words = WORD.findall(name)
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


def _called(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
            yield inner.func.id


def _read(node: ast.AST) -> list[str]:
    """Names that a node reads, without those that it binds for itself."""
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    own = _passing(node)
    return [name for name in dict.fromkeys(name.id for name in names) if name not in own]


def _passing(node: ast.AST) -> set[str]:
    """What comprehensions, loops and lambdas in it count through."""
    targets = [one.target for one in ast.walk(node) if isinstance(one, ast.comprehension | ast.For)]
    names = {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return names | {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}


def _is_pick(node: ast.expr) -> bool:
    """Whether it only picks from data: `df["a"]`, `m[:, 0]`."""
    while isinstance(node, ast.Attribute | ast.Subscript) and getattr(node, "attr", "") != "T":
        compares = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Compare)
        if compares:
            return False
        node = node.value
    return isinstance(node, ast.Name)


def _is_filled(node: ast.stmt, later: set[str]) -> bool:
    """Whether it makes a container that later statements fill."""
    if not isinstance(node, ast.Assign):
        return False
    made = isinstance(node.value, ast.Call) and FILLED.fullmatch(chain(node.value.func)[-1])
    empty = isinstance(node.value, ast.List | ast.Dict) and not list(
        ast.iter_child_nodes(node.value)
    )
    return bool(made or empty) and all(f"`{name}`" in later for name in _names_of(node.targets))


def _names_of(targets: Sequence[ast.expr]) -> Iterator[str]:
    for target in targets:
        yield chain(target)[0]


def _stored(node: ast.AST) -> list[str]:
    inner = {
        name.id
        for one in ast.walk(node)
        if isinstance(one, ast.comprehension | ast.For)
        for name in ast.walk(one.target)
        if isinstance(name, ast.Name)
    }
    stored = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    names = [one.id for one in stored if one.id not in inner]
    names += [chain(one)[0] for one in _subscripts(node)]
    filled = [
        chain(n.func)[0]
        for n in ast.walk(node)
        if isinstance(n, ast.Call) and chain(n.func)[-1] in ("append", "extend", "add")
    ]
    return [f"`{name}`" for name in dict.fromkeys([*filled, *names]) if name][:3]


def _subscripts(node: ast.AST) -> Iterator[ast.Subscript]:
    for one in ast.walk(node):
        if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store):
            yield one


def _imported(origins: Origins) -> frozenset[str]:
    return frozenset(
        one.asname or one.name.partition(".")[0] for node in origins.imports for one in node.names
    )


def _constant(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return quote(node.value) if isinstance(node.value, str) else repr(node.value)[:20]
    return ast.unparse(node)[:20]


def _key(node: ast.Subscript | ast.Attribute) -> str:
    return f"`{node.attr}`" if isinstance(node, ast.Attribute) else _keys(node.slice)


def _keys(node: ast.expr) -> str:
    """Names of columns: "`a` and `b`"."""
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return join(
        f"`{one.value}`"
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and "`" not in one.value
        else f"`{ast.unparse(one)[:30]}`"
        for one in parts
    )


def _argument(call: ast.Call) -> ast.expr | None:
    return next(iter(call.args), None) or next((k.value for k in call.keywords), None)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _described(node: ast.FunctionDef) -> str:
    """The first sentence of a function's description, if it is short."""
    text = (ast.get_docstring(node) or "").strip().partition("\n")[0].rstrip(".")
    return text[:1].lower() + text[1:] if 0 < len(text) <= 70 and "`" not in text else ""
