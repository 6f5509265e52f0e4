"""An error is one line that any terminal takes, whatever it names."""

import errno
import os
from pathlib import Path

import pytest

from viscode.core.errors import ADVICE, UserError, readable


@pytest.mark.parametrize("text", ["a\nb", "\x1b]0;title\x07", "\ud83d", os.fsdecode(b"\xff"), "\0"])
def test_strangers_text_is_made_printable(text):
    line = str(UserError(text, where=text, todo=text))
    line.encode()
    assert line.isprintable()


@pytest.mark.parametrize("number", ADVICE, ids=errno.errorcode.get)
def test_what_the_system_refuses_names_place_and_next_step(number):
    told = readable(OSError(number, os.strerror(number), "/some/place"))
    assert told is not None and "(/some/place) -> " in str(told)
    assert str(Path("/other")) in str(readable(OSError(number, ""), Path("/other")))


def test_what_may_be_our_own_fault_keeps_its_traceback():
    assert readable(FileNotFoundError(errno.ENOENT, "no such file", "x")) is None
    assert readable(OSError("text only")) is None
