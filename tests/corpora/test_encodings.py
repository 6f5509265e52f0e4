"""How Python files say their encoding, compared with how Python itself reads them."""

import tokenize
from pathlib import Path

import pytest

from viscode.text.source_text import Undecodable, decode_python

GOOD = {
    "plain": "x = 'ä'\n".encode(),
    "byte order mark": b"\xef\xbb\xbfx = '\xc3\xa4'\n",
    "mark and comment": b"\xef\xbb\xbf# coding: utf-8\nx = 1\n",
    "latin-1": b"# -*- coding: latin-1 -*-\nx = '\xe4'\n",
    "second line": b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
    "Japanese": "# coding: euc-jp\nx = '図'\n".encode("euc-jp"),
    "line ends": b"x = 1\r\ny = 2\rz = 3\n",
    "too late for a comment": b"x = 1\n\n# coding: ascii\n'\xc3\xa4'\n",
    "nothing": b"",
}
BAD = {
    "latin-1 unsaid": b"x = '\xe4'\n",
    "late bad byte": b"x = 1\n" * 50 + b"\xff",
    "unknown": b"# coding: klingon\n",
    "no text codec": b"# coding: hex\n78\n",
    "against the mark": b"\xef\xbb\xbf# coding: latin-1\n",
    "not what it says": b"# coding: ascii\n\n'\xc3\xa4'\n",
    "UTF-16": "x = 1\n".encode("utf-16"),
    "lone surrogate": b"# coding: unicode_escape\n'\\ud800'\n",
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_the_text_is_what_python_reads(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    with tokenize.open(path) as stream:
        assert decode_python(data) == stream.read()


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_nothing_is_guessed(data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_python(data)
