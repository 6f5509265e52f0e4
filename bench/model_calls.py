"""The cost of asking through the client and the work store: python bench/model_calls.py

Against a server on loopback (chat_server.py), in processes of their own: 2,000 requests of 1 s each
at concurrency 100 (ideal: 20 s), then 2,000 and 50,000 that are answered at once, for the memory.
The last line is one JSON object {"over_ideal", "cpu_ms_per_request", "rss_mib_2k", "rss_mib_50k"}:
time over the ideal, CPU of the asking process (start-up taken off), resident memory at its highest.
Every request is new to the store.
"""

import json
import tempfile
from pathlib import Path

from ask_many import asking, serving

REQUESTS, SECONDS, CONCURRENCY, MANY = 2000, 1.0, 100, 50_000


def asked(delay_s: float, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, serving(delay_s=delay_s) as url:
        process = asking(url, Path(folder) / "work.sqlite", count, CONCURRENCY)
        spent = json.loads(process.communicate()[0])
    assert spent["outcomes"] == {"answer": count}
    print(count, "requests:", spent)
    return spent


def main() -> None:
    start = asked(0.0, 1)
    timed, few, many = asked(SECONDS, REQUESTS), asked(0.0, REQUESTS), asked(0.0, MANY)
    summary = {
        "over_ideal": round(timed["seconds"] / (REQUESTS * SECONDS / CONCURRENCY), 3),
        "cpu_ms_per_request": round(1000 * (timed["cpu_s"] - start["cpu_s"]) / REQUESTS, 2),
        "rss_mib_2k": round(few["rss_mib"]),
        "rss_mib_50k": round(many["rss_mib"]),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
