"""A table of text cells, written as markdown; the page shows the same cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field

NOTHING = "–"
NOT_RUN = "not run"
NOT_AVAILABLE = "not available without a vision model"


@dataclass(frozen=True)
class Row:
    """`kind` is "ours" or "paper", so that figures of the paper are never taken for ours."""

    cells: tuple[str, ...]
    kind: str = "ours"


@dataclass
class Grid:
    """`columns` name the cells of each row; the first `text_columns` are left-aligned.

    `groups` are heads over the columns behind the first, as (name, number of columns); such a
    column's own name begins with its group's, which has no space.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    text_columns: int = 1
    groups: tuple[tuple[str, int], ...] = ()

    def add(self, *cells: str, kind: str = "ours") -> None:
        if len(cells) != len(self.columns):
            raise ValueError(f"{self.title}: {len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(Row(cells, kind))

    def only(self, kind: str) -> "Grid":
        """The rows of one kind, without the columns that say nothing in any of them."""
        rows = [row for row in self.rows if row.kind == kind]
        telling = [
            i
            for i in range(len(self.columns))
            if i == 0 or any(not silent(row.cells[i]) for row in rows)
        ]
        return Grid(
            self.title,
            tuple(self.columns[i] for i in telling),
            [Row(tuple(row.cells[i] for i in telling), kind) for row in rows],
            self.text_columns,
        )

    def markdown(self) -> str:
        """The table with its title as a heading; columns are padded so that the source reads."""
        lines = [self.columns, *(row.cells for row in self.rows)]
        escaped = [[_escape(cell) for cell in line] for line in lines]
        widths = [max(3, *(len(line[i]) for line in escaped)) for i in range(len(self.columns))]
        rule = [self._rule(i, width) for i, width in enumerate(widths)]
        body = [
            _line([self._pad(i, cell, widths[i]) for i, cell in enumerate(line)])
            for line in escaped
        ]
        return "\n".join([f"## {self.title}", "", body[0], _line(rule), *body[1:], ""])

    def _rule(self, column: int, width: int) -> str:
        return "-" * width if column < self.text_columns else "-" * (width - 1) + ":"

    def _pad(self, column: int, cell: str, width: int) -> str:
        return cell.ljust(width) if column < self.text_columns else cell.rjust(width)


def silent(cell: str) -> bool:
    """Whether a cell holds nothing for this kind of row."""
    return cell in (NOTHING, NOT_AVAILABLE)


def _escape(cell: str) -> str:
    """A cell of a markdown table cannot hold a bar or a line break, and HTML must stay text."""
    plain = " ".join(cell.split()).replace("\\", "\\\\").replace("|", "\\|")
    return plain.replace("<", "&lt;")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def document(title: str, notes: Sequence[str], grids: Sequence[Grid]) -> str:
    """A markdown file: title, notes as a list, tables."""
    parts = [f"# {title}", "", *(f"- {note}" for note in notes), ""]
    return "\n".join([*parts, *(grid.markdown() for grid in grids)]).rstrip() + "\n"


def rate(percent: float | None) -> str:
    """A percentage with one decimal, without the sign."""
    return NOTHING if percent is None else f"{percent:.1f}"


def with_interval(percent: float, low: float, high: float) -> str:
    """`33.3 [9.7, 70.0]`."""
    return f"{percent:.1f} [{low:.1f}, {high:.1f}]"


def signed(points: float) -> str:
    """`+5.6`, `-5.6` with a real minus sign, `0.0`."""
    rounded = round(points, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"
