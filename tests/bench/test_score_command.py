"""`viscode bench score`: what it reads, refuses, counts, prints and writes."""

import base64
import json
from pathlib import Path

import pytest
from bench_fixtures import DATA, GOOD, LOAD, ROOT, fenced, needs_plots
from click.testing import CliRunner

from viscode.bench.scoring import read_answers, read_tasks
from viscode.cli.main import main
from viscode.core.errors import UserError

PNG = "iVBORw0KGgo"
NO_PLT = fenced("import pandas as pd\ndf = pd.read_csv('data.csv')\ndf.plot()")


def row(number, **changes):
    return {
        "id": number,
        "code_plot": None,
        "code_data": None,
        "data_csv": DATA,
        "task__plot_description": "Draw it.",
        "task__plot_style": "Plainly.",
        "plots_gt": None,
    } | changes


def lines(path: Path, entries) -> Path:
    texts = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    path.write_text("".join(text + "\n" for text in texts))
    return path


def answer(number, response):
    return {"id": number, "response": response}


def test_ids_are_the_same_as_numbers_and_as_texts(tmp_path):
    entries = [answer(3, "three"), answer("1", "one"), answer(2, None), answer(4.0, "four")]
    found = read_answers(lines(tmp_path / "a.jsonl", entries))
    assert found == {"3": "three", "1": "one", "2": "", "4": "four"}


def test_tasks_keep_the_order_of_their_file(tmp_path):
    path = lines(tmp_path / "t.jsonl", [row(5), row(1), row(3)])
    assert [task.number for task in read_tasks(path)] == [5, 1, 3]


BAD_ANSWERS = {
    "no JSON": ("{", "not JSON"),
    "no object": ("[1]", "a.jsonl:2"),
    "no id": ({"response": "x"}, "no field 'id'"),
    "no response": ({"id": 2}, "no field 'response'"),
    "id of no kind": (answer(None, "x"), "an id is a number or text"),
    "id that is true": (answer(True, "x"), "an id is a number or text"),
    "response of no kind": (answer(2, ["x"]), "the response is no text but a list"),
    "second answer": (answer("1", "y"), "two answers to task 1"),
}


@pytest.mark.parametrize(("entry", "problem"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_lines_that_are_no_answers_are_named(tmp_path, entry, problem):
    path = lines(tmp_path / "a.jsonl", [answer(1, "x"), entry])
    with pytest.raises(UserError, match=problem) as raised:
        read_answers(path)
    assert "a.jsonl:2" in str(raised.value)


def test_what_a_task_can_do_without(tmp_path):
    """Ground truth, its program, the program that loads the data, and a style."""
    needed = {"id", "data_csv", "task__plot_description"}
    bare = {name: value for name, value in row(1).items() if name in needed}
    (found,) = read_tasks(lines(tmp_path / "t.jsonl", [bare]))
    nulls = dict.fromkeys(("code_plot", "code_data", "plots_gt", "task__plot_style"))
    (same,) = read_tasks(lines(tmp_path / "n.jsonl", [row(1, **nulls)]))
    assert found.model_copy(update={"licence": same.licence}) == same
    assert (found.plots_gt, found.code_plot, found.plot_style) == ((), None, "")


BAD_TASKS = {
    "no JSON": ([row(1), "{"], "not JSON"),
    "no data": ([row(1), row(2, data_csv=None)], "field data_csv"),
    "a broken picture": ([row(1), row(2, plots_gt=[PNG])], "plots_gt"),
    "same id": ([row(1), row(1, data_csv="a\n1\n")], "two tasks with the id 1"),
    "none": ([], "no tasks"),
}


@pytest.mark.parametrize(("entries", "problem"), BAD_TASKS.values(), ids=BAD_TASKS)
def test_files_that_hold_no_tasks_are_named(tmp_path, entries, problem):
    with pytest.raises(UserError, match=problem):
        read_tasks(lines(tmp_path / "t.jsonl", entries))


TASKS = [row(2), row("1") | {"id": 1}, row(7), row(4)]
ANSWERS = [answer("7", fenced("1 / 0")), answer(2, fenced(GOOD)), answer(1, NO_PLT), answer(9, "")]
EXPECTED = {
    "paper": {2: "", 1: "NameError", 7: "ZeroDivisionError"},
    "isolated": {2: "", 1: "", 7: "ZeroDivisionError"},
}
UNANSWERED = {"paper": ("NameError", "plt"), "isolated": ("NoImage", "NoImage")}


@pytest.fixture
def scored(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(protocol, *options, tasks=TASKS, answers=ANSWERS):
        arguments = ["bench", "score", "--library", "matplotlib", "--protocol", protocol]
        arguments += ["--tasks", str(lines(tmp_path / "tasks.jsonl", tasks)), "--no-store"]
        arguments += ["--answers", str(lines(tmp_path / "answers.jsonl", answers))]
        return CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "out"), *options])

    return run


