"""The program in a model's answer, protocol `isolated`.

The last complete python block counts, for reasoning models put drafts first. Fences may be
labelled python, py or python3; blocks without a label count only where no block is labelled, as
they often hold program output. Failing that, a last block that was never closed; failing that,
the whole answer if it is Python; else nothing. The code is left as it is.

A fence closes a block on a line of its own. Where what stands before it is not Python:

- a fence behind code at the end of a line closes the block, if what stands before that is Python
  (the system prompt of the benchmark shows a block closed so);
- else a later fence does, if the text up to it is Python: the code holds a fence in a string;
- else a python block that opens in it begins anew there: the first one was never closed.
"""

import ast
import re
import sys
import warnings
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from viscode.llm.fences import PYTHON_LABELS

PARSED_CHARS = 200_000  # longer texts are not parsed: that would take seconds and gigabytes
PARSED_IN_ALL = 20 * PARSED_CHARS  # of one answer; what lies beyond counts as no Python
FENCES_TRIED = 8  # closing fences tried for a block whose first one leaves it unparsable

# Possessive: linear on any text, as a megabyte without a line end may come.
OPENING = re.compile(
    r"^[ \t>*+\-\d.)]*+```[ \t]*+([\w+.#-]*+)[^\n`]*+\n"  # begins a line: words may follow
    r"|```[ \t]*+([\w+.#-]*+)[ \t\r]*+\n",  # within a line of prose: the label alone
    re.MULTILINE,
)
CLOSING = re.compile(r"^[ \t]*+```(?![^\s`<])", re.MULTILINE)  # a stop token may follow
BEHIND_CODE = re.compile(r"(?<=[^\s`])[ \t]*+```[ \t\r]*+$", re.MULTILINE)
LABELLED = re.compile(
    r"^[ \t]*+```[ \t]*+(?:python3?|py)\b[^\n`]*+\n", re.MULTILINE | re.IGNORECASE
)

Span = tuple[int, int]


@dataclass(frozen=True)
class _Block:
    label: str
    code: str
    closed: bool


def answer_code(answer: str) -> str:
    """The code to run, "" when there is none. Never fails, whatever the answer is."""
    blocks = [block for block in _Reader(answer).blocks() if block.code.strip()]
    for closed in (True, False):
        found = [block for block in blocks if block.closed == closed]
        labelled = [block for block in found if block.label in PYTHON_LABELS]
        unlabelled = [block for block in found if block.label == ""]
        if labelled or unlabelled:
            return (labelled or unlabelled)[-1].code
    return answer if answer.strip() and parses(answer) else ""


def parses(code: str) -> bool:
    """Whether a text is Python; a text too long to tell counts as not."""
    if len(code) > PARSED_CHARS:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class _Reader:
    """Finds the blocks of one answer. All fences are looked up once, so time is linear."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self._left = PARSED_IN_ALL
        self._closings = [found.span() for found in CLOSING.finditer(answer)]
        self._behind = [found.span() for found in BEHIND_CODE.finditer(answer)]
        self._labelled = [found.span() for found in LABELLED.finditer(answer)]

    def blocks(self) -> Iterator[_Block]:
        place = 0
        while (opening := OPENING.search(self.answer, place)) is not None:
            label, start = (opening[1] or opening[2] or "").lower(), opening.end()
            if self._ends_a_span(opening.start()):
                place = start
                continue
            end, place, closed = self._end(start, python=label in ("", *PYTHON_LABELS))
            yield _Block(label, self.answer[start:end], closed)

    def _ends_a_span(self, fence: int) -> bool:
        """Whether three backticks stand before it in its line that have no partner yet."""
        line = self.answer.rfind("\n", 0, fence) + 1
        return self.answer.count("```", line, fence) % 2 == 1

    def _end(self, start: int, *, python: bool) -> tuple[int, int, bool]:
        """Where the block that begins at `start` ends, where the next one may begin, and whether
        a fence closes it."""
        closings = _few(self._closings, start)
        first = closings[0] if closings else None
        end = first[0] if first else len(self.answer)
        behind = _few(self._behind, start, end)
        if python:
            for found in (*closings[:1], *behind, *closings[1:]):
                if self._parses(start, found[0]):
                    return *found, True
        if again := _few(self._labelled, start, end):
            return again[0][0], again[0][0], False
        if first:
            return *first, True
        at_end = self._behind[-1:]
        if at_end and at_end[0][0] >= start and not self.answer[at_end[0][1] :].strip():
            return *at_end[0], True
        return end, end, False

    def _parses(self, start: int, end: int) -> bool:
        size = end - start
        if len(self.answer) > PARSED_CHARS or size > self._left:
            return False
        self._left -= size
        return parses(self.answer[start:end])


def _few(spans: list[Span], start: int, end: int = sys.maxsize) -> list[Span]:
    """The first spans that begin from `start` to before `end`, FENCES_TRIED at most."""
    place = bisect_left(spans, (start, 0))
    return [span for span in spans[place : place + FENCES_TRIED] if span[0] < end]
