"""A table of cells, written as markdown; the page shows the same cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from viscode.bench.metrics import Rate

NO_VALUE = "–"
NOT_RUN = "not run"
NOT_AVAILABLE = "not available without a vision model"


class PercentInterval(NamedTuple):
    """A percentage with the ends of its 95 % interval; as text `33.3 [9.7, 70.0]`."""

    percent: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.percent:.1f} [{self.low:.1f}, {self.high:.1f}]"


GridCell = str | int | PercentInterval


@dataclass(frozen=True)
class GridRow:
    """`kind` is "ours" or "paper", so that figures of the paper are never taken for ours."""

    cells: tuple[GridCell, ...]
    kind: str = "ours"


@dataclass
class Grid:
    """`columns` name the cells of each row; the first `text_columns` are left-aligned. `groups` are
    heads over the columns after the first, as (name, number of columns)."""

    title: str
    columns: tuple[str, ...]
    rows: list[GridRow] = field(default_factory=list)
    text_columns: int = 1
    groups: tuple[tuple[str, int], ...] = ()

    def add(self, *cells: GridCell, kind: str = "ours") -> None:
        if len(cells) != len(self.columns):
            raise ValueError(f"{self.title}: {len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(GridRow(cells, kind))

    @property
    def heads(self) -> tuple[str, ...]:
        """The columns' names with those of their groups, for where there is one line of heads."""
        named = [f"{name} " for name, span in self.groups for _ in range(span)]
        groups = ["", *named] if named else [""] * len(self.columns)
        return tuple(map("".join, zip(groups, self.columns, strict=True)))

    def only(self, kind: str) -> "Grid":
        """The rows of one kind, without the columns that say nothing in any of them."""
        rows = [row for row in self.rows if row.kind == kind]
        silent = (NO_VALUE, NOT_AVAILABLE)
        shown = [
            i
            for i in range(len(self.columns))
            if i == 0 or any(row.cells[i] not in silent for row in rows)
        ]
        return Grid(
            self.title,
            tuple(self.columns[i] for i in shown),
            [GridRow(tuple(row.cells[i] for i in shown), kind) for row in rows],
            self.text_columns,
        )

    def markdown(self) -> str:
        """The table with its title as a heading; columns are padded so that the source reads."""
        lines = [[_escape(str(c)) for c in cells] for cells in (self.heads, *self._cells())]
        widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
        left = [i < self.text_columns for i in range(len(widths))]
        rule = [
            "-" * w if is_left else "-" * (w - 1) + ":"
            for w, is_left in zip(widths, left, strict=True)
        ]
        head, *body = (
            [
                cell.ljust(w) if is_left else cell.rjust(w)
                for cell, w, is_left in zip(line, widths, left, strict=True)
            ]
            for line in lines
        )
        table = [f"| {' | '.join(line)} |" for line in (head, rule, *body)]
        return "\n".join([f"## {self.title}", "", *table, ""])

    def _cells(self) -> list[tuple[GridCell, ...]]:
        return [row.cells for row in self.rows]


def _escape(cell: str) -> str:
    """A cell of a markdown table cannot hold a bar or a line break, and HTML must stay text."""
    plain = " ".join(cell.split()).replace("\\", "\\\\").replace("|", "\\|")
    return plain.replace("<", "&lt;")


def document(title: str, notes: Sequence[str], grids: Sequence[Grid]) -> str:
    """A markdown file: title, notes as a list, tables."""
    parts = [f"# {title}", "", *(f"- {note}" for note in notes), ""]
    return "\n".join([*parts, *(grid.markdown() for grid in grids)]).rstrip() + "\n"


def decimal(value: float | None, missing: str = NO_VALUE) -> str:
    """A figure with one decimal."""
    return missing if value is None else f"{value:.1f}"


def interval(found: Rate) -> GridCell:
    """A rate with its interval."""
    if found.percent is None or found.low is None or found.high is None:
        return NO_VALUE
    return PercentInterval(found.percent, found.low, found.high)


def signed(points: float) -> str:
    """`+5.6`, `-5.6` with a real minus sign, `0.0`."""
    rounded = round(points, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"