@needs_plots
@pytest.mark.sandbox
@pytest.mark.parametrize("protocol", EXPECTED)
def test_a_line_for_each_task_and_a_summary(scored, tmp_path, protocol):
    (tmp_path / "out").mkdir()
    stale = [tmp_path / "out" / name for name in ("7-0.png", "2-3.png", "notes.png")]
    for path in stale:
        path.write_bytes(base64.b64decode(PNG + "="))
    result = scored(protocol, "--timeout-s", "60", "--workers", "2")
    assert result.exit_code == 0, result.output
    entries = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(entry) for entry in entries] == [
        ["id", "passed", "has_image", "error_type", "error"]
    ] * len(TASKS)
    assert [entry["id"] for entry in entries] == [2, 1, 7, 4]
    for entry in entries[:3]:
        error_type = EXPECTED[protocol][entry["id"]]
        assert (entry["error_type"], entry["passed"]) == (error_type, not error_type)
        assert bool(entry["error"]) is not entry["passed"]
        assert entry["has_image"] is (entry["id"] != 7)
    error_type, text = UNANSWERED[protocol]
    assert entries[3]["error_type"] == error_type and text in entries[3]["error"]
    assert (tmp_path / "out" / "scores.jsonl").read_text() == result.stdout
    drawn = {f"{entry['id']}-0.png" for entry in entries if entry["has_image"]}
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == drawn | {"notes.png"}
    passed = sum(entry["passed"] for entry in entries)
    assert f"{passed} of 4 tasks passed" in result.stderr
    assert "1 tasks without an answer, scored as empty answers (4)" in result.stderr
    assert "1 answers without a task, left out (9)" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


TAIL = fenced('plt.savefig("plot.png", dpi=300)')
SETUP, DRAWING = fenced(LOAD), fenced(GOOD.removeprefix(LOAD))
IN_STRING = GOOD.replace("plt.show()", 's = """\n```\nx\n```\n"""\nplt.show()')
WRAPPED = {  # more of them, not executed, in test_answer_code.py
    "bare, stop token": f"{GOOD}<|im_end|>",
    "fence in a string": fenced(IN_STRING),
    "cut off": f"```\npip install pandas\n```\n```python\n{GOOD}",
    "reasoning": f"<think>\n{fenced('import nothing_here')}\n</think>\n{fenced(GOOD)}",
    "set-up, then plot, tail": f"{SETUP}\n{DRAWING}\n{TAIL}",
    "in a list": "1. So:\n   ```python\n   " + GOOD.replace("\n", "\n   ") + "```",
}


@needs_plots
@pytest.mark.sandbox
def test_a_sound_program_passes_in_any_wrapping(scored):
    numbers = dict(enumerate(WRAPPED, start=1))
    answers = [answer(number, WRAPPED[name]) for number, name in numbers.items()]
    result = scored("isolated", answers=answers, tasks=[row(number) for number in numbers])
    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in result.stdout.splitlines()]
    failed = {numbers[entry["id"]]: entry["error"] for entry in found if not entry["passed"]}
    assert (failed, len(found)) == ({}, len(WRAPPED))


CASES = ROOT.parent / "shared" / "cases" / "answers.jsonl"


@needs_plots
@pytest.mark.sandbox
@pytest.mark.skipif(not CASES.is_file(), reason="../shared/cases is not on this machine")
def test_answers_that_failed_pass(scored, tmp_path):
    asked = [json.loads(line) for line in CASES.read_text().splitlines()]
    tasks = [json.loads(line) for line in (ROOT / "samples/tasks.jsonl").read_text().splitlines()]
    ids = {entry["id"] for entry in asked}
    result = scored("isolated", answers=asked, tasks=[task for task in tasks if task["id"] in ids])
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [entry for entry in found if not entry["passed"]] == []
    assert {entry["id"] for entry in found} == ids


