"""A small OpenAI-compatible server on loopback: `python bench/chat_server.py PLAN` prints its port.

It answers chat completions as the real API does and misbehaves by plan, chosen by a hash of the
request's text and the number of times that it was sent, so that the same requests meet the same
troubles in every run. GET /stats returns what it has seen; every completed answer counts as paid.
Standard library only; one process, asyncio, keep-alive.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections import Counter

PLAN = {
    "delay_s": 0.0,  # of each answer
    "troubles": {},  # name: share of the requests that meet it at their first attempt
    "limit": 0,  # requests at once; more are told to slow down
    "reply": "",  # the text of every answer; by default it repeats the question
}
TROUBLES = ("429", "429_after", "500", "503", "reset", "slow", "lasting_500")
ENDINGS = ("no_json", "no_choices", "filtered", "length", "refused")


class Server:
    def __init__(self, plan):
        self.plan = {**PLAN, **plan}
        self.sent, self.paid, self.busy, self.most = Counter(), Counter(), 0, 0
        self.statuses = Counter()

    def trouble(self, text):
        """The trouble that a request meets, by its text; "" for most."""
        place = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 16**8
        for name, share in self.plan["troubles"].items():
            if place < share:
                return name
            place -= share
        return ""

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                _, path, _ = head.split(b" ", 2)
                length = next(
                    (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                     if line.startswith(b"content-length:")), 0,
                )  # fmt: skip
                body = await reader.readexactly(length)
                if path == b"/stats":
                    self.reply(writer, 200, self.stats())
                elif not await self.complete(writer, json.loads(body)):
                    break
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def stats(self):
        return {
            "paid": dict(self.paid), "sent": sum(self.sent.values()), "most": self.most,
            "statuses": {str(status): n for status, n in self.statuses.items()},
        }  # fmt: skip

    async def complete(self, writer, request):
        """Answer one request; False when the connection was cut."""
        content = request["messages"][-1]["content"]
        text = content if isinstance(content, str) else json.dumps(content)
        self.sent[text] += 1
        first, trouble = self.sent[text] == 1, self.trouble(text)
        if self.plan["limit"] and self.busy >= self.plan["limit"]:
            return self.error(writer, 429, "rate_limit_exceeded", {"retry-after-ms": "50"})
        if trouble == "lasting_500" or (first and trouble in ("500", "503")):
            return self.error(writer, 503 if trouble == "503" else 500, "server_error")
        if first and trouble in ("429", "429_after"):
            after = {"retry-after": "0.2"} if trouble == "429_after" else {}
            return self.error(writer, 429, "rate_limit_exceeded", after)
        if trouble == "blocked":
            return self.error(writer, 400, "content_filter")
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(self.plan["delay_s"] * (5 if trouble == "slow" else 1))
        self.busy -= 1
        body = self.completion(text, trouble)
        if first and trouble == "reset":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n" + body[:100])
            return False
        self.paid[text] += 1
        self.reply(writer, 200, body)
        return True

    def completion(self, text, trouble):
        if trouble == "no_json":
            return b'{"choices": [{"mess'
        finish = {"filtered": "content_filter", "length": "length"}.get(trouble, "stop")
        message = {"role": "assistant", "content": self.plan["reply"] or f"answer to {text[:200]}"}
        if trouble == "refused":
            message = {"role": "assistant", "content": None, "refusal": "no"}
        choices = [{"index": 0, "finish_reason": finish, "message": message}]
        usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
        return json.dumps({
            "id": "1", "object": "chat.completion", "created": 1, "model": "m", "usage": usage,
            "choices": [] if trouble == "no_choices" else choices,
        }).encode()  # fmt: skip

    def error(self, writer, status, code, headers=None):
        body = {"error": {"message": f"no: {code}", "type": "x", "code": code}}
        self.reply(writer, status, body, headers)
        return True

    def reply(self, writer, status, body, headers=None):
        self.statuses[status] += 1
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        extra = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{extra}"
            f"content-length: {len(raw)}\r\n\r\n".encode()
            + raw
        )


async def main():
    server = Server(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {})
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 26)
    print(listening.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:  # ends with the test
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(main())
