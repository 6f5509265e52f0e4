"""Thousands of requests against a server that misbehaves in every way that we know of."""

import json
import signal
import time
import urllib.request
from collections import Counter

import ask_many
import pytest
from ask_many import request, serving, text
from chat_server import PLAN, Server
from llm_fixtures import llm_settings

from viscode.core.workstore import WorkStore
from viscode.llm.cached import CALL_KIND, CachedClient
from viscode.llm.openai_client import OpenAIClient
from viscode.llm.outcome import Answer
from viscode.llm.scripted import ScriptedClient

COUNT, CONCURRENCY = 5000, 64
TROUBLES = {
    "429": 0.03, "429_after": 0.005, "500": 0.03, "503": 0.02, "reset": 0.02, "slow": 0.01,
    "no_json": 0.01, "no_choices": 0.01, "filtered": 0.01, "blocked": 0.01, "length": 0.01,
    "refused": 0.01, "lasting_500": 0.01,
}  # fmt: skip
ENDS = {
    "no_json": "malformed", "no_choices": "malformed", "filtered": "filtered",
    "blocked": "filtered", "length": "cut_off", "refused": "refused", "lasting_500": "failed",
}  # fmt: skip


def asking(url, store, count=COUNT, concurrency=CONCURRENCY):
    return ask_many.asking(url, store, count, concurrency)


def asked_here(url, path, count):
    """As `asking`, in this process; returns the outcomes by kind."""
    settings = llm_settings(concurrency=CONCURRENCY, attempts=4)
    inner = OpenAIClient("m", settings, base_url=f"{url}/v1", first_pause_s=0.02)
    with WorkStore(path) as store:
        outcomes = CachedClient(inner, store).complete(map(request, range(count)))
        return Counter("answer" if isinstance(o, Answer) else str(o.kind) for _, o in outcomes)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)


def stats(url):
    with urllib.request.urlopen(f"{url}/stats") as reply:
        return json.load(reply)


def expected(count):
    server = Server({**PLAN, "troubles": TROUBLES})
    return Counter(ENDS.get(server.trouble(text(n)), "answer") for n in range(count))


@pytest.mark.parametrize(
    ("count", "kills"), [(800, 1), pytest.param(COUNT, 5, marks=pytest.mark.slow)]
)
def test_each_request_has_one_outcome_and_no_answer_is_paid_twice_though_killed(
    tmp_path, count, kills
):
    path = tmp_path / "work.sqlite"
    with serving(delay_s=0.05, troubles=TROUBLES) as url:
        for kill in range(1, kills + 1):
            process = asking(url, path, count)
            with WorkStore(path) as store:
                while store.count(CALL_KIND) < kill * count // (kills + 2):
                    assert process.poll() is None
                    time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            process.wait()
        killed = stats(url)
        found = asked_here(url, path, count)
        seen = stats(url)
    assert found == expected(count)
    with WorkStore(path) as store:
        assert store.count(CALL_KIND) == expected(count)["answer"]
        assert store.count(CALL_KIND, final=False) == count - expected(count)["answer"]
        answers = {text(n) for n in range(count) if store.get(CALL_KIND, request(n).key)}
    paid = seen["paid"]
    assert answers <= set(paid)
    twice = sum(count - 1 for name, count in paid.items() if name in answers)
    assert twice <= kills * CONCURRENCY
    assert sum(killed["paid"].values()) > count // 3


def test_nothing_answered_is_asked_again(tmp_path):
    with serving() as url:
        for _ in range(2):
            assert asked_here(url, tmp_path / "work.sqlite", 50) == {"answer": 50}
        assert stats(url)["sent"] == 50


def test_being_told_to_slow_down_uses_up_no_attempt_and_lowers_the_concurrency(tmp_path):
    with serving(delay_s=0.05, limit=8) as url:
        assert asked_here(url, tmp_path / "work.sqlite", 300) == {"answer": 300}
        seen = stats(url)
    assert seen["most"] <= 8
    assert seen["statuses"]["429"] > 0
    assert seen["statuses"]["429"] < 600  # 64 at a time without adapting: far more


def test_ctrl_c_keeps_what_is_under_way(tmp_path):
    path = tmp_path / "work.sqlite"
    with serving(delay_s=0.5) as url:
        process = asking(url, path, count=1000, concurrency=20)
        while not stats(url)["paid"]:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate()
        seen = stats(url)
    assert process.returncode != 0
    with WorkStore(path) as store:
        assert store.count(CALL_KIND) == sum(seen["paid"].values()) == seen["sent"]
    assert seen["sent"] < 100


@pytest.mark.parametrize("stored_before", [0, 1500])
def test_requests_are_taken_as_they_are_asked(tmp_path, stored_before):
    """Not all at once: neither those that are asked nor those that the store has."""
    taken = 0

    def requests():
        nonlocal taken
        for number in range(3000):
            taken += 1
            yield request(number)

    with WorkStore(tmp_path / "work.sqlite") as store:
        client = CachedClient(ScriptedClient(lambda _: "x"), store)
        list(client.complete(map(request, range(stored_before))))
        ahead = 0
        for handed_on, _ in enumerate(client.complete(requests()), 1):
            ahead = max(ahead, taken - handed_on)
    assert handed_on == 3000
    assert ahead <= 1001
