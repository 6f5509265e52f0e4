"""What a failed attempt adds to the dialogue, and what is left out when it grows too long."""

import pytest

from viscode.bench.dialogue import CUT, fit, follow_up, shorten
from viscode.records import Attempt, Message

TASK = (Message(role="system", content="s" * 10), Message(role="user", content="t" * 100))


def attempt(**changes):
    values = {
        "id": "a-0",
        "task_id": "a",
        "task_number": 1,
        "model": "base",
        "library": "matplotlib",
        "round": 0,
        "protocol": "isolated",
        "answer": "ANSWER",
        "code": "x",
        "finish": "stop",
        "verdict": "error",
        "status": "error",
        "error_type": "KeyError",
        "error": "KeyError: 'q'",
        "images": (),
        "facts": "[]",
    }
    return Attempt.model_validate(values | changes)


def turns(count, size):
    return tuple(
        Message(role=role, content=f"{n}" * size)
        for n in range(count)
        for role in ("assistant", "user")
    )


def chars(dialogue):
    return sum(len(message.content) for message in dialogue)


def test_a_round_adds_the_answer_and_its_error_once():
    once = follow_up(TASK, attempt(), 100)
    twice = follow_up(once, attempt(answer="SECOND", error="TypeError"), 100)
    assert [message.role for message in twice] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert twice[:4] == once
    assert twice[2].content == "ANSWER" and twice[4].content == "SECOND"
    assert "KeyError: 'q'" in twice[3].content and "KeyError" not in twice[5].content


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": "error"}, "failed with this error"),
        ({"verdict": "no_image", "status": "ok", "error": ""}, "showed no plot"),
        ({"verdict": "blank", "status": "ok", "error": ""}, "blank"),
        ({"status": "timeout"}, "time limit"),
        ({"status": "killed", "error": ""}, "too much memory"),
        ({"status": "died", "error": ""}, "process down"),
    ],
)
def test_feedback_says_what_was_wrong(changes, words):
    text = follow_up(TASK, attempt(**changes), 100)[-1].content
    assert words in text
    assert "[ERROR]" not in text
    assert "```python" in text


def test_a_long_traceback_keeps_head_and_tail_within_its_budget():
    text = "HEAD" + "x" * 9000 + "TAIL"
    short = shorten(text, 400)
    assert len(short) == 400
    assert short.startswith("HEAD") and short.endswith("TAIL") and CUT in short
    assert shorten("short", 400) == "short"
    feedback = follow_up(TASK, attempt(error=text), 100)[-1].content
    assert "TAIL" in feedback and len(feedback) < 600


def test_a_dialogue_that_fits_is_left_alone():
    dialogue = TASK + turns(3, 10)
    assert fit(dialogue, chars(dialogue), chars) == dialogue


def test_the_oldest_corrections_go_first_and_the_task_stays():
    dialogue = TASK + turns(3, 10)
    assert fit(dialogue, chars(dialogue) - 1, chars) == TASK + turns(3, 10)[2:]
    assert fit(dialogue, 130, chars) == TASK + turns(3, 10)[4:]


def test_a_single_huge_answer_is_shortened():
    dialogue = TASK + turns(1, 5000)[:1] + (Message(role="user", content="fix"),)
    fitted = fit(dialogue, 1000, chars)
    assert chars(fitted) <= 1000
    assert fitted[:2] == TASK and fitted[-1] == dialogue[-1]


def test_a_task_that_is_too_long_is_asked_as_it_is():
    assert fit(TASK, 5, chars) == TASK
