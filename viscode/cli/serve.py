"""`viscode serve`: the report's folder on loopback, for browsers that open no files.

It also has the samples' images in full size, which the report itself does not hold.

Only requests that name this machine by a name of its own are answered, so that no page from
elsewhere can read the data through a name that it points here.
"""

import functools
from contextlib import suppress
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click

from viscode.core.checksums import open_shard, shards
from viscode.core.errors import UserError

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost", "[::1]")
SAMPLES = Path("data/viscode")
ORIGINAL = "/original/"
COOKIE = "viscode_originals=1; Path=/; SameSite=Strict"  # tells the pages that there are originals


def original(folder: Path, name: str) -> bytes | None:
    """The image of one sample as PNG, from the one row group that may hold it: rows are sorted by
    id, and the groups' statistics say where which begin. None where there is none.

    Raises:
        UserError: a damaged table.
    """
    for entry in shards(folder) if folder.is_dir() else ():
        with open_shard(entry) as shard:
            column = shard.schema_arrow.get_field_index("id")
            for group in range(shard.num_row_groups):
                known = shard.metadata.row_group(group).column(column).statistics
                if known and not known.min <= name <= known.max:
                    continue
                ids = shard.read_row_group(group, ["id"])["id"].to_pylist()
                if name in ids:
                    images = shard.read_row_group(group, ["image"])["image"]
                    return images[ids.index(name)].as_py() or None
    return None


class _Handler(SimpleHTTPRequestHandler):
    """Serves files of one folder; nothing is cached, as dvc repro may write them anew."""

    def __init__(self, *arguments: Any, samples: Path, **named: Any) -> None:
        self._samples = samples
        super().__init__(*arguments, **named)

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, "ask for 127.0.0.1")
        elif self.path.startswith(ORIGINAL):
            self._send_original(unquote(self.path.removeprefix(ORIGINAL)))
        else:
            super().do_GET()

    def _send_original(self, name: str) -> None:
        try:
            png = original(self._samples, name)
        except UserError as error:
            click.echo(f"viscode: {error}", err=True)
            png = None
        if png is None:
            self.send_error(HTTPStatus.NOT_FOUND, "no image of this sample")
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(png)))
        self.end_headers()
        self.wfile.write(png)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.path.split("?")[0].endswith(("/", ".html")):
            self.send_header("Set-Cookie", COOKIE)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """No line per request."""


def server(folder: Path, port: int, samples: Path = SAMPLES) -> ThreadingHTTPServer:
    """A server of `folder`, and of the images in the table `samples`, on loopback; port 0 takes a
    free one.

    Raises:
        UserError: there is no report, or the port is taken.
    """
    if not (folder / "index.html").is_file():
        raise UserError("no report here", where=str(folder), todo="dvc repro report")
    handler = functools.partial(_Handler, directory=str(folder), samples=samples)
    try:
        return ThreadingHTTPServer((ADDRESS, port), handler)
    except OSError as error:
        raise UserError(
            f"port {port}: {error.strerror}", todo="name another with --port"
        ) from error


def serve_command(folder: Path, port: int) -> None:
    """Serve until Ctrl-C."""
    with server(folder, port) as running:
        click.echo(f"http://{ADDRESS}:{running.server_port}/  (Ctrl-C ends it)")
        with suppress(KeyboardInterrupt):
            running.serve_forever()
