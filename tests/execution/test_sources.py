"""Source text of every kind gets a proper verdict, from both engines."""

import sys

import pytest

from viscode.execution.script_files import decode

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
NUL_ERROR = "SyntaxError" if sys.version_info >= (3, 11, 4) else "ValueError"  # Python's own
SOURCES = {  # name: (code, status, error type, images)
    "NUL": ("x = 1\0\nprint(x)", "error", NUL_ERROR, 0),
    "CRLF": (PLOT.replace("\n", "\r\n"), "ok", "", 1),
    "CR": ("x = 1\ry = 2\rassert y == 2", "ok", "", 0),
    "Python 2": ("print 'hello'", "error", "SyntaxError", 0),
    "1 MB": (PLOT + f"x = '{'y' * 93}'\n" * 10_000, "ok", "", 1),
    "1 MB line": (PLOT + "x = '" + "y" * 1_000_000 + "'", "ok", "", 1),
    "empty": ("", "ok", "", 0),
    "blank lines": ("\n\n  \n", "ok", "", 0),
    "only comments": ("# nothing\n# at all", "ok", "", 0),
    "lone surrogate": ("x = '\ud800'", "error", "SyntaxError", 0),
    "tabs and spaces": ("if True:\n\tx = 1\n        y = 2", "error", "TabError", 0),
    "form feed": ("x = 1\n\f\ny = 2", "ok", "", 0),
    "unicode names": ("größe = 1\nassert größe == 1", "ok", "", 0),
    "deep nesting": ("(" * 300 + ")" * 300, "error", "SyntaxError", 0),
    "no end of line": ("x = 1 \\", "error", "SyntaxError", 0),
}


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("name", SOURCES)
def test_verdict(execute, name, engine):
    code, status, error_type, images = SOURCES[name]
    execution = execute(code, engine=engine)
    found = (execution.status, execution.error_type, len(execution.images))
    assert found == (status, error_type, images), execution.error


@pytest.mark.sandbox
def test_a_byte_order_mark_is_the_same_to_both(execute):
    found = {
        (e.status, e.error_type)
        for e in (execute("\ufeffx = 1", engine=engine) for engine in ("warm", "notebook"))
    }
    assert len(found) == 1


DECODED = {
    "utf-8": ("x = 'é'".encode(), "x = 'é'"),
    "byte order mark": (b"\xef\xbb\xbfx = 1", "x = 1"),
    "declared": ("# coding: latin-1\nx = 'é'".encode("latin-1"), "# coding: latin-1\nx = 'é'"),
    "undeclared": (b"x = '\xe9'", "x = '\udce9'"),
    "empty": (b"", ""),
}


@pytest.mark.parametrize("name", DECODED)
def test_decode(name):
    source, text = DECODED[name]
    assert decode(source) == text
