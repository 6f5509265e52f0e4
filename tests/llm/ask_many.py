"""Asks a server many requests through a work store: `python ask_many.py STORE COUNT CONCURRENCY`.

A process of its own, so that tests can kill it and the bench can measure it. Prints one JSON line:
outcomes by kind, seconds, CPU seconds, resident MiB.
"""

import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import tenacity

from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.cached import CachedClient
from viscode.llm.openai_client import Limits, OpenAIClient
from viscode.llm.outcome import Answer
from viscode.llm.request import Request, Sampling

SAMPLING = Sampling(temperature=0.0, max_new_tokens=100, stop="end")
PADDING = " and so on" * 150  # a prompt of some 500 tokens


def text(number):
    return f"question {number}"


def request(number):
    system = Message(role="system", content=PADDING)
    messages = (system, Message(role="user", content=text(number)))
    return Request(model="served:m", messages=messages, sampling=SAMPLING, purpose="extract")


def main():
    store, count, concurrency = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    wait = tenacity.wait_random_exponential(multiplier=0.02, max=0.2)
    inner = OpenAIClient("m", Limits(concurrency, attempts=4), wait=wait)
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
