"""Asks a server many requests through a work store: `ask_many.py STORE COUNT CONCURRENCY`.

Client and server are processes of their own (`asking`, `serving`): tests kill the client, and
bench/model_calls.py measures it. It prints one JSON line: outcomes by kind, seconds, CPU seconds,
resident MiB.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.cached import CachedClient
from viscode.llm.openai_client import OpenAIClient
from viscode.llm.outcome import Answer
from viscode.llm.request import Request, Sampling
from viscode.settings.llm import LlmSettings

HERE = Path(__file__).parent
SAMPLING = Sampling(temperature=0.0, max_new_tokens=100, stop="end")
PADDING = " and so on" * 150  # a prompt of some 500 tokens


@contextmanager
def serving(**plan: object) -> Iterator[str]:
    """The address of a server that answers by this plan (chat_server.py)."""
    process = subprocess.Popen(
        [sys.executable, HERE / "chat_server.py", json.dumps(plan)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


def asking(url: str, store: Path, count: int, concurrency: int) -> subprocess.Popen[str]:
    """A client at work."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return subprocess.Popen(
        [sys.executable, HERE / "ask_many.py", str(store), str(count), str(concurrency)],
        env={**kept, "OPENAI_API_KEY": "test", "OPENAI_BASE_URL": f"{url}/v1"},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def text(number):
    return f"question {number}"


def request(number):
    system = Message(role="system", content=PADDING)
    messages = (system, Message(role="user", content=text(number)))
    return Request(model="served:m", messages=messages, sampling=SAMPLING, purpose="extract")


def main():
    store, count, concurrency = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    settings = LlmSettings(
        concurrency=concurrency, attempts=4, timeout_s=300.0, requests_per_minute=0,
        tokens_per_minute=0, budget_usd=0.0, budget_tokens=0, retry_only=[], prices={},
    )  # fmt: skip
    inner = OpenAIClient("m", settings, first_pause_s=0.02)
    began, found = time.monotonic(), Counter()
    with WorkStore(store) as opened:
        for _, outcome in CachedClient(inner, opened).complete(map(request, range(count))):
            found["answer" if isinstance(outcome, Answer) else str(outcome.kind)] += 1
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = {
        "seconds": time.monotonic() - began,
        "cpu_s": used.ru_utime + used.ru_stime,
        "rss_mib": used.ru_maxrss / 1024,
    }
    print(json.dumps({"outcomes": found, **spent}))


if __name__ == "__main__":
    main()
