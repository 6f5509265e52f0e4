"""A folder as a source: every kind of file in one outcome, and the same bytes wherever it lies."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from viscode.core import walk
from viscode.core.errors import UserError
from viscode.core.hashing import files_digest
from viscode.core.records import SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes
from viscode.corpora import folder
from viscode.corpora.folder import collect_folder
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings

PROJECT = Path(__file__).parents[2]


def notebook(source: str, kernel: str = "python3", outputs: str = "") -> bytes:
    cell = {"cell_type": "code", "source": source, "outputs": [outputs]}
    return json.dumps({"cells": [cell], "metadata": {"kernelspec": {"name": kernel}}}).encode()


FILES = {
    "a.py": b"a = 1\n",
    "b/deep/c.py": b"c = 3\n",
    "b/latin.py": b"# coding: latin-1\nx = '\xe4'\n",
    "b/big.PY": b"UPPER = 1\n",
    "n.ipynb": notebook("%pwd\nn = 1", outputs="x" * 5000),
    "marked.py": b"\xef\xbb\xbfmarked = 1\n",
    "marked.ipynb": b"\xef\xbb\xbf" + notebook("\ufeffm = 1"),
    "unnamed.IPYNB": notebook("u = 1", kernel="plots"),
    "z/copy.py": b"a = 1\n",
    "same.ipynb": notebook("c = 3\n"),
    "large.py": b"x = 1\n" * 500,
    "large.ipynb": notebook("x = 1\n" * 500),
    "bytes.py": b"x = '\xff'\n",
    "broken.ipynb": b"{",
    "r.ipynb": notebook("x", kernel="ir"),
    "empty.py": b"",
    "blank.py": b" \n\t\n",
    "no_code.ipynb": b'{"cells": []}',
    "notes.txt": b"x = 1\n",
    "b/py": b"x = 1\n",
    ".hidden/h.py": b"h = 1\n",
    ".ipynb_checkpoints/n-checkpoint.ipynb": notebook("n = 2"),
    "web/node_modules/m.py": b"m = 1\n",
    "b/__pycache__/p.py": b"p = 1\n",
    "env/pyvenv.cfg": b"",
    "env/lib/e.py": b"e = 1\n",
    "conda/conda-meta/history": b"",
    "conda/e.py": b"e = 2\n",
}
KEPT = {
    "a.py": "a = 1\n",
    "b/big.PY": "UPPER = 1\n",
    "b/deep/c.py": "c = 3\n",
    "b/latin.py": "# coding: latin-1\nx = 'ä'\n",
    "n.ipynb": "n = 1\n",
    "marked.py": "marked = 1\n",
    "marked.ipynb": "m = 1\n",
    "unnamed.IPYNB": "u = 1\n",
}
REJECTED = {
    "bad_notebook": {"broken.ipynb", "r.ipynb"},
    "duplicate": {"same.ipynb", "z/copy.py"},
    "empty": {"blank.py", "empty.py", "no_code.ipynb"},
    "too_large": {"large.ipynb", "large.py"},
    "undecodable": {"bytes.py"},
}


def fill(root: Path, names: list[str]) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(FILES[name])
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return fill(tmp_path / "mine", list(FILES))


def settings(root: Path, **changes: object) -> CollectFilesSettings:
    values = {"source": "folder", "path": str(root), "licence": "MIT", "max_bytes": 2000}
    chosen = load(CollectFilesSettings, PROJECT / "params.yaml").model_copy(update=values)
    return chosen.model_copy(update=changes)


def kept(out: Path) -> dict[str, str]:
    return {record.origin.path: record.text for record in read_table(out, SourceFile)}


def rejected(out: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for outcome in read_outcomes(out):
        if not outcome.kept:
            found.setdefault(outcome.reason, set()).add(outcome.detail.partition(":")[0])
    return found


def test_each_file_is_kept_or_rejected_by_name(root: Path, tmp_path: Path) -> None:
    metrics = collect_folder(settings(root), tmp_path / "out")
    assert kept(tmp_path / "out") == KEPT
    assert rejected(tmp_path / "out") == REJECTED
    assert metrics == {
        "in": 18,
        "kept": 8,
        "records": 8,
        "rejected": {reason: len(names) for reason, names in REJECTED.items()},
        "cells_left_out": 0,
    }


def test_a_record_says_where_it_came_from(root: Path, tmp_path: Path) -> None:
    collect_folder(settings(root, licence=" LicenseRef-ours "), tmp_path / "out")
    record = next(r for r in read_table(tmp_path / "out", SourceFile) if "deep" in r.origin.path)
    assert (record.source, record.licence) == ("files", "LicenseRef-ours")
    assert record.origin.model_dump() == {
        "kind": "folder",
        "name": "mine",
        "version": "",
        "path": "b/deep/c.py",
        "locator": "",
    }


@pytest.mark.parametrize("take", [0, 3])
def test_the_same_files_give_the_same_bytes_wherever_and_however_they_lie(
    root: Path, tmp_path: Path, take: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fill(tmp_path / "elsewhere" / "mine", sorted(FILES, reverse=True))
    collect_folder(settings(root, take=take), tmp_path / "one")
    monkeypatch.chdir(other)
    collect_folder(settings(Path(), take=take), tmp_path / "two")
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert files_digest(first) == files_digest(second)


def test_links_are_not_followed_and_odd_files_not_opened(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("outside = 1\n")
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe.py")
    (root / "folder.py").mkdir()
    assert collect_folder(settings(root), tmp_path / "out")["in"] == 18
    assert kept(tmp_path / "out") == KEPT


def test_what_does_not_open_is_counted(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not stop every user, so the calls themselves fail here."""
    really_open, really_scan = os.open, os.scandir

    def refuse(path: object, *rest: int) -> int:
        if str(path).endswith("a.py"):
            raise PermissionError(13, "Permission denied")
        return really_open(path, *rest)  # type: ignore[arg-type]

    def refuse_folder(path: object) -> "os._ScandirIterator[str]":
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied")
        return really_scan(path)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(folder.os, "open", refuse)
    monkeypatch.setattr(walk.os, "scandir", refuse_folder)
    collect_folder(settings(root), tmp_path / "out")
    assert rejected(tmp_path / "out")["unreadable"] == {"a.py", "b/deep"}
    assert {"z/copy.py", "same.ipynb"} <= set(kept(tmp_path / "out"))


