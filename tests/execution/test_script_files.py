"""What `viscode run` takes for scripts, of files in every form, and what it says of the rest."""

import codecs
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from viscode.cli.run_scripts import Told, read_data, read_scripts
from viscode.core.errors import UserError
from viscode.execution import script_files

A, B = {"id": "a", "code": "x = 'ä'"}, {"id": 5, "code": ""}
BOTH = [("a", "x = 'ä'"), ("5", "")]
MARK = codecs.BOM_UTF8


def dumped(value: object, **how: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, **how).encode()


def notebook(*sources: str, tags: Sequence[str] = (), **how: object) -> bytes:
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]
    cells[-1]["metadata"] = {"tags": list(tags)}
    return dumped({"cells": cells, "metadata": {}}, **how)


def in_lines(*values: object, between: bytes = b"\n") -> bytes:
    return between.join(dumped(value) for value in values)


def read(*paths: Path, data: Sequence[Path] = ()) -> tuple[list[tuple[str, str]], list[str]]:
    """(id, code) of the scripts, and what was said besides."""
    said: list[str] = []
    scripts = list(read_scripts(paths, data, Told(said.append)))
    return [(script.id, script.code) for script in scripts], said


FORMS = {  # name of the file: (content, its scripts, its own path as "")
    "one.json": (dumped(A), BOTH[:1]),
    "one_indented.json": (dumped(A, indent=2), BOTH[:1]),
    "list.JSON": (dumped([A, B]), BOTH),
    "list_indented.json": (dumped([A, B], indent=1), BOTH),
    "lines.json": (in_lines(A, B), BOTH),
    "lines.JSONL": (in_lines(A, {}, between=b"\n\n").replace(b"{}", dumped(B)), BOTH),
    "windows.ndjson": (in_lines(A, B, between=b"\r\n"), BOTH),
    "list.jsonl": (dumped([A, B], indent=2), BOTH),
    "lists_in_lines.jsonl": (in_lines([A], [B]), BOTH),
    "no_suffix": (in_lines(A, B), BOTH),
    "as_text.txt": (dumped([A, B]), BOTH),
    "really_json.py": (dumped([A, B], indent=2), BOTH),
    "marked.jsonl": (MARK + in_lines(A, B), BOTH),
    "joined.jsonl": (MARK + in_lines(A, B, between=b"\n" + MARK) + b"\n" + MARK, BOTH),
    "marked.json": (MARK + dumped([A, B], indent=2), BOTH),
    "marked_code.json": (dumped([{"id": "a", "code": "\ufeffx = 'ä'"}, B]), BOTH),
    "powershell.jsonl": (in_lines(A, B).decode().encode("utf-16"), BOTH),
    "powershell.json": (dumped([A, B], indent=2).decode().encode("utf-16"), BOTH),
    "wide.jsonl": (in_lines(A, B).decode().encode("utf-32"), BOTH),
    "separators.jsonl": (in_lines({"id": "a", "code": "'\u2028\x85'"}), [("a", "'\u2028\x85'")]),
    "script.py": (b"x = 1\n", [("", "x = 1\n")]),
    "script.PY": (MARK + b"x = 1\n", [("", "x = 1\n")]),
    "powershell.py": ("x = 'ä'\r\n".encode("utf-16"), [("", "x = 'ä'\r\n")]),
    "big_endian.py": (codecs.BOM_UTF16_BE + "x = 1\n".encode("utf-16-be"), [("", "x = 1\n")]),
    "wide.pyw": ("x = 1\n".encode("utf-32"), [("", "x = 1\n")]),
    "marked_twice.py": (2 * MARK + b"x = 1\n", [("", "x = 1\n")]),
    "latin.py": (b"# coding: latin-1\n'\xe4'\n", [("", "# coding: latin-1\n'ä'\n")]),
    "window.Pyw": (b"x = 1\n", [("", "x = 1\n")]),
    "script": (b"#!/usr/bin/python\n", [("", "#!/usr/bin/python\n")]),
    "dict.py": (b'{"a": 1}', [("", '{"a": 1}')]),
    "empty.py": (b"", [("", "")]),
    "cells.ipynb": (notebook("%pwd\nx = 1", "y = 2"), [("", "x = 1\n\n# %%\ny = 2\n")]),
    "cells.IPYNB": (MARK + notebook("x = 1", indent=1), [("", "x = 1\n")]),
    "notebook.json": (notebook("x = 1", indent=1), [("", "x = 1\n")]),
    "exported.py": (notebook("x = 1", indent=1), [("", "x = 1\n")]),
    "scripts.ipynb": (dumped([A, B]), BOTH),
}


@pytest.mark.parametrize("name", FORMS)
def test_scripts_are_what_the_form_of_a_file_says(tmp_path: Path, name: str) -> None:
    content, expected = FORMS[name]
    path = tmp_path / name
    path.write_bytes(content)
    scripts, said = read(path)
    assert scripts == [(script_id or str(path), code) for script_id, code in expected]
    assert said == []


