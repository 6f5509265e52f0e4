"""The source `sdists`: what is read of an archive, and that nothing is fetched twice."""

import json
import random
import tarfile
from pathlib import Path

import pytest
from index_server import Index, sdist

from viscode.core.errors import UserError
from viscode.core.records import SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes
from viscode.corpora.package_index import PackageIndex
from viscode.corpora.sdists import collect_sdists, listed
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings

ROOT = Path(__file__).parents[2] / "samples/sdists"
HEAD = "name,version,sha256,licence\n"
HEAD_WITH_FOLDERS = "name,version,sha256,licence,folders\n"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([{}])\n"
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "source": "x = 1\nprint(x)", "metadata": {}, "outputs": []}
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
FILES = {
    "made/core.py": PLOT.format(0),  # the package itself
    "setup.py": "raise SystemExit('built')\n",
    "examples/a.py": PLOT.format(1),
    "docs/guide/b.ipynb": NOTEBOOK,
    "docs/text.rst": "Text.",
    "made/tests/c.py": PLOT.format(1),  # the same text
    "gallery/empty.py": "\n",
    "gallery/long.py": PLOT.format("1, " * 500),
    "tutorials/bad.py": "caf\udce9 = 1\n".encode("utf-8", "surrogateescape").decode("latin-1"),
}


@pytest.fixture(params=["json", "html"])
def index(request):
    with Index(request.param) as made:
        yield made


@pytest.fixture
def collect(tmp_path, index):
    """collect(lines of the list, **settings): the metrics, records by path, reasons."""

    def run(lines, head=HEAD, **changes):
        (tmp_path / "list.csv").write_text(head + lines)
        settings = load(CollectFilesSettings).model_copy(
            update={"source": "sdists", "path": str(tmp_path / "list.csv"), **changes}
        )
        where = PackageIndex(index.url, tmp_path / "cache")
        return collect_sdists(settings, where, tmp_path / "out"), tmp_path / "out"

    return run


def test_what_shows_how_a_project_is_used_is_read(collect, index):
    metrics, out = collect(index.line("made-1.0.tar.gz", sdist(FILES)), max_bytes=1000)
    assert (metrics["in"], metrics["kept"]) == (6, 3)
    assert metrics["rejected"] == {"duplicate": 1, "empty": 1, "too_large": 1}
    records = {record.origin.path: record for record in read_table(out, SourceFile)}
    assert set(records) == {"examples/a.py", "docs/guide/b.ipynb", "tutorials/bad.py"}
    one = records["examples/a.py"]
    assert (one.origin.kind, one.origin.name, one.origin.version) == ("package", "made", "1.0")
    assert (one.licence, one.text, one.origin.script_name) == ("MIT", PLOT.format(1), "a.py")
    assert records["docs/guide/b.ipynb"].text.startswith("x = 1")
    details = [row.detail for row in read_outcomes(out) if row.reason == "too_large"]
    assert details == [f"gallery/long.py: {len(FILES['gallery/long.py'])} bytes"]


def test_nothing_is_fetched_twice(collect, index):
    lines = index.line("a-1.tar.gz", sdist({"examples/a.py": PLOT.format(1)}))
    lines += index.line("b-2.tar.gz", sdist({"examples/b.py": PLOT.format(2)}))
    assert collect(lines)[0] == collect(lines)[0]
    assert sorted(file for file, _ in index.sent) == ["a-1.tar.gz", "b-2.tar.gz"]


def test_a_fetch_that_was_cut_short_goes_on(collect, index):
    noise = random.Random(1).randbytes(300_000).hex()
    line = index.line("big-1.tar.gz", sdist({"examples/a.py": f"x = '{noise}'\n"}))
    index.cut = 100_000
    with pytest.raises(UserError, match=r"big 1 could not be fetched.*run the stage again"):
        collect(line, max_bytes=10**7)
    assert collect(line, max_bytes=10**7)[0]["kept"] == 1
    whole = len(index.archives["big-1.tar.gz"])
    assert index.sent == [("big-1.tar.gz", whole), ("big-1.tar.gz", whole - 100_000)]
    index.ranges, index.cut = False, 100_000
    line = index.line("big-2.tar.gz", sdist({"examples/b.py": f"y = '{noise}'\n"}))
    with pytest.raises(UserError):
        collect(line, max_bytes=10**7)
    assert collect(line, max_bytes=10**7)[0]["kept"] == 1


