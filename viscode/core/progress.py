"""One line that says how far a long stage is: right in a terminal, in a log and in CI.

In a terminal it is redrawn in place, cut to the width, and gone at the end; what else is written to
stderr meanwhile stands above it. Anywhere else it comes as whole lines, rarely. Either way one line
sums up at the end: how many, how long, how many rejected and why. Rate and time left follow the
recent past, so that records served from the work store do not promise a speed that does not last.

A thread draws; counting costs the stage's loop next to nothing, and a stage that stands still is
seen to. Only stage processes draw: workers never enter a line.
"""

import os
import shutil
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self, TypeVar

T = TypeVar("T")

TERMINAL_EVERY_S = 0.5
LOG_FIRST_S, LOG_EVERY_S, LOG_LATER_S = 5.0, 15.0, 60.0
LOG_OFTEN_FOR_S = 600.0  # after this long a line a minute does
WINDOW_S = 30.0  # the recent past
REASONS_SHOWN = 3
CLEAR = "\r\x1b[K"

_stage_name = ""


def begin_stage(name: str) -> None:
    """Name the stage that this process runs: lines without a name of their own carry it."""
    global _stage_name
    _stage_name = name


@dataclass
class Screen:
    """Where lines go. `terminal`: a line can be redrawn there. `threaded` is off in tests, which
    call `Progress.tick` by hand."""

    stream: IO[str]
    terminal: bool
    clock: Callable[[], float] = time.monotonic
    width: Callable[[], int] = lambda: shutil.get_terminal_size().columns
    threaded: bool = True


def screen_of(stream: IO[str]) -> Screen:
    """A terminal is one that says so, is not dumb, and does not belong to CI."""
    dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("CI"))
    return Screen(stream, terminal=stream.isatty() and not dumb)


class Progress:
    """Counts what a stage has done and shows it; use as a context manager.

    `total` is None where nobody knows it; `done` of it was there before. `note` adds words of the
    caller's. A line without a name shows nothing: code of a stage that is called from elsewhere
    keeps silent.
    """

    def __init__(
        self,
        name: str,
        unit: str,
        total: int | None = None,
        *,
        done: int = 0,
        note: Callable[[], str] | None = None,
        screen: Screen | None = None,
    ) -> None:
        self.name, self.unit, self.total = name, unit, total
        self.done = self._done_before = done
        self.reasons: Counter[str] = Counter()
        self.judges = False
        self._note = note
        self._screen = screen or screen_of(sys.stderr)
        self._recent: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._above: _Above | None = None
        self._began = self._next_log = 0.0
        self._logged = (done, "")

    def add(self, count: int = 1, reason: str = "") -> None:
        """`count` more are done; `reason` says why they fell out, where they did."""
        self.done += count
        if reason:
            self.reasons[reason] += count

    def __enter__(self) -> Self:
        self._began = self._screen.clock()
        self._next_log = self._began + LOG_FIRST_S
        self._recent.append((self._began, self.done))
        if self.name and self._screen.terminal and self._screen.stream is sys.stderr:
            sys.stderr = self._above = _Above(self._screen.stream, self._lock)
        if self.name and self._screen.threaded:
            self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        at: TracebackType | None = None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._above is not None:
            sys.stderr = self._screen.stream
        if self.name:
            last = self.ended_early() if kind else f"{self.summary()}\n"
            self._write(f"{CLEAR if self._screen.terminal else ''}{last}")

    def _watch(self) -> None:
        every = TERMINAL_EVERY_S if self._screen.terminal else 1.0
        while not self._ended.wait(every):
            self.tick()

    def tick(self) -> None:
        """Draw, where it is time to."""
        if not self.name or (self._above is not None and self._above.unfinished):
            return
        now = self._screen.clock()
        self._recent.append((now, self.done))
        while len(self._recent) > 2 and self._recent[1][0] <= now - WINDOW_S:
            self._recent.popleft()
        if self._screen.terminal:
            text = self.text(now)[: max(1, self._screen.width() - 1)]
            self._write(f"{CLEAR}{text}")
        elif now >= self._next_log:
            state = (self.done, self._noted())
            often = now - self._began < LOG_OFTEN_FOR_S and state != self._logged
            self._next_log = now + (LOG_EVERY_S if often else LOG_LATER_S)
            self._logged = state
            self._write(self.text(now) + "\n")

    def _write(self, text: str) -> None:
        try:
            with self._lock:
                self._screen.stream.write(text)
                self._screen.stream.flush()
                if self._above is not None:
                    self._above.drawn = True
        except (OSError, ValueError):  # a closed terminal must not end the work
            self._ended.set()

    def text(self, now: float) -> str:
        """E.g. "validate/files: 312 of 481 scripts (64 %), 3.1/s, 0:54 left, rejected 12 (error 7,
        blank 5)"."""
        parts = [f"{self.name}: {self._count()} {self.unit}{self._share()}"]
        rate = self._rate()
        if rate:
            parts.append(f"{_number(rate)}/s")
        if self.total is not None and rate and self.total > self.done:
            parts.append(f"{_duration((self.total - self.done) / rate)} left")
        elif not rate:
            parts.append(f"{_duration(now - self._began)} so far")
        parts += [*self._fallen(), self._noted()]
        return _plain(", ".join(part for part in parts if part))

    def summary(self) -> str:
        """E.g. "validate/files: 481 scripts in 2:36, 453 kept, rejected 28 (no_image 13, ...)"."""
        seconds = self._screen.clock() - self._began
        done = self.done - self._done_before
        parts = [f"{self.name}: {self.done:,} {self.unit} in {_duration(seconds)}"]
        if done and seconds >= 1:
            parts[0] += f" ({_number(done / seconds)}/s)"
        if self.judges:
            parts.append(f"{self.done - self.reasons.total():,} kept")
        parts += [*self._fallen(), self._noted()]
        return _plain(", ".join(part for part in parts if part))

    def ended_early(self) -> str:
        """What is said when an error ends the work: nothing where nothing was done yet."""
        if self.done == self._done_before:
            return ""
        return _plain(f"{self.name}: ended after {self._count()} {self.unit}") + "\n"

    def _noted(self) -> str:
        return self._note() if self._note else ""

    def _count(self) -> str:
        return f"{self.done:,}" + (f" of {self.total:,}" if self.total is not None else "")

    def _share(self) -> str:
        return f" ({100 * self.done // self.total} %)" if self.total else ""

    def _rate(self) -> float:
        """Per second over the recent past; 0 before anything was done."""
        (began, before), (now, done) = self._recent[0], self._recent[-1]
        return (done - before) / (now - began) if now > began else 0.0

    def _fallen(self) -> list[str]:
        if not self.reasons:
            return []
        common = ", ".join(f"{name} {n:,}" for name, n in self.reasons.most_common(REASONS_SHOWN))
        return [f"rejected {self.reasons.total():,} ({common})"]


class _Above:
    """stderr while a line stands in its last row: that row is cleared before anything is written,
    and drawn again by the next tick, once what was written is a whole line."""

    def __init__(self, stream: IO[str], lock: threading.Lock) -> None:
        self._stream, self._lock = stream, lock
        self.drawn = False
        self.unfinished = False

    def write(self, text: str) -> int:
        with self._lock:
            if self.drawn:
                self._stream.write(CLEAR)
            self.drawn, self.unfinished = False, not text.endswith("\n")
            return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


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


def _plain(text: str) -> str:
    """Names may come from data: nothing in them may move the cursor."""
    return "".join(c if c.isprintable() else "?" for c in text)