def test_a_name_that_is_no_text_is_written_with_escapes(root: Path, tmp_path: Path) -> None:
    (root / os.fsdecode(b"\xff.py")).write_text("odd = 1\n")
    collect_folder(settings(root), tmp_path / "out")
    assert kept(tmp_path / "out")["\\xff.py"] == "odd = 1\n"


def test_a_sample_counts_the_rest_and_hardly_changes_with_new_files(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    root.mkdir()
    for number in range(60):
        (root / f"{number}.py").write_text(f"x = {number}\n")
    metrics = collect_folder(settings(root, take=10), tmp_path / "out")
    assert (metrics["in"], metrics["kept"]) == (60, 10)
    assert metrics["rejected"] == {"not_sampled": 50}
    before = set(kept(tmp_path / "out"))
    (root / "00.py").write_text("x = 'new'\n")
    collect_folder(settings(root, take=10), tmp_path / "out")
    assert len(before - set(kept(tmp_path / "out"))) <= 1
    collect_folder(settings(root, take=10, seed=2), tmp_path / "out")
    assert before != set(kept(tmp_path / "out"))


def errors(root: Path) -> Iterator[tuple[CollectFilesSettings, str]]:
    yield settings(root, licence=" "), r"licence .* not stated.*collect\.files\.licence"
    yield settings(root / "none"), "no such folder"
    yield settings(root / "a.py"), "no such folder"
    yield settings(root / "env"), "none of 0"
    yield settings(root, max_bytes=1), r"none of 18 .*: \d+ too_large, the first at .*a\.py: above"


def test_errors_say_what_to_do(root: Path, tmp_path: Path) -> None:
    (root / "env" / "lib" / "e.py").unlink()
    for chosen, message in errors(root):
        with pytest.raises(UserError, match=message):
            collect_folder(chosen, tmp_path / "out")


def test_the_shipped_folder_is_kept_whole(tmp_path: Path) -> None:
    chosen = load(CollectFilesSettings, PROJECT / "params.yaml")
    metrics = collect_folder(settings(PROJECT / chosen.path, max_bytes=200_000), tmp_path / "out")
    assert metrics["kept"] == metrics["in"] >= 12
    texts = kept(tmp_path / "out")
    assert "Fahrgäste" in texts["crossings.py"]
    assert "%matplotlib" not in texts["notebooks/tides.ipynb"]
    assert "plot" not in texts["energy/units.py"]
