"""Algorithm 1 with a scripted model and the real engine: who is asked again, with what, and what
counts in the end."""

import json
import sqlite3

import pytest
from bench_fixtures import GOOD, LOAD, SETTINGS, fenced, needs_plots, options, task

from viscode.bench.answering import Places, answer
from viscode.bench.examinee import Examinee
from viscode.bench.judging import judge
from viscode.core.errors import UserError
from viscode.core.records import Attempt, JudgedAttempt, Task
from viscode.core.tables import read_table, write_table
from viscode.core.workstore import WorkStore
from viscode.llm.cached import CachedClient
from viscode.llm.outcome import Failure, FailureKind
from viscode.llm.request import Sampling
from viscode.llm.scripted import ScriptedClient

pytestmark = [pytest.mark.sandbox, needs_plots]
ATTEMPTS = "attempts/matplotlib"
TWO_TASKS = SETTINGS.model_copy(update={"rounds": 0, "tasks": 2})

KEY_ERROR = fenced(f'{LOAD}plt.plot(df["z"])\nplt.show()')
NO_IMAGE = fenced(f"{LOAD}print(df)")
BLANK = fenced(f"{LOAD}fig, ax = plt.subplots()\nplt.show()")
SAVED = fenced(f'{LOAD}plt.bar(df["x"], df["y"])\nplt.savefig("out.png")\nplt.close("all")')
ANSWERS = {  # task -> its answer in each round
    1: [fenced(GOOD)],
    2: [KEY_ERROR, fenced(GOOD)],
    3: [NO_IMAGE, BLANK, KEY_ERROR],
    4: [SAVED],
    5: ["I am sorry.", Failure(kind=FailureKind.REFUSED, detail="no"), fenced(GOOD)],
}


def reply(request):
    number = next(n for n in ANSWERS if f"Description {n}." in request.messages[1].content)
    return ANSWERS[number][sum(message.role == "assistant" for message in request.messages)]


def run(tmp_path, client, settings=SETTINGS, name="out", samples=1):
    tasks = tmp_path / "tasks"
    if not tasks.exists():
        write_table(tasks, Task, [task(n) for n in ANSWERS])
    sampling = Sampling(temperature=float(samples > 1), max_new_tokens=100, stop="python_block")
    with WorkStore(tmp_path / "work.sqlite") as store:
        who = Examinee("base", "local:x", CachedClient(client, store), sampling, samples=samples)
        out = tmp_path / name
        places = Places(tasks, out / "attempts", out / "metrics", out / "details")
        results = answer(who, settings, options(), store, places)
        return results["matplotlib"], places.attempts / "matplotlib"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("bench")
    client = ScriptedClient(reply)
    results, out = run(tmp_path, client)
    return tmp_path, client, results, {a.id: a for a in read_table(out, Attempt)}


def test_only_failing_tasks_are_asked_again(finished):
    _, client, _, attempts = finished
    assert {name: attempt.verdict for name, attempt in attempts.items()} == {
        "task01-0": "pass",
        "task02-0": "error",
        "task02-1": "pass",
        "task03-0": "no_image",
        "task03-1": "blank",
        "task03-2": "error",
        "task04-0": "pass",
        "task05-0": "no_image",
        "task05-1": "no_image",
        "task05-2": "pass",
    }
    assert len(client.asked) == len(attempts)


def test_the_dialogue_tells_what_was_wrong(finished):
    _, client, _, _ = finished
    last = [request for request in client.asked if "Description 3." in request.messages[1].content][
        -1
    ]
    roles = [message.role for message in last.messages]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert last.messages[2].content == NO_IMAGE and "no plot" in last.messages[3].content
    assert last.messages[4].content == BLANK and "blank" in last.messages[5].content
    second = [
        request for request in client.asked if "Description 2." in request.messages[1].content
    ][-1]
    assert "KeyError" in second.messages[3].content
    assert "/" not in second.messages[3].content.split("KeyError")[-1]


def test_metrics_count_each_task_by_its_latest_attempt(finished):
    _, _, results, _ = finished
    assert results.metrics["tasks"] == 5
    assert [results.metrics["rounds"][n]["passed"] for n in "012"] == [2, 3, 4]
    assert results.details["errors"] == {
        "0": {"KeyError": 1, "NoImage": 2},
        "1": {"Blank": 1, "NoImage": 1},
        "2": {"KeyError": 1},
    }


def test_a_refusal_is_an_attempt_without_code(finished):
    _, _, _, attempts = finished
    assert (attempts["task05-1"].finish, attempts["task05-1"].code) == ("refused", "")


def test_a_second_run_gives_the_same_bytes_and_asks_only_for_what_was_refused(finished):
    tmp_path, _, results, _ = finished
    client = ScriptedClient(reply)
    again, out = run(tmp_path, client, name="again")
    assert again == results
    assert len(client.asked) == 1
    for shard in sorted((tmp_path / "out" / ATTEMPTS).iterdir()):
        assert shard.read_bytes() == (out / shard.name).read_bytes()


def test_lost_calls_end_the_run_and_keep_what_came(tmp_path):
    def partly(request):
        if "Description 2." in request.messages[1].content:
            return Failure(kind=FailureKind.FAILED, detail="connection lost")
        return fenced(GOOD)

    with pytest.raises(UserError, match="1 of 2 answers were lost: connection lost"):
        run(tmp_path, ScriptedClient(partly), TWO_TASKS)
    assert not (tmp_path / "out").exists()
    client = ScriptedClient(reply)
    run(tmp_path, client, TWO_TASKS)
    assert len(client.asked) == 1


