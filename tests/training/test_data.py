"""Rows: each line one outcome, the cap by hash rank, flat storage, padding, order of an epoch."""

from pathlib import Path
from typing import Any

import pytest
from conftest import chat, settings, write_rows

from viscode.errors import UserError
from viscode.training.data import IGNORED, TokenSet, collate, read_chats, tokenise
from viscode.training.masking import Masker
from viscode.training.order import LengthGroupedOrder


def token_set(tokenizer: Any, path: Path, cap: int = 0, length: int = 256) -> TokenSet:
    return tokenise(read_chats(path), Masker(tokenizer, length, settings().loss_on), cap, seed=1)


def test_every_line_has_one_outcome(tokenizer: Any, tmp_path: Path) -> None:
    long = {
        **chat(1),
        "id": "long",
        "messages": [
            {"role": "user", "content": "x " * 500},
            {"role": "assistant", "content": "y"},
        ],
    }
    mute = {**chat(1), "id": "mute", "messages": [{"role": "user", "content": "x"}]}
    write_rows(tmp_path / "rows.jsonl", [*(chat(i) for i in range(8)), long, mute])
    rows = token_set(tokenizer, tmp_path / "rows.jsonl", cap=5)
    metrics = rows.as_metrics()
    assert metrics["rejected"] == {"not_sampled": 3, "nothing_to_train": 1, "too_long": 1}
    assert (metrics["rows"], metrics["trained_rows"]) == (10, 5)
    assert metrics["tokens"] == sum(rows.lengths())
    assert metrics["trained_tokens"] == int(rows.trained.sum()) > 5


def test_sample_does_not_depend_on_line_order(tokenizer: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [chat(i) for i in range(8)])
    forward = token_set(tokenizer, path, cap=5)
    write_rows(path, [chat(i) for i in reversed(range(8))])
    backward = token_set(tokenizer, path, cap=5)
    assert forward.ids == backward.ids == tuple(sorted(forward.ids))
    assert forward.tokens.tolist() == backward.tokens.tolist()


def test_items_carry_their_own_tokens_and_labels(tokenizer: Any, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [chat(i) for i in range(3)])
    rows = token_set(tokenizer, tmp_path / "rows.jsonl")
    for number in range(3):
        item = rows[number]
        assert f"Draw chart {number} " in tokenizer.decode(item["input_ids"])
        trained = [t for t in item["labels"] if t != IGNORED]
        assert tokenizer.decode(trained).endswith(f"(range({number}))\n```<|im_end|>")


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"id": "a", "source": "files"}', '{"id": "a", "source": "moon", "messages": []}'],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"rows\.jsonl:1"):
        list(read_chats(path))


def test_padding_is_neither_attended_nor_trained() -> None:
    batch = collate(
        [
            {"input_ids": [5, 2], "labels": [IGNORED, 2]},
            {"input_ids": [7, 8, 2], "labels": [IGNORED, 8, 2]},
        ],
        pad=2,
    )
    assert batch["input_ids"].tolist() == [[5, 2, 2], [7, 8, 2]]
    assert batch["attention_mask"].tolist() == [[1, 1, 0], [1, 1, 1]]
    assert batch["labels"].tolist() == [[IGNORED, 2, IGNORED], [IGNORED, 8, 2]]


def test_order_is_a_permutation_that_hangs_on_seed_and_epoch() -> None:
    lengths = [i * 7 % 50 for i in range(50)]
    order = LengthGroupedOrder(lengths, batch_size=4, seed=1)
    first = list(order)
    assert sorted(first) == list(range(50))
    assert list(LengthGroupedOrder(lengths, 4, seed=1)) == first
    assert list(LengthGroupedOrder(lengths, 4, seed=2)) != first
    order.set_epoch(1)
    assert list(order) != first


def test_batches_pad_less_than_chance() -> None:
    lengths = [i * 37 % 211 for i in range(64)]

    def padded(rows: list[int]) -> int:
        return sum(4 * max(lengths[r] for r in rows[i : i + 4]) for i in range(0, 64, 4))

    assert padded(list(LengthGroupedOrder(lengths, 4, seed=1))) < 0.75 * padded(list(range(64)))
