"""The vision model's scores: what is asked, how answers are read, and the published faults."""

import re

import pytest
from bench_fixtures import task
from test_metrics import attempt

from viscode.bench.judge_metrics import judge_metrics
from viscode.bench.vision_judge import JudgeWording, VisionJudge, judge_wording, read_score
from viscode.core.errors import UserError
from viscode.core.records import JudgedAttempt, ModelScore
from viscode.core.workstore import WorkStore
from viscode.llm.cached import CachedClient
from viscode.llm.clients import OpenedModel
from viscode.llm.outcome import Failure, FailureKind
from viscode.llm.scripted import ScriptedClient
from viscode.settings.bench import JudgeSettings

TRUTH = b"truth"
WORDS = JudgeWording("SYSTEM", "VISUAL", "TASK")
TASKS = {f"task{n:02d}": task(n) for n in range(4)}
TRUTHS = dict.fromkeys(TASKS, TRUTH)


def drawn(number, verdict="pass", images=(b"png",), code="import seaborn", round_=0):
    made = attempt(f"task{number:02d}", round_, verdict, code=code)
    return made.model_copy(update={"images": images})


def judge(tmp_path, reply, **changes):
    settings = JudgeSettings(
        client="openai",
        model="judge",
        base_url="",
        instructs="builtin",
        temperature=0.0,
        max_new_tokens=50,
        votes=1,
        swapped=False,
    ).model_copy(update=changes)
    client = ScriptedClient(reply)
    store = WorkStore(tmp_path / "work.sqlite")
    opened = OpenedModel(CachedClient(client, store), "served:judge")
    return VisionJudge(opened, WORDS, settings), client


def score(value, *votes, swapped=None):
    return ModelScore(state="score", value=value, votes=votes or (value,), swapped=swapped)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("75", 75.0),
        (" 100 \n", 100.0),
        ("0", 0.0),
        ("[FINAL SCORE]: 40", 40.0),
        ("[FINAL SCORE] 40", 40.0),
        ("[FINAL SCORE]40", 40.0),
        ("**[FINAL SCORE]:** 85", 85.0),
        ("[FINAL SCORE]: **85**/100", 85.0),
        ("[FINAL SCORE]:\n 85", 85.0),
        ("Good.\n[FINAL SCORE]: 10\nNo:\n[FINAL SCORE]: 60", 60.0),
        ("101", None),
        ("[FINAL SCORE]: 400", None),
        ("[FINAL SCORE]: 99999999999999999999", None),
        ("[FINAL SCORE]: high", None),
        ("-5", None),
        ("I cannot judge that, 50 or so.", None),
        ("", None),
    ],
)
def test_reading_a_score(answer, expected):
    assert read_score(answer) == expected


def test_what_is_asked(tmp_path):
    vision, client = judge(tmp_path, lambda request: "80")
    vision.scores([drawn(1, images=(b"one", b"two"))], TASKS, TRUTHS)
    visual, by_task = client.asked
    assert visual.images == (b"one", TRUTH)  # the generated plot first
    assert by_task.images == (b"one", b"two")
    texts = [[message.content for message in request.messages] for request in client.asked]
    assert texts[0] == ["SYSTEM", "VISUAL"]
    assert texts[1] == ["SYSTEM", "TASK\n[PLOT TASK]:\nDescription 1.\nStyle."]


def test_each_task_s_question_names_that_task_alone(tmp_path):
    """The published judge puts each task's text behind those of all tasks before it."""
    vision, client = judge(tmp_path, lambda request: "80")
    vision.scores([drawn(number) for number in range(4)], TASKS, TRUTHS)
    for request in client.asked:
        named = re.findall(r"Description \d", request.messages[-1].content)
        assert len(named) in (0, 1)
    assert len(client.asked) == 4 + 1  # the four plots are one picture: visual is asked once


def test_states(tmp_path):
    """Nothing is asked where there is nothing to ask, and no state passes for another."""

    def reply(request):
        if b"refused" in request.images:
            return Failure(kind=FailureKind.REFUSED, detail="no")
        return "no idea" if b"unclear" in request.images else "[FINAL SCORE]: 70"

    vision, client = judge(tmp_path, reply)
    attempts = [
        drawn(0, "error", images=()),
        drawn(1, code="import matplotlib"),
        drawn(2, images=(b"unclear",)),
        drawn(3, images=(b"refused",)),
    ]
    found = vision.scores(attempts, TASKS, TRUTHS)
    states = {name: {kind: one.state for kind, one in both.items()} for name, both in found.items()}
    assert states == {
        "task00-0": {"visual": "no_image", "task": "no_image"},
        "task01-0": {"visual": "wrong_library", "task": "wrong_library"},
        "task02-0": {"visual": "unparsed", "task": "unparsed"},
        "task03-0": {"visual": "unparsed", "task": "unparsed"},
    }
    assert len(client.asked) == 4


