"""Rows: items and labels, bad lines, padding. How they are made and kept: test_token_store."""

from pathlib import Path
from typing import Any

import pytest
from tiny_runs import chat, settings, write_rows

from viscode.core.errors import UserError
from viscode.training.data import IGNORED, TokenSet, read_chats
from viscode.training.masking import Masker
from viscode.training.micro_batches import collate
from viscode.training.token_store import RowLimits, open_rows


@pytest.fixture
def rows(tokenizer: Any, tmp_path: Path) -> TokenSet:
    write_rows(tmp_path / "rows.jsonl", [chat(i) for i in range(4)])
    masker = Masker(tokenizer, 256, settings().loss_on)
    return open_rows(tmp_path / "rows.jsonl", masker, RowLimits(), store=tmp_path / "store")


def test_items_carry_their_own_tokens_and_labels(tokenizer: Any, rows: TokenSet) -> None:
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
