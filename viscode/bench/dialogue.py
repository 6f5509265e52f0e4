"""The correction dialogue: what a failed attempt adds to it, and how it is kept in the context."""

from collections.abc import Callable, Sequence

from viscode.prompting import read_prompt
from viscode.records import Attempt, Message

TOKEN_CHARS = 4  # characters a token, on average, of error texts
HEAD_SHARE = 0.3  # of a shortened text: the error itself stands at its end
CUT = "\n[...]\n"
LEAST_ANSWER = 200  # characters below which an answer in the dialogue is not cut further


def follow_up(
    dialogue: Sequence[Message], attempt: Attempt, feedback_tokens: int
) -> tuple[Message, ...]:
    """The dialogue with the failed answer and a message that says what was wrong with it."""
    request = f"{_feedback(attempt, feedback_tokens)}\n\n{read_prompt('bench_feedback_ask').text}"
    return (
        *dialogue,
        Message(role="assistant", content=attempt.answer),
        Message(role="user", content=request),
    )


def _feedback(attempt: Attempt, feedback_tokens: int) -> str:
    match (attempt.verdict, attempt.status):
        case ("no_image", _):
            text = read_prompt("bench_feedback_no_image").text
        case ("blank", _):
            text = read_prompt("bench_feedback_blank").text
        case (_, "timeout"):
            text = read_prompt("bench_feedback_timeout").text
        case (_, "killed" | "died"):
            text = read_prompt("bench_feedback_ended").text
        case _:
            text = read_prompt("bench_feedback_error").text
    error = shorten(attempt.error.strip(), feedback_tokens * TOKEN_CHARS)
    return text.replace("[ERROR]", error).strip()


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
