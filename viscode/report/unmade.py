"""Figures of which extraction made no block, for the browser of rejects: as `viscode extract
--explain` tells of them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from viscode.core.outcomes import Outcome
from viscode.core.records import Identified, UnmadeFigure, UnmadeFigures
from viscode.core.tables import read_table
from viscode.core.transform import UNMADE_PREFIX as PREFIX
from viscode.report.entries import Turn
from viscode.report.listings import Piece, code_piece, visible
from viscode.report.loading import has_table, ranked


class FigureReasons(Identified):
    """The columns of `UnmadeFigures` by which files are chosen."""

    reasons: tuple[str, ...]


def with_reasons(
    outcomes: Iterable[Outcome], folder: Path
) -> Iterator[tuple[Outcome, tuple[str, ...]]]:
    """Each outcome with the reasons of the file's figures without a block. Both tables go by id,
    and neither is held in memory."""
    told: Iterator[FigureReasons] = iter(())
    if has_table(folder, PREFIX):
        told = read_table(folder, FigureReasons, PREFIX, list(FigureReasons.model_fields))
    following = next(told, None)
    for outcome in outcomes:
        if following is not None and following.id == outcome.id:
            yield outcome, following.reasons
            following = next(told, None)
        else:
            yield outcome, ()


def figures_of(folder: Path, ids: Collection[str]) -> dict[str, UnmadeFigures]:
    """The figures without a block of the files `ids`."""
    if not ids or not has_table(folder, PREFIX):
        return {}
    return {one.id: one for one in read_table(folder, UnmadeFigures, PREFIX, ids=ids)}


def counted(unmade: UnmadeFigures, blocks: int) -> str:
    """What became of the figures of a file, of which some gave no block."""
    figures = len(unmade.reasons)
    reasons = ranked(Counter(map(words, unmade.reasons)))
    named = ", ".join(f"{name} {count}" for name, count in reasons)
    return f"{_number(figures, 'figure')} without a block ({named}), {_number(blocks, 'block')}"


def turns(unmade: UnmadeFigures) -> Iterator[Turn]:
    """Each figure that is told of, then how many are not."""
    for figure in unmade.figures:
        yield f"no block for the figure at {visible(figure.place)}", _pieces(figure)
    if left := len(unmade.reasons) - len(unmade.figures):
        yield "more figures without a block", [(str(left),)]


def _pieces(figure: UnmadeFigure) -> list[Piece]:
    detail = "" if figure.detail == figure.reason else figure.detail
    lines = [f"reason: {words(figure.reason)}{f', {detail}' if detail else ''}"]
    if figure.statement:
        lines.append(f"statement: {figure.statement}")
    lines += [f"edit: {edit}" for edit in figure.edits or ("none",)]
    pieces: list[Piece] = [(visible("\n".join(lines)),)]
    return [*pieces, ("tried last:",), code_piece(figure.code)] if figure.code else pieces


def words(reason: str) -> str:
    return reason.replace("_", " ")


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
