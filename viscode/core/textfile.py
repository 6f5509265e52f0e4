"""Text as people's files hold it: UTF-8, with or without a byte order mark, or UTF-16 or UTF-32
with one. The mark is never part of the text. Python source says its encoding in one more way
(PEP 263) and is decoded elsewhere, by the rules of tokenize.
"""

import codecs
import io
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

MARK = "\ufeff"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MARK_BYTES = 4


def encoding_of(start: bytes) -> str:
    """The encoding that the first bytes of a file announce; UTF-8 where they announce none."""
    return next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")


def read_text(path: Path) -> str:
    """
    Raises:
        OSError: not readable.
        UnicodeDecodeError: not the encoding that it announces.
    """
    data = path.read_bytes()
    return data.decode(encoding_of(data)).removeprefix(MARK)


def readable(name: str) -> str:
    """A name of the file system as text that UTF-8 can hold: its other bytes as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def lines(stream: io.BufferedReader, limit: int) -> Generator[bytes | None, None, None]:
    r"""Each line of a file as UTF-8, without blanks around it and without a byte order mark before
    it: files that were put together have marks within. Only \n ends a line. None is a line above
    `limit` bytes (of UTF-16, characters), which is never held as a whole.

    Raises:
        OSError: not readable.
        UnicodeDecodeError: not the UTF-16 or UTF-32 that it announces.
    """
    encoding = encoding_of(stream.peek(MARK_BYTES)[:MARK_BYTES])
    if encoding == "utf-8":
        yield from _lines(stream.readline, limit)
        return
    text = io.TextIOWrapper(stream, encoding, newline="\n")
    try:
        yield from _lines(lambda most: text.readline(most).encode("utf-8"), limit)
    finally:
        text.detach()  # else it closes the stream


def _lines(read: Callable[[int], bytes], limit: int) -> Iterator[bytes | None]:
    while line := read(limit):
        cut = len(line) >= limit and not line.endswith(b"\n")
        if cut and _skip_line(read, limit):
            yield None
        else:
            yield _bare(line)


def _skip_line(read: Callable[[int], bytes], limit: int) -> bool:
    """Whether there was more of the line."""
    skipped = False
    while part := read(limit):
        skipped = True
        if part.endswith(b"\n"):
            break
    return skipped


def _bare(line: bytes) -> bytes:
    line = line.strip()
    while line.startswith(codecs.BOM_UTF8):
        line = line.removeprefix(codecs.BOM_UTF8).lstrip()
    return line
