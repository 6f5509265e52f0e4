"""Source files -> those that draw with a plotting library (paper 3.1).

A cheap scan of the text comes first; only what passes is parsed. Python 2 and broken files that
name a plotting library are counted as such, not lost in silence.
"""

import gc
import re
from collections.abc import Collection
from enum import StrEnum

from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import SelectedFile, SourceFile
from viscode.libraries.detect import LibraryUse, library_use, may_plot
from viscode.text.python_text import ParseFailure, parse

PYTHON2 = re.compile(
    r"""^[ \t]*(?:
        print(?:[ \t]+["'\w\[] | [ \t]*["'] | [ \t]*>>)
      | exec[ \t]+["'\w]
      | raise[ \t]+\w+[ \t]*,
      | except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:
    ) | \b(?:ur["'] | xrange\( | raw_input\( | \.has_key\() | <> """,
    re.MULTILINE | re.VERBOSE,
)


class SelectReason(StrEnum):
    NO_PLOTTING = "no_plotting"
    IMPORTED_ONLY = "imported_only"
    OTHER_LIBRARY = "other_library"
    SYNTAX_ERROR = "syntax_error"
    PYTHON2 = "python2"
    TOO_LONG = "too_long"


def select_file(
    file: SourceFile, *, libraries: Collection[str], max_chars: int
) -> Kept[SelectedFile] | Rejected:
    """Keep a file of at most `max_chars` characters that draws with one of the `libraries`. The
    record names every library that it draws with; its id stays the same."""
    if not may_plot(file.text):
        return Rejected(SelectReason.NO_PLOTTING)
    if len(file.text) > max_chars:
        return Rejected(SelectReason.TOO_LONG, f"{len(file.text)} characters")
    used = _use_of(file.text)
    if isinstance(used, ParseFailure):
        reason = SelectReason.PYTHON2 if PYTHON2.search(file.text) else SelectReason.SYNTAX_ERROR
        return Rejected(reason, used.message)
    if not used.drawn and used.imported:
        return Rejected(SelectReason.IMPORTED_ONLY, ", ".join(used.imported))
    if not used.drawn:
        return Rejected(SelectReason.NO_PLOTTING)
    if set(libraries).isdisjoint(used.drawn):
        return Rejected(SelectReason.OTHER_LIBRARY, ", ".join(used.drawn))
    kept = SelectedFile(id=file.id, **file.provenance(), text=file.text, libraries=used.drawn)
    return Kept([kept])


def select_identified(
    file: SourceFile, *, libraries: Collection[str], max_chars: int
) -> tuple[str, Kept[SelectedFile] | Rejected]:
    """`select_file` with the file's id, as `write_outcomes` takes it."""
    return file.id, select_file(file, libraries=libraries, max_chars=max_chars)


def _use_of(text: str) -> LibraryUse | ParseFailure:
    """Read without the garbage collector: a tree is many thousand objects and no cycle, and looking
    for cycles while it grows costs a third of the parse and frees nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        tree = parse(text)
        return tree if isinstance(tree, ParseFailure) else library_use(tree)
    finally:
        if enabled:
            gc.enable()
