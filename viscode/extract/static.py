"""Selected files -> standalone blocks (paper 3.1), by static analysis.

The paper has a language model cut a minimal plotting block out of each file and inject mock data.
This method changes nothing: a file that is standalone already passes, every other one is rejected
with the reason. Nothing is run; a script that passes may still fail when it is executed.
"""

import sys
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
    origins, from_file = Origins(tree), bool(file.origin.script_name)
    for reason, lack in (
        (ExtractReason.INTERACTIVE, needs.screen_need(live.nodes, origins)),
        (ExtractReason.NEEDS_INPUT, needs.input_need(live.nodes, origins)),
        (ExtractReason.NEEDS_NETWORK, needs.network_need(live.nodes, origins)),
        (ExtractReason.NEEDS_FILES, needs.file_need(live.nodes, origins)),
        (ExtractReason.NEEDS_MODULE, ", ".join(needs.missing_modules(live.nodes, importable))),
        (
            ExtractReason.UNDEFINED_NAMES,
            ", ".join(undefined_names(code, tree, live.functions, from_file=from_file)),
        ),
    ):
        if lack:
            return Rejected(reason, lack)
    return Kept([block_of(file, code, drawn, AS_IS)])


def block_of(file: SelectedFile, code: str, libraries: tuple[str, ...], method: str) -> Block:
    """A block of the code that a method made of a file."""
    name = content_id(method, file.id, code)
    return Block(id=name, **file.descent(), code=code, libraries=libraries, method=method)


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
