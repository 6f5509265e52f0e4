"""A draft -> a block that runs and draws: values for its holes, and a repair for each error.

A run's error is answered by the first of these that has an answer: what it lacks is a hole (a
module, a name), a call was renamed, the values must be of another kind, length or name. Where none
has, the failing statement is cut: what it binds becomes a hole, or, when it only draws, it goes.
At most `MOST_RUNS` runs a draft; no state is tried twice.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from viscode.core.hashing import content_id, digest
from viscode.core.records import Execution, Script
from viscode.execution.image_origins import drawn
from viscode.extract.analysis import MOST_FIGURES, Draft
from viscode.extract.failing import Opened, Without, brief, counterpart, innermost, top_at
from viscode.extract.figures import FigureCalls
from viscode.extract.mend_names import mend_by_rename
from viscode.extract.missing import without_lacking
from viscode.extract.naming import under_own_names
from viscode.extract.plausible import Limits, set_limits, unlike_a_figure
from viscode.extract.reading_order import unbound_names
from viscode.extract.render import render
from viscode.extract.slicing import slices
from viscode.extract.tidy import tidy
from viscode.extract.touching import Import, bound_by_import, touched, walk
from viscode.supply.infer import infer
from viscode.supply.recorded import read
from viscode.supply.recorder import with_recorders
from viscode.supply.revise import Failure, revise
from viscode.supply.values import write
from viscode.supply.wanted import Hole, Supplied, Wanted, merge
from viscode.text.python_text import parse

MOST_RUNS = 5
FEW_COLUMNS = 2
LINE = re.compile(r"^Cell In\[1\], line (\d+)", re.MULTILINE)
ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")
MODULE = re.compile(r"No module named '([\w.]+)'")
NAME = re.compile(r"name '(\w+)' is not defined|cannot import name '(\w+)'")


@dataclass(frozen=True)
class Failed:
    """Why a figure gave no block, with the code that was run last and its error."""

    figure: str
    reason: str
    detail: str
    code: str = ""
    edits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """A block's code, which ran and drew; `names` are those whose values were supplied, `own` is
    the code without the lines that supply them."""

    figure: str
    code: str
    own: str
    names: tuple[str, ...]
    edits: tuple[str, ...]
    execution: Execution


class Mender:
    """Makes blocks of drafts. `judge` runs a script in the sandbox, `script_name` is the file's own
    name. `runs` counts executions."""

    def __init__(
        self,
        judge: Callable[[Script], Execution],
        importable: frozenset[str],
        script_name: str,
    ) -> None:
        self.judge, self.importable, self.script_name = judge, importable, script_name
        self.runs = 0

    def run(self, code: str) -> Execution:
        self.runs += 1
        return self.judge(Script(id=content_id(code), code=code, name=self.script_name))

    def case(self, draft: Draft) -> "Case":
        return Case(self, draft)


@dataclass(frozen=True)
class _Error:
    """A run that failed. `statement` is the body's whose turn it was, None where it is one that
    supplies a value, or not known; the line in `failure` is that of the innermost one."""

    execution: Execution
    failure: Failure
    statement: ast.stmt | None


class Case:
    """One draft at work: its body, what is known of its holes, what was edited, how it failed."""

    def __init__(self, mender: Mender, draft: Draft) -> None:
        self.mender, self.draft = mender, draft
        self.body, self.holes = draft.body, dict(draft.holes)
        self.edits = list(draft.edits)
        self.wanted: dict[str, Wanted] = {}
        self.recorded = False
        self.tree = ast.Module([], [])
        self.fault = ""  # of the last run
        self._tried: dict[str, Execution] = {}

    def made(self, runs: int) -> Made | Failed:
        """The block, or why there is none after `runs` executions; called again, it goes on."""
        end = self.mender.runs + runs
        while self.mender.runs < end:
            if self._tried and not self._repaired():
                break
            tree = parse(self.body)
            if not isinstance(tree, ast.Module):
                return self._failed("broken", tree.message, self.body)
            self.tree = tree
            self._name_holes()
            names = self._look()
            code = with_values(self.body, self._values(names))
            if code in self._tried:
                break
            execution = self._tried[code] = self.mender.run(code)
            self.fault = _fault(execution, bool(names))
            if not self.fault and execution.status == "ok":
                supplied = tuple(f"supplied {name}" for name in names)
                edits = tuple(dict.fromkeys((*self.edits, *supplied)))
                return Made(self.draft.figure, code, self.body, tuple(names), edits, execution)
        code, execution = self._last()
        return self._failed(self.fault, "" if execution.status == "ok" else _said(execution), code)

    def _last(self) -> tuple[str, Execution]:
        return next(reversed(self._tried.items()))

    def _failed(self, reason: str, detail: str, code: str) -> Failed:
        return Failed(self.draft.figure, reason, detail, code, tuple(self.edits))

    def _repaired(self) -> bool:
        """Whether the error of the last run has changed anything."""
        code, execution = self._last()
        if execution.status == "ok":
            return self._within_limits(execution) or self._filled()
        return execution.status == "error" and self._mended(code, execution)

    # Values.

    def _name_holes(self) -> None:
        renamed = under_own_names(self.tree, self.holes)
        if not renamed:
            return
        for old, new in renamed.items():
            self.holes[new] = replace(self.holes.pop(old, Hole(old)), name=new)
        self.body = tidy(render(self.tree.body, self.body))
        again = parse(self.body)
        assert isinstance(again, ast.Module)
        self.tree = again

    def _look(self) -> list[str]:
        """The names that are open now; what is wanted of them is kept, or looked for."""
        names = unbound_names(self.tree, self.holes)
        if set(self.wanted) != set(names):
            holes = [self._hole(name) for name in names]
            told = _with_columns(infer(self.tree, holes), holes, self.draft.program)
            known = {name: one for name, one in self.wanted.items() if name in told}
            self.wanted = {**told, **known}
        return names

    def _hole(self, name: str) -> Hole:
        return self.holes.get(name, Hole(name))

    def _values(self, names: list[str]) -> list[Supplied]:
        if not names:
            return []
        nodes = walk(self.tree)
        taken = {node.id for node in nodes if isinstance(node, ast.Name)}
        for one in nodes:
            if isinstance(one, Import):
                taken |= set(bound_by_import(one))
        seed = int(digest(ast.dump(self.tree))[:8], 16) % 1000
        return write(self.wanted, [self._hole(name) for name in names], seed, frozenset(taken))

    def _record(self) -> bool:
        """Run the body with recorders in the place of its values; whether that tells anything
        new."""
        if not self.wanted or self.recorded:
            return False
        self.recorded = True
        names, before = sorted(self.wanted), self.wanted
        told = read(self.mender.run(with_recorders(self.body, names, known=before)), names)
        self.wanted = {n: merge(w, told[n]) if n in told else w for n, w in before.items()}
        return self.wanted != before

    # Repairs: each says whether it has changed anything.

    def _mended(self, code: str, execution: Execution) -> bool:
        error = self._error(code, execution)
        return (
            self._without_lacking(error)
            or self._renamed(error)
            or self._revised(error)
            or self._without_attribute(error)
            or self._record()
            or self._cut(error)
        )

    def _error(self, code: str, execution: Execution) -> _Error:
        lines = [int(one) for one in LINE.findall(execution.error)]
        whole = parse(code)
        outer, line = None, 0
        if lines and isinstance(whole, ast.Module):
            outer = counterpart(whole, self.tree, lines[0])
            inner, top = counterpart(whole, self.tree, lines[-1]), top_at(whole, lines[-1])
            if inner is not None and top is not None:
                line = inner.lineno + lines[-1] - top.lineno
        text = ast.unparse(outer) if outer is not None else ""
        failure = Failure(execution.error_type, execution.error_message, line, text)
        return _Error(execution, failure, outer)

    def _without_lacking(self, error: _Error) -> bool:
        """What an import did not find is missing."""
        lacking = _lacking(error.execution, self.tree)
        if not lacking:
            return False
        outcome = without_lacking(self.tree.body, self.mender.importable, lacking)
        self.holes = {**outcome.holes, **self.holes}
        return self._goes_on(outcome.body, outcome.dropped)

    def _renamed(self, error: _Error) -> bool:
        failure = error.failure
        names = mend_by_rename(self.tree, failure.error_type, failure.message, failure.line)
        if not names:
            return False
        self.body = tidy(render(self.tree.body, self.body))
        self.edits += names
        return True

    def _revised(self, error: _Error) -> bool:
        revised = revise(self.wanted, error.failure, self.tree) if self.wanted else None
        if revised is None:
            return False
        self.wanted = revised
        return True

    def _without_attribute(self, error: _Error) -> bool:
        """What is read off an object that has no such thing is open: `when.datetime64`."""
        missing = ATTRIBUTE.search(error.failure.message)
        statement = innermost(self.tree, error.failure.line)
        if missing is None or statement is None or error.failure.error_type != "AttributeError":
            return False
        taken = {node.id for node in walk(self.tree) if isinstance(node, ast.Name)}
        calls = FigureCalls(self.tree)
        opened = Opened(missing[1], taken, calls.holders)
        opened.visit(statement)
        if not opened.holes:
            return False
        self.holes = {**self.holes, **opened.holes}
        self.body = tidy(render(self.tree.body, self.body))
        return True

    def _cut(self, error: _Error) -> bool:
        """The body without the failing statement: what it binds is open then."""
        statement = error.statement
        if statement is None or isinstance(statement, Import):
            return False
        calls = FigureCalls(self.tree)
        inner = innermost(self.tree, error.failure.line)
        if inner is not None and inner is not statement and isinstance(inner, ast.Expr):
            what = [f"dropped {brief(inner)}"]
            Without(inner).visit(self.tree)
            self.body, self.wanted = tidy(render(self.tree.body, self.body)), {}
            self.edits += what
            return True
        touch = touched(statement)
        binds = touch.binds | touch.changes
        if calls.draws(statement):
            rest = [one for one in self.tree.body if one is not statement]
            if binds & calls.holders or not _marks(ast.Module(rest, [])):
                return False  # the figure itself, or all that is on it
            binds = set()
        return self._opened(statement, binds)

    def _within_limits(self, execution: Execution) -> bool:
        """What is drawn along an axis lies within the limits that the source sets for it."""
        limits = set_limits(execution)
        before = self.wanted
        self.wanted = {name: _bounded(one, limits) for name, one in before.items()}
        return self.wanted != before

    def _filled(self) -> bool:
        """Nothing was drawn: lists and the like that are empty where they are drawn are open."""
        empty = [one for one in self.tree.body if _binds_nothing(one)]
        names = {name for one in empty for name in touched(one).binds}
        return bool(names) and self._opened(empty[0], names)

    def _opened(self, statement: ast.stmt, names: set[str]) -> bool:
        """Without a statement, and without what binds only these names before it: they are
        holes."""
        place = next(i for i, one in enumerate(self.tree.body) if one is statement)
        rest = [
            one
            for i, one in enumerate(self.tree.body)
            if one is not statement
            and (i > place or not _only_binds(one, names))
            and not (_binds_nothing(one) and touched(one).binds <= names)
        ]
        self.holes = {**{name: Hole(name) for name in sorted(names)}, **self.holes}
        return self._goes_on(rest, [f"dropped {brief(statement)}"])

    def _goes_on(self, statements: list[ast.stmt], edits: list[str]) -> bool:
        """With these statements, sliced anew: what only fed what went goes too."""
        text = render(statements, self.body)
        tree = parse(text)
        if not isinstance(tree, ast.Module):
            return False
        found = list(islice(slices(tree.body), MOST_FIGURES))
        if not found:
            return False
        most = max(found, key=lambda one: len(one.body))
        body = tidy(render(most.body, text))
        changed = body != self.body
        self.body, self.wanted = body, {}
        self.edits += edits
        return changed


def _fault(execution: Execution, supplied: bool) -> str:
    """Why a run gives no block, "" where it does."""
    if execution.status not in ("ok", "error"):
        return execution.status
    if execution.status == "error" or not drawn(execution).drew:
        return _reason(_said(execution))
    return unlike_a_figure(execution) if supplied else ""


def _bounded(wanted: Wanted, limits: Limits) -> Wanted:
    """A value all of whose parts that are drawn along an axis lie within its limits, but for those
    with bounds of their own."""
    axis = "x" if wanted.role in ("x", "along") else "y" if wanted.role in ("y", "trace") else ""
    bounds = limits.get(axis)
    parts = {name: _bounded(one, limits) for name, one in wanted.parts.items()}
    if bounds is None or (wanted.low, wanted.high) != (None, None):
        return replace(wanted, parts=parts)
    return replace(wanted, parts=parts, low=bounds[0], high=bounds[1])


def _marks(tree: ast.Module) -> bool:
    return any(one.marks for one in FigureCalls(tree).drawings.among())


def _only_binds(statement: ast.stmt, names: set[str]) -> bool:
    binds = touched(statement).binds
    return isinstance(statement, ast.Assign) and bool(binds) and binds <= names


def _binds_nothing(statement: ast.stmt) -> bool:
    """Whether it is `x = []` or the like."""
    if not isinstance(statement, ast.Assign):
        return False
    match statement.value:
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=ast.Name(id="list" | "dict" | "set"), args=[], keywords=[]):
            return True
    return False


def _with_columns(wanted: dict[str, Wanted], holes: list[Hole], program: str) -> dict[str, Wanted]:
    """Frames of which a block names hardly a column, with those that the whole program names."""
    bare = [one for one in holes if _is_bare(wanted[one.name])]
    tree = parse(program) if bare else None
    if not isinstance(tree, ast.Module):
        return wanted
    told = infer(tree, bare)
    return {
        name: merge(one, told[name]) if name in told and told[name].kind == "frame" else one
        for name, one in wanted.items()
    }


def _is_bare(wanted: Wanted) -> bool:
    return wanted.kind == "frame" and len(wanted.parts) < FEW_COLUMNS


def _said(execution: Execution) -> str:
    if execution.status != "ok":
        return f"{execution.error_type or execution.status}: {execution.error_message}"
    return "no_image" if not execution.images else "blank"


def _reason(last: str) -> str:
    if last in ("no_image", "blank"):
        return last
    word = last.partition(":")[0]
    return word if word.isidentifier() else "error"


def _lacking(execution: Execution, tree: ast.Module) -> list[str]:
    """Names that are bound to what the environment has not."""
    if execution.error_type not in ("ModuleNotFoundError", "ImportError"):
        return []
    found = MODULE.search(execution.error_message)
    named = NAME.search(execution.error_message)
    names: list[str] = []
    for one in walk(tree):
        if not isinstance(one, Import):
            continue
        module = getattr(one, "module", "") or ""
        for alias in one.names:
            path = f"{module}.{alias.name}" if module else alias.name
            of_module = found and (path == found[1] or path.startswith(f"{found[1]}."))
            by_name = named and alias.name in (named[1], named[2])
            if of_module or by_name:
                names.append(alias.asname or alias.name.partition(".")[0])
    return names


def with_values(body: str, supplied: list[Supplied]) -> str:
    """The body with its values behind its imports."""
    if not supplied:
        return body
    imports = sorted({line for one in supplied for line in one.imports})
    values = "\n".join(one.code for one in supplied if one.code)
    tree = ast.parse(body)
    ends = [one.end_lineno or 0 for one in tree.body if isinstance(one, Import)]
    lines = body.split("\n")
    at = max(ends, default=0)
    head, rest = lines[:at], lines[at:]
    text = "\n".join([*imports, *head, "", values, "", *rest])
    return tidy(text)
