"""Correction dialogues -> the Python ones of sound form and bounded length (paper 3.2).

Form comes before language, language before length, so that a reason says the first thing that is
wrong, and kept + too_many_turns + too_long are the Python dialogues that the paper counts before
its own cut. Length is counted in tokens, last, because it costs most: in batches, as the dialogues
stream by. Nothing is shortened.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice

from viscode.core.outcomes import Kept, Rejected, Tally
from viscode.core.paper_funnel import PAPER_RECORDS
from viscode.core.records import Dialogue, Message
from viscode.dialogues.language import code_lines, is_python
from viscode.models.chat_lengths import CountTokens
from viscode.settings.dialogues import DialogueSettings
from viscode.text.markdown import read_document

BATCH_DIALOGUES, BATCH_CHARACTERS = 512, 4_000_000
MOST_CHARACTERS_PER_TOKEN = 256  # the longest tokens in use are runs of 128 spaces

Result = Kept[Dialogue] | Rejected


class DialogueReason(StrEnum):
    NO_MESSAGES = "no_messages"
    EMPTY_MESSAGE = "empty_message"
    ROLES_OUT_OF_ORDER = "roles_out_of_order"
    LAST_NOT_ASSISTANT = "last_not_assistant"
    OPEN_FENCE = "open_fence"
    NOT_PYTHON = "not_python"
    TOO_MANY_TURNS = "too_many_turns"
    TOO_LONG = "too_long"


def filter_dialogues(
    dialogues: Iterable[Dialogue], settings: DialogueSettings, count: CountTokens
) -> Iterator[tuple[str, Result]]:
    """(id, the dialogue unchanged or why not) of each dialogue, in the order given.

    A leading system message is allowed. `count` gives the lengths of chats in tokens.
    """
    stream = iter(dialogues)
    while batch := list(_batch(stream)):
        judged = [(dialogue, _fault_before_length(dialogue, settings)) for dialogue in batch]
        sound = [dialogue.messages for dialogue, fault in judged if fault is None]
        lengths = iter(count(sound) if sound else [])
        for dialogue, fault in judged:
            if fault is None and (tokens := next(lengths)) > settings.max_tokens:
                fault = Rejected(DialogueReason.TOO_LONG, f"{tokens} tokens")
            yield dialogue.id, fault or Kept([dialogue])


def _fault_before_length(dialogue: Dialogue, settings: DialogueSettings) -> Rejected | None:
    """What is wrong with a dialogue before its tokens are counted."""
    if fault := _fault_of_form(dialogue.messages):
        return fault
    documents = [read_document(message.content) for message in dialogue.messages]
    for number, parts in enumerate(documents, start=1):
        if not parts.balanced:
            return Rejected(DialogueReason.OPEN_FENCE, f"message {number}")
    if not is_python(documents):
        lines = sorted(code_lines(documents).items())
        detail = ", ".join(f"{language} {count} lines" for language, count in lines)
        return Rejected(DialogueReason.NOT_PYTHON, detail or "no code")
    turns = sum(message.role == "user" for message in dialogue.messages)
    if turns > settings.max_turns:
        return Rejected(DialogueReason.TOO_MANY_TURNS, f"{turns} user turns")
    characters = _characters(dialogue)
    if characters > settings.max_tokens * MOST_CHARACTERS_PER_TOKEN:
        return Rejected(DialogueReason.TOO_LONG, f"{characters} characters")
    return None


def _batch(stream: Iterator[Dialogue]) -> Iterator[Dialogue]:
    """The next dialogues, as many as are held at once."""
    held = 0
    for dialogue in islice(stream, BATCH_DIALOGUES):
        yield dialogue
        held += _characters(dialogue)
        if held >= BATCH_CHARACTERS:
            return


def _characters(dialogue: Dialogue) -> int:
    return sum(len(message.content) for message in dialogue.messages)


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


def beside_the_paper(tally: Tally) -> str:
    """One line: Python dialogues before and after the cut, the paper's figures beside ours."""
    cut = (DialogueReason.TOO_MANY_TURNS, DialogueReason.TOO_LONG)
    ours = tally.kept + sum(tally.rejected[reason] for reason in cut)
    paper = PAPER_RECORDS["dialogues"]
    before, after = paper["collect_dialogues"], paper["filter_dialogues"]
    share = f"{100 * tally.kept / ours:.0f} %" if ours else "-"
    return (
        f"Python dialogues -> within length and turns: ours {ours:,} -> {tally.kept:,}"
        f" ({share}), paper {before:,} -> {after:,} ({100 * after / before:.0f} %)"
    )
