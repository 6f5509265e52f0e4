"""A module of the same repository is found as Python would find it from the file's folder."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from viscode.core.records import Origin, SourceFile
from viscode.core.tables import write_table
from viscode.extract.siblings import open_siblings, siblings_of


def source_file(path: str, text: str = "A = 1\n", **origin: str) -> SourceFile:
    place = {"kind": "folder", "name": "corpus", **origin}
    return SourceFile(
        id=f"{place['name']}/{path}",
        source="files",
        origin=Origin.model_validate({**place, "path": path}),
        licence="MIT",
        text=text,
    )


def at(path: str, **origin: str) -> Origin:
    return source_file(path, **origin).origin


REPOSITORIES = [
    "one/main.py",
    "one/utils.py",
    "one/scripts/run.py",
    "one/scripts/helper.py",
    "one/src/model/net.py",
    "one/lab/deep/tools.py",
    "one/pkg/__init__.py",
    "one/pkg/a.py",
    "one/pkg/sub/b.py",
    "one/x/same.py",
    "one/y/same.py",
    "one/y/z/near.ipynb",
    "two/other.py",
    "two/nb.ipynb",
]


@pytest.mark.parametrize(
    ("path", "name", "level", "found"),
    [
        ("one/main.py", "utils", 0, "one/utils.py"),
        ("one/scripts/run.py", "helper", 0, "one/scripts/helper.py"),
        ("one/scripts/run.py", "utils", 0, "one/utils.py"),  # of a folder above
        ("one/main.py", "model.net", 0, "one/src/model/net.py"),
        ("one/main.py", "tools", 0, "one/lab/deep/tools.py"),  # the only one of the name
        ("one/main.py", "pkg", 0, "one/pkg/__init__.py"),
        ("one/main.py", "pkg.a", 0, "one/pkg/a.py"),
        ("one/pkg/sub/b.py", "a", 2, "one/pkg/a.py"),
        ("one/pkg/sub/b.py", "", 2, "one/pkg/__init__.py"),
        ("one/pkg/a.py", "sub.b", 1, "one/pkg/sub/b.py"),
        ("one/pkg/a.py", "utils", 1, None),  # a relative import goes nowhere else
        ("one/pkg/a.py", "utils", 9, None),
        ("one/main.py", "same", 0, None),  # two of them
        ("one/y/z/near.ipynb", "same", 0, "one/y/same.py"),
        ("one/main.py", "other", 0, None),  # of another repository
        ("two/nb.ipynb", "other", 0, "two/other.py"),
        ("two/nb.ipynb", "nb", 0, None),  # no notebook is imported
        ("one/utils.py", "utils", 0, None),  # nor the file itself
        ("one/main.py", "one.pkg.a", 0, "one/pkg/a.py"),
        ("one/main.py", "nowhere.at.all", 0, None),
    ],
)
def test_where_a_module_is_found(path, name, level, found):
    siblings = siblings_of(source_file(one, f"# {one}\n") for one in REPOSITORIES)
    module = siblings.module(at(path), name, level)
    assert module == (None if found is None else (found, f"# {found}\n"))


def test_a_folder_with_files_of_its_own_is_one_repository():
    files = ["run.py", "notebooks/plot.py", "lib/tools.py"]
    siblings = siblings_of(map(source_file, files))
    assert siblings.module(at("notebooks/plot.py"), "tools") == ("lib/tools.py", "A = 1\n")


def test_repositories_of_one_source_are_kept_apart():
    files = [
        source_file("a/utils.py", f"B = {name!r}\n", kind="repository", name=name)
        for name in ("x/y", "x/z")
    ]
    siblings = siblings_of(files)
    origin = at("main.py", kind="repository", name="x/z")
    assert siblings.module(origin, "utils") == ("a/utils.py", "B = 'x/z'\n")
    assert siblings.module(at("main.py", kind="repository", name="x"), "utils") is None


def test_what_has_no_importable_name_is_not_held():
    docstring = source_file("p/m.py", kind="package", locator="p.m.f")
    big = source_file("a/big.py", "#" * 10**7)
    siblings = siblings_of([docstring, source_file("a/2d.py"), big])
    assert siblings.module(docstring.origin, "m") is None
    assert siblings.module(at("a/x.py"), "2d") is None
    assert siblings.module(at("a/x.py"), "big") is None


def test_the_index_is_made_once_and_again_when_the_files_change(tmp_path):
    raw, path = tmp_path / "raw", tmp_path / "work" / "siblings.sqlite"
    write_table(raw, SourceFile, [source_file("r/utils.py")])
    open_siblings(raw, path).close()
    made = path.stat().st_ino
    open_siblings(raw, path).close()
    assert path.stat().st_ino == made
    write_table(raw, SourceFile, [source_file("r/utils.py", "A = 2\n")])
    assert open_siblings(raw, path).module(at("r/main.py"), "utils") == ("r/utils.py", "A = 2\n")


def test_a_damaged_index_is_made_again(tmp_path):
    raw, path = tmp_path / "raw", tmp_path / "siblings.sqlite"
    write_table(raw, SourceFile, [source_file("r/utils.py")])
    path.write_bytes(b"no database" * 1000)
    assert open_siblings(raw, path).module(at("r/main.py"), "utils") is not None


def test_a_build_that_was_killed_is_not_used(tmp_path):
    raw, path = tmp_path / "raw", tmp_path / "siblings.sqlite"
    write_table(raw, SourceFile, [source_file(f"r/m{i}.py", "A = 1\n" * 999) for i in range(1000)])
    code = (
        "import sys\nfrom pathlib import Path\nfrom viscode.extract.siblings import open_siblings\n"
        "print('go', flush=True)\nopen_siblings(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(raw), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        partial = path.with_name(f".{path.name}.partial")
        while not partial.exists() and process.poll() is None:
            pass
        os.kill(process.pid, signal.SIGKILL)
    siblings = open_siblings(raw, path)
    assert siblings.module(at("r/main.py"), "m999") == ("r/m999.py", "A = 1\n" * 999)


def test_threads_look_up_at_the_same_time():
    siblings = siblings_of(source_file(f"r/m{i}.py", f"A = {i}\n") for i in range(200))
    wrong: list[int] = []

    def look(start: int) -> None:
        for i in range(start, 200):
            if siblings.module(at("r/main.py"), f"m{i}") != (f"r/m{i}.py", f"A = {i}\n"):
                wrong.append(i)

    threads = [threading.Thread(target=look, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
