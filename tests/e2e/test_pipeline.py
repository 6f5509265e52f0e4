import re
import resource

import pytest
from copies import CHAINS
from ruamel.yaml import YAML

pytestmark = pytest.mark.e2e

FOLLOWS_TRAIN = {"train", "report", "answer@tuned", "judge@tuned"}


@pytest.fixture
def restored(project):
    """The finished project. What a test changes in it is undone even where the test fails: all that
    come after would run the pipeline again."""
    yield project
    if project.run("git", "status", "--porcelain").stdout:
        project.run("git", "reset", "-q", "--hard")
        project.run("dvc", "checkout", "-q")


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stages_run(output: str) -> set[str]:
    return set(re.findall(r"Running stage '([^']+)'", output))


def test_all_stages_ran_and_the_report_shows_images(project):
    lock = YAML(typ="safe").load(project.path / "dvc.lock")
    assert len(lock["stages"]) == 22
    shown = list((project.path / "report/site/samples/images").rglob("*.webp"))
    assert len(shown) >= 3
    assert len(list((project.path / "report/site/tasks").glob("*.html"))) == 2


def test_every_stage_accounts_for_every_record(project):
    for chain in CHAINS:
        arriving = None
        for name in chain:
            counts = project.metrics(name)
            assert counts["in"] == counts["kept"] + sum(counts["rejected"].values()), name
            assert arriving in (None, counts["in"]), name
            arriving = counts["records"]
    ends = [project.metrics(chain[-1])["records"] for chain in CHAINS]
    assembled = project.metrics("assemble")
    assert assembled["in"] == sum(ends)
    lines = sum(
        len((project.path / "data" / name).read_text().splitlines())
        for name in ("viscode.jsonl", "viscode_validation.jsonl")
    )
    assert assembled["records"] == lines > 0


def test_nothing_to_do_takes_under_ten_seconds(project):
    """Of a processor: the wall clock tells what else the machine does."""
    started = processor_s()
    done = project.run("dvc", "repro")
    assert stages_run(done.stdout) == set()
    assert processor_s() - started < 10


def test_a_parameter_reruns_what_follows_and_nothing_before_it(restored):
    done = restored.run("dvc", "exp", "run", "-S", "train.lr=5e-6")
    ran = stages_run(done.stdout)
    assert ran <= FOLLOWS_TRAIN
    assert ran >= {"train", "answer@tuned"}  # the rest, where two small steps change an answer


def test_an_edit_in_execution_runs_no_script_again_and_trains_nothing(restored):
    """The stages that execute run again and find everything in the work store; their outs come out
    the same, so nothing after them runs."""
    before = restored.executions()
    module = restored.path / "viscode/execution/images.py"
    module.write_text(module.read_text() + "\n# a comment\n")
    done = restored.run("dvc", "repro")
    ran = {name.partition("@")[0] for name in stages_run(done.stdout)}
    assert {"extract_blocks", "validate", "answer", "judge"} <= ran
    assert ran <= {"extract_blocks", "validate", "answer", "judge", "write_instructions"}
    assert restored.executions() == before != []


@pytest.mark.slow  # a toy pipeline is run in tests/cli/test_makefile.py
def test_the_makefile_runs_the_same_stages_without_dvc(project):
    """All of them, side by side; DVC then finds every out and every metric as it was."""
    rules = project.run("viscode", "dag", "--make").stdout
    (project.path / "tmp.mk").write_text(rules)
    done = project.run("make", "-f", "tmp.mk", "-j2")
    (project.path / "tmp.mk").unlink()
    assert done.stdout.count("python -m stages.") == 22
    assert project.run("git", "status", "--porcelain").stdout == ""
    assert "up to date" in project.run("dvc", "status").stdout
    again = project.run("dvc", "repro")
    assert stages_run(again.stdout) == set()


def test_profiles_compose_without_edits(project):
    overlay = ["-S", "+profiles=paper_7b", "-S", "train.lr=1e-6"]
    project.run("dvc", "exp", "run", "--queue", *overlay)
    queued = project.run("git", "show", "refs/exps/celery/stash:params.yaml").stdout
    train = YAML(typ="safe", pure=True).load(queued)["train"]
    assert (train["batch_size"], train["lr"], train["zero_stage"]) == (128, 1e-6, 3)
    assert project.run("git", "status", "--porcelain", "params.yaml").stdout == ""


def test_a_profile_merges_into_params(restored):
    restored.run("viscode", "profile", "use", "paper_3b")
    used = YAML(typ="safe", pure=True).load(restored.path / "params.yaml")
    assert (used["train"]["batch_size"], used["train"]["lr"], used["bench"]["rounds"]) == (
        128, 5e-6, 3,
    )  # fmt: skip
