"""What comes out of running one cell, whichever engine ran it, before it is judged (verdict.py).

Everything in here is a script's word: shapes are checked, sizes are bounded, nothing is decoded.
"""

from dataclasses import dataclass, field
from typing import Any

from viscode.execution import forms, untrusted
from viscode.execution.untrusted import list_of

OUTPUT_CHARS = 96 << 20  # of all messages of a script but what it prints; later ones are left out
MESSAGES_LIMIT = 20_000  # likewise
STREAM_CHARS = 1 << 17  # printed; a verdict has 2000
STREAMS_LIMIT = 100_000  # messages of what is printed
STREAM = b'{"type": "stream"'  # how such a message begins (inside/forks.py)

Output = dict[str, Any]


class EngineFailure(Exception):
    """The machinery failed, not the script: tried again, never a verdict, never stored."""


@dataclass
class CellRun:
    """What came out of one cell. `failure` is the exception's (name, message), `died` the exit
    status of a process that ended on its own (128 + n for signal n), `unreadable` what was wrong
    with the report of its end, `saved` the images in its folder, `raw` what was written to
    descriptors 1 and 2 directly, `box` the folder's path as the script saw it, `seconds` from its
    hand-over to its end (what starts once for many scripts is not in it), `after_broken` whether an
    earlier script of the same worker was `broken`."""

    outputs: list[Output] = field(default_factory=list)
    failure: tuple[str, str] | None = None
    died: int | None = None
    unreadable: str = ""
    interrupted: bool = False
    killed_for: str = ""
    saved: list[bytes] = field(default_factory=list)
    raw: bytes = b""
    box: str = ""
    seconds: float = 0.0
    after_broken: bool = False

    @property
    def at_limit(self) -> bool:
        """Whether it ended because of a limit."""
        return self.interrupted or self.killed_for != ""

    @property
    def broken(self) -> bool:
        """Whether it did not end by itself and in order."""
        return self.at_limit or self.died is not None or self.unreadable != ""


class CellOutputs:
    """A cell's outputs from the messages of its kernel, as a notebook collects them: displays are
    updated by id and cleared on demand. What cannot be read, has not the shape of a message, or is
    over a bound is left out."""

    def __init__(self) -> None:
        self.collected: list[Output] = []
        self._by_display: dict[str, Output] = {}
        self._streams = self._others = 0  # messages read
        self._stream_chars = self._chars = self._held = 0
        self._clear_next = False

    def add(self, body: bytes, kind: str = "") -> None:
        """Take one message: JSON of {"type", "content"}, or of the content alone where its kind is
        known."""
        is_stream = kind == "stream" or body.startswith(STREAM)
        if self._enough(len(body), is_stream=is_stream):
            return
        try:
            message = untrusted.parsed(body, untrusted.HELD_BYTES - self._held)
        except untrusted.Unreadable:
            return
        content = message if kind else message.get("content")
        if isinstance(content, dict):
            self._add(kind or message.get("type"), content, body)

    def _enough(self, size: int, *, is_stream: bool) -> bool:
        """Whether a message of this size is left out unread."""
        if is_stream:
            self._streams += 1
            return self._streams > STREAMS_LIMIT or self._stream_chars >= STREAM_CHARS
        self._others += 1
        self._chars += size
        return self._others > MESSAGES_LIMIT or self._chars > OUTPUT_CHARS

    def _add(self, kind: object, content: Output, body: bytes) -> None:
        if kind == "clear_output":
            self._clear_next = bool(content.get("wait"))
            if not self._clear_next:
                self._clear()
        elif kind == "stream":
            self._stream(content)
        elif kind == "error":
            lines = [line for line in list_of(content.get("traceback")) if isinstance(line, str)]
            trace = untrusted.clipped("\n".join(lines))
            names = {name: _named(content.get(name)) for name in ("ename", "evalue")}
            self._append({"output_type": "error", **names, "traceback": [trace]})
        elif kind in ("display_data", "execute_result", "update_display_data"):
            self._display(str(kind), content, body)

    def _stream(self, content: Output) -> None:
        text, name = content.get("text"), content.get("name")
        if isinstance(text, str) and name in ("stdout", "stderr"):
            text = text[: max(0, STREAM_CHARS - self._stream_chars)]
            self._stream_chars += len(text)
            self._append({"output_type": "stream", "name": name, "text": text})

    def _display(self, kind: str, content: Output, body: bytes) -> None:
        data, transient = content.get("data"), content.get("transient")
        if not isinstance(data, dict):
            return
        self._held += untrusted.cost(body)[1]
        data = {form: value for form, value in data.items() if form in forms.READ}
        display_id = transient.get("display_id") if isinstance(transient, dict) else None
        if isinstance(display_id, str):  # displays of one id share what they show
            shared = self._by_display.setdefault(display_id, {})
            shared.clear()
            shared.update(data)
            data = shared
        if kind != "update_display_data":
            self._append({"output_type": kind, "data": data})

    def _append(self, output: Output) -> None:
        if self._clear_next:
            self._clear()
        self.collected.append(output)

    def _clear(self) -> None:
        self._clear_next = False
        self.collected.clear()


def _named(value: object) -> str:
    return untrusted.clipped(value) if isinstance(value, str) else ""
