"""A script's texts without what differs between two runs or two machines: scratch paths, folders of
the interpreter, addresses, terminal colours, and what UTF-8 cannot hold (untrusted.py)."""

import re

from viscode.execution import untrusted
from viscode.execution.interpreter import Interpreter
from viscode.execution.sandbox import BOX_AT

TRACEBACK_HEAD, TRACEBACK_TAIL = 1000, 3000
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
# Linear in the text, which is a script's: each match may begin at one place of a word or line only.
CELL_FILE = re.compile(r"(?<!\S)\S*/ipykernel_\d+/\d+\.py")
HIDDEN_FRAMES = re.compile(r"^[^\S\n]*\[\.\.\. skipping hidden \d+ frame\]\n?", re.MULTILINE)


class Cleaner:
    """Replaces what is particular to one run or one machine."""

    def __init__(self, box: str, interpreter: Interpreter) -> None:
        self.box = box
        self.site = re.compile(
            "|".join(
                rf"{re.escape(str(p))}/lib/python[\d.]+/(?:site-packages/)?"
                for p in interpreter.prefixes
            )
        )

    def __call__(self, text: str) -> str:
        text = untrusted.text(untrusted.clipped(text))
        text = HIDDEN_FRAMES.sub("", ANSI.sub("", text))
        text = CELL_FILE.sub("script.py", text)
        text = self.site.sub("", text)
        if self.box:
            text = text.replace(self.box, BOX_AT)
        return ADDRESS.sub("0x0", text)


def shorten(trace: str) -> str:
    """The head and the tail of a long traceback."""
    if len(trace) <= TRACEBACK_HEAD + TRACEBACK_TAIL:
        return trace
    return f"{trace[:TRACEBACK_HEAD]}\n...\n{trace[-TRACEBACK_TAIL:]}"