def test_only_python_files_have_a_name(tmp_path: Path) -> None:
    names = {}
    for name in ("script.py", "cells.ipynb", "one.json"):
        (tmp_path / name).write_bytes(FORMS[name][0])
        (script,) = read_scripts([tmp_path / name], [], Told(print))
        names[name] = script.name
    assert names == {"script.py": "script.py", "cells.ipynb": "", "one.json": ""}


REFUSED = {  # name of the file: (content, what is said)
    "empty.jsonl": (b"", "no script in it"),
    "blank.json": (b"\n \n" + MARK, "no script in it"),
    "empty_list.json": (b"[]", "no script in it"),
    "text.jsonl": (b"not json\n", "not JSON"),
    "cut.json": (dumped([A, B])[:-3], "not JSON"),
    "null.json": (b"null", "not a script"),
    "no_code.json": (b'{"id": "a"}', "not a script"),
    "no_id.json": (b'{"code": "1"}', "not a script"),
    "empty_id.json": (b'{"id": "", "code": "1"}', "not a script"),
    "true_id.json": (b'{"id": true, "code": "1"}', "not a script"),
    "surrogate.json": (b'{"id": "\\ud83d", "code": "1"}', "an id that is no text"),
    "surrogate.jsonl": (b'{"id": "a\\udc00b", "code": "1"}', "an id that is no text"),
    "rot13.py": (b"# coding: rot13\ncevag(1)", "encoding"),
    "klingon.py": (b"# coding: klingon\nx = 1", "unknown encoding"),
    "number.json": (b'{"id": "a", "code": 5}', "not a script"),
    "data.json": (b'[{"year": 1}, {"year": 2}, {"year": 3}]', "none of its 3 entries is a script"),
    "latin.json": (b'{"id": "a", "code": "\xe4"}', "not JSON"),
    "latin.jsonl": (b'{"id": "a", "code": "\xe4"}', "not JSON"),
    "half_wide.jsonl": (in_lines(A).decode().encode("utf-16")[:-1], "cannot read"),
    "deep.json": (b"[" * 3000 + b"]" * 3000, "nested too deeply"),
    "deep.jsonl": (b'{"a":' * 3000 + b"1" + b"}" * 3000, "nested too deeply"),
    "broken.ipynb": (b"{", "not JSON"),
    "no_cells.ipynb": (b"{}", "no list of cells"),
    "empty.ipynb": (b"", "no script in it"),
    "r.ipynb": (b'{"cells": [], "metadata": {"language_info": {"name": "R"}}}', "language is R"),
    "prose.ipynb": (notebook("%%html\n<b>x</b>"), "without code"),
    "table.csv": (b"year,value\n2020,1\n", "neither Python nor JSON"),
    "image.png": (b"\x89PNG\r\n", "neither Python nor JSON"),
    "page.html": (b"<p>x</p>", "neither Python nor JSON"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_script_is_one_line_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    content, why = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.py").write_text("1")
    scripts, said = read(tmp_path / name, tmp_path / "good.py")
    assert scripts == [(str(tmp_path / "good.py"), "1")]
    (line,) = said
    assert why in line and name in line and "\n" not in line


BAD_LINES = ["not json", "[[]]", '{"id": "a"}', '{"id": "a", "code": 5}', "null", '"text"']


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_names_its_place_and_the_next_line_is_read(tmp_path: Path, line: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "ok", "code": "1"}\n' + line + '\n{"id": "last", "code": "2"}\n')
    scripts, (said,) = read(path)
    assert scripts == [("ok", "1"), ("last", "2")]
    assert "in.jsonl:2" in said


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "ok", "code": "1"}\n' + "[0]\n" * 1000)
    scripts, said = read(path)
    assert scripts == [("ok", "1")]
    assert len(said) == script_files.ERRORS_TOLD + 1 and "995 more" in said[-1]


@pytest.mark.parametrize("name", ["a.py", "a.json", "a.jsonl", "a.ipynb"])
def test_a_file_above_the_limit_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_files, "SCRIPT_BYTES", 100)
    indent = None if name == "a.jsonl" else 1
    (tmp_path / name).write_text(json.dumps([{"id": "a", "code": "x" * 100}], indent=indent))
    scripts, said = read(tmp_path / name)
    assert scripts == [] and "MiB" in said[0]


