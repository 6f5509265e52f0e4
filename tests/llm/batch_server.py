"""The part of the OpenAI Batch API that we use, on loopback, with faults on demand.

A request counts as paid when a created batch answers it with a completion. A batch ends after
`polls` looks at it. Its ending is the next of `endings` ("completed" when there is none left):

- "completed": every request answered
- "expired", "cancelled": the first half answered; the rest in the error file with no response
- "half_500", "half_429", "half_400", "half_filtered": the second half in the error file
- "queue_full", "invalid", "broke_down": failed as a whole

`on(point)` is called when a request arrives and again when its work is done but not yet answered:
"upload", "uploaded", "create", "created", "poll", "download", "half_downloaded". A true result
drops the connection there.
"""

import json
import threading
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE = 2  # batches in a page of the list, whatever limit is asked for
PROBLEMS = {
    "queue_full": {
        "code": "token_limit_exceeded",
        "message": "Enqueued token limit reached for m. Limit: 90,000 enqueued tokens.",
    },
    "invalid": {"code": "invalid_json_line", "message": "This line is no good.", "line": 3},
    "broke_down": {"code": "server_error", "message": "Something went wrong."},
}

STATUS = {"expired": "expired", "cancelled": "cancelled", **dict.fromkeys(PROBLEMS, "failed")}
ENDED = ("completed", *STATUS.values())


def answer(text):
    return {
        "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }


def line(key, status, body, error=None):
    response = {"status_code": status, "request_id": "r", "body": body} if status else None
    return {"id": "x", "custom_id": key, "response": response, "error": error}


def error_body(code):
    return {"error": {"message": f"no: {code}", "type": "x", "param": None, "code": code}}


class BatchServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.files = {}
        self.batches = {}  # id -> batch, oldest first
        self.uploads = []  # custom_ids of each uploaded file
        self.bodies = {}  # custom_id -> body
        self.paid = {}  # custom_id -> completions made
        self.endings = []
        self.polls = 2
        self.garbage = []  # raw lines put before each output file
        self.on = lambda point: False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_):
        """Clients that are killed break their connections."""

    def put_file(self, raw):
        name = f"file-{len(self.files)}"
        self.files[name] = raw
        return name

    def upload(self, raw):
        asked = [json.loads(part) for part in raw.splitlines()]
        self.uploads.append([one["custom_id"] for one in asked])
        self.bodies.update({one["custom_id"]: one["body"] for one in asked})
        return {"id": self.put_file(raw), "object": "file", "purpose": "batch"}

    def create(self, asked):
        batch = {
            "id": f"batch_{len(self.batches)}",
            "object": "batch",
            "status": "validating",
            "created_at": len(self.batches),
            "looks": 0,
            "ending": self.endings.pop(0) if self.endings else "completed",
            **asked,
        }
        self.batches[batch["id"]] = batch
        self.run(batch, self.keys(asked["input_file_id"]))
        return batch

    def keys(self, file_id):
        return [json.loads(part)["custom_id"] for part in self.files[file_id].splitlines()]

    def run(self, batch, keys):
        ending = batch["ending"]
        if ending in PROBLEMS:
            batch["errors"] = {"object": "list", "data": [PROBLEMS[ending]]}
            return
        cut = len(keys) if ending == "completed" else len(keys) // 2
        for key in keys[:cut]:
            self.paid[key] = self.paid.get(key, 0) + 1
        good = [line(key, 200, answer(f"re: {key[:8]}")) for key in keys[:cut]]
        bad = [self.error_line(key, ending) for key in keys[cut:]]
        batch["output"] = self.garbage + [json.dumps(one).encode() for one in reversed(good)]
        batch["error"] = [json.dumps(one).encode() for one in bad]

    def error_line(self, key, ending):
        match ending:
            case "half_500":
                return line(key, 500, error_body("server_error"))
            case "half_429":
                return line(key, 429, error_body("rate_limit_exceeded"))
            case "half_400":
                return line(key, 400, error_body("context_length_exceeded"))
            case "half_filtered":
                return line(key, 400, error_body("content_filter"))
        return line(key, None, None, {"code": f"batch_{ending}", "message": "too late"})

    def look(self, batch):
        batch["looks"] += 1
        if batch["looks"] <= self.polls:
            batch["status"] = "in_progress"
        elif batch["status"] not in ENDED:
            batch["status"] = STATUS.get(batch["ending"], "completed")
            for kind in ("output", "error"):
                if batch.get(kind):
                    batch[f"{kind}_file_id"] = self.put_file(b"\n".join(batch[kind]) + b"\n")
        return batch

    def page(self, after):
        newest = list(reversed(self.batches.values()))
        start = 0
        if after:
            start = 1 + [batch["id"] for batch in newest].index(after)
        data = [shown(batch) for batch in newest[start : start + PAGE]]
        return {"object": "list", "data": data, "has_more": start + PAGE < len(newest)}


def shown(batch):
    return {
        key: value
        for key, value in batch.items()
        if key not in ("looks", "ending", "output", "error")
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: 40 ms between them otherwise

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/files":
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            parts = BytesParser(policy=HTTP).parsebytes(head + raw).iter_parts()
            named = {part.get_param("name", header="content-disposition"): part for part in parts}
            assert named["purpose"].get_payload() == "batch"
            content = named["file"].get_payload(decode=True)
            self.serve("upload", "uploaded", lambda: self.server.upload(content))
        else:
            self.serve("create", "created", lambda: shown(self.server.create(json.loads(raw))))

    def do_GET(self):
        server, url = self.server, urlsplit(self.path)
        parts = url.path.removeprefix("/v1/").split("/")
        if parts[0] == "files":
            self.download(server.files[parts[1]])
        elif len(parts) == 1:
            after = parse_qs(url.query).get("after", [""])[0]
            self.serve("list", "listed", lambda: server.page(after))
        else:
            self.serve("poll", "polled", lambda: shown(server.look(server.batches[parts[1]])))

    def serve(self, before, behind, work):
        """Do the work and answer, unless the connection is dropped before or behind it."""
        if self.server.on(before):
            return self.drop()
        with self.server.lock:
            raw = json.dumps(work()).encode()
        if self.server.on(behind):
            return self.drop()
        self.head(raw)
        self.wfile.write(raw)

    def download(self, raw):
        if self.server.on("download"):
            return self.drop()
        self.head(raw)
        self.wfile.write(raw[: len(raw) // 2])
        self.wfile.flush()
        if self.server.on("half_downloaded"):
            return self.drop()
        self.wfile.write(raw[len(raw) // 2 :])

    def head(self, raw):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()

    def drop(self):
        self.close_connection = True

    def log_message(self, *_):
        pass