@needs_plots
@pytest.mark.sandbox
def test_the_paper_says_unexpected_error_where_nothing_shows(scored):
    result = scored("paper", answers=[answer(2, fenced(f"{LOAD}print(df)"))], tasks=[row(2)])
    assert json.loads(result.stdout) == {
        "id": 2,
        "passed": False,
        "has_image": False,
        "error_type": "NoImage",
        "error": "Unexpected Error",
    }


@needs_plots
@pytest.mark.sandbox
def test_time_is_limited_as_asked(scored):
    answers = [answer(2, fenced("import time\ntime.sleep(60)"))]
    result = scored("isolated", "--timeout-s", "1", answers=answers, tasks=[row(2)])
    assert json.loads(result.stdout)["error_type"] == "KeyboardInterrupt"


def test_a_problem_is_one_line_and_status_1(scored):
    result = scored("isolated", answers=["{"])
    assert result.exit_code == 1 and result.stdout == ""
    assert "answers.jsonl:1" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("answers", [[], [answer("01", "x"), answer(9, "y")]])
def test_answers_to_other_tasks_are_no_score_of_0(scored, answers):
    result = scored("isolated", answers=answers)
    assert result.exit_code == 1 and result.stdout == ""
    assert f"none of its {len(answers)} answers belongs to one of the 4 tasks" in result.stderr


@needs_plots
@pytest.mark.sandbox
def test_two_scored_folders_can_be_compared(scored, tmp_path):
    good = [answer(number, fenced(GOOD)) for number in (2, 1, 7, 4)]
    folders = [tmp_path / name for name in ("weak", "strong", "paper")]
    assert scored("isolated", "--out", str(folders[0])).exit_code == 0
    assert scored("isolated", "--out", str(folders[1]), answers=good).exit_code == 0
    assert scored("paper", "--out", str(folders[2]), answers=good).exit_code == 0

    def compare(*arguments):
        return CliRunner().invoke(main, ["bench", "compare", *map(str, arguments)])

    done = compare(*folders[:2])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout.splitlines()[-1])["matplotlib"]
    assert list(found) == ["first"]
    counts = {name: found["first"][name] for name in ("tasks", "passed_a", "passed_b", "only_b")}
    assert counts == {"tasks": 4, "passed_a": 2, "passed_b": 4, "only_b": 2}
    for arguments, said in (
        (folders[1:], "was judged under isolated"),
        ((*folders[:2], "--protocol", "paper"), "no verdicts under protocol paper"),
    ):
        refused = compare(*arguments)
        assert refused.exit_code == 1 and said in refused.stderr
    (folders[0] / "scores.jsonl").unlink()
    assert "no usable scores" in compare(*folders[:2]).stderr


@needs_plots
@pytest.mark.sandbox
def test_without_parameters_here_those_of_the_project_hold(scored, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = scored("paper", answers=[answer(2, fenced(GOOD))], tasks=[row(2)])
    assert result.exit_code == 0 and json.loads(result.stdout)["passed"] is True


SHARED = ROOT.parent / "shared" / "data" / "pandasplotbench-dev" / "tasks.jsonl"


@pytest.mark.sandbox
@needs_plots
@pytest.mark.skipif(not SHARED.is_file(), reason="the development tasks are not on this machine")
@pytest.mark.parametrize("protocol", ["isolated", "paper"])
@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_the_benchmark_s_own_tasks(tmp_path, protocol, step):
    """49 real tasks, or every fourth one, each with a program that draws every number of its
    data."""
    code = f"{LOAD}df.select_dtypes('number').reset_index().plot()\nplt.title(len(df))\nplt.show()"
    texts = SHARED.read_text().splitlines()
    assert len(texts) == 49
    tasks = lines(tmp_path / "tasks.jsonl", texts[::step])
    ids = [task.number for task in read_tasks(tasks)]
    answers = lines(tmp_path / "answers.jsonl", [answer(n, fenced(code)) for n in ids])
    command = ["bench", "score", "--tasks", tasks, "--answers", answers, "--library", "matplotlib"]
    command += ["--protocol", protocol, "--out", tmp_path / "out", "--no-store"]
    done = CliRunner().invoke(main, list(map(str, command)))
    assert done.exit_code == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in found] == ids
    assert [row for row in found if not row["passed"]] == []
    assert len(list((tmp_path / "out").glob("*.png"))) == len(ids) > 9
