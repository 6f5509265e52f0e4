"""A file -> drafts of blocks, one for each figure: everything before the first execution.

Each step takes a text and gives a text, so that the next one sees a program as if a person had
written it so: what the repository's own modules give is inlined, old code is modernised, the file
is laid out straight, what it lacks becomes holes, each figure is sliced out.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from viscode.core.records import SelectedFile
from viscode.extract import needs
from viscode.extract.flatten import Program, all_functions, function_programs, main_program
from viscode.extract.inline import inlined
from viscode.extract.missing import without_lacking
from viscode.extract.modernise import modernise
from viscode.extract.python2 import python3_of
from viscode.extract.render import render
from viscode.extract.siblings import Siblings
from viscode.extract.slicing import Slice, slices
from viscode.extract.source_map import SourceMap, source_map
from viscode.extract.tidy import tidy
from viscode.extract.touching import walk
from viscode.libraries.detect import Drawings
from viscode.libraries.names import imported_modules, reached
from viscode.libraries.origins import Origins
from viscode.libraries.registry import ROOTS
from viscode.supply.wanted import Hole
from viscode.text.python_text import BOM, ParseFailure, parse

MOST_CHARS = 40_000  # of a file: longer ones take seconds, and are lists of data or generated
MOST_FIGURES = 20
MOST_FUNCTIONS = 20
BLOCK_CHARS = 20_000
CELL_MARK = re.compile(r"^# (?:%%|In\[[\d ]*\]:?)[^\n]*$|^#{20,}$", re.MULTILINE)
"""Between two cells: of Jupyter's percent format, of nbconvert, of sphinx-gallery."""


@dataclass(frozen=True)
class Draft:
    """A block before it runs: `body` is its text without the values of its `holes`. `figure` says
    where it is from: "line 12" or "plot_loss, line 40". `program` is the text that it was sliced
    from: what is said there of a hole counts where the block says little."""

    figure: str
    body: str
    holes: dict[str, Hole] = field(default_factory=dict)
    edits: tuple[str, ...] = ()
    program: str = ""


@dataclass(frozen=True)
class Refused:
    """A figure, or a whole file, of which no draft can be made."""

    figure: str
    reason: str
    detail: str


def python_of(text: str) -> tuple[str, tuple[str, ...]] | ParseFailure:
    """A file's text as Python that parses, with `...` between its cells, and what was edited for
    it."""
    text = CELL_MARK.sub("...", text.removeprefix(BOM))
    tree = parse(text)
    if isinstance(tree, ast.Module):
        return text, ()
    if (newer := python3_of(text)) is not None:
        again = parse(newer[0])
        if isinstance(again, ast.Module):
            return newer
    return tree


def drafts(
    file: SelectedFile, text: str, importable: frozenset[str], siblings: Siblings | None
) -> Iterator[list[Draft | Refused]]:
    """Drafts in turns: first of what runs at the top of the file, then of functions that nothing
    calls, then of all functions that draw. A later turn counts only where the earlier ones gave no
    block. `text` is as `python_of` gives it."""
    if len(text) > MOST_CHARS:
        yield [Refused("line 1", "too_long", f"{len(text)} characters")]
        return
    text, taken = inlined(text, file.origin, siblings, importable) if siblings else (text, ())
    tree = _tree(text)
    renamed = modernise(tree)
    if renamed:
        text = render(tree.body, text)
        tree = _tree(text)
    edits, source = (*taken, *renamed), source_map(text)
    yield _turn([main_program(tree)], source, importable, edits)
    tree = _tree(text)
    functions = _drawing_functions(tree)
    for called in (False, True):
        names = [name for name, one in functions if one is called][:MOST_FUNCTIONS]
        if names:
            yield _turn(function_programs(tree, names), source, importable, edits)
            tree = _tree(text)


def _turn(
    programs: Iterable[Program],
    source: SourceMap,
    importable: frozenset[str],
    edits: tuple[str, ...],
) -> list[Draft | Refused]:
    """The drafts of programs that are not longer than MOST_CHARS together."""
    found: list[Draft | Refused] = []
    left = MOST_CHARS
    for program in programs:
        straight = render(program.body, source)
        left -= len(straight)
        if left < 0:
            detail = f"more than {MOST_CHARS} characters"
            found.append(Refused(program.name or "line 1", "too_long", detail))
            break
        found += _drafts_of(program, straight, importable, edits)
    return found


def _tree(text: str) -> ast.Module:
    tree = parse(text)
    if isinstance(tree, ParseFailure):
        raise ValueError(f"an edit broke the text: {tree.message}")
    return tree


def _drawing_functions(tree: ast.Module) -> list[tuple[str, bool]]:
    """Functions and methods that put something on a picture themselves, with whether what runs at
    the top reaches them."""
    drawings = Drawings(tree)
    called = {(name, line) for name, line in reached(tree).functions}
    return [
        (name, (function.name, function.lineno) in called)
        for name, function in all_functions(tree).items()
        if any(one.marks for one in drawings.among(walk(function)))
    ]


def _drafts_of(
    program: Program, straight: str, importable: frozenset[str], edits: tuple[str, ...]
) -> list[Draft | Refused]:
    """A draft for each figure of a program, whose text is `straight`."""
    lacking = without_lacking(_tree(straight).body, importable)
    whole = render(lacking.body, straight)
    found: list[Draft | Refused] = []
    tree = _tree(whole) if whole != straight else ast.Module(lacking.body, [])
    for count, one in enumerate(slices(tree.body)):
        if count == MOST_FIGURES:
            found.append(Refused(f"line {one.line}", "too_many", f"more than {count} figures"))
            break
        if not one.marks:
            continue
        made = _draft(program, one, whole, importable)
        if isinstance(made, Draft):
            made = replace(made, holes=lacking.holes, edits=(*edits, *made.edits), program=whole)
        found.append(made)
    return found


def _draft(program: Program, one: Slice, text: str, importable: frozenset[str]) -> Draft | Refused:
    figure = f"{program.name}, line {one.line}" if program.name else f"line {one.line}"
    body = tidy(render(one.body, text))
    tree = _tree(body)
    nodes = walk(tree)
    roots = {path.partition(".")[0] for path in imported_modules(nodes)}
    if absent := sorted((roots & ROOTS.keys()) - importable):
        return Refused(figure, "needs_module", ", ".join(absent))
    if screen := needs.screen_need(nodes, Origins(tree)):
        return Refused(figure, "interactive", screen)
    if len(body) > BLOCK_CHARS:
        return Refused(figure, "too_long", f"{len(body)} characters")
    inlined = tuple(f"inlined {name}" for name in program.inlined if name)
    return Draft(figure, body, {}, (*inlined, *one.edits))
