"""What the audit checks, and how it tells that engines disagree."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from viscode.cli.main import main
from viscode.core.records import Execution, Script
from viscode.settings.validate import RunOptions
from viscode.validate.audit import Auditor, near_limit, sampled

ROOT = Path(__file__).parents[2]
OPTIONS = RunOptions(
    python=ROOT / ".venv-plots/bin/python",
    lock=ROOT / "envs/plots.lock",
    timeout_s=60,
    memory_mb=2000,
    workers=2,
    isolation="auto",
    saved_files=False,
)


def execution(name: str, **changes: object) -> Execution:
    values = {
        "id": name,
        "status": "ok",
        "error_type": "",
        "error_message": "",
        "error": "",
        "images": (),
        "blank": (),
        "origins": (),
        "facts": "[]",
        "stdout_head": "",
        "engine": "warm",
        "isolation": "A",
        "duration_s": 0.1,
    }
    return Execution(**{**values, **changes})


def test_the_sample_is_a_share_by_hash_of_the_code():
    scripts = [Script(id=str(n), code=f"x = {n}") for n in range(4000)]
    chosen = [s for s in scripts if sampled(s, 0.1)]
    assert 320 < len(chosen) < 480
    assert all(sampled(Script(id="other", code=s.code), 0.1) for s in chosen)
    assert {s.id for s in chosen} <= {s.id for s in scripts if sampled(s, 0.2)}
    assert not any(sampled(s, 0.0) for s in scripts) and all(sampled(s, 1.0) for s in scripts)


@pytest.mark.parametrize(
    ("changes", "near"),
    [
        ({}, False),
        ({"duration_s": 31.0}, True),
        ({"status": "timeout"}, True),
        ({"status": "killed"}, True),
        ({"status": "died"}, False),
    ],
)
def test_near_a_limit(changes, near):
    assert near_limit(execution("a", **changes), timeout_s=60) is near


def test_nothing_is_checked_without_a_share():
    auditor = Auditor(0.0, OPTIONS)
    auditor.consider(Script(id="a", code="1"), execution("a", status="killed"))
    assert auditor.check(None).as_metrics() == {
        "audited": 0, "disagree": 0, "rate": None, "low": None, "high": None,
    }  # fmt: skip


SLOW = (
    {"duration_s": 31.0},
    {"status": "timeout", "error_type": "KeyboardInterrupt"},
    {"status": "killed", "error_type": "MemoryLimit"},
)


@pytest.mark.sandbox
def test_the_machines_speed_is_told_and_not_tracked():
    """The same scripts on a machine on which three of them end near a limit."""
    scripts = [Script(id=str(n), code=f"x = {n}") for n in range(4)]
    sample = [s for s in scripts if sampled(s, 0.5)]
    others = [s.id for s in scripts if s not in sample]
    slowed = dict(zip(others, SLOW, strict=True))
    results = []
    for changes in ({}, slowed):
        auditor = Auditor(0.5, OPTIONS)
        for script in scripts:
            auditor.consider(script, execution(script.id, **changes.get(script.id, {})))
        results.append(auditor.check(None))
    fast, slow = results
    assert fast.as_metrics() == slow.as_metrics()
    assert fast.as_metrics()["audited"] == len(sample) == 1
    assert fast.near_line() == ""
    assert slow.near_line() == "near a limit: 3 scripts besides, 2 with another verdict"


@pytest.mark.sandbox
def test_a_wrong_verdict_is_found():
    auditor = Auditor(1.0, OPTIONS)
    auditor.consider(Script(id="right", code="1 / 0"), execution(
        "right", status="error", error_type="ZeroDivisionError"))  # fmt: skip
    auditor.consider(Script(id="wrong", code="1"), execution("wrong", status="died"))
    result = auditor.check(None)
    (one,) = result.disagreements
    assert (one.id, one.fast, one.reference) == ("wrong", ("died", "", 0), ("ok", "", 0))
    metrics = result.as_metrics()
    assert (metrics["audited"], metrics["disagree"], metrics["rate"]) == (2, 1, 50.0)
    assert metrics["low"] < 50 < metrics["high"]


def test_audit_before_any_run_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs/plots.lock").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    result = CliRunner().invoke(main, ["audit"])
    assert result.exit_code == 1
    assert "no part-*.parquet shards" in result.output and "dvc repro" in result.output
    assert "{" not in result.output
