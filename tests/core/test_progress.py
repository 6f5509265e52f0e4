"""The progress line: what it says, when, and that it disturbs nothing."""

import io
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from viscode.core import progress
from viscode.core.progress import Progress, Screen, stage_line, watched

ROOT = Path(__file__).parents[2]


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def screen(clock):
    """A log; `.terminal` may be set."""
    return Screen(io.StringIO(), terminal=False, clock=clock, width=lambda: 60, threaded=False)


def lines(screen):
    return screen.stream.getvalue().splitlines()


def begun(screen, *arguments, **named):
    return Progress("validate/files", "scripts", *arguments, screen=screen, **named)


def advance(line, clock, seconds, count=0, reason=""):
    """Time goes by second by second, as the drawing thread sees it; then `count` are done."""
    for _ in range(seconds):
        clock.now += 1
        line.tick()
    line.add(count, reason)
    line.tick()


def test_a_log_gets_rare_whole_lines_and_a_sum(screen, clock):
    with begun(screen, 200) as line:
        line.judges = True
        advance(line, clock, 4, 40)
        assert lines(screen) == []
        advance(line, clock, 1)
        advance(line, clock, 14, 39)
        line.add(20, "error")
        line.add(1, "blank")
        advance(line, clock, 1)
        advance(line, clock, 20, 100)
    fell = ", rejected 21 (error 20, blank 1)"
    assert lines(screen) == [
        "validate/files: 40 of 200 scripts (20 %), 8.0/s, 0:20 left",
        f"validate/files: 100 of 200 scripts (50 %), 5.0/s, 0:20 left{fell}",
        f"validate/files: 100 of 200 scripts (50 %), 2.0/s, 0:50 left{fell}",
        f"validate/files: 200 scripts in 0:40 (5.0/s), 179 kept{fell}",
    ]
    assert not set(screen.stream.getvalue()) & {"\r", "\x1b"}


def test_where_nothing_moves_a_line_a_minute_says_so(screen, clock):
    with begun(screen) as line:
        advance(line, clock, 5)
        advance(line, clock, 59)
        assert lines(screen) == ["validate/files: 0 scripts, 0:05 so far"]
        advance(line, clock, 1)
        assert lines(screen)[1:] == ["validate/files: 0 scripts, 1:05 so far"]


def test_where_the_caller_sees_something_move_lines_come_as_often(screen, clock):
    seen = iter(range(1, 9))
    with begun(screen, note=lambda: f"token {seen_now[0]}") as line:
        seen_now = [0]
        for _ in range(7):
            seen_now[0] = next(seen)
            advance(line, clock, 5)
    assert lines(screen)[:-1] == [
        "validate/files: 0 scripts, 0:05 so far, token 1",
        "validate/files: 0 scripts, 0:20 so far, token 4",
        "validate/files: 0 scripts, 0:35 so far, token 7",
    ]


def test_after_ten_minutes_a_line_a_minute_is_enough(screen, clock):
    with begun(screen) as line:
        for _ in range(3600):
            advance(line, clock, 1, 2)
    assert 38 + 45 < len(lines(screen)) < 38 + 55
    assert lines(screen)[-1] == "validate/files: 7,200 scripts in 1:00:00 (2.0/s)"


def test_the_rate_is_that_of_the_last_half_minute(screen, clock):
    """What the work store served in a moment promises nothing."""
    with begun(screen, 2_000) as line:
        advance(line, clock, 1, 1_000)
        advance(line, clock, 60, 0)
        for _ in range(40):
            advance(line, clock, 1, 2)
        assert line.text(clock.now) == (
            "validate/files: 1,080 of 2,000 scripts (54 %), 2.0/s, 7:40 left"
        )


def test_what_was_done_before_counts_but_not_into_the_speed(screen, clock):
    with begun(screen, 12, done=6) as line:
        advance(line, clock, 10, 2)
        assert line.text(clock.now) == "validate/files: 8 of 12 scripts (66 %), 0.2/s, 0:20 left"
        advance(line, clock, 10, 4)
    assert lines(screen)[-1] == "validate/files: 12 scripts in 0:20 (0.3/s)"


def test_nothing_to_do(screen):
    with begun(screen, 0):
        pass
    assert lines(screen) == ["validate/files: 0 scripts in 0:00"]


def test_an_error_claims_no_success(screen, clock):
    with pytest.raises(ZeroDivisionError), begun(screen, 10) as line:
        line.add(3)
        raise ZeroDivisionError
    assert lines(screen) == ["validate/files: ended after 3 of 10 scripts"]


def test_an_error_at_the_start_stands_alone(screen):
    with pytest.raises(ZeroDivisionError), begun(screen, 10):
        raise ZeroDivisionError
    assert lines(screen) == []


def test_words_of_the_caller(screen, clock):
    with begun(screen, 10, note=lambda: "loss 0.5\x1b[2J\n") as line:
        line.add(1)
    assert lines(screen) == ["validate/files: 1 scripts in 0:00, loss 0.5?[2J?"]


def test_a_terminal_has_one_line_of_its_width(screen, clock):
    screen.terminal = True
    with begun(screen, 100, note=lambda: "x" * 100) as line:
        for _ in range(3):
            advance(line, clock, 1, 10)
    drawn = screen.stream.getvalue().split(progress.CLEAR)
    assert drawn[0] == "" and len(drawn) == 8
    assert all(len(text) == 59 and "\n" not in text for text in drawn[1:-1])
    assert drawn[-1].startswith("validate/files: 30 scripts in 0:03") and drawn[-1].endswith("\n")


def test_without_a_name_nothing_is_shown(screen, clock):
    with Progress("", "records", 3, screen=screen) as line:
        advance(line, clock, 100, 3)
    assert lines(screen) == []


def test_outside_of_a_stage_nothing_is_shown(capsys):
    assert list(watched(iter("abc"), stage_line("letters", 3))) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_a_closed_stream_ends_no_work(screen):
    screen.stream.close()
    with begun(screen, 3) as line:
        line.tick()
        line.add(3)
    assert line.done == 3


def test_counting_costs_little(screen):
    line = begun(screen)
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
    rows = text.replace("\r\n", "\n").split("\n")
    assert rows[0].rsplit(progress.CLEAR, 1)[-1] == "a warning"
    assert rows[-2].rsplit(progress.CLEAR, 1)[-1].startswith(SUM)
    assert len(rows) == 3 and text.count(progress.CLEAR) > 3
    drawn = [part for part in text.split(progress.CLEAR) if part.startswith("sort_things: ")]
    assert all(len(part) < 50 for part in drawn[:-1])


def test_in_ci_a_terminal_gets_plain_lines_too(stage_command):
    stage_command["env"]["CI"] = "true"
    assert progress.CLEAR not in seen_in_a_terminal(stage_command)
