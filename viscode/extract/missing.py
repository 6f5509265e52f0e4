"""What a program lacks -> names that nothing binds ("holes").

Lacking are modules that the environment has not, files, the network, the command line, a person at
the keyboard. An expression that hangs on one of these (`utils.load(path)["x"]`) is replaced as a
whole by a name; an assignment of it goes, and its target is the hole. A variable that holds an
object of unknown type hands this on: of `model = Net()` no value is made, but of
`model.predict(x)`. Statements that only do something to a lacking object (`model.fit(x)`) go. A
loop or a `with` that reads, and draws nothing, goes as a whole, and what it fills are holes.
"""

import ast
import builtins
import copy
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from viscode.extract import needs
from viscode.extract.failing import brief
from viscode.extract.figures import FigureCalls
from viscode.extract.flatten import MOST_STATEMENTS, assignment, placed
from viscode.extract.hole_words import word_for
from viscode.extract.touching import (
    Definition,
    Function,
    Import,
    bound_by_import,
    free_names,
    known_attributes,
    parameters,
    read,
    stored,
    touched,
    walk,
)
from viscode.libraries.names import chain, imported_names
from viscode.libraries.registry import CUSTOMARY, ROOTS
from viscode.supply.wanted import Hole

BUILTINS = frozenset(dir(builtins))
CUSTOMARY_IMPORTS = {**CUSTOMARY, "nx": "networkx", "sm": "statsmodels.api"}
MODULE = frozenset({"__name__", "__doc__", "__file__", "display", "get_ipython"})
STANDARD = frozenset(sys.stdlib_module_names)
OUTSIDE = re.compile(
    r"^(?:glob\.i?glob|os\.(?:listdir|walk|scandir|environ|getenv|getcwd|popen)|sys\.(?:argv|stdin)"
    r"|subprocess\.\w+|pathlib\.Path\(\)\.(?:i?r?glob|iterdir|read_text|read_bytes|open)"
    r"|pickle\.(?:load|loads)|json\.load|yaml\.(?:safe_)?load|csv\.(?:Dict)?[rR]eader"
    r"|sqlite3\.connect|pandas\.(?:read_sql\w*|read_clipboard|read_html|HDFStore|ExcelFile)"
    r"|argparse\.ArgumentParser|optparse\.OptionParser|socket\.socket|scipy\.io\.netcdf\w*"
    r"|zipfile\.ZipFile|tarfile\.open|cv2\.(?:VideoCapture|imread)|urllib\.\S+|requests\.\S+"
    r"|sklearn\.datasets\.(?:fetch_\w+|load_files|load_svmlight_file|load_boston))(?:\(\)|\.|$)"
)
"""Paths of what comes from outside, beside those of needs.py."""
CONVERTING = frozenset({"int", "float", "str", "bool", "eval"})


@dataclass
class Outcome:
    """A program without what it lacks. `dropped` names what went, "call of model.fit"."""

    body: list[ast.stmt]
    holes: dict[str, Hole] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def without_lacking(
    body: list[ast.stmt], importable: frozenset[str], lacking: Iterable[str] = ()
) -> Outcome:
    """The program with holes. `lacking` are names to count as missing besides, with what they are
    bound to. The body's statements are edited in place.

    Nothing is lacking of a plotting library that the environment has not: its import stays.
    """
    return _Cut(body, importable, frozenset(lacking)).outcome()


class _Uses(ast.NodeVisitor):
    """How names are used, over a whole program: attributes read off them, whether they are
    called or indexed by texts."""

    def __init__(self) -> None:
        self.attributes: dict[str, set[str]] = {}
        self.called: set[str] = set()
        self.keyed: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name):
            self.attributes.setdefault(node.value.id, set()).add(node.attr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name):
            self.called.add(node.func.id)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        key = node.slice
        if isinstance(node.value, ast.Name) and (
            isinstance(key, ast.List)
            or (isinstance(key, ast.Constant) and isinstance(key.value, str))
        ):
            self.keyed.add(node.value.id)
        self.generic_visit(node)

    def is_object(self, name: str) -> bool:
        """Whether a name holds something that no frame, array, container, text, number, figure or
        axes is."""
        if name in self.called:
            return True
        read = self.attributes.get(name, set())
        if name in self.keyed or read & FRAME_ONLY:
            return False
        return not read <= known_attributes()


