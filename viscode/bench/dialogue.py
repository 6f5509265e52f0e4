"""The correction dialogue: what a failed attempt adds to it, and how it is kept in the context."""

import re
from collections.abc import Callable, Sequence

from viscode.bench.descriptors import columns_and_types
from viscode.bench.tasks import data_frame
from viscode.core.prompting import read_prompt
from viscode.core.records import Attempt, Message, Task
from viscode.settings.bench import BenchSettings
from viscode.text.lines import split_lines

TOKEN_CHARS = 4  # characters a token, on average, of error texts
HEAD_SHARE = 0.3  # of a shortened text: the error itself stands at its end
CUT = "\n[...]\n"
UNEXPECTED = "Unexpected Error"  # all that the published harness says of a plot that never shows
IN_CELL = re.compile(r"Cell In\[\d+\], line (\d+)")
LEAST_ANSWER = 200  # characters below which an answer in the dialogue is not cut further


def follow_up(
    dialogue: Sequence[Message], attempt: Attempt, task: Task, settings: BenchSettings
) -> tuple[Message, ...]:
    """The dialogue with the failed answer and a message that says what was wrong with it."""
    chars = settings.feedback_tokens * TOKEN_CHARS
    parts = [_what_happened(attempt, chars)]
    if settings.feedback == "error_and_data":
        if line := failing_line(attempt.error):
            text = read_prompt("bench/feedback_line").text
            parts.append(text.replace("[LINE]", shorten(line, chars)))
        frame = data_frame(task)
        columns = "\n".join(f"{name!r}: {kind}" for name, kind in columns_and_types(frame))
        text = read_prompt("bench/feedback_data").text.replace("[ROWS]", str(len(frame)))
        parts.append(text.replace("[COLUMNS]", shorten(columns, chars)))
    request = "\n\n".join([*parts, read_prompt("bench/feedback_ask").text])
    return (
        *dialogue,
        Message(role="assistant", content=attempt.answer),
        Message(role="user", content=request),
    )


def _what_happened(attempt: Attempt, chars: int) -> str:
    error = attempt.error
    match (attempt.verdict, attempt.status):
        case ("no_image", _) if attempt.protocol == "paper":
            prompt, error = read_prompt("bench/feedback_error"), UNEXPECTED
        case ("no_image", _):
            prompt = read_prompt("bench/feedback_no_image")
        case ("blank", _):
            prompt = read_prompt("bench/feedback_blank")
        case (_, "timeout"):
            prompt = read_prompt("bench/feedback_timeout")
        case (_, "killed" | "died"):
            prompt = read_prompt("bench/feedback_ended")
        case _:
            prompt = read_prompt("bench/feedback_error")
    return prompt.text.replace("[ERROR]", shorten(error.strip(), chars)).strip()


def failing_line(error: str) -> str:
    """The innermost line of the program that a traceback shows, "" where it shows none."""
    places = list(IN_CELL.finditer(error))
    if not places:
        return ""
    shown = split_lines(error[places[-1].end() :])[1:]
    arrow = re.compile(rf"-+> +{places[-1].group(1)} (.*)")
    marked = [match.group(1) for line in shown if (match := arrow.fullmatch(line))]
    return (marked or shown or [""])[0].strip()


def shorten(text: str, chars: int) -> str:
    """The text within `chars` characters: whole, or its head and its tail."""
    if len(text) <= chars:
        return text
    room = max(chars - len(CUT), 2)
    head = int(room * HEAD_SHARE)
    return f"{text[:head]}{CUT}{text[len(text) - (room - head) :]}"


def fit(
    dialogue: Sequence[Message], limit: int, count: Callable[[Sequence[Message]], int]
) -> tuple[Message, ...]:
    """The dialogue within `limit` tokens: its oldest corrections (answer and feedback) are left
    out first, then the last answer is shortened. The task's messages always stay, so a task that
    is too long by itself is asked as it is."""
    opening = 1 + next(i for i, message in enumerate(dialogue) if message.role == "user")
    task, turns = tuple(dialogue[:opening]), list(dialogue[opening:])
    while count([*task, *turns]) > limit:
        if len(turns) > 2:
            turns = turns[2:]
        elif turns and len(turns[0].content) > LEAST_ANSWER:
            shorter = shorten(turns[0].content, len(turns[0].content) // 2)
            turns[0] = Message(role="assistant", content=shorter)
        else:
            break
    return (*task, *turns)
