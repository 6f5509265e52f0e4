"""A file -> drafts of blocks, one for each figure: everything before the first execution.

Each step takes a text and gives a text, so that the next one sees a program as if a person had
written it so: what the repository's own modules give is inlined, old code is modernised, the file
is laid out straight, what it lacks becomes holes, each figure is sliced out.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

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
from viscode.extract.tidy import tidy
from viscode.libraries.detect import Drawings
from viscode.libraries.names import imported_modules, reached
from viscode.libraries.origins import Origins
from viscode.libraries.registry import ROOTS
from viscode.supply.wanted import Hole
from viscode.text.python_text import BOM, ParseFailure, parse

MOST_FIGURES = 20
MOST_FUNCTIONS = 20
BLOCK_CHARS = 20_000
CELL_MARK = re.compile(r"^# (?:%%|In\[[\d ]*\]:?)[^\n]*$|^#{20,}$", re.MULTILINE)
"""Between two cells: of Jupyter's percent format, of nbconvert, of sphinx-gallery."""


@dataclass(frozen=True)
class Draft:
    """A block before it runs: `body` is its text without the values of its `holes`. `figure` says
    where it is from: "line 12" or "plot_loss, line 40"."""

    figure: str
    body: str
    holes: dict[str, Hole] = field(default_factory=dict)
    edits: tuple[str, ...] = ()


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
    text, taken = inlined(text, file.origin, siblings, importable) if siblings else (text, ())
    tree = _tree(text)
    renamed = modernise(tree)
    text = render(tree.body, text) if renamed else text
    renamed = (*taken, *renamed)
    yield _drafts_of(main_program(_tree(text)), text, importable, renamed)
    functions = _drawing_functions(_tree(text))
    for turn in (False, True):
        names = [name for name, called in functions if called is turn][:MOST_FUNCTIONS]
        programs = function_programs(_tree(text), names)
        yield [one for p in programs for one in _drafts_of(p, text, importable, renamed)]


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
        if any(one.marks for one in drawings.among(ast.walk(function)))
    ]


def _drafts_of(
    program: Program, text: str, importable: frozenset[str], edits: tuple[str, ...]
) -> list[Draft | Refused]:
    """A draft for each figure of a program."""
    straight = render(program.body, text)
    lacking = without_lacking(_tree(straight).body, importable)
    whole = render(lacking.body, straight)
    found: list[Draft | Refused] = []
    tree = _tree(whole)
    drawings = Drawings(tree)
    for one in slices(tree.body)[:MOST_FIGURES]:
        nodes = (node for statement in one.body for node in ast.walk(statement))
        if not any(drawing.marks for drawing in drawings.among(nodes)):
            continue  # a figure on which nothing is put
        made = _draft(program, one, whole, importable)
        if isinstance(made, Draft):
            made = Draft(made.figure, made.body, lacking.holes, (*edits, *made.edits))
        found.append(made)
    return found


def _draft(program: Program, one: Slice, text: str, importable: frozenset[str]) -> Draft | Refused:
    figure = f"{program.name}, line {one.line}" if program.name else f"line {one.line}"
    body = tidy(render(one.body, text))
    tree = _tree(body)
    nodes = list(ast.walk(tree))
    roots = {path.partition(".")[0] for path in imported_modules(nodes)}
    if absent := sorted((roots & ROOTS.keys()) - importable):
        return Refused(figure, "needs_module", ", ".join(absent))
    if screen := needs.screen_need(nodes, Origins(tree)):
        return Refused(figure, "interactive", screen)
    if len(body) > BLOCK_CHARS:
        return Refused(figure, "too_long", f"{len(body)} characters")
    inlined = tuple(f"inlined {name}" for name in program.inlined if name)
    return Draft(figure, body, {}, (*inlined, *one.edits))
