"""A client's end of a kernel's sockets: ZMTP 3.0, as far as it is needed, and Jupyter's messages.

libzmq takes whatever arrives into memory before anyone can look at it: any number of parts of any
size. Here what is over a bound is skipped as it arrives, and what is no ZMTP breaks the channel.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Iterator
from queue import Empty
from typing import Any, Literal

from jupyter_client.session import DELIM, Session

from viscode.execution import untrusted
from viscode.execution.inside import frames

SUBSCRIBE = b"\0\x01\x01"  # a message: subscribe to what begins with nothing
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
MORE, LONG, COMMAND, RESERVED = 1, 2, 4, 0xF8
MESSAGE_BYTES = frames.FRAME_BYTES + (1 << 20)  # content, and headers besides
HEADER_BYTES = 1 << 18
PARTS_LIMIT = 100
PART_BYTES = 1 << 30  # nothing is that long: the stream is broken
SEND_TIMEOUT_S = 10.0
END_S = 1.0  # after a channel's end, for its process to end
KernelMessage = dict[str, Any]


def frame(body: bytes, flags: int = 0) -> bytes:
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return bytes([flags | LONG]) + len(body).to_bytes(8, "big") + body


def opening(kind: Literal["DEALER", "SUB"]) -> bytes:
    """What a client says first. A server takes nothing else before it has answered."""
    ready = b"\x05READY\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind.encode()
    return GREETING + frame(ready, COMMAND)


class Parser:
    """Cuts what a server says into messages, lists of parts. Those of more than `MESSAGE_BYTES` or
    `PARTS_LIMIT` parts are left out."""

    def __init__(self) -> None:
        self.ready = False  # whether the server has told what it is
        self._pending = bytearray()
        self._greeted = False
        self._skip = 0
        self._new_message()

    def _new_message(self) -> None:
        self._parts: list[bytes] = []
        self._size = self._count = 0

    def feed(self, data: bytes) -> Iterator[list[bytes]]:
        """The messages that `data` completes.

        Raises:
            Unreadable: it is no ZMTP.
        """
        self._pending += data
        if not self._greeted:
            if len(self._pending) < len(GREETING):
                return
            del self._pending[: len(GREETING)]
            self._greeted = True
        while self._drop() and (head := self._head()) is not None:
            flags, start, length = head
            if not flags & COMMAND:
                self._size, self._count = self._size + length, self._count + 1
            if self._too_much():
                del self._pending[:start]
                self._parts.clear()
                self._skip = length
            elif len(self._pending) < start + length:
                self._size, self._count = self._size - length, self._count - 1
                return
            else:
                body = bytes(self._pending[start : start + length])
                del self._pending[: start + length]
                if flags & COMMAND:
                    self.ready = True
                    continue
                self._parts.append(body)
            if not flags & (MORE | COMMAND):
                parts, too_much = self._parts, self._too_much()
                self._new_message()
                if not too_much:
                    yield parts

    def _too_much(self) -> bool:
        return self._size > MESSAGE_BYTES or self._count > PARTS_LIMIT

    def _drop(self) -> bool:
        """Skip what is to be skipped; whether all of it was there."""
        dropped = min(self._skip, len(self._pending))
        del self._pending[:dropped]
        self._skip -= dropped
        return self._skip == 0

    def _head(self) -> tuple[int, int, int] | None:
        """(flags, where the body begins, its length) of the next frame, if its head is there."""
        if not self._pending:
            return None
        flags = self._pending[0]
        start = 9 if flags & LONG else 2
        if len(self._pending) < start:
            return None
        length = int.from_bytes(self._pending[1:start], "big")
        if flags & RESERVED or length > PART_BYTES or (flags & COMMAND and length > HEADER_BYTES):
            raise untrusted.Unreadable("a channel of the kernel is broken")
        return flags, start, length


def message(parts: list[bytes]) -> KernelMessage | None:
    """A Jupyter message with its content as bytes of JSON; None where the parts are none. Its
    signature says nothing, as the script has the key."""
    try:
        start = parts.index(DELIM) + 2
        header, parent, _, content = parts[start : start + 4]
        head = untrusted.parsed(header, HEADER_BYTES)
        parent_header = untrusted.parsed(parent, HEADER_BYTES)
    except (ValueError, untrusted.Unreadable):
        return None
    kind = head.get("msg_type")
    if not isinstance(kind, str):
        return None
    return {"header": head, "msg_type": kind, "parent_header": parent_header, "content": content}


class Channel:
    """One socket of a kernel, in place of jupyter_client's. Once `broken` says what was wrong with
    it, nothing comes any more."""

    def __init__(self, path: str, kind: Literal["DEALER", "SUB"], session: Session) -> None:
        self.path, self.kind, self.session = path, kind, session
        self.broken = ""
        self._sock: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._parser = Parser()
        self._arrived: deque[KernelMessage] = deque()

    async def open(self) -> bool:
        """Connect; False where the kernel does not listen yet."""
        if self._sock is None:
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.connect(self.path)
            except (FileNotFoundError, ConnectionRefusedError):
                sock.close()
                return False
            self._sock = sock
            self._write(opening(self.kind))
            while not (self._parser.ready or self.broken):
                await self._receive()
            if self.kind == "SUB":
                self._write(SUBSCRIBE)
        return True

    def send(self, msg: KernelMessage) -> None:
        parts = self.session.serialize(msg)
        last = len(parts) - 1
        self._write(b"".join(frame(part, MORE * (n < last)) for n, part in enumerate(parts)))

    def _write(self, data: bytes) -> None:
        assert self._sock is not None
        self._sock.settimeout(SEND_TIMEOUT_S)
        try:
            self._sock.sendall(data)
        except OSError:
            self.broken = self.broken or "the kernel does not listen"
        self._sock.setblocking(False)

    async def get_msg(self, timeout: float | None = None) -> KernelMessage:
        """
        Raises:
            Empty: nothing came within `timeout` seconds.
        """
        try:
            return await asyncio.wait_for(self._next(), timeout)
        except TimeoutError:
            raise Empty from None

    async def _next(self) -> KernelMessage:
        while not self._arrived:
            await self._receive()
        return self._arrived.popleft()

    async def _receive(self) -> None:
        assert self._sock is not None
        if self.broken:
            await asyncio.Event().wait()
        self._loop = asyncio.get_running_loop()
        try:
            data = await self._loop.sock_recv(self._sock, 1 << 20)
        except OSError:
            data = b""
        if not data:
            await asyncio.sleep(END_S)
            self.broken = self.broken or "a channel of the kernel is closed"
            return
        try:
            for parts in self._parser.feed(data):
                self._take(message(parts))
        except untrusted.Unreadable as error:
            self.broken = str(error)

    def _take(self, msg: KernelMessage | None) -> None:
        if msg is not None and self.kind == "DEALER":
            msg["content"] = untrusted.reply(msg["content"])
        if msg is not None:
            self._arrived.append(msg)

    def is_alive(self) -> bool:
        return self._sock is not None

    def stop(self) -> None:
        if self._sock is not None:
            if self._loop is not None:  # who still waits for it waits for ever
                self._loop.remove_reader(self._sock)
            self._sock.close()
            self._sock = None
