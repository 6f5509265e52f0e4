"""A draft -> a block that runs and draws: values for its holes, and a repair for each error.

A run's error is answered by the first of these that has an answer: what it lacks is a hole (a
module, a name), a call was renamed, the values must be of another kind, length or name. Where none
has, the failing statement is cut: what it binds becomes a hole, or, when it only draws, it goes.
At most `MOST_RUNS` runs a draft; no state is tried twice.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from viscode.core.hashing import content_id, digest
from viscode.core.records import Execution, Script
from viscode.execution.image_origins import drawn
from viscode.extract.analysis import MOST_FIGURES, Draft
from viscode.extract.figures import FigureCalls
from viscode.extract.mend_names import mend_by_rename
from viscode.extract.missing import without_lacking
from viscode.extract.reading_order import unbound_names
from viscode.extract.render import render
from viscode.extract.slicing import slices
from viscode.extract.tidy import tidy
from viscode.extract.touching import Import, bound_by_import, touched, walk
from viscode.libraries.origins import Origins
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
    """A block's code, which ran and drew; `names` are those whose values were supplied."""

    figure: str
    code: str
    names: tuple[str, ...]
    edits: tuple[str, ...]
    execution: Execution


class Mender:
    """Runs drafts through `judge`, the sandbox. `script_name` is the file's own name. `runs` counts
    executions."""

    def __init__(
        self,
        judge: Callable[[Script], Execution],
        importable: frozenset[str],
        script_name: str,
    ) -> None:
        self.judge, self.importable, self.script_name = judge, importable, script_name
        self.runs = 0
        self.recorded: set[str] = set()

    def made(self, draft: Draft) -> Made | Failed:
        """The block of a draft, or why there is none."""
        body, edits, seen = draft.body, list(draft.edits), set[str]()
        holes = dict(draft.holes)
        wanted: dict[str, Wanted] | None = None
        code, last = "", "no draft"
        first = self.runs
        while self.runs - first < MOST_RUNS:
            tree = parse(body)
            if not isinstance(tree, ast.Module):
                return Failed(draft.figure, "broken", tree.message, body, tuple(edits))
            names = unbound_names(tree, holes)
            open_holes = [holes.get(name, Hole(name)) for name in names]
            if wanted is None or set(wanted) != set(names):
                told = _with_columns(infer(tree, open_holes), open_holes, draft.program)
                wanted = {**told, **_still(wanted, names)}
                if any(one.kind == "unknown" for one in wanted.values()):
                    wanted = self._learnt(body, wanted) or wanted
            supplied = self._written(wanted, open_holes, tree)
            code = _with_values(body, supplied)
            if code in seen:
                break
            seen.add(code)
            execution = self._run(code)
            if execution.status == "ok" and drawn(execution).drew:
                every = (*edits, *(f"supplied {name}" for name in names))
                return Made(
                    draft.figure, code, tuple(names), tuple(dict.fromkeys(every)), execution
                )
            last = _said(execution)
            if execution.status != "error":
                break
            failure, statement = self._failure(code, tree, execution)
            mended = self._mended(tree, body, execution, failure, statement, wanted, holes)
            if mended is None:
                break
            body, wanted, new_edits = mended
            edits += new_edits
        return Failed(draft.figure, _reason(last), last, code, tuple(edits))

    def _learnt(self, body: str, wanted: dict[str, Wanted]) -> dict[str, Wanted] | None:
        """What a run with recorders in the place of the values tells; None where it is nothing new,
        or was asked for before."""
        if not wanted or body in self.recorded:
            return None
        self.recorded.add(body)
        names = sorted(wanted)
        told = read(self._run(with_recorders(body, names, known=wanted)), names)
        merged = {n: merge(w, told[n]) if n in told else w for n, w in wanted.items()}
        return merged if merged != wanted else None

    def _run(self, code: str) -> Execution:
        self.runs += 1
        return self.judge(Script(id=content_id(code), code=code, name=self.script_name))

    def _written(
        self, wanted: dict[str, Wanted], holes: list[Hole], tree: ast.Module
    ) -> list[Supplied]:
        if not holes:
            return []
        taken = frozenset(node.id for node in walk(tree) if isinstance(node, ast.Name)) | frozenset(
            name for one in walk(tree) if isinstance(one, Import) for name in bound_by_import(one)
        )
        seed = int(digest(ast.dump(tree))[:8], 16) % 1000
        return write(wanted, holes, seed, taken)

    def _failure(
        self, code: str, body: ast.Module, execution: Execution
    ) -> tuple[Failure, ast.stmt | None]:
        """What failed, and the body's statement whose turn it was; None where it is one that
        supplies a value, or not known. The line is that of the innermost statement of the body."""
        lines = [int(one) for one in LINE.findall(execution.error)]
        tree = parse(code)
        outer = inner = None
        line = 0
        if lines and isinstance(tree, ast.Module):
            outer, inner = (_at(tree, body, one) for one in (lines[0], lines[-1]))
        if inner is not None:
            line = inner.lineno + lines[-1] - _top(tree, lines[-1]).lineno  # type: ignore[arg-type,union-attr]
        text = ast.unparse(outer) if outer is not None else ""
        return Failure(execution.error_type, execution.error_message, line, text), outer

    def _mended(
        self,
        tree: ast.Module,
        body: str,
        execution: Execution,
        failure: Failure,
        statement: ast.stmt | None,
        wanted: dict[str, Wanted],
        holes: dict[str, Hole],
    ) -> tuple[str, dict[str, Wanted] | None, list[str]] | None:
        """(body, wanted, edits) to run next; None where nothing is left to try."""
        if lacking := _lacking(execution, tree):
            outcome = without_lacking(tree.body, self.importable, lacking)
            holes |= {k: v for k, v in outcome.holes.items() if k not in holes}
            made = self._again(outcome.body, body)
            return None if made is None or made == body else (made, None, outcome.dropped)
        renamed = mend_by_rename(tree, failure.error_type, failure.message, failure.line)
        if renamed:
            return tidy(render(tree.body, body)), wanted, list(renamed)
        revised = revise(wanted, failure, tree) if wanted else None
        if revised is not None:
            return body, revised, []
        learnt = self._learnt(body, wanted)
        if learnt is not None:
            return body, learnt, []
        return self._cut(tree, body, statement, failure.line, holes)

    def _again(self, statements: list[ast.stmt], body: str) -> str | None:
        """The text of statements, sliced anew: what only fed what went goes too."""
        text = render(statements, body)
        tree = parse(text)
        if not isinstance(tree, ast.Module):
            return None
        found = list(islice(slices(tree.body), MOST_FIGURES))
        if not found:
            return None
        most = max(found, key=lambda one: len(one.body))
        return tidy(render(most.body, text))

    def _cut(
        self,
        tree: ast.Module,
        body: str,
        statement: ast.stmt | None,
        line: int,
        holes: dict[str, Hole],
    ) -> tuple[str, dict[str, Wanted] | None, list[str]] | None:
        """The body without the failing statement."""
        if statement is None or isinstance(statement, Import):
            return None
        calls = FigureCalls(tree, Origins(tree))
        inner = _innermost(tree, line)
        if inner is not None and inner is not statement and isinstance(inner, ast.Expr):
            what = f"dropped {_brief(inner)}"
            _Without(inner).visit(tree)
            return tidy(render(tree.body, body)), None, [what]
        place = next(i for i, one in enumerate(tree.body) if one is statement)
        rest = [*tree.body[:place], *tree.body[place + 1 :]]
        binds = touched(statement).binds | touched(statement).changes
        if calls.draws(statement):
            if binds & calls.holders:
                return None
            what = f"dropped {_brief(statement)}"
        else:
            what = f"dropped {_brief(statement)}"
            rest = [
                one
                for i, one in enumerate(rest)
                if i >= place
                or not (isinstance(one, ast.Assign) and touched(one).binds <= binds)
                or not touched(one).binds
            ]
            for name in sorted(binds):
                holes.setdefault(name, Hole(name))
        made = self._again(rest, body)
        return None if made is None else (made, None, [what])


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


