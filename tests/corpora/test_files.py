"""Collecting docstrings: a made-up environment with every case, and the real one."""

import shutil
from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.core.hashing import files_digest
from viscode.core.outcomes import Outcome
from viscode.core.records import SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes
from viscode.corpora.files import collect_files
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings

PROJECT = Path(__file__).parents[2]
PLOT = ">>> plt.plot([{}])"
FILES = {
    "demo/__init__.py": f'"""Module.\n\n{PLOT.format(0)}\n"""\nraise SystemExit("imported!")\n',
    "demo/base.py": f'class A:\n    def draw(self):\n        """\n        {PLOT.format(1)}\n'
    '        [<Line2D>]\n        """\n    def quiet(self): """>>> 1 + 1"""\n',
    "demo/heir.py": f'class B:\n    def draw(self):\n        """\n        {PLOT.format(1)}\n'
    '        """\n',
    "demo/twice.py": f'if 1:\n    def f(): """{PLOT.format(2)}"""\n'
    f'else:\n    def f(): """{PLOT.format(2)}"""\n',
    "demo/wrong.py": f'def f(): """{PLOT.format(3)})"""\n',
    "demo/template.py": f'"""{PLOT.format(4)}"""\n{{% broken %}}\n',
    "demo/tests/test_demo.py": f'"""{PLOT.format(5)}"""\n',
    "demo/more.py": "".join(f'def f{n}(): """{PLOT.format(n)}"""\n' for n in range(10, 20)),
    "other/__init__.py": f'"""{PLOT.format(6)}"""\n',
    "demo-1.2.dist-info/METADATA": "Name: demo-dist\nVersion: 1.2\nLicense-Expression: MIT\n",
    "demo-1.2.dist-info/RECORD": "demo/__init__.py,,\nother/__init__.py,,\n",
}


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter path of an environment that holds `FILES`; nothing lies at the path."""
    site = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    for name, text in FILES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    return tmp_path / "venv" / "bin" / "python"


def settings(take: int = 0, packages: tuple[str, ...] = ("demo",)) -> CollectFilesSettings:
    committed = load(CollectFilesSettings, PROJECT / "params.yaml")
    return committed.model_copy(update={"take": take, "packages": list(packages)})


def texts(out: Path) -> dict[str, str]:
    return {record.origin.locator: record.text for record in read_table(out, SourceFile)}


def rejected(out: Path) -> list[Outcome]:
    rows = (outcome for outcome in read_outcomes(out) if not outcome.kept)
    return sorted(rows, key=lambda outcome: (outcome.reason, outcome.detail))


def test_every_example_is_kept_or_rejected_with_its_reason(python: Path, tmp_path: Path) -> None:
    tally = collect_files(settings(), python, tmp_path / "out")
    assert tally.as_metrics() == {
        "in": 16,
        "kept": 13,
        "records": 13,
        "rejected": {"duplicate": 1, "syntax_error": 1, "unparsable_file": 1},
    }
    found = texts(tmp_path / "out")
    assert found["demo"] == "import matplotlib.pyplot as plt\nplt.plot([0])\n"
    assert {"demo.base.A.draw", "demo.twice.f", "demo.more.f10"} <= set(found)
    duplicate, wrong, template = rejected(tmp_path / "out")
    assert duplicate.detail == "demo.heir.B.draw as demo.base.A.draw"
    assert wrong.detail.startswith("demo.wrong.f: line 1: unmatched")
    assert template.detail.startswith("demo/template.py: ")


def test_an_example_says_where_it_came_from(python: Path, tmp_path: Path) -> None:
    collect_files(settings(packages=("other",)), python, tmp_path / "out")
    (record,) = read_table(tmp_path / "out", SourceFile)
    assert record.source == "files" and record.licence == "MIT"
    assert record.origin.model_dump() == {
        "kind": "package",
        "name": "demo-dist",
        "version": "1.2",
        "path": "other/__init__.py",
        "locator": "other",
    }


def test_an_unreadable_file_is_counted(python: Path, tmp_path: Path) -> None:
    (python.parent.parent / "lib/python3.11/site-packages/demo/gone.py").symlink_to("nowhere")
    tally = collect_files(settings(), python, tmp_path / "out")
    assert tally.rejected["unreadable_file"] == 1
    assert rejected(tmp_path / "out")[-1].detail.startswith("demo/gone.py: No such file")


def test_a_sample_is_counted_and_hardly_changes_with_new_examples(
    python: Path, tmp_path: Path
) -> None:
    tally = collect_files(settings(take=5), python, tmp_path / "out")
    assert (tally.inputs, tally.kept, tally.rejected["not_sampled"]) == (16, 5, 8)
    before = set(texts(tmp_path / "out"))
    new = python.parent.parent / "lib/python3.11/site-packages/demo/aaa.py"
    new.write_text(f'"""{PLOT.format(99)}"""\n')
    collect_files(settings(take=5), python, tmp_path / "out")
    assert len(before - set(texts(tmp_path / "out"))) <= 1


def test_the_same_packages_give_the_same_bytes_wherever_they_lie(
    python: Path, tmp_path: Path
) -> None:
    collect_files(settings(packages=("demo", "other")), python, tmp_path / "one")
    moved = shutil.copytree(python.parent.parent, tmp_path / "elsewhere")
    collect_files(settings(packages=("other", "demo")), moved / "bin/python", tmp_path / "two")
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert files_digest(first) == files_digest(second)


def test_no_example_at_all_is_an_error(python: Path, tmp_path: Path) -> None:
    for file in python.parent.parent.rglob("*.py"):
        file.write_text("x = 1\n")
    with pytest.raises(UserError, match="no plotting example in any docstring"):
        collect_files(settings(), python, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([f'"""{PLOT.format(1)})"""\n', f'def f(): """{PLOT.format(2)})"""\n'], "2 syntax_error"),
        ([f'"""{PLOT.format(1)}"""\n{{% a %}}\n'] * 3, "3 unparsable_file, the first at demo/m0"),
        ([f'"""{PLOT.format(1)}"""\n{{% a %}}\n', "x = 1\n"], "1 unparsable_file"),
    ],
)
def test_the_error_names_the_commonest_reason_and_shows_a_file(
    python: Path, tmp_path: Path, texts: list[str], told: str
) -> None:
    site = python.parent.parent / "lib/python3.11/site-packages"
    for file in site.rglob("*.py"):
        file.write_text("x = 1\n")
    for number, text in enumerate(texts):
        (site / "demo" / f"m{number}.py").write_text(text)
    with pytest.raises(UserError, match=f"no plotting example in any docstring: {told}"):
        collect_files(settings(), python, tmp_path / "out")


@pytest.mark.slow  # the end-to-end tests collect from it, too
def test_the_real_environment_holds_more_than_400_examples(tmp_path: Path) -> None:
    real = PROJECT / ".venv-plots" / "bin" / "python"
    if not real.exists():
        pytest.skip("no .venv-plots: make repro creates it")
    chosen = load(CollectFilesSettings, PROJECT / "params.yaml")
    tally = collect_files(chosen.model_copy(update={"take": 160}), real, tmp_path / "out")
    assert tally.kept == 160
    assert tally.kept + tally.rejected["not_sampled"] >= 400
    assert tally.inputs == tally.kept + sum(tally.rejected.values())
    assert tally.rejected["unparsable_file"] + tally.rejected["unreadable_file"] == 0
