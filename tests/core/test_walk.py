"""What DVC leaves out of a folder's hash is refused: compared with what DVC itself hashes."""

import subprocess
from pathlib import Path

import pytest
from dvc.fs import localfs
from dvc.ignore import DvcIgnoreFilter

from viscode.core.errors import UserError
from viscode.core.jsonl import read_rows
from viscode.core.walk import Watch
from viscode.corpora.folder import find

LAYOUTS = {  # name: (files besides a/b/seen.py, whether DVC sees a/b/seen.py)
    "plain": ([], True),
    "a git project": (["a/b/.git/HEAD"], True),
    "a git project above": (["a/.git/HEAD"], True),
    "a git submodule": (["a/b/.git"], True),
    "a mercurial project": (["a/b/.hg/x"], True),
    "a file that DVC tracks": (["a/b/seen.py.dvc"], True),
    "a pipeline": (["a/b/dvc.yaml"], True),
    "a DVC project": (["a/b/.dvc/config"], False),
    "a DVC project above": (["a/.dvc/config"], False),
    "an empty .dvc": (["a/b/.dvc/"], False),
    "a file named .dvc": (["a/b/.dvc"], False),
    "an ignored folder": (["../.dvcignore:b/"], False),
    "an ignored path": (["../.dvcignore:/code/a"], False),
    "an ignored kind of file": (["../.dvcignore:*.py"], False),
    "an ignored file": (["../.dvcignore:**/seen.py"], False),
    "another folder ignored": (["../.dvcignore:old/"], True),
    "ignored but for it": (["../.dvcignore:*.py\n!seen.py"], True),
}


def project(root: Path, files: list[str]) -> Path:
    """A DVC project with a folder `code`; each file is PATH:CONTENT, a folder ends in /."""
    code = root / "code"
    (root / ".dvc").mkdir(parents=True)
    for entry in ["a/b/seen.py", *files]:
        name, _, content = entry.partition(":")
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            (code / name).mkdir()
        else:
            (code / name).write_text(content)
    return code


def hashed(code: Path) -> set[str]:
    """What DVC walks when it hashes the folder."""
    ignore = DvcIgnoreFilter(localfs, str(code.parent))
    return set(ignore.find(localfs, str(code)))


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_dvc_does_not_hash_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, seen = LAYOUTS[name]
    code = project(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    assert (str(code / "a/b/seen.py") in hashed(code)) is seen
    for folder in (Path("code"), code):
        if seen:
            assert [found.path for found in find(folder)] == ["a/b/seen.py"]
        else:
            with pytest.raises(UserError, match=r"DVC sees no change.*a/b/seen\.py\)"):
                list(find(folder))


def test_rows_in_a_nested_project_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = project(tmp_path, ["good/a.jsonl:{}", "bad/a.jsonl:{}", "bad/.dvc/config"])
    monkeypatch.chdir(tmp_path)
    assert [place for place, _ in read_rows(code / "good")] == ["a.jsonl:1"]
    with pytest.raises(UserError, match="DVC sees no change"):
        list(read_rows(code))


def test_where_dvc_has_no_rules_everything_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of any project, and below a path outside of this one (DVC hashes all of it)."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    project(inside, [])
    nested = project(outside, LAYOUTS["a DVC project"][0])
    (outside / ".dvc").rmdir()
    for place in (outside, inside):
        monkeypatch.chdir(place)
        Watch().check(nested / "a/b/seen.py")


@pytest.mark.slow
def test_dvc_itself_sees_no_change_in_what_is_refused(tmp_path: Path) -> None:
    """The hash of the whole folder, by the command that people use; the other layouts are compared
    with DVC's own walk above."""
    for number, name in enumerate(("plain", "a DVC project", "ignored but for it")):
        files, seen = LAYOUTS[name]
        root = tmp_path / str(number)
        code = project(root, files)
        (root / ".dvc").rmdir()
        dvc = {"cwd": root, "capture_output": True, "text": True}
        subprocess.run(["dvc", "init", "--no-scm", "-q", "-f"], check=True, **dvc)
        stage = ["dvc", "stage", "add", "-q", "-n", "s", "-d", "code", "true"]
        subprocess.run(stage, check=True, **dvc)
        subprocess.run(["dvc", "repro", "-q"], check=True, **dvc)
        (code / "a/b/seen.py").write_text("changed")
        status = subprocess.run(["dvc", "status"], check=True, **dvc).stdout
        assert ("changed deps" in status) is seen, name
