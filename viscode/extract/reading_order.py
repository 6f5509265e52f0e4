"""Names that a script reads before anything binds them."""

import ast
from collections.abc import Container

from viscode.extract.missing import BUILTINS, MODULE
from viscode.extract.touching import (
    Definition,
    Import,
    Reach,
    bound_by_import,
    definitions,
    touched,
)


def unbound_names(tree: ast.Module, holes: Container[str] = ()) -> list[str]:
    """Names that are read before they are bound, or bound nowhere, in the order of their first
    reading. A function's names count where it is called. Behind a star import, which may bind
    anything, only names of `holes` count."""
    known = definitions(tree.body)
    reach, bound = Reach(known), set(BUILTINS | MODULE) | known.keys()
    for one in tree.body:
        if isinstance(one, Import):
            bound |= set(bound_by_import(one))
    starred = "*" in bound
    found: dict[str, None] = {}
    for one in tree.body:
        if isinstance(one, Definition | Import):
            continue
        made = touched(one)
        for name in sorted(reach(made.reads) - bound):
            if not starred or name in holes:
                found[name] = None
        bound |= made.binds
    return list(found)