def test_no_tasks_is_one_readable_line(tmp_path):
    write_table(tmp_path / "tasks", Task, [])
    with pytest.raises(UserError, match="no benchmark tasks"):
        run(tmp_path, ScriptedClient(reply))


def judged_in(answers, folder, store, rounds=SETTINGS.rounds):
    tasks, out = folder / "tasks", folder / "judged"
    return judge(answers, tasks, out, options(), store, None, rounds=rounds)


def test_judge_scores_against_the_task_s_own_program(finished):
    tmp_path, _, _, _ = finished
    with WorkStore(tmp_path / "work.sqlite") as store:
        metrics = judged_in(tmp_path / "out" / ATTEMPTS, tmp_path, store)
    scores = {j.id: j.structural for j in read_table(tmp_path / "judged", JudgedAttempt)}
    assert scores["task01-0"] == 100.0
    assert scores["task03-0"] == scores["task03-1"] == scores["task03-2"] == 0.0
    assert 0.0 < scores["task04-0"] <= 50.0  # a bar chart where a line was wanted
    assert (metrics["scored"], metrics["unscored"]) == (5, 0)
    first, final = metrics["first"], metrics["final"]
    assert final["structural"]["mean"] > first["structural"]["mean"]
    assert final["structural"]["good"] == 60.0
    assert final["visual"]["mean"] is None and final["visual"]["unavailable"] == 5


def test_a_task_without_ground_truth_has_no_score(finished, tmp_path):
    source, _, _, _ = finished
    programs = {1: None, 2: "raise ValueError", 3: "x = 1"}
    tasks = [task(n, code_plot=programs.get(n, GOOD)) for n in ANSWERS]
    write_table(tmp_path / "tasks", Task, tasks)
    with WorkStore(source / "work.sqlite") as store:
        metrics = judged_in(source / "out" / ATTEMPTS, tmp_path, store)
    scores = {j.id: j.structural for j in read_table(tmp_path / "judged", JudgedAttempt)}
    assert [scores[f"task0{n}-0"] for n in (1, 2, 3)] == [None, None, None]
    assert (metrics["scored"], metrics["unscored"]) == (2, 3)


def test_first_answers_are_judged_under_both_protocols(finished):
    _, _, results, attempts = finished
    others = {a.task_number: a.other[0] for a in attempts.values() if a.round == 0}
    assert {other.protocol for other in others.values()} == {"paper"}
    verdicts = {number: other.verdict for number, other in others.items()}
    assert verdicts == {1: "pass", 2: "error", 3: "no_image", 4: "pass", 5: "error"}
    assert all(not a.other for a in attempts.values() if a.round)
    assert [one["percent"] for one in results.metrics["protocols"].values()] == [40.0, 40.0]
    assert results.metrics["protocols_differ"] == 0


def test_protocol_paper_drives_self_debug(finished):
    """From the same stored answers: a blank plot passes, and what shows nothing is unexpected."""
    tmp_path, _, _, _ = finished
    client = ScriptedClient(reply)
    results, out = run(tmp_path, client, SETTINGS.model_copy(update={"protocol": "paper"}), "paper")
    attempts = {a.id: a for a in read_table(out, Attempt)}
    assert {a.protocol for a in attempts.values()} == {"paper"}
    assert attempts["task03-1"].verdict == "pass"  # blank
    assert "task03-2" not in attempts
    assert results.metrics["protocols_differ"] == 0
    told = [r.messages[3].content for r in client.asked if "Description 3." in str(r.messages[1])]
    assert told and all("Unexpected Error" in text for text in told)


def test_several_first_answers_give_pass_at_k(tmp_path):
    def drawn(request):
        return fenced(GOOD) if request.sample == 1 else KEY_ERROR

    client = ScriptedClient(drawn)
    results, out = run(tmp_path, client, TWO_TASKS, samples=3)
    assert len(client.asked) == 6
    assert results.metrics["rounds"]["0"]["passed"] == 0
    assert results.metrics["pass_at"] == {"1": 33.3, "2": 66.7, "3": 100.0}
    assert sorted(a.sample for a in read_table(out, Attempt)) == [0, 0, 1, 1, 2, 2]
    with WorkStore(tmp_path / "work.sqlite") as store:
        judged = judged_in(out, tmp_path, store, rounds=0)
    assert judged["scored"] == 2


def test_results_are_three_files_for_each_library(finished):
    tmp_path, _, results, _ = finished
    figures, details, rows = (
        tmp_path / "out" / name
        for name in (
            "metrics/matplotlib.json",
            "details/matplotlib.details.json",
            "details/matplotlib.tasks.tsv",
        )
    )
    assert json.loads(figures.read_text()) == results.metrics
    assert json.loads(details.read_text()) == results.details
    assert rows.read_text().count("\n") == 6


def test_the_libraries_share_a_model_and_the_tasks_own_programs(tmp_path):
    """Each asks for itself, and no program of a task runs for a second library."""
    client = ScriptedClient(lambda request: fenced(GOOD))
    run(tmp_path, client, TWO_TASKS)
    with sqlite3.connect(tmp_path / "work.sqlite") as store:
        count = "SELECT count(*) FROM work WHERE kind = 'execution'"
        (before,) = store.execute(count).fetchone()
    both = TWO_TASKS.model_copy(update={"libraries": ["matplotlib", "seaborn"]})
    run(tmp_path, client, both, name="both")
    assert len(client.asked) == 2 * 2
    with sqlite3.connect(tmp_path / "work.sqlite") as store:
        (after,) = store.execute(count).fetchone()
    assert after == before  # the same answers to the same tasks, and their programs
    libraries = {a.library for n in both.libraries
                 for a in read_table(tmp_path / "both/attempts" / n, Attempt)}  # fmt: skip
    assert libraries == set(both.libraries)
