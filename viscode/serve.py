"""`viscode serve`: the report's folder on loopback, for browsers that open no files."""

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from viscode.errors import UserError

ADDRESS = "127.0.0.1"


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files of one folder; nothing is cached, as dvc repro may write them anew."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """No line per request."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of `folder` on loopback; port 0 takes a free one.

    Raises:
        UserError: there is no report, or the port is taken.
    """
    if not (folder / "index.html").is_file():
        raise UserError("no report here", where=str(folder), todo="dvc repro report")
    try:
        return ThreadingHTTPServer(
            (ADDRESS, port), functools.partial(_Quiet, directory=str(folder))
        )
    except OSError as error:
        raise UserError(
            f"port {port}: {error.strerror}", todo="name another with --port"
        ) from error


def serve_command(folder: Path, port: int) -> None:
    """Serve until Ctrl-C."""
    with server(folder, port) as running:
        click.echo(f"http://{ADDRESS}:{running.server_port}/  (Ctrl-C ends it)")
        running.serve_forever()
