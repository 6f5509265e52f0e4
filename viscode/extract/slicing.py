"""A straight program -> for each figure that it makes the statements that reach it.

Backwards from what draws on the figure, through what is assigned and changed, in loops and branches
too; functions, classes and imports come along where a name of theirs is read. What prints, waits,
logs or saves goes; a save becomes the display of the figure, where nothing else shows it.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from viscode.extract.figures import FigureCalls, groups
from viscode.extract.touching import (
    Definition,
    Import,
    Reach,
    Touched,
    bound_by_import,
    changed_by_call,
    definitions,
    free_names,
    touched,
    walk,
)
from viscode.libraries.names import PYPLOT, chain, imported_names

MOST_ROUNDS = 4
MOST_LOOPS = 3
"""A loop that is inside of so many, itself counted, or whose needs grow for so many rounds, needs
all that it reads: rounds within rounds take exponential time."""
LEAVING = (ast.Break, ast.Continue, ast.Return, ast.Global, ast.Nonlocal, ast.Pass)
SEEDING = re.compile(
    r"^(?:numpy\.random|random|torch|tensorflow\.random)\.(?:seed|set_seed|manual_seed)$"
)
RANDOM = re.compile(r"^(?:numpy\.random|random)\.|^sklearn\.|^scipy\.stats\.")


@dataclass(frozen=True)
class Slice:
    """The statements of one figure. `edits` says what went; `line` is the first one's; `marks`:
    something is put on the figure."""

    body: list[ast.stmt]
    edits: tuple[str, ...]
    line: int
    marks: bool


def slices(body: list[ast.stmt]) -> Iterator[Slice]:
    """One for each figure, in the order in which they begin. Bodies are edited in place."""
    slicer = _Slicer(body)
    return (slicer.slice(places) for places in groups(slicer.body, slicer.calls))


@dataclass
class _Pass:
    """What a walk from the end to the start has found so far."""

    needed: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    left_out: int = 0
    random: bool = False


class _Slicer:
    def __init__(self, body: list[ast.stmt]) -> None:
        tree = ast.Module(body, [])
        self.calls = FigureCalls(tree)
        self.origins = self.calls.origins
        self.functions = definitions(body)
        self.reach = Reach(self.functions)
        self._loops = 0  # around what is looked at
        self._touched: dict[int, tuple[ast.stmt, Touched]] = {}
        self.modules = {
            name for one in walk(tree) if isinstance(one, Import) for name in bound_by_import(one)
        }
        self.pyplot = next(
            (
                bound
                for one in walk(tree)
                if isinstance(one, Import)
                for bound, path in imported_names(one)
                if path == PYPLOT
            ),
            "",
        )
        self.body = self._displays(body)

    def slice(self, places: list[int]) -> Slice:
        seeds, state = set(places), _Pass()
        chosen: dict[int, ast.stmt] = {}
        for place in range(places[-1], -1, -1):
            statement = self.body[place]
            if isinstance(statement, Definition | Import):
                continue
            kept = self._kept(statement, state, seed=place in seeds)
            if kept is not None:
                chosen[place] = kept
        self._add_ground(chosen, state)
        body = self._shown([chosen[place] for place in sorted(chosen)])
        edits = (["sliced"] if state.left_out else []) + sorted(state.dropped)
        line = getattr(self.body[places[0]], "lineno", 0)
        return Slice(body, tuple(edits), line, any(map(self.calls.marks, body)))

    def _add_ground(self, chosen: dict[int, ast.stmt], state: _Pass) -> None:
        """The definitions and imports that are needed, at their places."""
        needed = self.reach(state.needed)
        bound = {name for one in chosen.values() for name in touched(one).binds}
        if self.pyplot:
            needed.add(self.pyplot)
        for place, statement in enumerate(self.body):
            if isinstance(statement, Definition):
                if statement.name in needed and self.functions[statement.name] is statement:
                    chosen[place] = self._pruned(statement, state)
                else:
                    state.left_out += 1
        names = {
            name
            for one in chosen.values()
            if isinstance(one, Definition)
            for name in free_names(one)
        }
        needed |= names
        for place, statement in enumerate(self.body):
            if isinstance(statement, Import) and _module(statement) != "__future__":
                binds = set(bound_by_import(statement))
                if binds & needed or ("*" in binds and needed - bound):
                    chosen[place] = statement

    # Backwards.

    def _kept(self, statement: ast.stmt, state: _Pass, *, seed: bool) -> ast.stmt | None:
        """The statement, or what of it is needed; None where nothing is."""
        touch = self._touch(statement)
        if self.calls.is_style(statement):
            state.needed |= self._reads(touch)
            return statement
        if self.calls.is_noise(statement):
            state.dropped.add(f"dropped {_callee(statement)}")
            return None
        if self._is_seeding(statement):
            if state.random:
                state.needed |= self._reads(touch)
                return statement
            return None
        if not seed and not (touch.binds | touch.changes) & state.needed:
            state.left_out += 1
            return None
        kept = self._inner(statement, state, seed=seed)
        if kept is None:
            state.left_out += 1
            return None
        touch = self._touch(kept) if kept is not statement else touch
        state.needed -= touch.kills
        if seed:  # what this figure draws itself it does not take from another one
            state.needed -= touch.binds & self.calls.holders
        state.needed |= self._reads(touch)
        state.random = state.random or self._is_random(kept)
        return kept

    def _inner(self, statement: ast.stmt, state: _Pass, *, seed: bool) -> ast.stmt | None:
        """A compound statement without what is not needed inside."""
        names = [name for name in ("body", "orelse", "finalbody") if getattr(statement, name, None)]
        if not names or isinstance(statement, Definition):
            return statement
        loops = isinstance(statement, ast.For | ast.AsyncFor | ast.While)
        self._loops += loops
        after = set(state.needed)
        if loops and self._loops >= MOST_LOOPS:
            after |= self.reach(_loaded(statement))
        made = copy.copy(statement)
        if isinstance(statement, ast.Try):
            handlers = []
            for handler in statement.handlers:
                inner = copy.copy(handler)
                inner.body, _ = self._body(handler.body, after, state, seed=seed)
                inner.body = inner.body or [ast.Pass()]
                handlers.append(inner)
            made.handlers = handlers  # type: ignore[attr-defined]
        for name in names:
            body, before = self._body(getattr(statement, name), after, state, seed=seed)
            rounds = 0
            while loops and not before <= after:
                rounds += 1
                after |= before if rounds < MOST_ROUNDS else self.reach(_loaded(statement))
                body, before = self._body(getattr(statement, name), after, state, seed=seed)
            setattr(made, name, body)
        self._loops -= loops
        if not any(_does_something(one) for name in names for one in getattr(made, name)):
            return None
        if not made.body:  # type: ignore[attr-defined]
            made.body = [ast.Pass()]  # type: ignore[attr-defined]
        return made

    def _body(
        self, body: Sequence[ast.stmt], after: set[str], state: _Pass, *, seed: bool
    ) -> tuple[list[ast.stmt], set[str]]:
        """What is needed of an inner body, and the names that it needs from before."""
        inner = _Pass(needed=set(after), random=state.random)
        found: list[ast.stmt] = []
        for one in reversed(body):
            if isinstance(one, LEAVING):
                inner.needed |= self._reads(self._touch(one))
                found.append(one)
                continue
            draws = seed and (self.calls.draws(one) or self._shows(one))
            kept = self._kept(one, inner, seed=draws)
            if kept is not None:
                found.append(kept)
        state.dropped |= inner.dropped
        state.left_out += inner.left_out
        state.random = state.random or inner.random
        return found[::-1], inner.needed

    def _shows(self, statement: ast.stmt) -> bool:
        return any(
            isinstance(one, ast.Call) and self.calls.kind(one) in ("show", "save")
            for one in walk(statement)
        )

    def _touch(self, statement: ast.stmt) -> Touched:
        known = self._touched.get(id(statement))
        if known is not None:
            return known[1]
        found = touched(statement)
        for inner in walk(statement):
            if isinstance(inner, ast.Expr):
                changed = changed_by_call(inner)
                found.changes |= changed & self.calls.holders if self._draws(inner) else changed
        found.changes -= self.modules
        self._touched[id(statement)] = statement, found  # kept, so that no other gets its id
        return found

    def _draws(self, statement: ast.Expr) -> bool:
        """Whether it is a call that draws: it changes figures, not what it draws."""
        call = statement.value
        return isinstance(call, ast.Call) and self.calls.kind(call) not in ("", "show", "save")

    def _reads(self, touch: Touched) -> set[str]:
        return self.reach(touch.reads)

    def _is_seeding(self, statement: ast.stmt) -> bool:
        value = statement.value if isinstance(statement, ast.Expr) else None
        return isinstance(value, ast.Call) and bool(SEEDING.match(self.origins.path(value.func)))

    def _is_random(self, statement: ast.stmt) -> bool:
        return any(
            isinstance(one, ast.Call) and RANDOM.match(self.origins.path(one.func))
            for one in walk(statement)
        )

    # Helpers and display.

    def _pruned(self, statement: ast.stmt, state: _Pass) -> ast.stmt:
        """A definition without prints and saves."""
        made = copy.copy(statement)
        made.body = self._quiet(statement.body, state) or [ast.Pass()]  # type: ignore[attr-defined]
        return made

    def _quiet(self, body: Sequence[ast.stmt], state: _Pass) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for one in body:
            docstring = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            if self.calls.is_noise(one) and not docstring:
                state.dropped.add(f"dropped {_callee(one)}")
                continue
            if isinstance(one, ast.Assert):
                continue
            names = [n for n in ("body", "orelse", "finalbody") if getattr(one, n, None)]
            if not names:
                found.append(one)
                continue
            made = copy.copy(one)
            for name in names:
                setattr(made, name, self._quiet(getattr(one, name), state))
            if not any(getattr(made, name) for name in names):
                continue
            if not made.body:  # type: ignore[attr-defined]
                made.body = [ast.Pass()]  # type: ignore[attr-defined]
            found.append(made)
        return self._shown_in(found)

    def _shown(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """With saves as displays; a display at the end if there is none anywhere."""
        body = self._shown_in(body)
        if any(self._shows(one) for one in body):
            return body
        if self.pyplot:
            return [*body, self._show()]
        figures = [name for one in body for name in self._plotly_names(one)]
        return [*body, *ast.parse(f"{figures[-1]}.show()").body] if figures else body

    def _plotly_names(self, statement: ast.stmt) -> list[str]:
        """The names to which a statement binds a figure of plotly."""
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            return []
        path = self.origins.path(statement.value.func)
        new = path.startswith("plotly.") and self.calls.kind(statement.value) == "new"
        return [one.id for one in statement.targets if new and isinstance(one, ast.Name)]

    def _shown_in(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for one in body:
            made = one
            for name in ("body", "orelse", "finalbody"):
                if getattr(made, name, None) and not isinstance(made, Definition):
                    made = copy.copy(made) if made is one else made
                    setattr(made, name, self._shown_in(getattr(made, name)))
            found.append(made)
        shows = [place for place, one in enumerate(found) if self._is_show(one)]
        for place, following in zip(shows[-2::-1], shows[:0:-1], strict=True):
            between = found[place + 1 : following]
            if not any(self._begins(one) for one in between):
                del found[place]
        return found

    def _begins(self, statement: ast.stmt) -> bool:
        return any(
            isinstance(one, ast.Call) and self.calls.kind(one) == "new" for one in walk(statement)
        )

    def _is_show(self, statement: ast.stmt) -> bool:
        return isinstance(statement, ast.Expr) and (
            isinstance(statement.value, ast.Call) and chain(statement.value.func)[-1] == "show"
        )

    def _displays(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements, with all inside them, with saves as displays."""
        found = []
        for one in body:
            made = self._displayed(one)
            for name in ("body", "orelse", "finalbody"):
                if getattr(made, name, None):
                    setattr(made, name, self._displays(getattr(made, name)))
            found.append(made)
        return found

    def _displayed(self, statement: ast.stmt) -> ast.stmt:
        """`plt.savefig("x.png")` as `plt.show()`."""
        value = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(value, ast.Call) or self.calls.kind(value) != "save":
            return statement
        names = chain(value.func)
        if names[-1].startswith(("write_", "to_html")) and names[0]:
            shown = ast.parse(f"{names[0]}.show()").body[0]
        elif self.pyplot:
            shown = self._show()
        else:
            return _without_folder(statement, value)
        return shown

    def _show(self) -> ast.stmt:
        shown = ast.parse(f"{self.pyplot}.show()").body[0]
        return shown


def _without_folder(statement: ast.stmt, call: ast.Call) -> ast.stmt:
    """The save with the base name of its path, where that is a text."""
    if not call.args or not isinstance(call.args[0], ast.Constant):
        return statement
    name = str(call.args[0].value).replace("\\", "/").rpartition("/")[2]
    made = copy.deepcopy(statement)
    made.value.args[0] = ast.Constant(name)  # type: ignore[attr-defined]
    return made


def _loaded(node: ast.AST) -> set[str]:
    names = (one for one in walk(node) if isinstance(one, ast.Name))
    return {one.id for one in names if isinstance(one.ctx, ast.Load)}


def _does_something(statement: ast.stmt) -> bool:
    return not isinstance(statement, LEAVING)


def _module(statement: Import) -> str:
    return statement.module or "" if isinstance(statement, ast.ImportFrom) else ""


def _callee(statement: ast.stmt) -> str:
    value = getattr(statement, "value", None)
    return ".".join(filter(None, chain(value.func))) if isinstance(value, ast.Call) else "text"