def test_without_a_ground_truth_there_is_no_visual_score(tmp_path):
    vision, _ = judge(tmp_path, lambda request: "70")
    both = vision.scores([drawn(1)], TASKS, {})["task01-0"]
    assert (both["visual"].state, both["task"]) == ("unavailable", score(70.0))


def test_without_a_ground_truth_no_image_is_no_visual_score_of_0(tmp_path):
    """Else a data set with few ground truths would draw weak models towards 0."""
    vision, _ = judge(tmp_path, lambda request: "70")
    attempts = [drawn(0, "error", images=()), drawn(1, code="import matplotlib"), drawn(2)]
    found = vision.scores(attempts, TASKS, {"task02": TRUTH})
    states = [(both["visual"].state, both["task"].state) for both in found.values()]
    assert states == [
        ("unavailable", "no_image"),
        ("unavailable", "wrong_library"),
        ("score", "score"),
    ]


def test_a_model_that_never_draws_has_a_mean_of_0(tmp_path):
    vision, _ = judge(tmp_path, lambda request: "70")
    attempts = [drawn(n, "error", images=()) for n in (1, 2)]
    found = vision.scores(attempts, TASKS, TRUTHS)
    judged = {
        one.id: JudgedAttempt(
            id=one.id, task_id=one.task_id, round=0, verdict="error", structural=0.0,
            **found[one.id],
        )
        for one in attempts
    }  # fmt: skip
    figures = judge_metrics(attempts, judged, rounds=0)
    names = ("visual", "task", "structural")
    assert [figures["final"][name]["mean"] for name in names] == [0.0] * 3
    assert figures["final"]["visual"]["good"] == 0.0


def test_votes_and_the_other_order(tmp_path):
    def reply(request):
        if request.images == (TRUTH, b"png"):
            return "90"
        return str([60, 80, 10][request.sample])

    vision, client = judge(tmp_path, reply, votes=3, swapped=True)
    both = vision.scores([drawn(1)], TASKS, TRUTHS)["task01-0"]
    assert both["visual"] == score(60.0, 60.0, 80.0, 10.0, swapped=90.0)
    assert both["task"] == score(60.0, 60.0, 80.0, 10.0)
    assert len(client.asked) == 7


def test_a_lost_call_ends_the_stage_and_no_score_is_repeated(tmp_path):
    """The published judge gives an item whose call failed the score of the item before it."""

    def reply(request):
        if b"two" in request.images:
            return Failure(kind=FailureKind.FAILED, detail="connection lost")
        return "95"

    attempts = [drawn(1, images=(b"one",)), drawn(2, images=(b"two",))]
    vision, _ = judge(tmp_path, reply)
    with pytest.raises(UserError, match="2 of 4 judge calls were lost: connection lost"):
        vision.scores(attempts, TASKS, TRUTHS)
    again, client = judge(tmp_path, lambda request: "20")
    found = again.scores(attempts, TASKS, TRUTHS)
    assert len(client.asked) == 2
    assert (found["task01-0"]["visual"], found["task02-0"]["visual"]) == (score(95.0), score(20.0))


def test_an_unread_answer_is_not_a_zero_in_the_figures():
    rows = {
        "a": (score(80.0), score(50.0, 50.0, 90.0)),
        "b": (ModelScore(state="unparsed", votes=(None,)), score(90.0, 90.0, 85.0)),
        "c": (ModelScore(state="no_image"), ModelScore(state="no_image")),
        "d": (score(40.0, 40.0, swapped=70.0), ModelScore(state="wrong_library")),
    }
    attempts = [attempt(name, 0, "pass") for name in rows]
    judged = {
        f"{name}-0": JudgedAttempt(
            id=f"{name}-0",
            task_id=name,
            round=0,
            verdict="pass",
            structural=50.0,
            visual=visual,
            task=by_task,
        )
        for name, (visual, by_task) in rows.items()
    }
    found = judge_metrics(attempts, judged, rounds=1)
    final = found["final"]
    visual, task = final["visual"], final["task"]
    assert (visual["mean"], visual["good"]) == (40.0, 33.3)
    assert (visual["scored"], visual["unparsed"], visual["no_image"]) == (2, 1, 1)
    assert (task["mean"], task["good"], task["wrong_library"]) == (35.0, 25.0, 1)
    assert found["vote_agreement"] == {"visual": None, "task": 50.0}
    assert found["swap_difference"] == 30.0
    assert final["structural"]["mean"] == found["structural_by_round"]["1"]["mean"] == 50.0


def test_wording(tmp_path):
    ours = judge_wording("builtin")
    assert all("[FINAL SCORE]:" in text for text in (ours.visual, ours.task))
    (tmp_path / "instructs.json").write_text('{"system_prompt": "x"}')
    with pytest.raises(UserError, match=r"judge\.instructs"):
        judge_wording(str(tmp_path / "instructs.json"))
