"""Source files -> those that draw with a plotting library (paper 3.1).

A cheap scan of the text comes first; only what passes is parsed. Python 2 and broken files that
name a plotting library are counted as such, not lost in silence.
"""

from enum import StrEnum

from viscode.mining.libraries import may_plot, usage
from viscode.mining.syntax import ParseFailure, parse
from viscode.outcomes import Kept, Rejected
from viscode.records import SelectedFile, SourceFile
from viscode.settings.select import SelectSettings


class SelectReason(StrEnum):
    NO_PLOTTING = "no_plotting"
    IMPORTED_ONLY = "imported_only"
    SYNTAX_ERROR = "syntax_error"
    PYTHON2 = "python2"
    TOO_LONG = "too_long"


def select_file(file: SourceFile, settings: SelectSettings) -> Kept[SelectedFile] | Rejected:
    """Keep a file that draws, with the libraries it draws with; its id stays the same."""
    if not may_plot(file.text):
        return Rejected(SelectReason.NO_PLOTTING)
    if len(file.text) > settings.max_chars:
        return Rejected(SelectReason.TOO_LONG, f"{len(file.text)} characters")
    tree = parse(file.text)
    if isinstance(tree, ParseFailure):
        reason = SelectReason.PYTHON2 if tree.python2 else SelectReason.SYNTAX_ERROR
        return Rejected(reason, tree.message)
    used = usage(tree)
    if used.drawn:
        return Kept(
            [
                SelectedFile(
                    id=file.id,
                    source=file.source,
                    origin=file.origin,
                    licence=file.licence,
                    text=file.text,
                    libraries=used.drawn,
                )
            ]
        )
    if used.imported:
        return Rejected(SelectReason.IMPORTED_ONLY, ", ".join(used.imported))
    return Rejected(SelectReason.NO_PLOTTING)