def _still(wanted: dict[str, Wanted] | None, names: list[str]) -> dict[str, Wanted]:
    """What is known already of names that are still holes."""
    return {name: one for name, one in (wanted or {}).items() if name in names}


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


def _top(tree: ast.Module, line: int) -> ast.stmt | None:
    """The statement at the top that a line is in."""
    at = [one for one in tree.body if one.lineno <= line <= (one.end_lineno or one.lineno)]
    return at[-1] if at else None


def _at(tree: ast.Module, body: ast.Module, line: int) -> ast.stmt | None:
    """The body's statement that is the one at a line of the whole script; None where that is one
    that supplies a value."""
    statement = _top(tree, line)
    if statement is None:
        return None
    text = ast.dump(statement)
    before = sum(ast.dump(one) == text for one in tree.body[: tree.body.index(statement)])
    alike = [one for one in body.body if ast.dump(one) == text]
    return alike[before] if before < len(alike) else None


def _innermost(tree: ast.Module, line: int) -> ast.stmt | None:
    found = [
        node
        for node in walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return found[-1] if found else None


class _Without(ast.NodeTransformer):
    """Takes one statement out of a tree; a body that is empty then passes."""

    def __init__(self, statement: ast.stmt) -> None:
        self.statement = statement

    def visit(self, node: ast.AST) -> Any:
        if node is self.statement:
            return None
        self.generic_visit(node)
        if isinstance(node, ast.stmt) and getattr(node, "body", None) == []:
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node


def _brief(statement: ast.stmt) -> str:
    text = ast.unparse(statement).partition("\n")[0]
    return text if len(text) <= 60 else f"{text[:57]}..."


def _with_values(body: str, supplied: list[Supplied]) -> str:
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