FRAME_ONLY = frozenset(
    {
        *("groupby", "columns", "iloc", "loc", "dropna", "fillna", "iterrows", "to_csv"),
        *("pivot", "merge"),
    }
)


class _Cut:
    """One program while its holes are made."""

    def __init__(
        self, body: list[ast.stmt], importable: frozenset[str], lacking: frozenset[str]
    ) -> None:
        unbound = _unbound(body)
        imports = _customary_imports(body, unbound, importable)
        body = [*imports, *body]
        self.body, self.importable = body, importable
        tree = ast.Module(body, [])
        self.figures = FigureCalls(tree)
        self.origins = self.figures.origins
        self.uses = _Uses()
        self.uses.visit(tree)
        self.names = {node.id for node in walk(tree) if isinstance(node, ast.Name)}
        self.bound = set[str]()
        self.objects: set[str] = set()
        self.holes: dict[str, Hole] = {}
        self.dropped: list[str] = []
        self.options: dict[str, ast.expr] = {}
        self.made: dict[str, str] = {}  # the text of an expression -> its hole
        self.lacking = lacking
        self.reads_outside = any(
            self.is_outside(one) or self.reads_value(one) for one in self.origins.calls
        ) or any(
            isinstance(one, ast.Attribute) and OUTSIDE.match(self.origins.path(one))
            for one in walk(tree)
            if isinstance(one, ast.Attribute) and one.attr in ("argv", "stdin", "environ")
        )
        for name in sorted(unbound.difference(*map(bound_by_import, imports))):
            self._lack(name, Hole(name))

    def outcome(self) -> Outcome:
        body = self.statements(self.body, top=True)
        return Outcome(body, self.holes, self.dropped)

    def statements(self, body: Sequence[ast.stmt], *, top: bool) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for one in body:
            found += self.statement(one, found, top=top)
        return found

    def statement(self, one: ast.stmt, before: list[ast.stmt], *, top: bool) -> list[ast.stmt]:
        match one:
            case ast.Import() | ast.ImportFrom():
                return self._import(one)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self._function(one)
            case ast.ClassDef():
                return self._class(one)
            case ast.Expr():
                return self._expression(one)
            case ast.Assign() | ast.AnnAssign():
                return self._assign(one, top=top)
            case ast.With() | ast.AsyncWith():
                return self._with(one, top=top)
            case ast.Try():
                return self._try(one, top=top)
            case ast.If():
                return self._if(one, top=top)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(one, before, top=top)
            case ast.Assert():
                return []
            case ast.Delete(targets=targets):
                parts = not any(isinstance(target, ast.Name) for target in targets)
                given = self.holes.keys() & set().union(*map(read, targets))
                return [one] if parts and not given and not self._holds_missing(one) else []
        return [self._visited(one)]

    def _visited(self, one: ast.stmt) -> ast.stmt:
        """The statement with holes in its expressions."""
        if self._holds_missing(one):
            _Replaced(self).visit(one)
        return one

    def _filled_in(self, part: ast.expr) -> ast.expr:
        """An expression with holes."""
        made = _Replaced(self).visit(part)
        assert isinstance(made, ast.expr)
        return made

    # What is lacking.

    def _lack(self, name: str, hole: Hole) -> None:
        """A name whose value is missing: an object, of which only what is read off it counts, or
        a hole."""
        if self.uses.is_object(name) and not hole.origin.startswith(("pandas.", "seaborn.")):
            self.objects.add(name)
        else:
            self.holes[name] = hole
            self.objects.discard(name)

    def hangs(self, node: ast.AST) -> bool:
        """Whether an expression hangs on something missing as a whole."""
        while True:
            if isinstance(node, ast.Name):
                return node.id in self.objects
            if isinstance(node, ast.Attribute | ast.Subscript | ast.Await | ast.Starred):
                if isinstance(node, ast.Attribute) and OUTSIDE.match(self.origins.path(node)):
                    return True
                node = node.value
            elif isinstance(node, ast.Call):
                if self.is_outside(node):
                    return True
                converts = isinstance(node.func, ast.Name) and node.func.id in CONVERTING
                node = node.args[0] if converts and len(node.args) == 1 else node.func
            else:
                return False

    def is_outside(self, call: ast.Call) -> bool:
        """Whether a call gives something from outside of unknown type."""
        path = self.origins.path(call.func)
        if path in ("open", "io.open", "codecs.open", "gzip.open", "bz2.open"):
            return not self._is_given(call)
        if path in ("input", "raw_input"):
            return True
        return bool(OUTSIDE.match(f"{path}()")) and not self._is_given(call)

    def reads_value(self, node: ast.AST) -> bool:
        """Whether it is a call that reads a frame, an array or an image from outside."""
        if not isinstance(node, ast.Call):
            return False
        path = self.origins.path(node.func)
        if path == "os.chdir" or not (needs.FILE_READERS.match(path) or needs.NETWORK.match(path)):
            return False
        return not self.is_outside(node) and not self._is_given(node)

    def _is_given(self, call: ast.Call) -> bool:
        """Whether what a call reads is at hand: a text of the script, or sample data that comes
        with a library."""
        source = needs.path_argument(call)
        if source is None:
            return False
        path = self.origins.path(source)
        root = path.partition(".")[0].removesuffix("()")
        if root in ("io", "StringIO", "BytesIO"):
            return True
        sample = root in self.importable and root not in STANDARD
        return sample and "()" in path and not needs.FILE_READERS.match(path.removesuffix("()"))

    def contains(self, node: ast.AST) -> bool:
        """Whether something missing stands in it."""
        return (bool(self.objects) or self.reads_outside) and self._holds_missing(node)

    def _holds_missing(self, node: ast.AST) -> bool:
        return any(
            self.hangs(one) or self.reads_value(one)
            for one in walk(node)
            if isinstance(one, ast.expr)
        )

    def hole_for(self, node: ast.expr) -> ast.expr:
        """The name in whose place a missing expression stands."""
        text = ast.unparse(node)
        if isinstance(node, ast.Attribute) and node.attr in self.options and self.hangs(node.value):
            return ast.copy_location(copy.deepcopy(self.options[node.attr]), node)
        name = self.made.get(text)
        if name is None:
            name = self.made[text] = self._free(word_for(node))
            self.holes[name] = Hole(name, text, self._origin(node))
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def _origin(self, node: ast.expr) -> str:
        path = self.origins.path(node)
        return "" if path.startswith("<") else path

    def _free(self, word: str) -> str:
        """The word, or the word with something behind it, as a name that nothing has."""
        name, count = word, 2
        while (name in self.names and name not in self.objects) or name in BUILTINS:
            other = count == 2 and not word.endswith("_data")
            name = f"{word}_data" if other else f"{word}_{count}"
            count += 1
        self.names.add(name)
        return name

    # Statements.

    def _import(self, one: Import) -> list[ast.stmt]:
        kept = []
        for alias, (bound, path) in zip(one.names, imported_names(one), strict=True):
            root = path.partition(".")[0]
            known = not path.startswith(".") and (root in self.importable or root in ROOTS)
            if known and bound not in self.lacking:
                kept.append(alias)
            elif bound != "*":
                self._lack(bound, Hole(bound, path, path))
        if len(kept) < len(one.names):
            one.names = kept
        return [one] if kept else []

    def _function(self, one: Function) -> list[ast.stmt]:
        one.decorator_list = [d for d in one.decorator_list if not self.contains(d)]
        self._inside(one, set(parameters(one.args)))
        return [one]

    def _class(self, one: ast.ClassDef) -> list[ast.stmt]:
        bases = [base for base in one.bases if not self.hangs(base)]
        if len(bases) < len(one.bases):
            self.objects.add(one.name)
            return []
        decorators = [d for d in one.decorator_list if not self.contains(d)]
        if len(bases) + len(decorators) < len(one.bases) + len(one.decorator_list):
            one.bases, one.decorator_list = bases, decorators
        self._inside(one, set())
        return [one]

    def _inside(self, one: Definition, local: set[str]) -> None:
        """The body of a function or class, in which its own names hide ours."""
        bound = local | {name for inner in one.body for name in touched(inner).binds}
        hidden = self.objects & bound
        self.objects -= hidden
        before = set(self.objects)
        one.body = self.statements(one.body, top=False) or [ast.Pass()]
        self.objects = (self.objects & before) | hidden

    def _expression(self, one: ast.Expr) -> list[ast.stmt]:
        value = one.value.value if isinstance(one.value, ast.Await) else one.value
        if isinstance(value, ast.Call) and chain(value.func)[-1] == "add_argument":
            self._option(value)
        if self.hangs(value) or self.reads_value(value):
            self._drop(value)
            return []
        return [self._visited(one)]

    def _drop(self, value: ast.expr) -> None:
        called = value.func if isinstance(value, ast.Call) else value
        self.dropped.append(f"dropped {'.'.join(filter(None, chain(called)))}")

    def _option(self, call: ast.Call) -> None:
        """`add_argument("--lr", default=0.1)`: what `args.lr` is."""
        flags = [one.value for one in call.args if isinstance(one, ast.Constant)]
        words = [one for one in flags if isinstance(one, str)]
        given = {one.arg: one.value for one in call.keywords}
        long = [one for one in words if one.startswith("--")] or words
        dest = given.get("dest")
        name = dest.value if isinstance(dest, ast.Constant) else long[0].lstrip("-") if long else ""
        default = given.get("default")
        action = given.get("action")
        if isinstance(action, ast.Constant) and action.value in ("store_true", "store_false"):
            default = default or ast.Constant(action.value == "store_false")
        if isinstance(default, ast.Constant) and default.value is not None:
            self.options[str(name).replace("-", "_")] = default

    def _assign(self, one: ast.Assign | ast.AnnAssign, *, top: bool) -> list[ast.stmt]:
        value = one.value
        targets = one.targets if isinstance(one, ast.Assign) else [one.target]
        if value is None:
            return []
        if not (self.hangs(value) or self.reads_value(value)):
            for target in targets:
                self.objects -= stored(target)
            kept = self._visited(one)
            self.bound |= touched(one).binds
            return [kept]
        self.dropped.append(f"dropped {brief(value)}")
        made: list[ast.stmt] = []
        for target in targets:
            parts = _leaves(target)
            for number, part in enumerate(parts):
                made += self._filled(part, value, (number, len(parts)), top=top)
        return made

    def _filled(
        self,
        target: ast.expr,
        value: ast.expr,
        place: tuple[int, int],
        *,
        top: bool,
    ) -> list[ast.stmt]:
        """What stands for the binding of one target to a missing value."""
        hole = Hole("", ast.unparse(value), self._origin(value), *place)
        if isinstance(target, ast.Starred):
            target = target.value
        if isinstance(target, ast.Name):
            name = target.id
            if self.uses.is_object(name) and not self.reads_value(value):
                self.objects.add(name)
                return []
            if top and name not in self.bound:
                self.holes[name] = replace(hole, name=name)
                self.objects.discard(name)
                return []
            word = self._free(f"{name}_data")
        else:
            word = self._free(word_for(target))
        self.holes[word] = replace(hole, name=word)
        return [placed(ast.Assign([target], ast.Name(word, ast.Load())))]

    def _with(self, one: ast.With | ast.AsyncWith, *, top: bool) -> list[ast.stmt]:
        kept = []
        for item in one.items:
            path = self.origins.path(item.context_expr)
            if self.contains(item.context_expr) or path.startswith(("warnings.", "open")):
                for name in stored(item.optional_vars) if item.optional_vars else ():
                    self.objects.add(name)
            else:
                item.context_expr = self._filled_in(item.context_expr)
                kept.append(item)
        if not kept:
            return self.statements(one.body, top=top)
        if len(kept) < len(one.items):
            one.items = kept
        one.body = self.statements(one.body, top=False) or [ast.Pass()]
        return [one]

    def _try(self, one: ast.Try, *, top: bool) -> list[ast.stmt]:
        if all(isinstance(inner, Import) for inner in one.body):
            return self._guarded_import(one)
        if not self.contains(one) and not self.figures.draws(one):
            one.body = self.statements(one.body, top=False)
            return [one]
        return self.statements([*one.body, *one.orelse, *one.finalbody], top=top)

    def _guarded_import(self, one: ast.Try) -> list[ast.stmt]:
        paths = [path for inner in one.body for _, path in imported_names(inner)]  # type: ignore[arg-type]
        if all(path.partition(".")[0] in self.importable for path in paths):
            return self.statements(one.body, top=True)
        for handler in one.handlers:
            if handler.body and all(isinstance(inner, Import) for inner in handler.body):
                return self.statements(handler.body, top=True)
        return self.statements(one.body, top=True)

    def _if(self, one: ast.If, *, top: bool) -> list[ast.stmt]:
        if not self.contains(one.test) and not (read(one.test) & self.holes.keys()):
            one.body = self.statements(one.body, top=False) or [ast.Pass()]
            one.orelse = self.statements(one.orelse, top=False)
            return [one]
        branches = [one.body, one.orelse]
        drawing = [branch for branch in branches if any(map(self.figures.draws, branch))]
        leaves = isinstance(one.body[-1], ast.Raise | ast.Return | ast.Continue | ast.Break)
        chosen = drawing[0] if drawing else one.orelse if leaves or _negated(one.test) else one.body
        return self.statements(chosen, top=top)

    def _loop(
        self, one: ast.For | ast.AsyncFor | ast.While, before: list[ast.stmt], *, top: bool
    ) -> list[ast.stmt]:
        if self.contains(one) and not self.figures.draws(one):
            return self._cut_out(one, before, top=top)
        if isinstance(one, ast.While):
            one.test = self._filled_in(one.test)
        else:
            one.iter = self._filled_in(one.iter)
            self.objects -= stored(one.target)
        one.body = self.statements(one.body, top=False) or [ast.Pass()]
        one.orelse = self.statements(one.orelse, top=False)
        return [one]

    def _cut_out(self, one: ast.stmt, before: list[ast.stmt], *, top: bool) -> list[ast.stmt]:
        """What a loop that goes would have filled."""
        self.dropped.append(f"dropped loop over {brief(getattr(one, 'iter', one))}")
        made = touched(one)
        loop = stored(one.target) if isinstance(one, ast.For | ast.AsyncFor) else frozenset()
        filled = sorted((made.changes | (made.binds - loop)) - self.figures.holders)
        found: list[ast.stmt] = []
        for name in filled:
            if self.uses.is_object(name) and name not in self.bound:
                self.objects.add(name)
            elif top:
                before[:] = [s for s in before if not _only_binds(s, name)]
                self.holes[name] = Hole(name, "", "")
                self.bound.discard(name)
            else:
                word = self._free(f"{name}_data")
                self.holes[word] = Hole(word)
                found.append(assignment(name, ast.Name(word, ast.Load())))
        return found


