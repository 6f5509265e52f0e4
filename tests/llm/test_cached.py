"""Answers are asked once, failures again; a kill loses only what is unfinished."""

import pytest

from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.budget import Account, Amount
from viscode.llm.cached import CALL_KIND, CachedClient, usage
from viscode.llm.outcome import Answer, Failure, FailureKind
from viscode.llm.request import Request, Sampling
from viscode.llm.scripted import ScriptedClient


def request(text, purpose="bench"):
    sampling = Sampling(temperature=0.0, max_new_tokens=9, stop="end")
    return Request(
        model="served:m",
        messages=(Message(role="user", content=text),),
        sampling=sampling,
        purpose=purpose,
    )


def echo(asked):
    return f"re: {asked.messages[0].content}"


@pytest.fixture
def store(tmp_path):
    with WorkStore(tmp_path / "work.sqlite") as opened:
        yield opened


def test_answers_are_served_from_the_store(store):
    inner = ScriptedClient(echo)
    client = CachedClient(inner, store)
    first = dict(client.complete([request("a"), request("b")]))
    again = dict(client.complete([request("b"), request("a"), request("c")]))
    assert [asked.messages[0].content for asked in inner.asked] == ["a", "b", "c"]
    assert again[request("a")] == first[request("a")]
    assert again[request("c")].text == "re: c"


def test_equal_requests_are_asked_once_and_each_gets_the_answer(store):
    inner = ScriptedClient(echo)
    done = list(CachedClient(inner, store).complete([request("a"), request("a")]))
    assert len(inner.asked) == 1
    assert [outcome.text for _, outcome in done] == ["re: a", "re: a"]


@pytest.mark.parametrize("kind", list(FailureKind))
def test_failures_are_recorded_and_asked_again(store, kind):
    replies = iter([Failure(kind=kind, detail="x"), "fine"])
    client = CachedClient(ScriptedClient(lambda _: next(replies)), store)
    [(_, first)] = client.complete([request("a")])
    assert first == Failure(kind=kind, detail="x")
    assert store.count(CALL_KIND, final=False) == 1
    [(_, second)] = client.complete([request("a")])
    assert second.text == "fine"
    assert (store.count(CALL_KIND), store.count(CALL_KIND, final=False)) == (1, 0)


def test_an_interrupted_run_keeps_what_arrived(store):
    def reply(asked):
        if asked.messages[0].content == "b":
            raise KeyboardInterrupt
        return echo(asked)

    with pytest.raises(KeyboardInterrupt):
        list(CachedClient(ScriptedClient(reply), store).complete([request("a"), request("b")]))
    inner = ScriptedClient(echo)
    list(CachedClient(inner, store).complete([request("a"), request("b")]))
    assert [asked.messages[0].content for asked in inner.asked] == ["b"]


def test_an_answer_cut_by_length_is_final_for_the_benchmark_only(store):
    cut = Answer(text="half", finish="length", prompt_tokens=1, new_tokens=9)
    client = CachedClient(ScriptedClient(lambda _: cut), store)
    assert list(client.complete([request("a")])) == [(request("a"), cut)]
    assert store.count(CALL_KIND) == 1
    [(_, elsewhere)] = client.complete([request("a", purpose="extract")])
    assert elsewhere == Failure(
        kind=FailureKind.CUT_OFF, detail="cut at 9 tokens", prompt_tokens=1, new_tokens=9
    )


def test_lone_surrogates_do_not_reach_the_store(store):
    client = CachedClient(ScriptedClient(lambda _: "a\ud800b"), store)
    [(_, answer)] = client.complete([request("a")])
    assert answer.text == "a?b"


@pytest.mark.parametrize(
    "value", [b"", b"\xff", b"[]", b'{"type": "answer"}', b'"text"', b"[" * 9999]
)
def test_a_damaged_answer_is_asked_again_and_spoils_no_sum(store, capsys, value):
    inner = ScriptedClient(echo)
    client = CachedClient(inner, store)
    asked = request("a")
    (first,) = client.complete([asked])
    store._db.execute("UPDATE work SET value = ?, hash = NULL", (value,))
    assert usage(store) == [] or usage(store)[0].model == ""
    assert list(client.complete([asked])) == [first]
    assert len(inner.asked) == 2
    assert "a damaged value, made again: model_call" in capsys.readouterr().err
    assert list(client.complete([asked])) == [first]
    assert len(inner.asked) == 2


@pytest.mark.parametrize("value", [b"", b"[1]", b"{}", b'["a", 1, 1, 1]', b"[1, 2, 3, 4, 5]"])
def test_a_damaged_account_is_told_and_begins_anew(store, capsys, value):
    Account(store, "stage", in_batches=False).note(Amount(2.0, 5), Amount())
    assert Account(store, "stage", in_batches=False).earlier == Amount(2.0, 5)
    store._db.execute("UPDATE work SET value = ?, hash = NULL, final = 0", (value,))
    assert Account(store, "stage", in_batches=False).earlier == Amount()
    assert "damaged value" in capsys.readouterr().err
