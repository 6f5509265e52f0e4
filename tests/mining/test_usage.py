"""`usage` and the scan against a slow, plain reading of the same rules, over real files."""

import ast
import re
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from viscode.hashing import digest
from viscode.mining.frames import FRAME_CALLS, FRAME_KEYWORDS, FRAME_NAME, KINDS, METHODS
from viscode.mining.libraries import Usage, may_plot, usage
from viscode.mining.names import aliases, chain, dotted, imported_modules, star_imports, walk
from viscode.mining.scan import imported_roots
from viscode.mining.syntax import ParseFailure, parse
from viscode.mining.vocabulary import (
    DRAWERS,
    FRAME_METHODS,
    FRAME_SETUP,
    KNOWN,
    ROOTS,
    SETUP,
    STARRED,
)

FILES = 3000
BUDGET_S = 4
ANY_KNOWN = re.compile("|".join(sorted(KNOWN)))
LEAVES = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


def real_trees() -> Iterator[tuple[str, ast.Module]]:
    """Texts of the standard library and of both environments that name a known package, as far
    as they parse, chosen by the hash of their names."""
    roots = [Path(sysconfig.get_paths()["stdlib"]), Path(".venv"), Path(".venv-plots")]
    found = {path for root in roots if root.is_dir() for path in root.rglob("*.py")}
    if len(found) < FILES:
        pytest.skip("no environments with packages here: run make setup")
    deadline = time.monotonic() + BUDGET_S
    for path in sorted(found, key=lambda path: digest(*path.parts[-3:]))[:FILES]:
        text = path.read_bytes().decode("utf-8", "replace")
        if ANY_KNOWN.search(text) and not isinstance(tree := parse(text), ParseFailure):
            yield text, tree
        if time.monotonic() > deadline:
            return


def test_real_files_agree_with_the_slow_reading() -> None:
    seen = drawn = 0
    for text, tree in real_trees():
        expected = slow_usage(tree)
        assert usage(tree) == usage(tree, list(ast.walk(tree))) == expected
        assert may_plot(text) or not expected.drawn
        assert roots_of(imported_modules(ast.walk(tree))) & KNOWN <= imported_roots(text)
        assert walk(tree) == [node for node in ast.walk(tree) if not isinstance(node, LEAVES)]
        seen, drawn = seen + 1, drawn + bool(expected.drawn)
    assert seen > 50
    assert drawn > 5


def slow_usage(tree: ast.Module) -> Usage:
    nodes, bound = list(ast.walk(tree)), aliases(tree)
    roots = roots_of(imported_modules(nodes))
    inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    drawn = {
        drawn_by(dotted(node, bound))
        for node in nodes
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner
        if is_imported(node, bound)
    }
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    if any(isinstance(call.func, ast.Name) and call.func.id in STARRED for call in calls):
        drawn |= {ROOTS.get(root, "") for root in roots_of(star_imports(tree))}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    drawn |= {
        ROOTS[r] for r, method in FRAME_METHODS.items() if r in roots and method in attributes
    }
    methods = [call for call in calls if isinstance(call.func, ast.Attribute)]
    if roots & set(DRAWERS) and any(method_draws(call, bound) for call in methods):
        drawn.add("matplotlib")
    if frame_draws(nodes, methods, bound):
        drawn.add("pandas")
    imported = {ROOTS[root] for root in roots & ROOTS.keys()}
    return Usage(tuple(sorted(drawn - {""})), tuple(sorted(imported)))


def roots_of(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def is_imported(node: ast.expr, bound: dict[str, str]) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in bound


def drawn_by(path: str) -> str:
    root, *rest = path.split(".")
    last = rest[-1] if rest else ""
    if root == "networkx":
        return "networkx" if last.startswith("draw") else ""
    if root == "pandas":
        return "pandas" if "plotting" in rest[:-1] and last not in FRAME_SETUP else ""
    if root in DRAWERS:
        told = re.fullmatch(r"dendrogram|plot_.*|qqplot.*|.*plot|.*_plot_2d|.*Display", last)
        return "matplotlib" if told or "graphics" in rest else ""
    return "" if root not in ROOTS or SETUP[ROOTS[root]] & set(rest) else ROOTS[root]


def method_draws(call: ast.Call, bound: dict[str, str]) -> bool:
    root, *rest = chain(call.func)
    named = rest[-1].startswith("plot_") or any(n.endswith("Display") for n in (root, *rest))
    return named and root != "self" and bound.get(root, "").partition(".")[0] not in ROOTS


def frame_draws(nodes: list[ast.AST], methods: list[ast.Call], bound: dict[str, str]) -> bool:
    imported = roots_of(set(bound.values()))
    loads = {path_through(node.func, bound) for node in nodes if isinstance(node, ast.Call)}
    if "pandas" not in imported and not ("seaborn" in imported and loads & FRAME_CALLS):
        return False
    frames: set[str] = set()
    assigns = [node for node in nodes if isinstance(node, ast.Assign)]
    for node in sorted(assigns, key=lambda node: node.lineno):
        path, parts = path_through(node.value, bound), chain(node.value)
        frame = parts[0] in frames or path.startswith("pandas.") or path in FRAME_CALLS
        if parts != [""] and frame and not METHODS & set(parts[1:]):
            frames |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return any(call_draws(call, frames, bound) for call in methods)


def path_through(node: ast.expr, bound: dict[str, str]) -> str:
    root, *rest = chain(node)
    return ".".join([bound.get(root, root), *rest])


def call_draws(call: ast.Call, frames: set[str], bound: dict[str, str]) -> bool:
    root, *rest = chain(call.func)
    path = bound.get(root, "").split(".")
    if path[0] == "pandas":
        told = {*path, *rest} & {"plotting"} or METHODS & set(rest)
        return bool(told) and rest[-1] not in FRAME_SETUP
    loaded = ".".join([*path, rest[0]]) in FRAME_CALLS
    if path != [""] and not loaded:
        return False
    accessor = rest[-1] in KINDS and rest[-2:-1] == ["plot"]
    known = root in frames or loaded or accessor
    named = any(FRAME_NAME.search(name) for name in (root, *rest[:-1]))
    keywords = {keyword.arg for keyword in call.keywords} & FRAME_KEYWORDS
    return (accessor or rest[-1] in METHODS) and bool(known or named or keywords)
