"""Source text of every kind gets a proper verdict, from both engines."""

import sys

import pytest

from viscode.errors import UserError
from viscode.execution.scripts import decode, read_scripts

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
NUL_ERROR = "SyntaxError" if sys.version_info >= (3, 11, 4) else "ValueError"  # Python's own
SOURCES = {  # name: (code, status, error type, images)
    "NUL": ("x = 1\0\nprint(x)", "error", NUL_ERROR, 0),
    "CRLF": (PLOT.replace("\n", "\r\n"), "ok", "", 1),
    "CR": ("x = 1\ry = 2\rassert y == 2", "ok", "", 0),
    "Python 2": ("print 'hello'", "error", "SyntaxError", 0),
    "1 MB": (PLOT + "x = 1\n" * 170_000, "ok", "", 1),
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
    "unknown coding": (b"# coding: klingon\nx = 1", "# coding: klingon\nx = 1"),
    "empty": (b"", ""),
}


@pytest.mark.parametrize("name", DECODED)
def test_decode(name):
    source, text = DECODED[name]
    assert decode(source) == text


def test_scripts_of_files_folders_and_lines(tmp_path):
    (tmp_path / "folder" / "sub").mkdir(parents=True)
    (tmp_path / "folder/b.py").write_text("2")
    (tmp_path / "folder/sub/a.py").write_text("3")
    (tmp_path / "folder/notes.txt").write_text("no")
    (tmp_path / "one.py").write_text("1")
    (tmp_path / "more.jsonl").write_text('{"id": "x", "code": "4"}\n\n{"id": 5, "code": ""}\n')
    (tmp_path / "data.csv").write_text("a")
    paths = [tmp_path / "one.py", tmp_path / "folder", tmp_path / "more.jsonl"]
    found = list(read_scripts(paths, [tmp_path / "data.csv"]))
    assert [s.code for s in found] == ["1", "2", "3", "4", ""]
    assert [s.id for s in found][-2:] == ["x", "5"]
    assert all(s.files == {"data.csv": b"a"} for s in found)


BAD_LINES = ["not json", "[]", '{"id": "a"}', '{"id": "a", "code": 5}', "null"]


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_names_its_place(tmp_path, line):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "ok", "code": "1"}\n' + line + "\n")
    with pytest.raises(UserError, match=r"in\.jsonl:2"):
        list(read_scripts([path], []))


def test_ids_that_stand_twice_and_files_that_are_not_there(tmp_path):
    (tmp_path / "a.py").write_text("1")
    with pytest.raises(UserError, match="two scripts"):
        list(read_scripts([tmp_path / "a.py", tmp_path / "a.py"], []))
    for paths, data in (([tmp_path / "b.py"], []), ([tmp_path / "a.py"], [tmp_path / "c.csv"])):
        with pytest.raises(UserError, match="cannot read"):
            list(read_scripts(paths, data))
