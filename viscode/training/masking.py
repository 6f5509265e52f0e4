"""Chat messages -> token ids and the mask of the tokens that are trained, for any chat template.

Templates seldom mark what the assistant wrote (`return_assistant_tokens_mask` is all zero for
Qwen2.5 and SmolLM2), so the place is found by rendering: `messages[:k]` with the generation prompt
is what the model sees before its k-th turn, `messages[:k+1]` what stands there after it. Both must
be prefixes of the whole conversation; what lies between them, through the end-of-turn token, is
trained. Texts that a template inserts by itself (a default system prompt) need no special case.

The tokens are those of the whole text, exactly as generation will see them. A special token that
stands literally in a message ("<|im_end|>" in a question, "<filename>" in code) is encoded as
plain text and has no effect.

Not done here: truncation; a row that is too long is rejected. Templates that rewrite earlier turns
as the conversation grows (reasoning models) are rejected as `template_not_prefix`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from viscode.outcomes import Rejected
from viscode.records import Message
from viscode.settings.train import LossOn

BREAK = "\ue000"  # private-use character: parts a special token that is meant as plain text

Span = tuple[int, int]


class Reason(StrEnum):
    """Why a row is not trained."""

    TOO_LONG = "too_long"
    NOTHING_TO_TRAIN = "nothing_to_train"
    TEMPLATE_NOT_PREFIX = "template_not_prefix"
    TEMPLATE_REFUSED = "template_refused"
    NOT_SAMPLED = "not_sampled"


@dataclass(frozen=True)
class MaskedRow:
    """Token ids of a conversation, and for each whether its prediction is trained."""

    ids: list[int]
    trained: list[bool]


def trained_turns(messages: Sequence[Message], loss_on: LossOn) -> list[int]:
    """Positions of the messages to train. Never trained: blank answers, and what an assistant says
    before anybody has spoken."""
    answers = [i for i, message in enumerate(messages) if message.role == "assistant" and i > 0]
    if loss_on is LossOn.LAST:
        answers = answers[-1:]
    elif loss_on is LossOn.AFTER_FEEDBACK and len(answers) > 1:
        answers = answers[1:]
    return [i for i in answers if messages[i].content.strip()]


class Masker:
    """Masks conversations with one tokenizer, one length limit and one choice of turns."""

    def __init__(self, tokenizer: Any, max_length: int, loss_on: LossOn) -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.loss_on = loss_on

    def mask(self, messages: Sequence[Message]) -> MaskedRow | Rejected:
        """Tokens and mask of one conversation, or why it is not trained."""
        from jinja2 import TemplateError

        turns = trained_turns(messages, self.loss_on)
        if not turns:
            return Rejected(Reason.NOTHING_TO_TRAIN, "no assistant turn with content")
        try:
            text, spans = self._render(messages, turns)
        except TemplateError as error:
            return Rejected(Reason.TEMPLATE_REFUSED, str(error))
        if spans is None:
            return Rejected(Reason.TEMPLATE_NOT_PREFIX, "an earlier part is not a prefix of all")
        ids, offsets = self._encode(text)
        if len(ids) > self.max_length:
            return Rejected(Reason.TOO_LONG, f"{len(ids)} tokens")
        trained = [_within(offset, spans) for offset in offsets]
        if not any(trained):
            return Rejected(Reason.NOTHING_TO_TRAIN, "no token lies within an assistant turn")
        return MaskedRow(ids, trained)

    def _render(
        self, messages: Sequence[Message], turns: list[int]
    ) -> tuple[str, list[Span] | None]:
        """The whole text with its trained (start, end) spans; None where prefixes differ."""
        plain = [{"role": m.role, "content": self._as_text(m.content)} for m in messages]
        text, spans = self._template(plain, prompt=False), []
        for turn in turns:
            before = self._template(plain[:turn], prompt=True)
            after = self._template(plain[: turn + 1], prompt=False)
            if not (text.startswith(after) and after.startswith(before)):
                return text, None
            spans.append((len(before), self._turn_end(after, len(before))))
        return text, spans

    def _template(self, messages: list[dict[str, str]], *, prompt: bool) -> str:
        return str(
            self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=prompt
            )
        )

    @cached_property
    def _specials(self) -> re.Pattern[str]:
        tokens = [
            token.content
            for token in self.tokenizer.added_tokens_decoder.values()
            if token.special and len(token.content) > 1
        ]
        return re.compile("|".join(map(re.escape, sorted(tokens, key=len, reverse=True))) or r"\Z.")

    def _as_text(self, content: str) -> str:
        """`content` with every special token in it broken after its first character."""
        return self._specials.sub(
            lambda found: found[0][0] + BREAK + found[0][1:], content.replace(BREAK, "")
        )

    def _turn_end(self, text: str, start: int) -> int:
        """End of the turn that begins at `start`: behind the last special token, where only white
        space follows it (generation stops there); else the end of the text."""
        end = len(text)
        for found in self._specials.finditer(text, start):
            end = found.end() if not text[found.end() :].strip() else len(text)
        return end

    def _encode(self, text: str) -> tuple[list[int], list[Span]]:
        """Token ids and their (start, end) characters in `text`; BREAKs are left out."""
        ids: list[int] = []
        offsets: list[Span] = []
        position = 0
        for piece in text.split(BREAK):
            encoded = self.tokenizer(piece, add_special_tokens=False, return_offsets_mapping=True)
            ids.extend(encoded["input_ids"])
            offsets.extend((a + position, b + position) for a, b in encoded["offset_mapping"])
            position += len(piece) + len(BREAK)
        return ids, offsets


def _within(offset: Span, spans: list[Span]) -> bool:
    return any(start <= offset[0] and offset[1] <= end for start, end in spans)
