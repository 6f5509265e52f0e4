"""Tokens of a batch are seen while it is generated."""

import io

import pytest

from viscode.core.progress import Progress
from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.asking import model_line
from viscode.llm.cached import CachedClient
from viscode.llm.request import Request, Sampling
from viscode.llm.scripted import ScriptedClient
from viscode.llm.transformers_client import Pace, TransformersClient


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("prompts", "steps", "expected"),
    [
        (8, [], "reading 8 prompts"),
        (1, [], "reading 1 prompt"),
        (8, [8], "4.0 tokens/s, token 1 of 160"),
        (8, [8, 8, 5, 3], "3.0 tokens/s, token 4 of 160"),
        (2, [2] * 160, "1.0 tokens/s, token 160 of 160"),
    ],
)
def test_what_is_said_during_a_batch(prompts: int, steps: list[int], expected: str) -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.text() == ""
    pace.begin(prompts, 160)
    for tokens in steps:
        clock.now += 2
        pace.step(tokens)
    assert pace.text() == expected
    pace.end()
    assert pace.text() == ""


def generated(pace: Pace, clock: Clock, line: Progress, seconds: int, ends: bool = True) -> None:
    """A batch of 8 prompts, a token of each a second, as the drawing thread sees it."""
    pace.begin(8, 160)
    for _ in range(seconds):
        clock.now += 1
        pace.step(8)
        line.tick()
    if ends:
        pace.end()


def test_a_log_shows_a_batch_that_takes_minutes() -> None:
    clock = Clock()
    stream, pace = io.StringIO(), Pace(clock)
    with Progress("answer/base", "answers", 18, note=pace.text, stream=stream, clock=clock) as line:
        generated(pace, clock, line, 40)
        line.add(8)
    assert stream.getvalue().splitlines() == [
        "answer/base: 0 of 18 answers (0 %), 0:05 so far, 8.0 tokens/s, token 5 of 160",
        "answer/base: 0 of 18 answers (0 %), 0:20 so far, 8.0 tokens/s, token 20 of 160",
        "answer/base: 0 of 18 answers (0 %), 0:35 so far, 8.0 tokens/s, token 35 of 160",
        "answer/base: 8 answers in 0:40 (0.2/s)",
    ]


def test_80_columns_show_the_rate() -> None:
    clock = Clock()
    pace, name = Pace(clock), "answer/tuned-matplotlib"
    line = Progress(name, "answers", 6, note=pace.text, stream=io.StringIO(), clock=clock)
    with line:
        generated(pace, clock, line, 12, ends=False)
    shown = line.text(clock.now)[:79]
    assert shown == f"{name}: 0 of 6 answers (0 %), 0:12 so far, 8.0 tokens/s, token"


def request(number: int, stop: str) -> Request:
    return Request(
        model="local:x",
        messages=(Message(role="user", content="short " * number),),
        sampling=Sampling(temperature=0.0, max_new_tokens=60, stop=stop),
        purpose="bench",
    )


@pytest.mark.parametrize("stop", ["end", "python_block"])
def test_a_real_model_says_it_during_each_batch(tiny_model, tmp_path, stop: str) -> None:
    """Read where the drawing thread may read: between any two tokens, through the work store."""
    local = TransformersClient(tiny_model, 2, 1)
    seen: list[str] = []
    step = local._pace.step

    def watched_step(tokens: int) -> None:
        seen.append(client.under_way())
        step(tokens)
        seen.append(client.under_way())

    local._pace.step = watched_step  # type: ignore[method-assign]
    with WorkStore(tmp_path / "store") as store:
        client = CachedClient(local, store)
        outcomes = dict(client.complete([request(number, stop) for number in (1, 2, 3)]))
    assert "reading 2 prompts" in seen and "reading 1 prompt" in seen
    steps = [text for text in seen if "tokens/s, token 2 of 60" in text]
    assert len(steps) >= 2  # once in each batch
    assert client.under_way() == "" and len(outcomes) == 3


def test_tokens_are_counted_until_each_answer_ends(tiny_model) -> None:
    local = TransformersClient(tiny_model, 8, 1)
    counted: list[int] = []
    local._pace.step = counted.append  # type: ignore[method-assign]
    answers = [answer for _, answer in local.complete([request(n, "end") for n in (1, 2, 3)])]
    written = sum(answer.new_tokens for answer in answers)
    assert written <= sum(counted) <= written + len(answers)  # an end token each


def test_a_stage_of_records_shows_it_where_no_budget_is_counted() -> None:
    client = ScriptedClient(lambda request: "x")
    client.under_way = lambda: "42.1 tokens/s"  # type: ignore[method-assign]
    with model_line("", 3, None, client) as line:
        assert line.text(0.0).endswith(", 42.1 tokens/s")
        client.under_way = lambda: ""  # type: ignore[method-assign]
        assert "tokens" not in line.text(0.0)
