"""The OpenAI-compatible client against a small server on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from llm_fixtures import llm_settings

from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.llm.openai_client import OpenAIClient
from viscode.llm.outcome import Answer, Failure, FailureKind
from viscode.llm.request import Request, Sampling

ATTEMPTS = 3


def choice(text, finish="stop", **message):
    return {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text, **message},
    }


def completion(*choices):
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": list(choices),
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }


def error(code):
    return {"error": {"message": f"no: {code}", "type": "x", "code": code}}


class Server(ThreadingHTTPServer):
    """Answers with the next (status, body) of `script`; None drops the connection."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.seen, self.lock = [], [], threading.Lock()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append(body)
            last = len(self.server.script) == 1
            status, reply = self.server.script[0] if last else self.server.script.pop(0)
        if reply is None:
            self.connection.close()
            return
        raw = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    running = Server()
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{running.server_port}/v1")
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def request(text="hi", stop="end"):
    sampling = Sampling(temperature=0.5, max_new_tokens=40, stop=stop)
    messages = (
        Message(role="system", content="s"),
        Message(role="user", content=text),
        Message(role="assistant", content="a"),
        Message(role="user", content="b"),
    )
    return Request(model="served:m", messages=messages, sampling=sampling, purpose="bench")


def ask(*requests):
    client = OpenAIClient("m", llm_settings(concurrency=4, attempts=ATTEMPTS), first_pause_s=0.0)
    return [outcome for _, outcome in client.complete(requests)]


def test_sends_the_request_and_reads_the_answer(server):
    server.script = [(200, completion(choice("hello")))]
    assert ask(request()) == [Answer(text="hello", finish="stop", prompt_tokens=7, new_tokens=3)]
    [sent] = server.seen
    assert sent["model"] == "m"
    assert sent["temperature"] == 0.5
    assert sent["max_completion_tokens"] == 40
    assert [message["role"] for message in sent["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]


def test_cuts_behind_the_first_block_where_the_request_says_so(server):
    server.script = [(200, completion(choice("```python\nx\n```\nbla")))]
    [answer] = ask(request(stop="python_block"))
    assert answer.text == "```python\nx\n```"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (completion(), FailureKind.MALFORMED),
        (completion(choice(None)), FailureKind.MALFORMED),
        (completion(choice("x", finish="tool_calls")), FailureKind.MALFORMED),
        (completion(choice("", finish="content_filter")), FailureKind.FILTERED),
        (completion(choice(None, refusal="I will not")), FailureKind.REFUSED),
        (b"{not json", FailureKind.MALFORMED),
        (b"[]", FailureKind.MALFORMED),
        (b'{"choices": 3}', FailureKind.MALFORMED),
    ],
)
def test_replies_without_an_answer_have_their_kind(server, body, kind):
    server.script = [(200, body)]
    [outcome] = ask(request())
    assert isinstance(outcome, Failure)
    assert outcome.kind == kind


@pytest.mark.parametrize(
    "first", [(429, error("rate_limit")), (500, error("x")), (503, error("x")), (0, None)]
)
def test_passing_troubles_are_tried_again(server, first):
    server.script = [first, first, (200, completion(choice("late")))]
    [answer] = ask(request())
    assert answer.text == "late"
    assert len(server.seen) == 3


def test_lasting_trouble_ends_as_a_failure(server):
    server.script = [(503, error("down"))]
    [outcome] = ask(request())
    assert outcome.kind == FailureKind.FAILED
    assert len(server.seen) == ATTEMPTS


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "context_length_exceeded"),
        (401, "invalid_api_key"),
        (404, "model_not_found"),
        (429, "insufficient_quota"),
    ],
)
def test_what_no_repetition_mends_is_said_at_once(server, status, code):
    server.script = [(status, error(code))]
    with pytest.raises(UserError, match=code):
        ask(request())
    assert len(server.seen) == 1


def test_each_of_many_requests_gets_one_outcome(server):
    server.script = [(500, error("x")), (200, completion(choice("ok")))]
    assert len(ask(*(request(f"{n}") for n in range(20)))) == 20


def test_a_missing_key_is_one_readable_line(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        ask(request())
