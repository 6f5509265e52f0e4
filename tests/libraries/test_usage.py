"""What `library_use`, the scan and `children` promise, over real files."""

import ast
import re
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from viscode.core.hashing import digest
from viscode.libraries.detect import library_use, may_plot
from viscode.libraries.names import aliases, chain, children, dotted, imported_modules
from viscode.libraries.registry import MODULES, ROOTS
from viscode.libraries.scan import imported_roots
from viscode.libraries.syntax import ParseFailure, parse

FILES = 3000
BUDGET_S = 4
ANY_MODULES = re.compile("|".join(sorted(MODULES)))
LEAVES = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


def real_trees() -> Iterator[tuple[str, ast.Module]]:
    """Texts of the standard library and of both environments that name a known package, as far
    as they parse, chosen by the hash of their names."""
    roots = [Path(sysconfig.get_paths()["stdlib"]), Path(".venv"), Path(".venv-plots")]
    found = {path for root in roots if root.is_dir() for path in root.rglob("*.py")}
    if len(found) < FILES:
        pytest.skip("no environments with packages here: run make setup")
    deadline = time.process_time() + BUDGET_S
    for path in sorted(found, key=lambda path: digest(*path.parts[-3:]))[:FILES]:
        text = path.read_bytes().decode("utf-8", "replace")
        if ANY_MODULES.search(text) and not isinstance(tree := parse(text), ParseFailure):
            yield text, tree
        if time.process_time() > deadline:
            return


def test_real_files_keep_the_promises() -> None:
    seen = drawn = 0
    for text, tree in real_trees():
        found = library_use(tree)
        assert found == library_use(tree, list(ast.walk(tree)))
        assert plainly_drawn(tree) <= set(found.drawn)
        assert may_plot(text) or not found.drawn
        assert roots_of(imported_modules(ast.walk(tree))) & MODULES <= imported_roots(text)
        for node in ast.walk(tree):
            below = [one for one in ast.iter_child_nodes(node) if not isinstance(one, LEAVES)]
            assert children(node) == below
        seen, drawn = seen + 1, drawn + bool(found.drawn)
    assert seen > 20
    assert drawn > 2


def roots_of(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def plainly_drawn(tree: ast.Module) -> set[str]:
    """Libraries that are called by a name which only imports bind: a part of what `library_use`
    finds, told another way."""
    bound, nodes = aliases(tree), list(ast.walk(tree))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    others = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    others |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    others |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    handlers = [node for node in nodes if isinstance(node, ast.ExceptHandler)]
    others |= {node.name for node in handlers if node.name}
    imports = Counter(
        name.asname or name.name.partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    )
    once = {n: path for n, path in bound.items() if imports[n] == 1 and n not in others}
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    top = {
        name.asname or name.name.partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    paths = [dotted(c.func, once) for c in calls if chain(c.func)[0] in once.keys() & top]
    return {drawn_by(path) for path in paths if path} - {""}


def drawn_by(path: str) -> str:
    root, *rest = path.split(".")
    library = ROOTS.get(root)
    return "" if library is None or library.setup & set(rest) else library.name
