"""Rows as the model will see them: the text of their tokens, the trained ones marked.

For the eye, before hours of training: a wrong template or mask is seen at once. Rows are rendered
one by one, nothing is stored. Not here: which rows `max_samples` leaves out.
"""

import re
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import click

from viscode.core.errors import UserError
from viscode.core.outcomes import Rejected
from viscode.training.data import ChatRow, read_chats
from viscode.training.masking import MaskedRow, Masker

TRAINED_MARKS = "⟦", "⟧"
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a terminal would obey them


def preview(
    path: Path, masker: Masker, rows: int, row_id: str | None, *, colour: bool
) -> Iterator[str]:
    """Texts for the first `rows` rows of a chat file, or for the one with the id `row_id`.

    Raises:
        UserError: no such file, no such row, or a line that is not a chat row.
    """
    chats = (chat for chat in read_chats(path) if row_id in (None, chat.id))
    found = False
    for chat in islice(chats, rows if row_id is None else 1):
        found = True
        yield describe(chat, masker, colour=colour)
    if row_id is not None and not found:
        raise UserError(f"no row {row_id}", where=str(path), todo="the ids stand in its lines")


def describe(chat: ChatRow, masker: Masker, *, colour: bool) -> str:
    """A line with counts, or with the reason for a rejection, and the text of the row."""
    result = masker.mask(chat.messages)
    head = f"row {chat.id} ({chat.source}): "
    if isinstance(result, Rejected):
        return plain(f"{head}rejected: {result.reason} ({result.detail})")
    counts = f"{len(result.ids)} tokens, {int(result.trained.sum())} trained"
    cut = f", {result.cut} last messages left out" if result.cut else ""
    return f"{plain(head)}{counts}{cut}\n{marked(result, masker.tokenizer, colour=colour)}"


def marked(row: MaskedRow, tokenizer: Any, *, colour: bool) -> str:
    """The text of all tokens; trained runs in colour, or between marks."""
    parts = []
    tokens = zip(row.ids.tolist(), row.trained.tolist(), strict=True)
    for trained, run in groupby(tokens, key=lambda token: token[1]):
        text = plain(tokenizer.decode([token for token, _ in run], skip_special_tokens=False))
        if trained:
            text = click.style(text, fg="green", bold=True) if colour else text.join(TRAINED_MARKS)
        parts.append(text)
    return "".join(parts)


def plain(text: str) -> str:
    """`text` with control characters written out, line ends and tabs excepted."""
    return CONTROL_CHARACTERS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
