"""A client's end of a kernel's sockets: ZMTP 3.0, as far as it is needed, and Jupyter's messages.

libzmq takes whatever arrives into memory before anyone can look at it: any number of parts of any
size. Here what is over a bound is skipped as it arrives, and what is no ZMTP breaks the channel.
"""

import asyncio
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
BROKEN = "a channel of the kernel is broken"
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


async def begun(stream: asyncio.StreamReader) -> None:
    """Wait until the server has said what it is: before that it takes no messages.

    Raises:
        Unreadable, OSError, EOFError: as `next_message`.
    """
    await stream.readexactly(len(GREETING))
    flags, length = await _head(stream)
    if not flags & COMMAND:
        raise untrusted.Unreadable(BROKEN)
    await stream.readexactly(length)


async def next_message(stream: asyncio.StreamReader) -> list[bytes] | None:
    """The parts of the next message; None for one of more than `MESSAGE_BYTES` or `PARTS_LIMIT`
    parts, which is skipped as it arrives.

    Raises:
        Unreadable: it is no ZMTP.
        OSError, EOFError: the stream has ended.
    """
    parts: list[bytes] = []
    size = count = 0
    more = True
    while more:
        flags, length = await _head(stream)
        if flags & COMMAND:
            await stream.readexactly(length)
            continue
        size, count = size + length, count + 1
        too_much = size > MESSAGE_BYTES or count > PARTS_LIMIT
        if too_much:
            parts.clear()
            await _skip(stream, length)
        else:
            parts.append(await stream.readexactly(length))
        more = bool(flags & MORE)
    return None if too_much else parts


async def _head(stream: asyncio.StreamReader) -> tuple[int, int]:
    """Flags and length of the next frame."""
    flags = (await stream.readexactly(1))[0]
    length = int.from_bytes(await stream.readexactly(8 if flags & LONG else 1), "big")
    if flags & RESERVED or length > PART_BYTES or (flags & COMMAND and length > HEADER_BYTES):
        raise untrusted.Unreadable(BROKEN)
    return flags, length


async def _skip(stream: asyncio.StreamReader, length: int) -> None:
    while length:
        skipped = await stream.read(min(length, 1 << 16))
        if not skipped:
            raise EOFError
        length -= len(skipped)


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
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._arrived: asyncio.Queue[KernelMessage] = asyncio.Queue(1)

    async def open(self) -> bool:
        """Connect; False where the kernel does not listen yet."""
        if self._writer is not None:
            return True
        try:
            stream, self._writer = await asyncio.open_unix_connection(self.path)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        self._writer.write(opening(self.kind))
        try:
            await begun(stream)
        except (untrusted.Unreadable, OSError, EOFError):
            self.broken = BROKEN
        else:
            self._writer.write(SUBSCRIBE if self.kind == "SUB" else b"")
            self._reading = asyncio.create_task(self._read(stream))
        return True

    def send(self, msg: KernelMessage) -> None:
        assert self._writer is not None
        parts = self.session.serialize(msg)
        last = len(parts) - 1
        self._writer.write(b"".join(frame(part, MORE * (n < last)) for n, part in enumerate(parts)))

    async def get_msg(self, timeout: float | None = None) -> KernelMessage:
        """
        Raises:
            Empty: nothing came within `timeout` seconds.
        """
        try:
            return await asyncio.wait_for(self._arrived.get(), timeout)
        except TimeoutError:
            raise Empty from None

    async def _read(self, stream: asyncio.StreamReader) -> None:
        try:
            while True:
                msg = message(await next_message(stream) or [])
                if msg is not None and self.kind == "DEALER":
                    msg["content"] = untrusted.reply(msg["content"])
                if msg is not None:
                    await self._arrived.put(msg)
        except untrusted.Unreadable as error:
            self.broken = str(error)
        except (OSError, EOFError):
            await asyncio.sleep(END_S)
            self.broken = "a channel of the kernel is closed"

    def is_alive(self) -> bool:
        return self._writer is not None

    def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
