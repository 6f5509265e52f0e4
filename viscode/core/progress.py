"""One line that says how far a long stage is: right in a terminal, in a log and in CI.

In a terminal rich redraws it in place, cut to the width, and removes it at the end; what else is
written meanwhile stands above it. Anywhere else it comes as whole lines, rarely. Either way one
line sums up at the end: how many, how long, how many rejected and why. Rate and time left follow
the recent past, so that records served from the work store do not promise a speed that does not
last.

A thread draws: counting costs the stage's loop next to nothing, and a stage that stands still is
seen to. Only stage processes draw: workers never enter a line.
"""

import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Self, TypeVar

from viscode.core.errors import printable

if TYPE_CHECKING:
    from rich.live import Live

T = TypeVar("T")

TERMINAL_EVERY_S = 0.5
LOG_FIRST_S, LOG_EVERY_S, LOG_LATER_S = 5.0, 15.0, 60.0
LOG_OFTEN_FOR_S = 600.0  # after this long a line a minute does
WINDOW_S = 30.0  # the recent past
REASONS_IN_LINE = 3

_stage_name = ""


def begin_stage(name: str) -> None:
    """Name the stage that this process runs: lines without a name of their own carry it."""
    global _stage_name
    _stage_name = name


class Progress:
    """Counts what a stage has done and shows it; use as a context manager.

    `total` is None where nobody knows it; `done` of it was there before. `note` adds words of the
    caller's. A line without a name shows nothing: code of a stage that is called from elsewhere
    keeps silent. Whoever gives a `clock` calls `tick` too; no thread does.
    """

    def __init__(
        self,
        name: str,
        unit: str,
        total: int | None = None,
        *,
        done: int = 0,
        note: Callable[[], str] | None = None,
        stream: IO[str] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.name, self.unit, self.total = name, unit, total
        self.done = self._done_before = done
        self.reasons: Counter[str] = Counter()
        self.judges = False
        self._note = note or str
        self._clock = clock or time.monotonic
        self._stream = stream or sys.stderr
        self._live: Live | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if name and clock is None:
            self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)
        self._began = self._next_log = 0.0
        self._logged = (done, "")

    def add(self, count: int = 1, reason: str = "") -> None:
        """`count` more are done; `reason` says why they were rejected, where they were."""
        self.done += count
        if reason:
            self.reasons[reason] += count

    def __enter__(self) -> Self:
        self._began = self._clock()
        self._next_log = self._began + LOG_FIRST_S
        self._recent.append((self._began, self.done))
        if self.name and _is_terminal(self._stream):
            self._live = _live_in(self._stream)
            self._live.start()
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        with suppress(OSError, ValueError):  # a closed terminal must not end the work
            if self._live is not None:
                self._live.stop()
            if not self.name:
                return
            if kind is None:
                self._write(self.summary())
            elif self.done != self._done_before:
                self._write(f"{self.name}: ended after {self._count()} {self.unit}")

    def _watch(self) -> None:
        while not self._ended.wait(TERMINAL_EVERY_S if self._live else 1.0):
            self.tick()

    def tick(self) -> None:
        """Draw, where it is time to."""
        if not self.name:
            return
        now = self._clock()
        self._recent.append((now, self.done))
        while len(self._recent) > 2 and self._recent[1][0] <= now - WINDOW_S:
            self._recent.popleft()
        try:
            if self._live is not None:
                room = self._live.console.width - 1
                self._live.update(self.text(now)[:room], refresh=True)
            elif now >= self._next_log:
                state = (self.done, self._note())
                often = now - self._began < LOG_OFTEN_FOR_S and state != self._logged
                self._next_log = now + (LOG_EVERY_S if often else LOG_LATER_S)
                self._logged = state
                self._write(self.text(now))
        except (OSError, ValueError):
            self._ended.set()

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()

    def text(self, now: float) -> str:
        """E.g. "validate/files: 312 of 481 scripts (64 %), 3.1/s, 0:54 left, rejected 12 (error 7,
        blank 5)"."""
        parts = [f"{self.name}: {self._count()} {self.unit}"]
        if self.total:
            parts[0] += f" ({100 * self.done // self.total} %)"
        if rate := self._rate():
            parts.append(f"{_number(rate)}/s")
            if self.total is not None and self.total > self.done:
                parts.append(f"{_duration((self.total - self.done) / rate)} left")
        else:
            parts.append(f"{_duration(now - self._began)} so far")
        return _plain(parts, self._rejected(), self._note())

    def summary(self) -> str:
        """E.g. "validate/files: 481 scripts in 2:36, 453 kept, rejected 28 (no_image 13, ...)"."""
        seconds = self._clock() - self._began
        done = self.done - self._done_before
        parts = [f"{self.name}: {self.done:,} {self.unit} in {_duration(seconds)}"]
        if done and seconds >= 1:
            parts[0] += f" ({_number(done / seconds)}/s)"
        if self.judges:
            parts.append(f"{self.done - self.reasons.total():,} kept")
        return _plain(parts, self._rejected(), self._note())

    def _count(self) -> str:
        return f"{self.done:,}" + (f" of {self.total:,}" if self.total is not None else "")

    def _rate(self) -> float:
        """Per second over the recent past; 0 before anything was done."""
        (began, before), (now, done) = self._recent[0], self._recent[-1]
        return (done - before) / (now - began) if now > began else 0.0

    def _rejected(self) -> str:
        if not self.reasons:
            return ""
        common = ", ".join(f"{name} {n:,}" for name, n in self.reasons.most_common(REASONS_IN_LINE))
        return f"rejected {self.reasons.total():,} ({common})"


def _is_terminal(stream: IO[str]) -> bool:
    """A terminal is one that says so, is not dumb, and does not belong to CI."""
    dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("CI"))
    return not stream.closed and stream.isatty() and not dumb


def _live_in(stream: IO[str]) -> "Live":
    """What redraws a line. rich is loaded for terminals alone: pipelines start many stages."""
    from rich.console import Console
    from rich.live import Live

    console = Console(
        file=stream, force_terminal=True, soft_wrap=True, highlight=False, markup=False, emoji=False
    )
    return Live(
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )


def stage_line(
    unit: str = "records",
    total: int | None = None,
    part: str = "",
    note: Callable[[], str] | None = None,
) -> Progress:
    """The line of the stage that runs in this process, or of one `part` of it; silent outside of
    stages."""
    name = f"{_stage_name}{'/' if part else ''}{part}" if _stage_name else ""
    return Progress(name, unit, total, note=note)


def watched(items: Iterable[T], line: Progress) -> Iterator[T]:
    """Pass items on and count them."""
    with line:
        for item in items:
            yield item
            line.add()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _duration(seconds: float) -> str:
    """0:07, 12:34, 3:02:01."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _plain(parts: list[str], *more: str) -> str:
    """One line, of which some words may come from data."""
    return printable(", ".join(part for part in (*parts, *more) if part))