def test_another_file_than_the_one_that_is_pinned(collect, index):
    line = index.line("made-1.0.tar.gz", sdist({"examples/a.py": PLOT.format(1)}))
    index.archives["made-1.0.tar.gz"] = sdist({"examples/a.py": "import os\n"})
    for _ in range(2):  # nothing of it is kept
        with pytest.raises(UserError, match=r"made 1\.0 has the sha256 [0-9a-f]{64}, not that of"):
            collect(line)
    assert len(index.sent) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"made,2.0,{'0' * 64},MIT\n", "no source distribution of made 2.0"),
        (f"other,1.0,{'0' * 64},MIT\n", "other 1.0 could not be fetched.*404"),
    ],
    ids=["release", "project"],
)
def test_what_the_index_does_not_have(collect, index, line, message):
    index.line("made-1.0.tar.gz", sdist({"examples/a.py": PLOT.format(1)}))
    with pytest.raises(UserError, match=message):
        collect(line)


@pytest.mark.parametrize("line", ["made,1.0,abc,MIT\n", f"made,1.0,{'0' * 64},\n", "made\n"])
def test_a_line_that_lacks_something_is_named(tmp_path, line):
    (tmp_path / "list.csv").write_text(f"{HEAD}good,1,{'1' * 64},MIT\n{line}")
    with pytest.raises(UserError, match=r"list\.csv, line 3"):
        listed(tmp_path)


def test_an_archive_that_does_not_read_is_a_rejection(collect, index):
    whole = sdist({"examples/a.py": PLOT.format(1), "examples/b.py": "x = 1\n" * 50_000})
    lines = index.line("cut-1.tar.gz", whole[: len(whole) // 2])
    lines += index.line("text-1.tar.gz", b"no archive")
    lines += index.line("made-1.tar.gz", sdist({"examples/c.py": PLOT.format(2)}))
    metrics, out = collect(lines, max_bytes=10**6)
    assert metrics["rejected"] == {"unreadable": 2}
    assert "examples/c.py" in {record.origin.path for record in read_table(out, SourceFile)}


def test_links_and_paths_that_lead_outside_are_not_followed(collect, index, tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_text("SECRET = 1\n")
    path = tmp_path / "made-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("made-1/examples/link.py")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        archive.addfile(link)
        good = tmp_path / "good.py"
        good.write_text(PLOT.format(3))
        archive.add(good, "made-1/../../../examples/good.py")
    before = sorted(tmp_path.rglob("*.py"))
    metrics, out = collect(index.line("made-1.tar.gz", path.read_bytes()))
    assert (metrics["in"], metrics["kept"]) == (1, 1)
    assert "SECRET" not in next(read_table(out, SourceFile)).text
    assert sorted(tmp_path.rglob("*.py")) == before


def test_a_list_may_name_the_folders_to_read(collect, index):
    line = index.line("made-1.0.tar.gz", sdist(FILES)).strip()
    for folders, paths in {
        "made": {"made/core.py", "made/tests/c.py"},
        "gallery docs": {"docs/guide/b.ipynb", "gallery/long.py"},
        "*": set(FILES) - {"docs/text.rst", "gallery/empty.py", "made/tests/c.py"},
    }.items():
        _, out = collect(f"{line},{folders}\n", head=HEAD_WITH_FOLDERS)
        assert {one.origin.path for one in read_table(out, SourceFile)} == paths


def test_the_lists_that_come_with_the_project():
    lists = {path.stem: listed(path) for path in ROOT.glob("*.csv")}
    assert set(lists) == {"work", "unseen", "work_scripts", "others"}
    names = [one.name for projects in lists.values() for one in projects]
    assert len(names) == len(set(names)) >= 80
    assert len(listed(ROOT)) == len(names)
