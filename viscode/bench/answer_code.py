"""The program in a model's answer, protocol `isolated`.

Blocks are read by `viscode.text.markdown`; code without fences is a block too. Which of them is the
program, in this order:

1. The last closed block that draws. The blocks before it whose names it needs come first, in their
   order, with those that change what the names stand for: imports in one block, data in the next,
   the plot in a third are one program. An optional tail is left out: it draws nothing ("to save it
   instead: plt.savefig(...)"), or only more with the names of a program that has shown its plot.
   Where the program neither shows nor saves its plot, what follows up to a block that does belongs
   to it. An excerpt (it imports nothing and reads names that nothing binds) counts only where
   nothing else draws.
2. The last block that draws of those that nothing closes, likewise.
3. Where nothing draws: the last closed block whose label names Python, or an unclosed one; without
   any, the last block without a label. One that is Python goes before one that is not.
4. The whole answer if it is Python; else nothing.

Syntax trees tell what draws, so a block of any label counts in 1 and 2, and one that is not
Python only in 3: a broken program after a sound one is not run. The code is left as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from viscode.bench.answer_parts import Piece, adds_drawing, gives_out, supporting
from viscode.bench.answer_text import answer_text
from viscode.text.code_labels import names_python
from viscode.text.markdown import RUN, FencedBlock, bare_code, read_blocks
from viscode.text.python_text import python_text

MOST_BLOCKS = 50  # the last ones are looked at
LABEL_LINE = re.compile(r"\s*+\[?([\w. ]{1,20})\]?\r?\n")
CLOSING_TAGS = re.compile(r"^[ \t]*+(?:</\w+>|\[/\w+\])++[ \t\r]*+$", re.MULTILINE)
FIRST_IMPORT = re.compile(
    r"^(?:import [\w.]+(?: as \w+)?[ \t\r]*$|from [\w.]+ import )", re.MULTILINE
)


class Form(StrEnum):
    """How a program stands in its answer."""

    CLOSED = "closed"
    UNCLOSED = "unclosed"
    BARE = "bare"
    BARE_CLOSED = "bare_closed"
    NONE = "none"


class Trait(StrEnum):
    """What else is known of it. `SEVERAL`: of several blocks. `NOT_LAST`: another block that is
    Python, or labeled so, follows it. `DRAWS_NOTHING`: nothing in the answer draws."""

    STOP_TOKEN = "stop_token"
    REASONING = "reasoning"
    SEVERAL = "several_blocks"
    NOT_LAST = "not_last"
    DRAWS_NOTHING = "draws_nothing"
    NO_LABEL = "no_label"
    OTHER_LABEL = "other_label"


@dataclass(frozen=True)
class Program:
    """The code to run, "" when there is none, and how it was found. `OTHER_LABEL`: not "python"."""

    code: str
    form: Form = Form.NONE
    traits: frozenset[Trait] = frozenset()

    def having(self, **traits: bool) -> "Program":
        """With those of these traits that are true."""
        found = {Trait[name] for name, is_so in traits.items() if is_so}
        return replace(self, traits=self.traits | found)


@dataclass(frozen=True)
class _Found:
    """A block, and its Python if it is any. `bare`: no fence opens it."""

    block: FencedBlock
    piece: Piece | None
    bare: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is known to be complete."""
        return self.bare or self.block.closed

    @property
    def form(self) -> Form:
        if self.bare:
            return Form.BARE_CLOSED if self.block.closed else Form.BARE
        return Form.CLOSED if self.block.closed else Form.UNCLOSED


def answer_code(answer: str) -> str:
    """The code of `program_in`."""
    return program_in(answer).code


def program_in(answer: str) -> Program:
    """The program. Never fails, whatever the answer is."""
    said = answer_text(answer)
    program = _program(said.final)
    reasoned = said.final != said.text and program.code != ""
    if said.final != said.text and not reasoned:
        program = _program(said.text)
    return program.having(STOP_TOKEN=said.stopped, REASONING=reasoned)


def _program(text: str) -> Program:
    found = _blocks(text)[-MOST_BLOCKS:]
    return _drawing(found) or _not_drawing(found) or _all_of(text)


