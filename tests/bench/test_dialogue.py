"""What a failed attempt adds to the dialogue, and what is left out when it grows too long."""

import pytest
from bench_fixtures import SETTINGS, task

from viscode.bench.dialogue import CUT, failing_line, fit, follow_up, shorten
from viscode.core.records import Attempt, Message

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


def told(dialogue=(), settings=None, **changes):
    """The dialogue after a failed attempt at task 1, whose data have columns x and y."""
    limits = SETTINGS.model_copy(update={"feedback_tokens": 100, **(settings or {})})
    return follow_up(dialogue or TASK, attempt(**changes), task(1), limits)


def turns(count, size):
    return tuple(
        Message(role=role, content=f"{n}" * size)
        for n in range(count)
        for role in ("assistant", "user")
    )


def chars(dialogue):
    return sum(len(message.content) for message in dialogue)


def test_a_round_adds_the_answer_and_its_error_once():
    once = told()
    twice = told(once, answer="SECOND", error="TypeError")
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
    text = told(**changes)[-1].content
    assert words in text
    assert "[ERROR]" not in text
    assert "```python" in text


def test_a_long_traceback_keeps_head_and_tail_within_its_budget():
    text = "HEAD" + "x" * 9000 + "TAIL"
    short = shorten(text, 400)
    assert len(short) == 400
    assert short.startswith("HEAD") and short.endswith("TAIL") and CUT in short
    assert shorten("short", 400) == "short"
    feedback = told(error=text)[-1].content
    assert "TAIL" in feedback and len(feedback) < 600


TRACE = """KeyError                                  Traceback (most recent call last)
Cell In[1], line 5
      4 df = pd.read_csv("data.csv")
----> 5 f(df)

Cell In[1], line 3, in f(df)
      2 def f(df):
----> 3     return df["zz"]

File pandas/core/frame.py:4102, in DataFrame.__getitem__(self, key)
-> 4102             indexer = self.columns.get_loc(key)

KeyError: 'zz'"""
SYNTAX = """  Cell In[1], line 1
    x = (1
        ^
SyntaxError: '(' was never closed"""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (TRACE, 'return df["zz"]'),
        (SYNTAX, "x = (1"),
        ("KeyError: 'q'", ""),
        ("", ""),
        ("Cell In[1], line 7", ""),
    ],
)
def test_the_failing_line_is_the_innermost_one_of_the_program(error, line):
    assert failing_line(error) == line


def test_feedback_with_data_names_columns_types_and_the_failing_line():
    plain = told(error=TRACE)[-1].content
    more = told(error=TRACE, settings={"feedback": "error_and_data"})[-1].content
    assert "'x': int64\n'y': int64" in more and "3 rows" in more
    assert more.split("that failed:\n\n")[1].startswith('return df["zz"]\n')
    assert "int64" not in plain and "that failed:" not in plain
    assert more.endswith(plain.split("\n\n")[-1])


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
