"""A table of cells, written as markdown; the page shows the same cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from viscode.bench.metrics import Rate

NO_VALUE = "–"
NOT_RUN = "not run"
NOT_AVAILABLE = "not available without a vision model"
GridCell = str | int | Rate


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

    def only(self, kind: str) -> "Grid":
        """The rows of one kind, without the columns that say nothing in any of them."""
        rows = [row for row in self.rows if row.kind == kind]
        silent = (NO_VALUE, NOT_AVAILABLE)
        shown = [
            i
            for i in range(len(self.columns))
            if i == 0 or any(str(row.cells[i]) not in silent for row in rows)
        ]
        return replace(
            self,
            columns=tuple(self.columns[i] for i in shown),
            rows=[GridRow(tuple(row.cells[i] for i in shown), kind) for row in rows],
        )

    def markdown(self) -> str:
        """The table with its title as a heading; columns are padded so that the source reads. The
        name of a group stands before that of each of its columns."""
        groups = [f"{name} " for name, span in self.groups for _ in range(span)]
        prefixes = ["", *groups] if groups else [""] * len(self.columns)
        heads = list(map("".join, zip(prefixes, self.columns, strict=True)))
        lines = [heads, *([_escape(str(cell)) for cell in row.cells] for row in self.rows)]
        widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
        table = [
            [
                cell.ljust(width) if place < self.text_columns else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            for line in lines
        ]
        rule = [
            "-" * width if place < self.text_columns else "-" * (width - 1) + ":"
            for place, width in enumerate(widths)
        ]
        table.insert(1, rule)
        return "\n".join(
            [f"## {self.title}", "", *(f"| {' | '.join(line)} |" for line in table), ""]
        )


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


def signed(points: float) -> str:
    """`+5.6`, `-5.6` with a real minus sign, `0.0`."""
    rounded = round(points, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"