def _blocks(text: str) -> list[_Found]:
    """The blocks that hold something. Bare code is one if it draws; the fence that closes it opens
    no block."""
    found: list[_Found] = []
    for start, stop in _bare_spans(text):
        bare = bare_code(text[start:stop])
        piece = _piece(bare)
        if piece is not None and adds_drawing([piece]):
            text, found = text[start + bare.end :], [_Found(bare, piece, bare=True)]
            break
    blocks = (one for block in read_blocks(text) for one in _within(block) if one.code.strip())
    return [*found, *(_Found(block, _piece(block)) for block in blocks)]


def _bare_spans(text: str) -> list[tuple[int, int]]:
    """Where bare code may stand. It begins at the beginning, after the label of a fence that stood
    in the prompt, or at the first import, after prose; it may end before a closing tag."""
    label, first = LABEL_LINE.match(text), FIRST_IMPORT.search(text)
    starts = [label.end() if label and names_python(label[1]) else 0]
    if first and first.start() > starts[0] and not RUN.search(text, 0, first.start()):
        starts.append(first.start())
    tag = CLOSING_TAGS.search(text)
    stops = [len(text), tag.start()] if tag else [len(text)]
    return [(start, stop) for start in starts for stop in stops if start < stop]


def _within(block: FencedBlock) -> Sequence[FencedBlock]:
    """The block, or those in it where it is Markdown itself."""
    inner = read_blocks(block.code) if block.label in ("markdown", "md") else ()
    return inner or (block,)


def _piece(block: FencedBlock) -> Piece | None:
    python = python_text(block.code)
    return Piece(python) if python and python.tree.body else None


def _drawing(found: Sequence[_Found]) -> Program | None:
    """Rules 1 and 2. Looks at the blocks from the last to the first, until one fits."""
    excerpt: tuple[int, list[Piece]] | None = None
    for wanted in (True, False):
        for place in reversed(range(len(found))):
            piece = found[place].piece
            if piece is None or found[place].whole is not wanted:
                continue
            before, missing = supporting(_pieces(found[:place]), piece)
            if not adds_drawing([*before, piece]):
                continue
            finished = not piece.imports and gives_out(before)
            if not finished and (not missing or piece.imports):
                return _made(found, place, before)
            excerpt = excerpt or (place, before)
    return _made(found, *excerpt) if excerpt else None


def _pieces(found: Sequence[_Found]) -> list[Piece]:
    return [one.piece for one in found if one.piece is not None]


def _made(
    found: Sequence[_Found], place: int, before: Sequence[Piece], *, draws: bool = True
) -> Program:
    """The program whose block is at `place`, after the pieces `before` it. One that draws takes in
    what follows until its plot is shown or saved."""
    one = found[place]
    pieces = [*before, *_pieces([one])]
    for later, other in enumerate(found[place + 1 :] if draws else (), start=place + 1):
        if gives_out(pieces):
            break
        if other.piece and other.piece.continues(pieces):
            pieces.append(other.piece)
            place = later
    several = len(pieces) > 1
    parts = (piece.python.code.strip("\r\n") for piece in pieces)
    code = "\n\n".join(parts) + "\n" if several else one.block.code
    return Program(code, one.form).having(
        SEVERAL=several,
        NOT_LAST=any(other.piece or other.block.is_python for other in found[place + 1 :]),
        DRAWS_NOTHING=not draws,
        NO_LABEL=not one.bare and not one.block.label,
        OTHER_LABEL=one.block.label not in ("", "python"),
    )


def _not_drawing(found: Sequence[_Found]) -> Program | None:
    """Rule 3."""
    labelled = [place for place, one in enumerate(found) if one.block.is_python]
    plain = [place for place, one in enumerate(found) if not one.block.info]
    for some in (labelled, plain):
        for whole in (True, False):
            fitting = [place for place in reversed(some) if found[place].whole is whole]
            if fitting:
                place = next((place for place in fitting if found[place].piece), fitting[0])
                own = found[place].piece
                before = supporting(_pieces(found[:place]), own)[0] if own else []
                return _made(found, place, before, draws=False)
    return None


def _all_of(text: str) -> Program:
    """Rule 4."""
    if python_text(text) and text.strip():
        return Program(text, Form.BARE).having(DRAWS_NOTHING=True)
    return Program("")
