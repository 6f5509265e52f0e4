"""A hub on loopback that speaks what the hub library asks for when it uploads a data set.

It keeps repositories and large files in memory. `token` is the only one it accepts; `fail_puts`
makes that many uploads of large files fail after their body has arrived; while `go_on` is cleared
they wait, and are then lost.
"""

import base64
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGE = (".parquet", ".png")


class Hub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.token = token
        self.lock = threading.Lock()
        self.fail_puts = 0
        self.stalled = threading.Event()  # set when a large file waits for `go_on`
        self.go_on = threading.Event()
        self.go_on.set()
        self.repos: dict[str, dict[str, Any]] = {}  # name -> {"private", "files": {path: bytes}}
        self.large: dict[str, bytes] = {}
        self.calls: Counter[str] = Counter()
        self.messages: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "Hub":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {self.server.token}":
            return True
        self.answer({"error": "Invalid credentials in Authorization header"}, 401)
        return False

    def do_GET(self) -> None:
        if not self.allowed():
            return
        name, _, _ = self.path.removeprefix("/api/datasets/").partition("/revision/")
        if "/tree/" in self.path:
            repo = self.server.repos[self.path.removeprefix("/api/datasets/").split("/tree/")[0]]
            entry = {"type": "file", "size": 1, "oid": "0" * 40}
            self.answer([{**entry, "path": path} for path in sorted(repo["files"])])
            return
        repo = self.server.repos[name.split("?")[0]]
        siblings = [{"rfilename": path} for path in repo["files"]]
        info = {"id": name, "_id": "1", "private": repo["private"], "siblings": siblings}
        self.answer({**info, "sha": "0" * 40, "tags": [], "downloads": 0, "likes": 0})

    def do_PUT(self) -> None:
        content, name = self.body(), self.path.removeprefix("/large/")
        if len(content) != int(self.headers.get("Content-Length", len(content))):
            return  # the sender was killed
        if not self.server.go_on.is_set():
            self.server.stalled.set()
            self.server.go_on.wait(60)
            return
        with self.server.lock:
            self.server.calls["put"] += 1
            failing = self.server.fail_puts > 0
            self.server.fail_puts -= failing
            if not failing:
                self.server.large[name] = content
        self.answer({}, 403 if failing else 200)

    def do_POST(self) -> None:
        body = self.body()
        if self.path == "/api/validate-yaml":
            self.answer({"errors": [], "warnings": []})
        elif not self.allowed():
            return
        elif self.path == "/api/repos/create":
            self.create(json.loads(body))
        elif "/preupload/" in self.path:
            modes = [self.mode(file["path"]) for file in json.loads(body)["files"]]
            self.answer({"files": modes})
        elif self.path.endswith("/info/lfs/objects/batch"):
            self.answer(
                {
                    "transfer": "basic",
                    "objects": [self.place(o) for o in json.loads(body)["objects"]],
                }
            )
        else:
            self.commit(self.path.split("/api/datasets/")[1].split("/commit/")[0], body)

    def create(self, wish: dict[str, Any]) -> None:
        name = (
            f"{wish['organization']}/{wish['name']}" if wish.get("organization") else wish["name"]
        )
        url = f"{self.server.url}/datasets/{name}"
        if name in self.server.repos:
            self.answer({"error": "You already created this dataset repo", "url": url}, 409)
            return
        private = bool(wish.get("private")) or wish.get("visibility") == "private"
        self.server.repos[name] = {"private": private, "files": {}}
        self.answer({"url": url, "name": name, "id": name})

    def mode(self, path: str) -> dict[str, object]:
        kind = "lfs" if path.endswith(LARGE) else "regular"
        return {"path": path, "uploadMode": kind, "shouldIgnore": False}

    def place(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if wanted["oid"] in self.server.large:
            return wanted
        return {
            **wanted,
            "actions": {"upload": {"href": f"{self.server.url}/large/{wanted['oid']}"}},
        }

    def commit(self, name: str, body: bytes) -> None:
        files = self.server.repos[name]["files"]
        for line in body.splitlines():
            item = json.loads(line)
            kind, value = item["key"], item["value"]
            if kind == "header":
                self.server.messages.append(value["summary"])
            elif kind == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif kind == "lfsFile":
                files[value["path"]] = self.server.large[value["oid"]]
            elif kind == "deletedFile":
                del files[value["path"]]
        url = f"{self.server.url}/datasets/{name}/commit/{'1' * 40}"
        self.answer({"success": True, "commitUrl": url, "commitOid": "1" * 40, "hookOutput": ""})
