"""Models of the benchmark behind servers of their own: base_url, key, price, template, sampling."""

import json
from threading import Thread

import pytest
from llm_fixtures import llm_settings
from test_openai_client import Server, choice, completion

from viscode.bench.examinee import examinee
from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.outcome import Answer
from viscode.llm.request import Request, Sampling, llama3
from viscode.llm.servers import is_own
from viscode.settings.bench import ModelSettings
from viscode.settings.run import RunSettings

DIALOGUE = (
    Message(role="system", content="S"),
    Message(role="user", content="Q"),
    Message(role="assistant", content="A"),
    Message(role="user", content="R"),
)
LLAMA3 = (
    "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nQ<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\nA<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nR<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n"
)


@pytest.fixture
def server(monkeypatch):
    """A server on loopback, and no key and no URL in the environment."""
    running = Server()
    Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield running
    running.shutdown()
    running.server_close()


def asked(tmp_path, server, *, url=None, prices=None, **changes):
    """Ask DIALOGUE of the model with these settings, with a budget set."""
    values = {
        "client": "openai",
        "model": "m",
        "weights": "params.yaml",
        "base_url": f"http://127.0.0.1:{server.server_port}/v1" if url is None else url,
        "template": "native",
        "temperature": 0.0,
        "top_p": 1.0,
        "samples": 1,
        "max_new_tokens": 50,
        "stop": "end",
        "context": 4096,
        **changes,
    }
    llm = llm_settings(budget_usd=1.0, prices=prices or {})
    run = RunSettings(workers=1, devices=0, fetches=1, torch_threads=1, batch_size=1)
    with WorkStore(tmp_path / "work.sqlite") as store:
        who = examinee("one", ModelSettings.model_validate(values), run, llm, store)
        request = Request(
            model=who.identity,
            messages=DIALOGUE,
            sampling=who.sampling,
            purpose="bench",
            template=who.template,
        )
        ((_, outcome),) = who.client.complete([request])
        return outcome


def test_a_server_of_one_s_own_needs_neither_key_nor_price(tmp_path, server):
    server.script = [(200, completion(choice("CODE")))]
    assert asked(tmp_path, server).text == "CODE"
    (body,) = server.seen
    assert [message["role"] for message in body["messages"]][-1] == "user"
    assert "top_p" not in body


def test_llama3_is_sent_as_one_text(tmp_path, server):
    reply = {**completion(), "choices": [{"index": 0, "text": "CODE", "finish_reason": "length"}]}
    server.script = [(200, reply)]
    outcome = asked(tmp_path, server, template="llama3", temperature=0.5, top_p=0.9)
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.finish) == ("CODE", "length")
    (body,) = server.seen
    assert body["prompt"] == LLAMA3 == llama3(DIALOGUE)
    assert (body["max_tokens"], body["temperature"], body["top_p"]) == (50, 0.5, 0.9)
    assert "messages" not in body


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"samples": 3}, "3 samples at temperature 0"),
        ({"client": "openai_batch", "template": "llama3"}, "takes chats only"),
        ({"url": "https://models.example.com/v1"}, "no API key"),
        ({"url": ""}, "no API key"),
    ],
)
def test_settings_that_do_not_fit_are_one_line(tmp_path, server, changes, said):
    with pytest.raises(UserError, match=said):
        asked(tmp_path, server, **changes)


def test_another_s_server_needs_a_price(tmp_path, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    with pytest.raises(UserError, match="no price known"):
        asked(tmp_path, server, url="https://models.example.com/v1")


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://10.1.2.3/v1", True),
        ("http://gpu-node:8000/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://93.184.216.34/v1", False),
    ],
)
def test_whose_server_it_is(url, own):
    assert is_own(url) is own


def test_old_answers_serve_where_template_and_nucleus_are_the_default():
    plain = Sampling(temperature=0.0, max_new_tokens=5, stop="end")
    request = Request(model="m", messages=DIALOGUE, sampling=plain, purpose="bench")
    assert json.dumps(request.key_parts()).count("top_p") == 0
    assert "template" not in request.key_parts()
    others = [
        request.model_copy(update={"template": "llama3"}),
        request.model_copy(update={"sampling": plain.model_copy(update={"top_p": 0.5})}),
    ]
    assert len({request.key, *(other.key for other in others)}) == 3
