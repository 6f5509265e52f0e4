"""Runs a script with recorders in the place of what is missing, again and again while it learns.

Each pass is cut short where a value turns out to be another one than was made; in the last one the
script runs to its end, or fails as it would with the values that are known by then. What was learnt
is printed as one line of text (report.py), the script's own output is not.
"""

from __future__ import annotations

import ast
import importlib
import io
import json
import random
import signal
import sys
import warnings
from contextlib import suppress
from typing import Any

from . import border, lessons, protocol, report
from .beginning import nodes_of
from .nodes import Again
from .states import SCRIPT, Pass, Recorder, State

PASSES = 16
SECONDS = 12.0
LIBRARIES = ("numpy", "pandas")  # that values are made with
CALL, SUBSCRIPT = "_viscode_call", "_viscode_item"
FRAMES = frozenset(
    {"super", "locals", "globals", "vars", "dir", "eval", "exec"}
)  # see their caller


class Late(BaseException):
    """The time is over."""


class Instrumented(ast.NodeTransformer):
    """Calls go through `border.call`, items by computed keys through `border.subscript`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in FRAMES:
            return node
        return self._through(CALL, node, [node.func, *node.args], node.keywords)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        fixed = isinstance(node.slice, ast.Constant | ast.Slice | ast.Tuple)
        if fixed or not isinstance(node.ctx, ast.Load):
            return node
        return self._through(SUBSCRIPT, node, [node.value, node.slice], [])

    def _through(
        self, name: str, node: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]
    ) -> ast.AST:
        made = ast.Call(ast.Name(name, ast.Load()), args, keywords)
        return ast.fix_missing_locations(ast.copy_location(made, node))


class Runs:
    """`known`: what is missing, each with what is known of it already (beginning.py)."""

    def __init__(self, code: str, fixed: str, known: dict[str, dict[str, Any]]) -> None:
        self.known = known
        tree = Instrumented().visit(ast.parse(code))
        self.program = compile(ast.fix_missing_locations(tree), SCRIPT, "exec")
        self.fixed = compile(fixed, "fixed.py", "exec")
        self.nodes = nodes_of(known)

    def all(self) -> BaseException | None:
        """All passes; the error that the script ended with."""
        for left in reversed(range(PASSES)):
            try:
                self.once()
            except Again as error:
                if not left:
                    return error
            except (Late, KeyboardInterrupt) as error:
                return error
            except SystemExit:
                return None
            except BaseException as error:  # noqa: BLE001 - whatever the script raises
                if not left or not (self.learns(error) or self.forgets()):
                    return error
            else:
                return None
        return None

    def learns(self, error: BaseException) -> bool:
        with suppress(Again):
            return lessons.learn(error)
        return True

    def forgets(self) -> bool:
        """Whether there was something known at the start that may be wrong: it is forgotten."""
        if not any(self.known.values()):
            return False
        self.known = {name: {} for name in self.known}
        self.nodes = nodes_of(self.known)
        return True

    def once(self) -> None:
        for node in self.nodes.values():
            node.begin()
        Pass.begin()
        random.seed(0)
        importlib.import_module("numpy").random.seed(0)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        world: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        world |= {CALL: border.call, SUBSCRIPT: border.subscript}
        exec(self.fixed, world)  # noqa: S102 - in the sandbox
        for name, node in self.nodes.items():
            world.setdefault(name, Recorder(State(node)))
        exec(self.program, world)  # noqa: S102


def stop(*_: object) -> None:
    raise Late("the script with recorders took too long")


def main(code: str, fixed: str, known: str) -> None:
    """Run and report; then raise what the script raised.

    Raises:
        BaseException: the script's error.
    """
    protocol.install()
    for library in LIBRARIES:
        importlib.import_module(library)
    with suppress(ImportError):
        importlib.import_module("matplotlib").use("Agg")
    runs = Runs(code, fixed, json.loads(known))
    output, sys.stdout = sys.stdout, io.StringIO()
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1.0)
    error: BaseException | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            error = runs.all()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout = output
        output.write(report.line(runs.nodes, error) + "\n")
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
    if error is not None:
        raise error
