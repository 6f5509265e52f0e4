"""docs/ablations.md, line by line: a branch for a row of Table 3, compared in a fresh clone. All of
its branches and a sweep in the queue are with the slow tests.

The branches run as far as training, which is what the figures compared here come from; what follows
it, test_pipeline.py runs.
"""

import json

import pytest
from documented import section

pytestmark = pytest.mark.e2e

PAGE = "docs/ablations.md"
SOURCES = ("files", "charts", "dialogues")


@pytest.fixture(
    scope="module",
    params=[SOURCES[:1], pytest.param(SOURCES, marks=pytest.mark.slow)],
    ids=["one", "all"],
)
def branched(project, request):
    """The finished project with branches of Table 3, and their sources."""
    try:
        for source in request.param:
            for line in section(PAGE, "With branches"):
                line = line.replace("only-files", f"only-{source}")
                line = line.replace("[files]", f"[{source}]")
                if line.startswith("dvc plots") and source != "files":
                    continue  # once is enough
                project.type("dvc repro train" if line == "dvc repro" else line)
        yield project, request.param
    finally:  # tests of other modules go on with the project as it was
        project.run("git", "checkout", "-qf", "main")
        branches = (f"ablation/only-{source}" for source in request.param)
        project.run("git", "branch", "-qD", *branches, check=False)
        project.run("dvc", "checkout", "-q")


def test_branches_compare_in_a_fresh_clone(branched, tmp_path):
    project, sources = branched
    clone = project.clone(tmp_path / "clone")
    whole = json.loads((clone.path / "metrics/dataset.json").read_text())
    samples = {}
    for source in sources:
        branch = f"origin/ablation/only-{source}"
        metrics = clone.json("dvc", "metrics", "diff", "main", branch, "--json")
        params = clone.json("dvc", "params", "diff", "main", branch, "--json")
        changed = metrics["metrics/dataset.json"]["samples"]
        assert changed["old"] == whole["samples"] > changed["new"]
        assert "rows" in metrics["metrics/train/data.json"]  # so small a model's losses are equal
        assert list(params["params.yaml"]) == ["dataset.sources"]
        assert params["params.yaml"]["dataset.sources"]["new"] == f"['{source}']"
        samples[source] = changed["new"]
    # near duplicates are looked for in what a branch uses: together at least as many as in all
    assert sources != SOURCES or sum(samples.values()) >= whole["samples"]


@pytest.mark.slow
def test_a_sweep_runs_in_the_queue(project):
    queue, run_all, show, status = section(PAGE, "Sweeps")
    project.type(queue)
    output = project.type(run_all)
    assert output.count("Running stage 'train'") == 2
    assert "Running stage 'validate" not in output
    shown = project.type(show.replace("dvc exp show", "dvc exp show --csv"))
    assert "1e-05" in shown and "8e-05" in shown
    assert project.type(status).count("Success") == 2
    assert project.run("git", "status", "--porcelain", "params.yaml", "dvc.lock").stdout == ""
