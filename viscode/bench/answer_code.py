"""The program in a model's answer, protocol `isolated`.

The last complete python block counts, for reasoning models put drafts first. Fences may be
labelled python, py or python3; blocks without a label count only where no block is labelled, as
they often hold program output. Failing that, a last block that was never closed; failing that,
the whole answer if it is Python; else nothing. The code is left as it is.

Where the text up to the first closing fence is not Python and more text up to a later one is,
the later one closes the block: the code holds a fence in a string.
"""

import ast
import warnings
from dataclasses import dataclass

from viscode.llm.fences import CLOSING, OPENING

LABELS = ("python", "py", "python3")
PARSED_CHARS = 200_000  # longer texts are not parsed: that would take seconds and gigabytes
FENCES_TRIED = 8  # closing fences tried for a block whose first one leaves it unparsable


@dataclass(frozen=True)
class _Block:
    label: str
    code: str
    closed: bool


def answer_code(answer: str) -> str:
    """The code to run, "" when there is none. Never fails, whatever the answer is."""
    blocks = [block for block in _blocks(answer) if block.code.strip()]
    for closed in (True, False):
        found = [block for block in blocks if block.closed == closed]
        labelled = [block for block in found if block.label in LABELS]
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


def _blocks(answer: str) -> list[_Block]:
    blocks, place = [], 0
    while (opening := OPENING.search(answer, place)) is not None:
        label, start = opening.group(1).lower(), opening.end()
        end, place = _end(answer, start, label)
        blocks.append(_Block(label, answer[start:end], closed=end < len(answer)))
    return blocks


def _end(answer: str, start: int, label: str) -> tuple[int, int]:
    """Where the block that begins at `start` ends, and where the next one may begin."""
    first: tuple[int, int] | None = None
    place = start
    for _ in range(FENCES_TRIED if len(answer) <= PARSED_CHARS else 1):
        closing = CLOSING.search(answer, place)
        if closing is None:
            break
        found = (closing.start(), closing.end())
        first = first or found
        if label not in ("", *LABELS) or parses(answer[start : found[0]]):
            return found
        place = found[1]
    if first is not None:
        return first
    return len(answer), len(answer)