def _customary_imports(
    body: Sequence[ast.stmt], unbound: set[str], importable: frozenset[str]
) -> list[Import]:
    """Imports of what is written without one because everybody knows it: `np`, `plt`."""
    known = CUSTOMARY_IMPORTS.items() if len(body) < MOST_STATEMENTS else ()
    return [
        placed(ast.Import([ast.alias(path, name)]))
        for name, path in known
        if name in unbound and path.partition(".")[0] in importable
    ]


def _unbound(body: Sequence[ast.stmt]) -> set[str]:
    """Names that are read and bound nowhere."""
    bound, wanted, starred = set(BUILTINS | MODULE), set[str](), False
    for one in body:
        made = touched(one)
        bound |= made.binds
        wanted |= made.reads
        starred = starred or "*" in made.binds
        for inner in walk(one):
            if isinstance(inner, Definition):
                wanted |= free_names(inner)
            elif isinstance(inner, ast.Global):
                bound |= set(inner.names)
    return set() if starred else wanted - bound


def _leaves(target: ast.expr) -> list[ast.expr]:
    """The targets in a nest of tuples."""
    if isinstance(target, ast.Tuple | ast.List):
        return [leaf for part in target.elts for leaf in _leaves(part)]
    return [target]


class _Replaced(ast.NodeTransformer):
    """Puts holes in the place of missing expressions."""

    def __init__(self, cut: _Cut) -> None:
        self.cut = cut

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            if isinstance(node, ast.Name):
                if node.id in self.cut.objects and node.id not in self.cut.holes:
                    self.cut.holes[node.id] = Hole(node.id, "", "")
                return node
            if self.cut.hangs(node) or self.cut.reads_value(node):
                return self.cut.hole_for(node)
        return super().generic_visit(node)


def _only_binds(statement: ast.stmt, name: str) -> bool:
    return isinstance(statement, ast.Assign | ast.AnnAssign) and touched(statement).binds == {name}


def _negated(test: ast.expr) -> bool:
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
