"""How `viscode extract` tells what became of a file, or of the files of a folder.

A file is shown block by block: how it was made, each edit, its verdict, its code, where its images
are. A figure that gave no block is named with its reason; explained, also with its statement, the
edits so far, the last error and the script that was tried last. A folder is a line a file, and in
the end the counts by reason. Texts come from strangers and cannot move the cursor.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click

from viscode.cli.show import inline
from viscode.core.errors import printable
from viscode.core.outcomes import Rejected
from viscode.core.records import Block, Execution
from viscode.core.replacing import write_bytes
from viscode.extract.extractor import Extraction
from viscode.extract.mending import Failed
from viscode.extract.unmade import statement_at
from viscode.text.lines import split_lines

IMAGES = Path(".viscode/extract")
NAMES = 10  # columns of the words that say what a line is


@dataclass(frozen=True)
class Examined:
    """A file by its path as the person knows it, and what it gave, or why it is none that plots.
    `shown` are the runs of its blocks."""

    path: str
    found: Extraction | Rejected
    text: str = ""
    shown: dict[str, Execution] = field(default_factory=dict)


@dataclass
class Told:
    """Prints files one by one. `out`: where images and code are written; None writes only the
    images of a file that is shown as a whole, into .viscode/extract."""

    explain: bool
    out: Path | None
    whole: bool
    plotting: int = 0
    yielding: int = 0
    methods: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, one: Examined) -> None:
        """Print a file and count it."""
        self._count(one)
        if isinstance(one.found, Rejected):
            if self.whole:
                _line(one.path, f"no plot to extract: {_why(one.found.reason, one.found.detail)}")
            return
        _heading(one.path, _summary(one.found))
        for number, block in enumerate(one.found.blocks, start=1):
            self._block(one, block, number)
        if self.whole or self.explain:
            for failed in one.found.failures:
                _failure(failed, one.text, explain=self.explain)

    def end(self) -> None:
        """Print the counts of a folder."""
        if self.whole:
            return
        click.secho(
            f"\n{self.yielding} of {_number(self.plotting, 'file')} that plot gave "
            f"{_number(self.methods.total(), 'block')}{_counted(self.methods)}",
            bold=True,
        )
        for reason, count in sorted(self.reasons.items(), key=lambda entry: (-entry[1], entry[0])):
            click.echo(f"{count:6}  {reason:20} {printable(self.examples[reason])}")

    def _count(self, one: Examined) -> None:
        if isinstance(one.found, Rejected):
            self._reason(f"not selected: {one.found.reason}", one.path)
            return
        self.plotting += 1
        self.yielding += bool(one.found.blocks)
        self.methods.update(block.method for block in one.found.blocks)
        if not one.found.blocks:
            self._reason(one.found.reason, f"{one.path}: {one.found.detail}".removesuffix(": "))

    def _reason(self, reason: str, example: str) -> None:
        self.reasons[reason] += 1
        self.examples.setdefault(reason, example)

    def _block(self, one: Examined, block: Block, number: int) -> None:
        execution = one.shown[block.id]
        stem = re.sub(r"[^\w.-]+", "_", one.path.removesuffix(".py"))[-60:]
        lines = split_lines(block.code)
        if self.whole:
            click.echo()
            _heading(f"block {number}", f"{block.method}, {_number(len(lines), 'line')}")
            _line("verdict", _verdict(execution))
            for edit in block.edits or ("none",):
                _line("edit", edit)
        for index, image in enumerate(execution.images):
            if self.whole or self.out:
                self._image((self.out or IMAGES) / f"{stem}-{number}-{index}.png", image)
        if self.out:
            path = self.out / f"{stem}-{number}.py"
            write_bytes(path, block.code.encode())
            _line("code", str(path))
        if self.whole:
            _code(lines)

    def _image(self, path: Path, png: bytes) -> None:
        write_bytes(path, png)
        if self.whole and sys.stdout.isatty() and (shown := inline(png)):
            click.echo(shown)
        _line("image", str(path))


def _summary(found: Extraction) -> str:
    methods = Counter(block.method for block in found.blocks)
    parts = [_number(len(found.blocks), "block") + _counted(methods)]
    if found.failures:
        reasons = Counter(failed.reason for failed in found.failures)
        parts.append(f"{_number(len(found.failures), 'figure')} without one{_counted(reasons)}")
    return f"{', '.join(parts)}; {_number(found.runs, 'run')}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _counted(counts: Counter[str]) -> str:
    named = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return f" ({named})" if named else ""


def _verdict(execution: Execution) -> str:
    blank = sum(execution.blank)
    images = _number(len(execution.images), "image")
    return f"runs and draws {images}" + (f", {blank} of them blank" if blank else "")


def _why(reason: object, detail: str) -> str:
    return f"{reason}, {detail}" if detail else str(reason)


def _failure(failed: Failed, text: str, *, explain: bool) -> None:
    click.echo()
    _heading(f"no block for the figure at {failed.figure}", "")
    _line("reason", _why(failed.reason, failed.detail))
    if not explain:
        return
    if statement := statement_at(failed.figure, text):
        _line("statement", statement)
    for edit in failed.edits or ("none",):
        _line("edit", edit)
    if failed.code:
        _line("tried last", "")
        _code(split_lines(failed.code))


def _heading(what: str, more: str) -> None:
    click.secho(printable(what), bold=True, nl=not more)
    if more:
        click.echo(f": {printable(more)}")


def _line(name: str, text: str) -> None:
    click.echo(f"  {printable(name):{NAMES}} {printable(text)}".rstrip())


def _code(lines: list[str]) -> None:
    for number, line in enumerate(lines, start=1):
        click.secho(f"  {number:3}  ", dim=True, nl=False)
        click.echo(printable(line, "\t"))
