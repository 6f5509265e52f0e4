"""Lengths of chats in tokens of the target model, as training will count them.

A chat is rendered by the tokenizer's chat template without a generation prompt, and the whole text
is encoded. A special token that stands literally in a message ("<|im_end|>" in a question) counts
as the plain text it is there, as in viscode.training.masking, which counts the same.

A template may refuse a chat (roles that it does not know or do not alternate). Its length is then
that of the contents alone, so that a count never ends a stage; whoever needs the template rejects
the chat by its own reason.

Not here: limits, and the mask of what is trained.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.models.base_check import check_template, load_tokenizer

Chat = Sequence[Message]

MARKUP = re.compile(r"<[^<>\s]+>|\[[A-Z_/]+\]")  # the form of special tokens
BREAK = "\ue000"  # private-use character: parts a special token that is meant as plain text
ENCODED_AT_ONCE = 2_000_000  # encoded at once: about 100 MB in the tokenizer


class CountTokens(Protocol):
    """Lengths of chats in tokens, one for each chat."""

    def __call__(self, chats: Sequence[Chat]) -> list[int]: ...


class TokenCounter:
    """Counts by the tokenizer in a folder, as collect_tokenizer writes it.

    Raises:
        UserError: no readable fast tokenizer with a chat template lies there.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = _load(folder)
        self._backend = self._tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._specials = special_tokens(self._tokenizer)

    def count(self, chats: Sequence[Chat]) -> list[int]:
        """Tokens of each chat, in the order given; memory is bounded whatever their number."""
        lengths = [0] * len(chats)
        for places, pieces in _batches(self._pieces(chat) for chat in chats):
            encoded = self._backend.encode_batch_fast(pieces, add_special_tokens=False)
            for place, encoding in zip(places, encoded, strict=True):
                lengths[place] += len(encoding)
        return lengths

    def _pieces(self, chat: Chat) -> list[str]:
        """The text of a chat, cut inside special tokens that are meant as plain text."""
        from jinja2 import TemplateError

        if not chat:
            return []
        plain = [
            {"role": message.role, "content": as_plain_text(message.content, self._specials)}
            for message in chat
        ]
        try:
            text = str(self._tokenizer.apply_chat_template(plain, tokenize=False))
        except TemplateError:
            text = BREAK.join(message["content"] for message in plain)
        return text.split(BREAK)


def special_tokens(tokenizer: Any) -> re.Pattern[str]:
    """Finds every special token of a tokenizer, longest first; nothing where there is none. Added
    tokens that have a special one's form count too: Qwen2.5 does not flag <|fim_prefix|> or
    <tool_call>, and yet they are single tokens with a meaning of their own."""
    tokens = [
        token.content
        for token in tokenizer.added_tokens_decoder.values()
        if len(token.content) > 1 and (token.special or MARKUP.fullmatch(token.content))
    ]
    return re.compile("|".join(map(re.escape, sorted(tokens, key=len, reverse=True))) or r"\Z.")


def as_plain_text(content: str, specials: re.Pattern[str]) -> str:
    """`content` with a BREAK after the first character of every special token in it."""
    return specials.sub(
        lambda found: found[0][0] + BREAK + found[0][1:], content.replace(BREAK, "")
    )


def _batches(texts: Iterator[list[str]]) -> Iterator[tuple[list[int], list[str]]]:
    """(numbers of the chats, their pieces) in batches of about ENCODED_AT_ONCE."""
    places: list[int] = []
    pieces: list[str] = []
    size = 0
    for place, parts in enumerate(texts):
        places += [place] * len(parts)
        pieces += parts
        size += sum(map(len, parts))
        if size >= ENCODED_AT_ONCE:
            yield places, pieces
            places, pieces, size = [], [], 0
    yield places, pieces


def _load(folder: Path) -> Any:
    todo = "dvc repro collect_tokenizer"
    if not (folder / "tokenizer.json").is_file():
        raise UserError("no tokenizer", where=str(folder), todo=todo)
    tokenizer = load_tokenizer(folder, f"delete it, then {todo}")
    check_template(tokenizer, str(folder))
    return tokenizer
