"""Names that a script reads but never binds, found in the compiler's own symbol tables.

Only reached code counts (`names.reached`): a function that nothing calls may read what it likes.
The order of binding and reading is not checked.
"""

import ast
import builtins
import symtable
from collections.abc import Iterator

from viscode.libraries.names import star_imports

NOTEBOOK_NAMES = frozenset({"display", "get_ipython", "In", "Out", "_", "__", "___"})
MODULE_NAMES = frozenset(
    {
        *("__annotations__", "__builtins__", "__class__", "__doc__", "__loader__", "__module__"),
        *("__name__", "__package__", "__qualname__", "__spec__"),
    }
)
"""`__file__` is missing on purpose: only what came from a file has one."""
KNOWN = frozenset(dir(builtins)) | NOTEBOOK_NAMES | MODULE_NAMES


def undefined_names(
    text: str, tree: ast.Module, functions: frozenset[tuple[str, int]], *, from_file: bool = False
) -> tuple[str, ...]:
    """Names that fail when read, sorted. Empty where a star import hides what is bound, and
    where the tables cannot be built. `functions` are those reached, by name and line; `from_file`:
    the script is a .py file, so that `__file__` is bound."""
    if star_imports(ast.walk(tree)):
        return ()
    try:
        top = symtable.symtable(text, "<script>", "exec")
    except (SyntaxError, RecursionError, ValueError):
        return ()
    bound = _module_names(top) | KNOWN | ({"__file__"} if from_file else set())
    own = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    inner = {name for table in _reached_tables(top, functions) for name in _globals_read(table)}
    return tuple(sorted((own | inner) - bound))


def _module_names(top: symtable.SymbolTable) -> set[str]:
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    pending = list(top.get_children())
    for table in pending:
        bound.update(
            s.get_name()
            for s in table.get_symbols()
            if s.is_declared_global() and (s.is_assigned() or s.is_imported())
        )
        pending.extend(table.get_children())
    return bound


def _globals_read(table: symtable.SymbolTable) -> set[str]:
    return {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}


def _reached_tables(
    table: symtable.SymbolTable, functions: frozenset[tuple[str, int]]
) -> Iterator[symtable.SymbolTable]:
    """Inner tables that run: classes, comprehensions and lambdas always, functions if reached."""
    for child in table.get_children():
        name, line = child.get_name(), child.get_lineno()
        if (
            child.get_type() == "function"
            and name.isidentifier()
            and name not in ("lambda", "genexpr", "listcomp", "setcomp", "dictcomp")
            and (name, line) not in functions
        ):
            continue
        yield child
        yield from _reached_tables(child, functions)
