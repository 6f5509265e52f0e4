"""`viscode bench compare` on constructed results."""

import json

import pytest
from click.testing import CliRunner
from scipy.stats import binomtest
from test_dialogue import attempt

from viscode.cli.main import main
from viscode.core.records import Attempt, OtherVerdict
from viscode.core.tables import write_table


def results(folder, library, passes, repaired=()):
    """A table of first answers; those of `repaired` that failed pass in round 1."""
    made = [
        attempt(
            id=f"{task}-{number}",
            task_id=task,
            library=library,
            round=number,
            verdict="pass" if (task in passes if number == 0 else task in repaired) else "error",
        )
        for task in TASKS
        for number in (0, 1)
        if number == 0 or task not in passes
    ]
    write_table(folder / library, Attempt, made)


TASKS = [f"t{n:02d}" for n in range(20)]


def compare(*paths):
    return CliRunner().invoke(main, ["bench", "compare", *map(str, paths)])


def under(protocol, task, verdict):
    """A first answer that `protocol` drove, with the other protocol's verdict `verdict`."""
    other = {"isolated": "paper", "paper": "isolated"}[protocol]
    seen = OtherVerdict(
        protocol=other, code="", verdict=verdict, status="ok", error_type="", error="", images=()
    )
    changes = {"id": f"{task}-0", "task_id": task, "protocol": protocol, "verdict": "error"}
    return attempt(**changes, other=(seen,))


def test_verdicts_of_different_protocols_are_not_compared(tmp_path):
    """But first answers can be, under the protocol that both have."""
    for name, protocol in (("a", "isolated"), ("b", "paper")):
        made = [under(protocol, task, "pass" if task < "t05" else "error") for task in TASKS]
        write_table(tmp_path / name / "matplotlib", Attempt, made)
    refused = compare(tmp_path / "a", tmp_path / "b")
    assert refused.exit_code == 1 and "was judged under isolated" in refused.stderr
    done = compare(tmp_path / "a", tmp_path / "b", "--protocol", "paper")
    found = json.loads(done.stdout.splitlines()[-1])["matplotlib"]
    assert list(found) == ["first"]
    assert (found["first"]["passed_a"], found["first"]["passed_b"]) == (5, 0)


def test_another_number_of_rounds_is_told(models):
    a, b = models
    first = [attempt(id=f"{task}-0", task_id=task) for task in TASKS]
    write_table(a / "matplotlib", Attempt, first)
    done = compare(a, b)
    assert "final answers come after 0 round(s) of self-debug there, 1 here" in done.stderr


@pytest.fixture
def models(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    results(a, "matplotlib", TASKS[:6])
    results(b, "matplotlib", TASKS[4:16], repaired=TASKS[:4])
    results(a, "plotly", TASKS[:1])
    results(b, "plotly", TASKS[:1])
    return a, b


def test_rates_differences_and_the_exact_test(models):
    done = compare(*models)
    assert done.exit_code == 0
    found = json.loads(done.stdout.splitlines()[-1])
    first, final = found["matplotlib"]["first"], found["matplotlib"]["final"]
    assert {name: first[name] for name in ("tasks", "passed_a", "passed_b")} == {
        "tasks": 20,
        "passed_a": 6,
        "passed_b": 12,
    }
    assert (first["only_a"], first["only_b"], first["difference"]) == (4, 10, 30.0)
    assert first["p"] == pytest.approx(binomtest(4, 14, 0.5).pvalue)
    assert first["low"] < 30.0 < first["high"]
    assert (final["passed_b"], final["only_a"], final["only_b"]) == (16, 0, 10)
    assert found["plotly"]["first"]["p"] == 1.0
    assert found["plotly"]["first"]["bootstrap_low"] is None  # no task differs
    assert "no task differs" in done.stdout
    assert (found["all"]["first"]["tasks"], found["all"]["first"]["only_b"]) == (40, 10)
    wilson = binomtest(6, 20).proportion_ci(method="wilson")
    interval = f"[{100 * wilson.low:.1f}, {100 * wilson.high:.1f}]"
    assert f"6/20 (30.0 % {interval})" in done.stdout.splitlines()[0]


def test_one_library_against_the_same_of_another_model(models):
    a, b = models
    whole = json.loads(compare(a, b).stdout.splitlines()[-1])
    one = json.loads(compare(a / "plotly", b / "plotly").stdout.splitlines()[-1])
    assert one == {"plotly": whole["plotly"]}


def test_the_other_way_round_changes_the_sign(models):
    a, b = models
    there = json.loads(compare(a, b).stdout.splitlines()[-1])["all"]["final"]
    back = json.loads(compare(b, a).stdout.splitlines()[-1])["all"]["final"]
    assert (back["difference"], back["low"]) == (-there["difference"], -there["high"])
    assert back["p"] == there["p"]


def test_tasks_without_a_partner_are_counted_and_named(models):
    a, b = models
    kept = [attempt(id=f"{task}-0", task_id=task, library="plotly") for task in TASKS[:2]]
    write_table(b / "plotly", Attempt, kept)
    done = compare(a, b)
    assert f"only in {a}, not compared: 18 (plotly t02, plotly t03" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["plotly"]["first"]["tasks"] == 2


@pytest.mark.parametrize(("other", "said"), [("empty", "no answers here"), ("b", "no task of one")])
def test_nothing_to_compare_is_one_line(tmp_path, other, said):
    results(tmp_path / "a", "matplotlib", [])
    results(tmp_path / "b", "plotly", [])
    (tmp_path / "empty").mkdir()
    done = compare(tmp_path / "a", tmp_path / other)
    assert done.exit_code == 1 and said in done.stderr


def test_over_all_libraries_tasks_are_drawn_whole(tmp_path):
    """Three libraries that say the same are no more than one of them says."""
    for library in ("matplotlib", "seaborn", "plotly"):
        results(tmp_path / "a", library, TASKS[:6])
        results(tmp_path / "b", library, TASKS[2:13])
    lines = compare(tmp_path / "a", tmp_path / "b").stdout.splitlines()
    assert [line.startswith("all") for line in lines[:-1]] == ["go by" in s for s in lines[:-1]]
    found = json.loads(lines[-1])
    one, pooled = found["matplotlib"]["first"], found["all"]["first"]
    names = ("difference", "bootstrap_low", "bootstrap_high", "by_task_p")
    assert [one[name] for name in names] == [pooled[name] for name in names]
    assert one["bootstrap_low"] < one["difference"] == 25.0 < one["bootstrap_high"]
    assert pooled["p"] < one["p"]  # McNemar's test takes the libraries for independent
