"""Lengths of chats in tokens of the target model, as training will count them.

A chat is rendered by the tokenizer's chat template without a generation prompt, and the whole text
is encoded. A special token that stands literally in a message ("<|im_end|>" in a question) counts
as the plain text it is there, as in viscode.training.masking, which counts the same.

A template may refuse a chat (roles that it does not know or do not alternate). Its length is then
that of the contents alone, so that a count never ends a stage; whoever needs the template rejects
the chat by its own reason.

Not here: limits, and the mask of what is trained.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.models.base_check import load_tokenizer

Chat = Sequence[Message]

MARKUP = re.compile(r"<[^<>\s]+>|\[[A-Z_/]+\]")  # the form of special tokens
BREAK = "\ue000"  # private-use character: parts a special token that is meant as plain text
ENCODED_AT_ONCE = 256  # chats; an encoding takes 50 bytes for each of their characters

CountTokens = Callable[[Sequence[Chat]], list[int]]
"""Lengths of chats in tokens, one for each chat."""


class TokenCounter:
    """Counts by the tokenizer in a folder, as collect_tokenizer writes it.

    Raises:
        UserError: no readable fast tokenizer with a chat template lies there.
    """

    def __init__(self, folder: Path) -> None:
        todo = "dvc repro collect_tokenizer"
        if not (folder / "tokenizer.json").is_file():
            raise UserError("no tokenizer", where=str(folder), todo=todo)
        self._tokenizer = load_tokenizer(folder, f"delete it, then {todo}")
        self._backend = self._tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._specials = special_tokens(self._tokenizer)

    def count(self, chats: Sequence[Chat]) -> list[int]:
        """Tokens of each chat, in the order given; memory is bounded whatever their number."""
        lengths: list[int] = []
        for start in range(0, len(chats), ENCODED_AT_ONCE):
            pieces = [self._pieces(chat) for chat in chats[start : start + ENCODED_AT_ONCE]]
            texts = list(itertools.chain.from_iterable(pieces))
            encoded = iter(self._backend.encode_batch_fast(texts, add_special_tokens=False))
            lengths += [sum(map(len, itertools.islice(encoded, len(parts)))) for parts in pieces]
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
