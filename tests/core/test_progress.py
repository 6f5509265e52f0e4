"""The progress line: what it says, when, and that it disturbs nothing."""

import io
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from viscode.core.progress import Progress, stage_line, watched

ROOT = Path(__file__).parents[2]


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class Terminal(io.StringIO):
    def isatty(self):
        return True


CONTROL = re.compile(r"(\r|\n|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A)")


def frames(written):
    """What stands on a terminal, as a list of rows, after each piece of text written to it."""
    rows, at = [""], 0
    for piece in CONTROL.split(written):
        if piece == "\n":
            at += 1
            rows += [""] * (at == len(rows))
        elif piece == "\x1b[2K":
            rows[at] = ""
        elif piece == "\x1b[1A":
            at -= 1
        elif piece and not CONTROL.fullmatch(piece):
            assert "\x1b" not in piece
            rows[at] = piece + rows[at][len(piece) :]
            yield list(rows)
    yield rows


@pytest.fixture
def log():
    return io.StringIO()


def lines(stream):
    return stream.getvalue().splitlines()


@pytest.fixture
def begun(log, clock):
    """Makes a line that the test ticks by hand."""

    def make(*arguments, stream=log, **named):
        return Progress(
            "validate/files", "scripts", *arguments, stream=stream, clock=clock, **named
        )

    return make


def advance(line, clock, seconds, count=0, reason=""):
    """Time goes by second by second, as the drawing thread sees it; then `count` are done."""
    for _ in range(seconds):
        clock.now += 1
        line.tick()
    line.add(count, reason)
    line.tick()


def test_a_log_gets_rare_whole_lines_and_a_sum(begun, log, clock):
    with begun(200) as line:
        line.judges = True
        advance(line, clock, 4, 40)
        assert lines(log) == []
        advance(line, clock, 1)
        advance(line, clock, 14, 39)
        line.add(20, "error")
        line.add(1, "blank")
        advance(line, clock, 1)
        advance(line, clock, 20, 100)
    fell = ", rejected 21 (error 20, blank 1)"
    assert lines(log) == [
        "validate/files: 40 of 200 scripts (20 %), 8.0/s, 0:20 left",
        f"validate/files: 100 of 200 scripts (50 %), 5.0/s, 0:20 left{fell}",
        f"validate/files: 100 of 200 scripts (50 %), 2.0/s, 0:50 left{fell}",
        f"validate/files: 200 scripts in 0:40 (5.0/s), 179 kept{fell}",
    ]
    assert not set(log.getvalue()) & {"\r", "\x1b"}


def test_where_nothing_moves_a_line_a_minute_says_so(begun, log, clock):
    with begun() as line:
        advance(line, clock, 5)
        advance(line, clock, 59)
        assert lines(log) == ["validate/files: 0 scripts, 0:05 so far"]
        advance(line, clock, 1)
        assert lines(log)[1:] == ["validate/files: 0 scripts, 1:05 so far"]


def test_where_the_caller_sees_something_move_lines_come_as_often(begun, log, clock):
    seen = iter(range(1, 9))
    with begun(note=lambda: f"token {seen_now[0]}") as line:
        seen_now = [0]
        for _ in range(7):
            seen_now[0] = next(seen)
            advance(line, clock, 5)
    assert lines(log)[:-1] == [
        "validate/files: 0 scripts, 0:05 so far, token 1",
        "validate/files: 0 scripts, 0:20 so far, token 4",
        "validate/files: 0 scripts, 0:35 so far, token 7",
    ]


def test_after_ten_minutes_a_line_a_minute_is_enough(begun, log, clock):
    with begun() as line:
        for _ in range(3600):
            advance(line, clock, 1, 2)
    assert 38 + 45 < len(lines(log)) < 38 + 55
    assert lines(log)[-1] == "validate/files: 7,200 scripts in 1:00:00 (2.0/s)"


def test_the_rate_is_that_of_the_last_half_minute(begun, log, clock):
    """What the work store served in a moment promises nothing."""
    with begun(2_000) as line:
        advance(line, clock, 1, 1_000)
        advance(line, clock, 60, 0)
        for _ in range(40):
            advance(line, clock, 1, 2)
        assert line.text(clock.now) == (
            "validate/files: 1,080 of 2,000 scripts (54 %), 2.0/s, 7:40 left"
        )


def test_what_was_done_before_counts_but_not_into_the_speed(begun, log, clock):
    with begun(12, done=6) as line:
        advance(line, clock, 10, 2)
        assert line.text(clock.now) == "validate/files: 8 of 12 scripts (66 %), 0.2/s, 0:20 left"
        advance(line, clock, 10, 4)
    assert lines(log)[-1] == "validate/files: 12 scripts in 0:20 (0.3/s)"


def test_nothing_to_do(begun, log):
    with begun(0):
        pass
    assert lines(log) == ["validate/files: 0 scripts in 0:00"]


