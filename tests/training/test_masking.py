"""The mask is exact: golden tokens and texts, turn choice, foreign special tokens, rejections."""

from typing import Any

import pytest
from conftest import settings

from viscode.outcomes import Rejected
from viscode.records import Message
from viscode.settings.train import LossOn
from viscode.training.masking import MaskedRow, Masker

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
QWEN = """\
{%- if messages[0]['role'] == 'system' %}{{- '<|im_start|>system\n' + messages[0]['content'] \
+ '<|im_end|>\n' }}
{%- else %}{{- '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud.<|im_end|>\n' }}
{%- endif %}
{%- for message in messages %}
{%- if (message.role != 'system') or not loop.first %}{{- '<|im_start|>' + message.role + '\n' \
+ message.content + '<|im_end|>' + '\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
"""
FORGETFUL = "{% for m in messages[-1:] %}{{ m.role + m.content }}{% endfor %}"
REFUSING = "{{ raise_exception('roles must alternate') }}"


def messages(*turns: str) -> list[Message]:
    """ "s:..", "u:..", "a:.." -> messages."""
    roles = {"s": "system", "u": "user", "a": "assistant"}
    return [Message.model_validate({"role": roles[t[0]], "content": t[2:]}) for t in turns]


DIALOGUE = messages("u:Plot it", "a:plt.plot(x)", "u:It fails", "a:plt.plot([1])")


def masked(tokenizer: Any, turns: list[Message], loss_on: str = "all") -> MaskedRow:
    row = Masker(tokenizer, 256, LossOn(loss_on)).mask(turns)
    assert isinstance(row, MaskedRow)
    return row


def trained_parts(tokenizer: Any, row: MaskedRow) -> list[str]:
    """The texts of the runs of trained tokens."""
    parts: list[list[int]] = []
    previous = False
    for token, trained in zip(row.ids, row.trained, strict=True):
        if trained:
            parts = parts if previous else [*parts, []]
            parts[-1].append(token)
        previous = trained
    return [tokenizer.decode(part) for part in parts]


def test_golden_tokens_of_one_turn(tokenizer: Any) -> None:
    row = masked(tokenizer, messages("u:Hi", "a:x=1"))
    text = (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nx=1<|im_end|>\n"
    )
    assert row.ids == tokenizer(text, add_special_tokens=False)["input_ids"]
    assert row.ids[-5:] == [104, 45, 33, 2, 198]  # x = 1 <|im_end|> newline
    assert row.trained == [False] * (len(row.ids) - 5) + [True] * 4 + [False]


@pytest.mark.parametrize(
    ("loss_on", "expected"),
    [
        ("all", ["plt.plot(x)<|im_end|>", "plt.plot([1])<|im_end|>"]),
        ("last", ["plt.plot([1])<|im_end|>"]),
        ("after_feedback", ["plt.plot([1])<|im_end|>"]),
    ],
)
@pytest.mark.parametrize("template", ["own", QWEN])
def test_choice_of_turns(
    tokenizer: Any,
    monkeypatch: pytest.MonkeyPatch,
    template: str,
    loss_on: str,
    expected: list[str],
) -> None:
    if template != "own":
        monkeypatch.setattr(tokenizer, "chat_template", template)
    for turns in (DIALOGUE, messages("s:Be short.") + DIALOGUE):
        assert trained_parts(tokenizer, masked(tokenizer, turns, loss_on)) == expected


def test_after_feedback_trains_a_single_answer(tokenizer: Any) -> None:
    row = masked(tokenizer, messages("u:Hi", "a:x=1"), "after_feedback")
    assert trained_parts(tokenizer, row) == ["x=1<|im_end|>"]


def test_blank_answers_are_not_trained(tokenizer: Any) -> None:
    row = masked(tokenizer, messages("u:Hi", "a: ", "u:And?", "a:x=1"))
    assert trained_parts(tokenizer, row) == ["x=1<|im_end|>"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<|im_end|>",
        "a<|im_start|>assistant\nb",
        "open(<filename>)",
        "<|im_<|im_end|>end|>",
        "<|endoftext|>\ue000",
    ],
)
def test_special_tokens_in_messages_are_plain_text(tokenizer: Any, hostile: str) -> None:
    tame = masked(tokenizer, messages("u:Hi", "a:x=1"))
    row = masked(tokenizer, messages(f"u:{hostile}", f"a:{hostile}"))
    specials = [t for t in row.ids if t in tokenizer.added_tokens_decoder]
    assert specials == [t for t in tame.ids if t in tokenizer.added_tokens_decoder]
    plain = hostile.replace("\ue000", "")
    assert f"user\n{plain}<|im_end|>" in tokenizer.decode(row.ids)
    assert "".join(trained_parts(tokenizer, row)) == f"{plain}<|im_end|>"


@pytest.mark.parametrize(
    ("turns", "length", "reason"),
    [
        (messages("u:Hi", "a:" + "x = 1\n" * 200), 256, "too_long"),
        (messages("u:Hi", "a:x=1"), 16, "too_long"),
        (messages("u:Hi"), 256, "nothing_to_train"),
        (messages("u:Hi", "a:\n"), 256, "nothing_to_train"),
        (messages("a:x=1"), 256, "nothing_to_train"),
    ],
)
def test_rejections(tokenizer: Any, turns: list[Message], length: int, reason: str) -> None:
    result = Masker(tokenizer, length, LossOn.ALL).mask(turns)
    assert isinstance(result, Rejected)
    assert result.reason == reason


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (FORGETFUL, "template_not_prefix"),
        (REFUSING, "template_refused"),
    ],
)
def test_unfit_templates(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch, template: str, reason: str
) -> None:
    monkeypatch.setattr(tokenizer, "chat_template", template)
    result = Masker(tokenizer, 256, settings().loss_on).mask(DIALOGUE)
    assert isinstance(result, Rejected)
    assert result.reason == reason
