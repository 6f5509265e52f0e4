"""What `library_use`, the scan and `CHILD_FIELDS` promise, over real files."""

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from viscode.core.hashing import digest
from viscode.libraries.detect import library_use, may_plot
from viscode.libraries.names import CHILD_FIELDS, imported_modules
from viscode.libraries.registry import MODULES
from viscode.libraries.scan import imported_roots
from viscode.text.python_text import ParseFailure, parse

FILES = 3000
BUDGET_S = 3
ANY_MODULES = re.compile("|".join(sorted(MODULES)))
LEAVES = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


def real_trees() -> Iterator[tuple[str, ast.Module]]:
    """Texts of the scripts' environment that name a known package, as far as they parse, chosen
    by the hash of their names."""
    found = set(Path(".venv-plots").rglob("*.py"))
    if len(found) < FILES:
        pytest.skip("no environment with packages here: run make setup")
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
        assert may_plot(text) or not found.drawn
        assert roots_of(imported_modules(ast.walk(tree))) & MODULES <= imported_roots(text)
        for node in ast.walk(tree):
            below = {name for name, value in ast.iter_fields(node) if holds_nodes(value)}
            assert below <= set(CHILD_FIELDS[type(node)])
        seen, drawn = seen + 1, drawn + bool(found.drawn)
    assert seen > 20
    assert drawn > 2


def roots_of(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def holds_nodes(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(one, ast.AST) and not isinstance(one, LEAVES) for one in values)
