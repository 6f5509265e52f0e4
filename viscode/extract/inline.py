"""What a file imports from its own repository, put in the place of the import.

Taken are the definitions that the file uses, and what these depend on: functions, classes,
constants, further imports, in the order in which Python would run them, with their comments. What
a module does besides when it is imported is left out. An import stays as it is where neither the
repository has the module nor a value can be put for it: a later step supplies such names.
"""

from viscode.core.records import Origin
from viscode.extract.inline_text import InlineText, Unclean
from viscode.extract.module_text import in_parts
from viscode.extract.own_imports import FILE, OwnImports
from viscode.extract.siblings import Siblings
from viscode.extract.taking import left_over, references, take
from viscode.text.python_text import BOM, PARSED_CHARS, ParseFailure, parse


def inlined(
    text: str, origin: Origin, siblings: Siblings, importable: frozenset[str]
) -> tuple[str, tuple[str, ...]]:
    """The text with what it uses of its own repository, and the edits ("inlined utils.load"); the
    same text where there is nothing of this kind, and where it cannot be parsed or changed.
    `importable` are the top-level modules of the environment, which are left alone."""
    tree = parse(text, most=PARSED_CHARS)
    if isinstance(tree, ParseFailure):
        return text, ()
    try:
        own = OwnImports(origin, siblings, importable)
        if not own.lead_on(tree.body):
            return text, ()
        own.modules[FILE] = in_parts(text.removeprefix(BOM), tree)
        taken = take(own)
        found = list(references(own, taken))
        edited = InlineText(own, taken, found, left_over(own, taken, found))
        result = edited.text
    except (RecursionError, Unclean):
        return text, ()
    if result == text or isinstance(parse(result), ParseFailure):
        return text, ()
    return result, edited.edits
