"""Figures of which no block could be made, as a record for whoever asks why: bounded in size."""

import re
from collections.abc import Iterable
from itertools import islice

from viscode.core.outcomes import DETAIL_LIMIT
from viscode.core.records import UnmadeFigure, UnmadeFigures
from viscode.extract.mending import Failed
from viscode.text.lines import split_lines

MOST_TOLD = 8  # figures of a file
MOST_EDITS, EDIT_CHARS = 40, 200
CODE_CHARS = 4_000
LINE = re.compile(r"\bline (\d+)$")


def unmade(file_id: str, text: str, failures: Iterable[tuple[Failed, str]]) -> UnmadeFigures:
    """The record of a file: its figures without a block, each with its enumerated reason."""
    told = tuple(failures)
    figures = (_figure(failed, reason, text) for failed, reason in told[:MOST_TOLD])
    reasons = tuple(reason for _, reason in told)
    return UnmadeFigures(id=file_id, reasons=reasons, figures=tuple(figures))


def _figure(failed: Failed, reason: str, text: str) -> UnmadeFigure:
    edits = [_plain(edit)[:EDIT_CHARS] for edit in islice(failed.edits, MOST_EDITS)]
    if len(failed.edits) > MOST_EDITS:
        edits.append(f"... {len(failed.edits) - MOST_EDITS} more")
    return UnmadeFigure(
        place=_plain(failed.figure)[:EDIT_CHARS],
        statement=_plain(statement_at(failed.figure, text))[:EDIT_CHARS],
        reason=reason,
        detail=_plain(failed.detail)[:DETAIL_LIMIT],
        edits=tuple(edits),
        code=_cut(_plain(failed.code)),
    )


def statement_at(figure: str, text: str) -> str:
    """The first line of what draws a figure that is said to be at "line 12" or "f, line 12"."""
    number, lines = LINE.search(figure), split_lines(text)
    at = int(number[1]) if number else 0
    return lines[at - 1].strip() if 0 < at <= len(lines) else ""


def _cut(code: str) -> str:
    """Code of bounded length, cut between lines, which it says."""
    if len(code) <= CODE_CHARS:
        return code
    head = code[:CODE_CHARS].rpartition("\n")[0] or code[:CODE_CHARS]
    left = len(code) - len(head)
    return f"{head}\n# ... {left} more characters\n"


def _plain(text: str) -> str:
    """Text that a file can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
