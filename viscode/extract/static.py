"""Selected files -> standalone blocks (paper 3.1), by static analysis.

The paper has a language model cut a minimal plotting block out of each file and inject mock data.
This method changes nothing: a file that is standalone already passes, every other one is rejected
with the reason. Nothing is run; a script that passes may still fail when it is executed.
"""

import ast
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Block, SelectedFile
from viscode.extract import needs
from viscode.libraries.detect import library_use
from viscode.libraries.names import reached
from viscode.libraries.origins import Origins
from viscode.libraries.scopes import undefined_names
from viscode.text.python_text import BOM, ParseFailure, parse

AS_IS = "as_is"


class ExtractReason(StrEnum):
    SYNTAX_ERROR = "syntax_error"
    ONLY_DEFINES = "only_defines"
    NEEDS_MODULE = "needs_module"
    INTERACTIVE = "interactive"
    NEEDS_INPUT = "needs_input"
    NEEDS_NETWORK = "needs_network"
    NEEDS_FILES = "needs_files"
    UNDEFINED_NAMES = "undefined_names"


def extract_static(file: SelectedFile, importable: frozenset[str]) -> Kept[Block] | Rejected:
    """The file as a block when it is standalone. `importable` are the top-level modules of the
    environment that will run it (`importable_modules`)."""
    code = file.text.removeprefix(BOM)
    tree = parse(code)
    if isinstance(tree, ParseFailure):
        return Rejected(ExtractReason.SYNTAX_ERROR, tree.message)
    live = reached(tree)
    drawn = library_use(tree, live.nodes).drawn
    if not drawn:
        return Rejected(ExtractReason.ONLY_DEFINES)
    if lack := _first_lack(tree, live.nodes, importable):
        return lack
    if undefined := undefined_names(
        code, tree, live.functions, from_file=bool(file.origin.script_name)
    ):
        return Rejected(ExtractReason.UNDEFINED_NAMES, ", ".join(undefined))
    return Kept(
        [
            Block(
                id=content_id(AS_IS, file.id, code),
                **file.descent(),
                code=code,
                libraries=drawn,
                method=AS_IS,
            )
        ]
    )


def _first_lack(
    tree: ast.Module, nodes: list[ast.AST], importable: frozenset[str]
) -> Rejected | None:
    origins = Origins(tree)
    checks: tuple[tuple[ExtractReason, Callable[[list[ast.AST], Origins], str]], ...] = (
        (ExtractReason.INTERACTIVE, needs.screen_need),
        (ExtractReason.NEEDS_INPUT, needs.input_need),
        (ExtractReason.NEEDS_NETWORK, needs.network_need),
        (ExtractReason.NEEDS_FILES, needs.file_need),
    )
    for reason, check in checks:
        if detail := check(nodes, origins):
            return Rejected(reason, detail)
    if missing := needs.missing_modules(nodes, importable):
        return Rejected(ExtractReason.NEEDS_MODULE, ", ".join(missing))
    return None


def importable_modules(python: Path) -> frozenset[str]:
    """Top-level modules that the interpreter of an environment can import, by the names
    in its site-packages and the standard library, without running it.

    Raises:
        UserError: no such environment.
    """
    folders = sorted(python.parent.parent.glob("lib/python3.*/site-packages"))
    if not folders:
        raise UserError("no environment to run scripts in", where=str(python), todo="make setup")
    names = {
        entry.name.partition(".")[0]
        for folder in folders
        for entry in folder.iterdir()
        if entry.suffix in (".py", ".so") or (entry.is_dir() and "." not in entry.name)
    }
    return frozenset(names | sys.stdlib_module_names)
