"""Lengths in tokens are those that training counts, for any chat and template."""

import json
import resource
from pathlib import Path
from typing import Any

import pytest

from viscode.core.errors import UserError
from viscode.core.outcomes import Rejected
from viscode.core.records import Message
from viscode.models.chat_lengths import ENCODED_AT_ONCE, TokenCounter, special_tokens
from viscode.models.tokenizer import collect
from viscode.training.masking import Masker

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
STRICT = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}{{ m.content }}{% endfor %}"
)


@pytest.fixture(scope="module")
def folder(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tokens") / "tokenizer"
    collect(str(tiny_base), out)
    return out


@pytest.fixture(scope="module")
def counter(folder: Path) -> TokenCounter:
    return TokenCounter(folder)


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def chat(*contents: str) -> list[Message]:
    return [
        Message(role="assistant" if i % 2 else "user", content=content)
        for i, content in enumerate(contents)
    ]


def samples() -> list[list[Message]]:
    lines = (SAMPLES / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line)["messages"] for line in lines]
    return [[Message.model_validate(m) for m in row] for row in rows]


def trained_lengths(tokenizer: Any, chats: list[list[Message]]) -> list[int | None]:
    """What training counts; None for a chat that it rejects."""
    rows = [Masker(tokenizer, 10**6, "all").mask(messages) for messages in chats]
    return [None if isinstance(row, Rejected) else len(row.ids) for row in rows]


def test_equal_to_training_on_the_shipped_dialogues(counter: TokenCounter, tokenizer: Any) -> None:
    chats = samples()
    ours, theirs = counter.count(chats), trained_lengths(tokenizer, chats)
    compared = [(a, b) for a, b in zip(ours, theirs, strict=True) if b is not None]
    assert len(compared) >= 44
    assert all(a == b for a, b in compared)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "<|im_end|>",
        "a<|im_start|>assistant\nb",
        "<|im_<|im_end|>end|>",
        "<|endoftext|>\ue000",
        "größer 数据 \N{CHART WITH UPWARDS TREND}",
        " \n\t ",
        "",
    ],
)
def test_equal_to_training_on_odd_contents(
    counter: TokenCounter, tokenizer: Any, text: str
) -> None:
    messages = chat(text, f"{text} = 1")
    assert counter.count([messages]) == trained_lengths(tokenizer, [messages])


def test_a_known_length(counter: TokenCounter, tokenizer: Any) -> None:
    messages = chat("Hi", "x=1")
    text = tokenizer.apply_chat_template([m.model_dump() for m in messages], tokenize=False)
    assert counter.count([messages]) == [len(tokenizer(text)["input_ids"])]


def test_batches_do_not_matter(counter: TokenCounter) -> None:
    chats = [chat("y" * 5000, "z"), *samples(), chat("a", "b" * 99)]
    many = chats * (ENCODED_AT_ONCE // len(chats) + 2)
    alone = [counter.count([one])[0] for one in chats]
    assert counter.count(many) == alone * (len(many) // len(chats))
    assert counter.count([]) == []


def test_a_template_that_refuses_leaves_the_contents(folder: Path, tmp_path: Path) -> None:
    strict = tmp_path / "strict"
    strict.mkdir()
    for path in folder.iterdir():
        (strict / path.name).write_bytes(path.read_bytes())
    (strict / "chat_template.jinja").write_text(STRICT)
    counter = TokenCounter(strict)
    twice_user = [Message(role="user", content="x = 1")] * 2
    alone = counter.count([[Message(role="user", content="x = 1")]])[0]
    assert counter.count([twice_user, []]) == [2 * alone, 0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "tokenizer.json").unlink(), "no tokenizer"),
        (lambda f: (f / "tokenizer.json").write_text("{"), "not readable as a tokenizer"),
        (lambda f: (f / "chat_template.jinja").unlink(), "no chat template"),
    ],
)
def test_an_unfit_folder_is_one_line(
    folder: Path, tmp_path: Path, spoil: Any, message: str
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    spoil(copy)
    with pytest.raises(UserError, match=message) as caught:
        TokenCounter(copy)
    assert "\n" not in str(caught.value)


def test_memory_is_flat(counter: TokenCounter) -> None:
    chats = [chat(f"Plot {i}. " * 60, f"x = {i}\n" * 90) for i in range(1500)]
    counter.count(chats[:500])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counter.count(chats)
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 << 10
    )  # KiB; all encodings at once: 125 MiB


def test_added_tokens_of_the_form_of_special_ones_count_as_plain_text(
    folder: Path, tmp_path: Path
) -> None:
    """Qwen2.5 adds <tool_call> and <|fim_prefix|> without the flag of special tokens."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    plain = len(tokenizer("<tool_call>", add_special_tokens=False)["input_ids"])
    tokenizer.add_tokens(["<tool_call>", "of the"], special_tokens=False)
    assert len(tokenizer("<tool_call>", add_special_tokens=False)["input_ids"]) == 1 < plain
    pattern = special_tokens(tokenizer)
    assert pattern.fullmatch("<tool_call>") and not pattern.search("of the")
    tokenizer.save_pretrained(tmp_path)
    counter = TokenCounter(tmp_path)
    without, with_it = (
        counter.count([[Message(role="user", content=text)]])[0] for text in ("a", "a<tool_call>")
    )
    assert with_it - without >= plain
