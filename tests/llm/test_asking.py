"""Records through a model: each has one verdict, whatever the model says."""

from dataclasses import dataclass
from enum import StrEnum

import pytest

from viscode.core.errors import UserError
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Identified, Message
from viscode.llm.asking import AskAgain, ModelReason, spent, verdicts
from viscode.llm.outcome import Failure, FailureKind
from viscode.llm.request import Request, Sampling
from viscode.llm.scripted import ScriptedClient


class Reason(StrEnum):
    NOT_SENT = "not_sent"
    NO_USE = "no_use"


class Word(Identified):
    text: str = ""


def request_of(word, sample):
    if word.text == "unsent":
        return Rejected(Reason.NOT_SENT)
    return Request(
        model="served:m",
        messages=(Message(role="user", content=word.text),),
        sampling=Sampling(temperature=0.0, max_new_tokens=5, stop="end"),
        purpose="extract",
        sample=sample,
    )


def read(word, answer):
    if answer.text == "?":
        return AskAgain(Rejected(Reason.NO_USE, f"{word.id}"))
    return Kept([Word(id=f"{word.id}-{answer.text}")])


def asked_about(reply, *texts, samples=2):
    client = ScriptedClient(reply)
    words = [Word(id=str(n), text=text) for n, text in enumerate(texts)]
    return dict(verdicts(words, client, request_of, read, samples)), client.asked


def test_an_answer_is_read_and_what_is_not_sent_is_rejected():
    found, asked = asked_about(lambda r: "yes", "a", "unsent", "b")
    assert found["0"].records[0].id == "0-yes"
    assert found["1"] == Rejected(Reason.NOT_SENT)
    assert found["2"].records[0].id == "2-yes"
    assert len(asked) == 2


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_an_answer_of_no_use_is_asked_for_again_under_another_key(samples):
    found, asked = asked_about(lambda r: "?", "a", samples=samples)
    assert found == {"0": Rejected(Reason.NO_USE, "0")}
    assert [one.sample for one in asked] == list(range(samples))
    assert len({one.key for one in asked}) == samples


def test_the_second_answer_counts():
    found, _ = asked_about(lambda r: "yes" if r.sample else "?", "a", "b")
    assert {one.records[0].id for one in found.values()} == {"0-yes", "1-yes"}


@pytest.mark.parametrize(
    ("kind", "asked"), [("refused", 1), ("cut_off", 1), ("filtered", 1), ("malformed", 2)]
)
def test_no_answer_is_a_reason(kind, asked):
    reply = Failure(kind=FailureKind(kind), detail="so")
    found, seen = asked_about(lambda r: reply, "a")
    assert found == {"0": Rejected(ModelReason(f"model_{kind}"), "so")}
    assert len(seen) == asked


def test_failed_calls_end_the_stage_when_all_else_is_done():
    down = Failure(kind=FailureKind.FAILED, detail="down")
    client = ScriptedClient(lambda r: down if r.messages[0].content == "a" else "yes")
    words = [Word(id="0", text="a"), Word(id="1", text="b")]
    seen = []
    with pytest.raises(UserError, match="1 model calls failed: down"):
        for one in verdicts(words, client, request_of, read, 2):
            seen.append(one)
    assert [record for record, _ in seen] == ["1"]


@dataclass
class Spent:
    calls: int = 12
    tokens: int = 8400
    usd: float = 0.314


def test_the_progress_line_says_what_a_model_costs():
    assert spent(Spent(), 2.0) == "6.0 calls/s, 4,200 tokens/s, $0.31"
    assert spent(None, 2.0) == ""