def test_an_error_claims_no_success(begun, log, clock):
    with pytest.raises(ZeroDivisionError), begun(10) as line:
        line.add(3)
        raise ZeroDivisionError
    assert lines(log) == ["validate/files: ended after 3 of 10 scripts"]


def test_an_error_at_the_start_stands_alone(begun, log):
    with pytest.raises(ZeroDivisionError), begun(10):
        raise ZeroDivisionError
    assert lines(log) == []


def test_words_of_the_caller(begun, log, clock):
    with begun(10, note=lambda: "loss 0.5\x1b[2J\n") as line:
        line.add(1)
    assert lines(log) == ["validate/files: 1 scripts in 0:00, loss 0.5\\x1b[2J\\x0a"]


@pytest.fixture
def on_a_terminal(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")


def test_a_terminal_has_one_line_of_its_width(begun, clock, on_a_terminal):
    terminal = Terminal()
    with begun(100, note=lambda: "x" * 100, stream=terminal) as line:
        for _ in range(3):
            advance(line, clock, 1, 10)
    *drawn, last, end = frames(terminal.getvalue())
    assert len(drawn) == 6 + 1 and all(len(row) == 59 for (row,) in drawn)
    assert drawn[-1] == ["validate/files: 30 of 100 scripts (30 %), 10.0/s, 0:07 left"]
    assert last[0].startswith("validate/files: 30 scripts in 0:03") and end == [last[0], ""]


def test_in_ci_a_terminal_gets_plain_lines(begun, clock, on_a_terminal, monkeypatch):
    monkeypatch.setenv("CI", "true")
    terminal = Terminal()
    with begun(100, stream=terminal) as line:
        advance(line, clock, 5, 10)
    assert len(lines(terminal)) == 2 and "\x1b" not in terminal.getvalue()


def test_without_a_name_nothing_is_shown(begun, log, clock):
    with Progress("", "records", 3, stream=log, clock=clock) as line:
        advance(line, clock, 100, 3)
    assert lines(log) == []


def test_outside_of_a_stage_nothing_is_shown(capsys):
    assert list(watched(iter("abc"), stage_line("letters", 3))) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_a_closed_stream_ends_no_work(begun, log):
    log.close()
    with begun(3) as line:
        line.tick()
        line.add(3)
    assert line.done == 3


def test_counting_costs_little(begun, log):
    line = begun()
    began = time.process_time()
    for _ in range(200_000):
        line.add()
    assert time.process_time() - began < 0.4  # some 0.03 s; 2 us each would be too much


STAGE = """
import sys, time, warnings
from pathlib import Path
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Identified
from viscode.core.stage import stage
from viscode.core.transform import write_outcomes
from enum import StrEnum
Reason = StrEnum("Reason", {"ODD": "odd"})

@stage("sort_things")
def main():
    def results():
        for n in range(30):
            time.sleep(0.05)
            if n == 15:
                print("a warning", file=sys.stderr)
            yield str(n), Rejected(Reason.ODD) if n % 2 else Kept([Identified(id=str(n))])
    write_outcomes(results(), Identified, Path("out"))

main()
"""
SUM = "sort_things: 30 records in 0:"


@pytest.fixture
def stage_command(tmp_path):
    (tmp_path / "main.py").write_text(STAGE)
    given = {name: value for name, value in os.environ.items() if name not in ("CI", "TERM")}
    given |= {"PYTHONPATH": str(ROOT), "DVC_ROOT": str(tmp_path), "TERM": "xterm", "COLUMNS": "50"}
    return {"args": [sys.executable, "main.py"], "cwd": tmp_path, "env": given}


def test_a_stage_in_a_pipe_writes_plain_lines_to_stderr_alone(stage_command):
    done = subprocess.run(**stage_command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == "a warning"
    assert done.stderr.splitlines()[-1].startswith(SUM)
    assert "15 kept, rejected 15 (odd 15)" in done.stderr
    assert not set(done.stderr) & {"\r", "\x1b"}


def seen_in_a_terminal(command):
    """What a terminal receives, until the program ends."""
    leader, follower = pty.openpty()
    started = subprocess.Popen(**command, stdout=follower, stderr=follower, stdin=follower)
    os.close(follower)
    received = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        received += part
    os.close(leader)
    assert started.wait() == 0
    return received.decode()


def test_a_stage_in_a_terminal_redraws_one_line(stage_command):
    text = seen_in_a_terminal(stage_command)
    *drawn, end = frames(text.replace("\r\n", "\n"))
    warning, total, empty = end
    assert warning == "a warning" and total.startswith(SUM) and empty == ""
    last_rows = [rows[-1] for rows in drawn if rows[-1].startswith("sort_things: ")]
    assert len(last_rows) > 3 and all(len(row) < 50 for row in last_rows[:-1])
    assert ["a warning"] in [rows[:1] for rows in drawn[:-1]]  # while the line was drawn
