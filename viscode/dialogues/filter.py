"""Correction dialogues -> the Python ones of sound form and bounded length (paper 3.2).

Form comes before length, so that a reason says the first thing that is wrong. Length is counted
in characters and user turns; nothing is shortened.
"""

from enum import StrEnum

from viscode.dialogues.fences import split_fences
from viscode.dialogues.language import is_python
from viscode.outcomes import Kept, Rejected
from viscode.records import Dialogue, Message
from viscode.settings.dialogues import DialogueSettings


class DialogueReason(StrEnum):
    NO_MESSAGES = "no_messages"
    EMPTY_MESSAGE = "empty_message"
    ROLES_OUT_OF_ORDER = "roles_out_of_order"
    LAST_NOT_ASSISTANT = "last_not_assistant"
    OPEN_FENCE = "open_fence"
    NOT_PYTHON = "not_python"
    TOO_MANY_TURNS = "too_many_turns"
    TOO_LONG = "too_long"


def filter_dialogue(dialogue: Dialogue, settings: DialogueSettings) -> Kept[Dialogue] | Rejected:
    """Keep a dialogue unchanged, or say why not. A leading system message is allowed."""
    if fault := _fault_of_form(dialogue.messages):
        return fault
    fenced = [split_fences(message.content) for message in dialogue.messages]
    for number, parts in enumerate(fenced, start=1):
        if not parts.balanced:
            return Rejected(DialogueReason.OPEN_FENCE, f"message {number}")
    if not is_python(fenced):
        labels = sorted({fence.label for parts in fenced for fence in parts.fences})
        return Rejected(DialogueReason.NOT_PYTHON, ", ".join(labels))
    turns = sum(message.role == "user" for message in dialogue.messages)
    if turns > settings.max_turns:
        return Rejected(DialogueReason.TOO_MANY_TURNS, f"{turns} user turns")
    length = sum(len(message.content) for message in dialogue.messages)
    if length > settings.max_chars:
        return Rejected(DialogueReason.TOO_LONG, f"{length} characters")
    return Kept([dialogue])


def _fault_of_form(messages: tuple[Message, ...]) -> Rejected | None:
    for number, message in enumerate(messages, start=1):
        if not message.content.strip():
            return Rejected(DialogueReason.EMPTY_MESSAGE, f"message {number}")
    roles = [message.role for message in messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if not turns:
        return Rejected(DialogueReason.NO_MESSAGES)
    for number, role in enumerate(turns):
        if role != ("assistant" if number % 2 else "user"):
            return Rejected(DialogueReason.ROLES_OUT_OF_ORDER, f"turn {number + 1} is {role}")
    if turns[-1] != "assistant":
        return Rejected(DialogueReason.LAST_NOT_ASSISTANT)
    return None
