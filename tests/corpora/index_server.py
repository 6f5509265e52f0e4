"""A package index on loopback that serves the archives of a folder and notes what it was asked."""

import hashlib
import io
import json
import tarfile
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def sdist(files: dict[str, str], top: str = "made-1.0") -> bytes:
    """A source distribution with these files."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return written.getvalue()


class Index:
    """`cut`: after how many bytes of an archive the connection ends, once. `pages`: "json" or
    "html"; an index that gives no `ranges` sends whole files."""

    def __init__(self, pages: str = "json", ranges: bool = True) -> None:
        self.archives: dict[str, bytes] = {}
        self.pages, self.ranges, self.cut = pages, ranges, 0
        self.sent: list[tuple[str, int]] = []  # file and bytes of each answer with an archive

    def __enter__(self) -> "Index":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def line(self, file: str, content: bytes, licence: str = "MIT") -> str:
        """Serve an archive; its line of a list."""
        self.archives[file] = content
        name, _, version = file.removesuffix(".tar.gz").rpartition("-")
        return f"{name},{version},{hashlib.sha256(content).hexdigest()},{licence}\n"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, index: Index, *rest: object) -> None:
        self.index = index
        super().__init__(*rest)

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        place = Path(self.path)
        if place.parent.name == "simple":
            self._page(place.name)
        elif place.name in self.index.archives:
            self._archive(place.name)
        else:
            self.send_error(404)

    def _page(self, name: str) -> None:
        files = [file for file in self.index.archives if file.lower().startswith(f"{name}-")]
        if not files:
            self.send_error(404)
            return
        if self.index.pages == "json":
            kind = "application/vnd.pypi.simple.v1+json"
            body = json.dumps(
                {"files": [{"filename": f, "url": f"../../files/{f}"} for f in files]}
            )
        else:
            kind = "text/html"
            body = "".join(f'<a href="../../files/{f}#sha256=0">{f}</a><br>' for f in files)
        self._answer(200, body.encode(), kind)

    def _archive(self, file: str) -> None:
        content, status = self.index.archives[file], 200
        if self.index.ranges and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            content, status = content[start:], 206
        cut, self.index.cut = self.index.cut, 0
        self.index.sent.append((file, len(content)))
        self._answer(status, content, "application/octet-stream", cut or len(content))

    def _answer(self, status: int, body: bytes, kind: str, sent: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])
