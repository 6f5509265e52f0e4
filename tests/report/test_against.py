"""The report against another git revision."""

import json
import subprocess

import pytest

from viscode.core import replacing
from viscode.core.errors import UserError
from viscode.report.against import against, since_last_change
from viscode.report.build import build_comparison

HEAD = "task_id\tnumber\tround_0_verdict\tround_0_error\tfinal_verdict\tcause"


def git(root, *arguments):
    names = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *names, *arguments], cwd=root, check=True, capture_output=True)


def rows(passing):
    """The rows of 20 tasks, of which those in `passing` pass in the end."""
    lines = [
        f"t{n}\t{n}\terror\tKeyError\t{'pass' if n in passing else 'error'}\t" for n in range(20)
    ]
    return "\n".join([HEAD, *lines]) + "\n"


@pytest.fixture
def committed(project):
    """The finished run as a git repository with metrics of its own."""
    folder = project / "metrics/bench_details/base"
    replacing.write_text(folder / "seaborn.tasks.tsv", rows(range(4)))
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "metrics")
    git(project, "commit", "-qm", "one")
    return project


def test_nothing_changed(committed):
    found = against("HEAD", committed)
    assert found.figures == [] and found.hidden == 0
    (row,) = found.verdicts.rows
    assert row.cells[:6] == ("base, seaborn", 20, 4, 4, 0, 0)


def test_figures_and_verdicts_that_changed(committed):
    path = committed / "metrics/bench/base/seaborn.json"
    values = json.loads(path.read_text())
    values["rounds"]["0"]["pass_rate"]["percent"] += 12.5
    del values["samples"]
    replacing.write_json(path, values)
    replacing.write_text(
        committed / "metrics/bench_details/base/seaborn.tasks.tsv", rows(range(2, 12))
    )
    replacing.write_json(committed / "metrics/new.json", {"a": {"b": 3}, "text": "x", "flag": True})
    found = against("main", committed)
    cells = {grid.title: [row.cells for row in grid.rows] for grid in found.figures}
    assert cells == {
        "metrics/bench/base/seaborn.json": [
            ("rounds.0.pass_rate.percent", "25", "37.5", "+12.5"),
            ("samples", "1", "–", "–"),
        ],
        "metrics/new.json": [("a.b", "–", "3", "–")],
    }
    (row,) = found.verdicts.rows
    assert row.cells[:7] == ("base, seaborn", 20, 4, 10, 8, 2, "+30.0")


def test_the_page_shows_it(committed, places):
    replacing.write_json(committed / "metrics/new.json", {"<script>alert(1)</script>": 3})
    page = committed / "report/against.html"
    build_comparison("main", places(committed), page)
    html = page.read_text()
    assert "Changes since main" in html and 'href="#changes"' in html
    assert "&lt;script&gt;alert(1)" in html and "<script>alert(1)" not in html


def test_a_page_elsewhere_links_to_the_report(committed, places, tmp_path):
    build_comparison("main", places(committed), tmp_path / "else/where.html")
    assert (
        f'href="../{committed.name}/report/site/samples.html"'
        in (tmp_path / "else/where.html").read_text()
    )


def test_without_a_history_the_report_has_no_such_section(built):
    assert "Changes since" not in built[0]


def commit_of(root):
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_report_says_what_changed_since_the_last_commit_with_other_figures(committed, build):
    assert since_last_change(committed) is None  # one commit, the same figures
    first = commit_of(committed)
    path = committed / "metrics/train/summary.json"
    replacing.write_json(path, json.loads(path.read_text()) | {"eval_loss_after": 1.5})
    replacing.write_json(committed / "metrics/later_stage.json", {"not": 1})
    before = since_last_change(committed)
    git(committed, "add", "metrics")
    git(committed, "commit", "-qm", "less <b>loss</b>")
    (committed / "README").write_text("x")
    git(committed, "add", "README")
    git(committed, "commit", "-qm", "words")
    after = since_last_change(committed)
    assert before == after  # committing what was measured changes nothing
    assert after.revision.startswith(first[:10])
    (figures,) = after.figures  # not later_stage
    assert [row.cells for row in figures.rows] == [("eval_loss_after", "1.9", "1.5", "−0.4")]
    replacing.write_json(path, json.loads(path.read_text()) | {"eval_loss_after": 1.0})
    page = build(committed)[0]
    assert "less &lt;b&gt;loss" in page and "eval_loss_after" in page


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=x", ""])
def test_an_unknown_revision_is_one_line(committed, revision):
    with pytest.raises(UserError, match="cannot compare with"):
        against(revision, committed)


def test_outside_of_git(project, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    with pytest.raises(UserError, match="cannot compare with"):
        against("main", project)
