"""Chat messages -> token ids and the mask of the tokens that are trained, for any chat template.

Templates seldom mark what the assistant wrote (`return_assistant_tokens_mask` is all zero for
Qwen2.5 and SmolLM2), so the place is found by rendering: `messages[:k]` with the generation prompt
is what the model sees before its k-th turn, `messages[:k+1]` what stands there after it. Both must
be prefixes of the whole conversation; what lies between them, through the end-of-turn token, is
trained. Texts that a template inserts by itself (a default system prompt) need no special case.

The tokens are those of the whole text, exactly as generation will see them. A special token that
stands literally in a message ("<|im_end|>" in a question, "<filename>" in code) is encoded as
plain text and has no effect; viscode.models.chat_lengths counts the same.

A conversation that is too long may be cut: last turns are left out, never the beginning, because
what the model has seen before an answer must stay as it was. What is left ends with an answer that
is trained; other last turns would cost time and teach nothing.

Not done here: templates that rewrite earlier turns as the conversation grows (reasoning models)
are rejected as `template_not_prefix`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viscode.core.hashing import digest
from viscode.core.outcomes import Rejected
from viscode.core.records import Message
from viscode.models.chat_lengths import BREAK, Chat, as_plain_text, special_tokens
from viscode.settings.train import LossOn, OverLength

Span = tuple[int, int]


class UntrainedReason(StrEnum):
    """Why a row is not trained."""

    TOO_LONG = "too_long"
    NOTHING_TO_TRAIN = "nothing_to_train"
    TEMPLATE_NOT_PREFIX = "template_not_prefix"
    TEMPLATE_REFUSED = "template_refused"
    NOT_SAMPLED = "not_sampled"


@dataclass(frozen=True)
class MaskedRow:
    """Token ids of a conversation, and for each whether its prediction is trained. `cut` counts
    the last messages that were left out."""

    ids: NDArray[np.int32]
    trained: NDArray[np.bool_]
    cut: int = 0


@dataclass(frozen=True)
class _Rendered:
    """The text of a conversation, and the (start, end) of what is trained in it."""

    text: str
    spans: list[Span]


class Masker:
    """Masks conversations with one tokenizer, one length limit and one choice of turns. Can be
    sent to another process."""

    def __init__(
        self,
        tokenizer: Any,
        max_length: int,
        loss_on: LossOn,
        over_length: OverLength = "drop",
    ) -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.loss_on = loss_on
        self.over_length = over_length
        self._specials = special_tokens(tokenizer)

    def fingerprint(self) -> str:
        """Hash of all that determines what `mask` returns, wherever the tokenizer was loaded."""
        return digest(
            self._backend().to_str(),
            self.tokenizer.chat_template,
            *(str(part) for part in (self.max_length, self.loss_on, self.over_length)),
        )

    def mask(self, messages: Chat) -> MaskedRow | Rejected:
        """Tokens and mask of one conversation, or why it is not trained."""
        return self.mask_all([messages])[0]

    def mask_all(self, chats: Sequence[Chat]) -> list[MaskedRow | Rejected]:
        """`mask` of each, in one pass of the tokenizer."""
        rendered = [self._render(chat, trained_turns(chat, self.loss_on)) for chat in chats]
        encoded = self._encode([one.text for one in rendered if isinstance(one, _Rendered)])
        results: list[MaskedRow | Rejected] = []
        for chat, one in zip(chats, rendered, strict=True):
            if isinstance(one, Rejected):
                results.append(one)
                continue
            ids, offsets = next(encoded)
            fits = len(ids) <= self.max_length
            results.append(
                _with_mask(ids, offsets, one.spans) if fits else self._too_long(chat, len(ids))
            )
        return results

    def _too_long(self, chat: Chat, tokens: int) -> MaskedRow | Rejected:
        """The longest beginning that fits and ends with a trained answer, if rows are to be cut."""
        shorter = cuts(chat, self.loss_on) if self.over_length == "truncate" else ()
        for left, turns in shorter:
            rendered = self._render(chat[:left], turns)
            if isinstance(rendered, Rejected):
                break
            ids, offsets = next(self._encode([rendered.text]))
            if len(ids) <= self.max_length:
                row = _with_mask(ids, offsets, rendered.spans)
                if isinstance(row, MaskedRow):
                    return replace(row, cut=len(chat) - left)
                break
        return Rejected(UntrainedReason.TOO_LONG, f"{tokens} tokens")

    def _render(self, messages: Chat, turns: list[int]) -> _Rendered | Rejected:
        from jinja2 import TemplateError

        if not turns:
            return Rejected(UntrainedReason.NOTHING_TO_TRAIN, "no assistant turn with content")
        plain = [
            {"role": message.role, "content": as_plain_text(message.content, self._specials)}
            for message in messages
        ]
        try:
            text, spans = self._template(plain, prompt=False), []
            for turn in turns:
                before = self._template(plain[:turn], prompt=True)
                after = self._template(plain[: turn + 1], prompt=False)
                if not (text.startswith(after) and after.startswith(before)):
                    detail = "an earlier part is not a prefix of all"
                    return Rejected(UntrainedReason.TEMPLATE_NOT_PREFIX, detail)
                spans.append((len(before), self._turn_end(after, len(before))))
        except TemplateError as error:
            return Rejected(UntrainedReason.TEMPLATE_REFUSED, str(error))
        return _Rendered(text, spans)

    def _template(self, messages: list[dict[str, str]], *, prompt: bool) -> str:
        return str(
            self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=prompt
            )
        )

    def _turn_end(self, text: str, start: int) -> int:
        """End of the turn that begins at `start`: behind the last special token, where only white
        space follows it (generation stops there); else the end of the text."""
        end = len(text)
        for found in self._specials.finditer(text, start):
            end = found.end() if not text[found.end() :].strip() else len(text)
        return end

    def _backend(self) -> Any:
        backend = self.tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        return backend

    def _encode(
        self, texts: Iterable[str]
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """Of each text the token ids, and their (start, end) characters in it as rows of an array;
        BREAKs are left out."""
        parts = [text.split(BREAK) for text in texts]
        pieces = [piece for part in parts for piece in part]
        encoded = iter(self._backend().encode_batch(pieces, add_special_tokens=False))
        for part in parts:
            ids: list[int] = []
            offsets, position = [], 0
            for piece in part:
                encoding = next(encoded)
                ids += encoding.ids
                offsets.append(np.array(encoding.offsets, np.int64).reshape(-1, 2) + position)
                position += len(piece) + len(BREAK)
            yield np.array(ids, np.int32), np.concatenate(offsets)


def _with_mask(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], spans: list[Span]
) -> MaskedRow | Rejected:
    trained = np.zeros(len(ids), np.bool_)
    for start, end in spans:
        trained |= (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
    trained[:1] = False  # predicted from nothing
    if not trained.any():
        return Rejected(UntrainedReason.NOTHING_TO_TRAIN, "no token lies within an assistant turn")
    return MaskedRow(ids, trained)


def trained_turns(messages: Sequence[Message], loss_on: LossOn) -> list[int]:
    """Positions of the messages to train. Never trained: blank answers, and what an assistant says
    before anybody has spoken."""
    answers = [i for i, message in enumerate(messages) if message.role == "assistant" and i > 0]
    if loss_on == "last":
        answers = answers[-1:]
    elif loss_on == "after_feedback" and len(answers) > 1:
        answers = answers[1:]
    return [i for i in answers if messages[i].content.strip()]


def cuts(messages: Sequence[Message], loss_on: LossOn) -> Iterator[tuple[int, list[int]]]:
    """(messages left, positions of the trained ones) of every shorter conversation, longest first.

    With `last` the answer that has become the last one is trained. With `after_feedback` the first
    answer of a dialogue stays untrained, however much is cut: it is the faulty one.
    """
    last = loss_on == "last"
    ends = trained_turns(messages, "all" if last else loss_on)
    for place, end in reversed(list(enumerate(ends))):
        if end + 1 < len(messages):
            yield end + 1, [end] if last else ends[: place + 1]
