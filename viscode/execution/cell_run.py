"""What comes out of running one cell, whichever engine ran it, before it is judged (verdict.py).

Everything in here is a script's word: shapes are checked, sizes are bounded, nothing is decoded.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from viscode.execution.inside import forms

OUTPUT_CHARS = 96 << 20  # of all displays of a script together; what comes later is dropped
STREAM_CHARS = 1 << 20

Output = dict[str, Any]


class EngineFailure(Exception):
    """The machinery failed, not the script: tried again, never a verdict, never stored."""


@dataclass
class CellRun:
    """What came out of one cell. `failure` is the exception's (name, message), `died`
    the exit status of a process that ended on its own (128 + n for signal n), `saved` the images
    in its folder, `raw` what was written to descriptors 1 and 2 directly, `box` the folder's path
    as the script saw it, `seconds` from its hand-over to its end (what starts once for many scripts
    is not in it), `after_broken` whether an earlier script of the same worker was `broken`."""

    outputs: list[Output] = field(default_factory=list)
    failure: tuple[str, str] | None = None
    died: int | None = None
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
        return self.at_limit or self.died is not None


def weight(value: Any) -> int:
    """About how many characters a JSON value takes."""
    if isinstance(value, dict):
        return sum(weight(item) for item in value.values())
    if isinstance(value, list):
        return 8 + sum(weight(item) for item in value)
    return len(value) if isinstance(value, str) else 8


class Outputs:
    """A cell's outputs from the messages of its kernel, as a notebook collects them: displays are
    updated by id, cleared on demand, and end at a limit."""

    def __init__(self) -> None:
        self.collected: list[Output] = []
        self._by_display: dict[str, list[Output]] = {}
        self._seen = {"stream": 0, "rest": 0}
        self._clear_next = False

    def add(self, kind: object, content: object) -> None:
        """Take one message; what has not the shape of one is left out."""
        with suppress(RecursionError):  # nested deeper than anything that is shown
            self._add(kind, content)

    def _add(self, kind: object, content: object) -> None:
        if not isinstance(content, dict):
            return
        if kind == "clear_output":
            self._clear_next = bool(content.get("wait"))
            if not self._clear_next:
                self._clear()
        elif kind == "stream":
            self._stream(content)
        elif kind == "error":
            lines = [line for line in list_of(content.get("traceback")) if isinstance(line, str)]
            names = {name: str(content.get(name, "")) for name in ("ename", "evalue")}
            self._append({"output_type": "error", **names, "traceback": lines})
        elif kind in ("display_data", "execute_result", "update_display_data"):
            self._display(str(kind), content)

    def _stream(self, content: Output) -> None:
        text, name = content.get("text"), content.get("name")
        if isinstance(text, str) and name in ("stdout", "stderr"):
            text = text[: max(0, STREAM_CHARS - self._seen["stream"])]
            self._seen["stream"] += len(text)
            self._append({"output_type": "stream", "name": name, "text": text})

    def _display(self, kind: str, content: Output) -> None:
        data, transient = content.get("data"), content.get("transient")
        if not isinstance(data, dict):
            return
        data = {form: value for form, value in data.items() if form in forms.READ}
        self._seen["rest"] += weight(data)
        if self._seen["rest"] > OUTPUT_CHARS:
            return
        display_id = transient.get("display_id") if isinstance(transient, dict) else None
        known = self._by_display.get(display_id, []) if isinstance(display_id, str) else []
        for output in known:
            output["data"] = data
        if kind == "update_display_data":
            return
        output = {"output_type": kind, "data": data}
        if isinstance(display_id, str):
            self._by_display.setdefault(display_id, []).append(output)
        self._append(output)

    def _append(self, output: Output) -> None:
        if self._clear_next:
            self._clear()
        self.collected.append(output)

    def _clear(self) -> None:
        self._clear_next = False
        self.collected.clear()


def list_of(value: object) -> list[Any]:
    """A stranger's list, or none at all."""
    return value if isinstance(value, list) else []