def odd(folder: Path) -> dict[str, Path]:
    """Paths that are no files, and a file that may not be read."""
    paths = {name: folder / f"{name}.py" for name in ("missing", "pipe", "dangling", "loop")}
    os.mkfifo(paths["pipe"])
    paths["dangling"].symlink_to(folder / "nothing")
    paths["loop"].symlink_to(paths["loop"])
    return {**paths, "device": Path("/dev/zero")}


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    paths = odd(tmp_path)
    scripts, said = read(*paths.values())
    assert scripts == [] and len(said) == len(paths)
    assert all(
        "cannot read" in line and str(path) in line
        for line, path in zip(said, paths.values(), strict=True)
    )


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not stop every user, so the call itself fails here."""
    path = tmp_path / "a.py"
    path.write_text("1")
    really_open = os.open

    def refuse(opened: object, *rest: int) -> int:
        if opened == path:
            raise PermissionError(13, "Permission denied")
        return really_open(opened, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    assert read(path) == (
        [],
        [f"cannot read: Permission denied ({path}) -> correct the path or the file"],
    )


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_folder_is_read_whole_and_the_rest_is_named(tmp_path: Path) -> None:
    folder = fill(
        tmp_path / "mine",
        {
            "b.py": b"2",
            "a/c.PY": b"1",
            "n.ipynb": notebook("x = 1"),
            "more.JSONL": in_lines(A),
            "list.json": dumped([B]),
            "data.json": b'{"year": 1}',
            "rows.jsonl": b'{"year": 1}\n{"year": 2}\n',
            "prose.ipynb": notebook("%%html\n"),
            **{f"t/{number}.csv": b"a" for number in range(5)},
            "README": b"x",
            ".git/hook.py": b"no",
            "__pycache__/c.py": b"no",
            "env/pyvenv.cfg": b"",
            "env/lib/x.py": b"no",
        },
    )
    (folder / "link.py").symlink_to(folder / "README")
    (folder / "linked").symlink_to(folder / "a")
    scripts, (line,) = read(folder)
    path = str(folder)
    assert scripts == [
        (f"{path}/a/c.PY", "1"),
        (f"{path}/b.py", "2"),
        (f"{path}/link.py", "x"),
        ("5", ""),
        BOTH[0],
        (f"{path}/n.ipynb", "x = 1\n"),
    ]
    assert line == (
        f"{path}: passed over, as not scripts: 5 .csv (t/0.csv, t/1.csv, t/2.csv, ...), "
        "3 hidden folders, caches and environments (.git, __pycache__, env), "
        "1 without a suffix (README), 1 .json (data.json), 1 links and special files (linked), "
        "1 .ipynb (prose.ipynb), 1 .jsonl (rows.jsonl)"
    )


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xff"])
def test_a_broken_notebook_in_a_folder_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = fill(tmp_path / "mine", {"n.ipynb": content, "ok.py": b"1"})
    scripts, (line,) = read(folder)
    assert scripts == [(f"{folder}/ok.py", "1")] and "n.ipynb" in line


@pytest.mark.parametrize(
    "files",
    [{}, {"a.csv": b"1", "b.json": b"{}"}, {".hidden/a.py": b"1"}, {"__pycache__/a.py": b"1"}],
)
def test_a_folder_without_scripts_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = fill(tmp_path / "mine", files)
    folder.mkdir(exist_ok=True)
    told = Told(lambda line: None)
    assert list(read_scripts([folder], [], told)) == [] and told.refused == 1


def test_the_same_through_a_link_and_names_that_are_no_text(tmp_path: Path) -> None:
    folder = fill(tmp_path / "mine", {"a.py": b"1"})
    (folder / os.fsdecode(b"\xff.py")).write_text("2")
    (tmp_path / "way").symlink_to(folder)
    way = tmp_path / "way"
    assert read(way) == ([(f"{way}/a.py", "1"), (f"{way}/\\xff.py", "2")], [])


def test_cells_that_are_meant_to_fail_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("x = 1", "1 / 0", tags=["raises-exception"]))
    scripts, (line,) = read(path)
    assert scripts == [(str(path), "x = 1\n")] and "meant to fail: 1" in line


def test_an_id_that_stands_twice_is_an_error(tmp_path: Path) -> None:
    folder = fill(tmp_path, {"a.py": b"1", "x.json": dumped([A, A]), "y.jsonl": in_lines(A)})
    for paths in (["a.py", "a.py"], ["x.json"], ["y.jsonl", "y.jsonl"]):
        with pytest.raises(UserError, match="two scripts"):
            read(*(folder / name for name in paths))


def test_data_files_lie_beside_every_script(tmp_path: Path) -> None:
    folder = fill(
        tmp_path, {"a.py": b"1", "x.json": dumped(A), "d/t.csv": MARK + b"a", "u.csv": b""}
    )
    data = [folder / "d/t.csv", folder / "u.csv"]
    scripts = list(read_scripts([folder / "a.py", folder / "x.json"], data, Told(print)))
    assert [script.files for script in scripts] == [{"t.csv": MARK + b"a", "u.csv": b""}] * 2


@pytest.mark.parametrize(
    "pair",
    [("2023/data.csv", "2024/data.csv"), ("data.csv", "data.csv"), ("data.csv", "2023/data.csv")],
)
def test_two_data_files_of_one_name_are_an_error_that_names_both(
    tmp_path: Path, pair: tuple[str, str]
) -> None:
    fill(tmp_path, {"2023/data.csv": b"1", "2024/data.csv": b"2", "data.csv": b"3"})
    first, second = (tmp_path / name for name in pair)
    with pytest.raises(UserError) as caught:
        read_data([first, second])
    assert f"{first} and {second}" in str(caught.value)


def test_data_that_is_no_file_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path, *odd(tmp_path).values()):
        with pytest.raises(UserError, match="cannot read"):
            read_data([path])
