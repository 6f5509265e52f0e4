"""Typed, length-prefixed frames over a stream socket: how a script's process talks to the program.

Standard library only; both sides use it. The receiving side never trusts a length: `Reader` is fed
whatever arrived and drops the body of a frame that is too long, so that a flood costs time and no
memory. A script's side does not send what is too long (forks.py, kernel.py).
"""

import socket
import struct
from collections.abc import Iterator

HEAD = struct.Struct("=cQ")
FRAME_BYTES = 32 << 20  # bytes of what a script's process says at once
REQUEST, FILE = b"Q", b"F"  # to the script's process: what to run, a file that lies beside it
CLOCK, MESSAGE, RENDER, DONE = b"C", b"M", b"R", b"D"  # from it
PICTURE = b"P"  # to it: the answer to RENDER
HELLO, SAVED = b"H", b"S"  # from the keeper of its folder: it is there; an image after the end
FACTS = "application/vnd.viscode.facts+json"  # figure facts in a display, beside the image


def send(sock: socket.socket, kind: bytes, body: bytes) -> None:
    sock.sendall(HEAD.pack(kind, len(body)))
    sock.sendall(body)


def receive(sock: socket.socket) -> tuple[bytes, bytes]:
    """One frame.

    Raises:
        EOFError: the other side is gone.
    """
    kind, length = HEAD.unpack(_exactly(sock, HEAD.size))
    return kind, _exactly(sock, length)


def _exactly(sock: socket.socket, count: int) -> bytes:
    parts, missing = [], count
    while missing:
        part = sock.recv(min(missing, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


class Reader:
    """Cuts a stream into frames with bodies of at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._pending = bytearray()
        self._skip = 0

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes | None]]:
        """The frames that `data` completes; None for the body of one that is too long, as soon as
        its head is there."""
        dropped = min(self._skip, len(data))
        self._skip -= dropped
        self._pending += data[dropped:]
        while len(self._pending) >= HEAD.size:
            kind, length = HEAD.unpack_from(self._pending)
            end, too_long = HEAD.size + length, length > self.limit
            if len(self._pending) < end and not too_long:
                return
            body = None if too_long else bytes(self._pending[HEAD.size : end])
            self._skip = max(0, end - len(self._pending))
            del self._pending[:end]
            yield kind, body
