"""Packing: the same steps as unpacked, balanced, isolated, and the same loss."""

import random
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import chat, settings, write_rows

from viscode.training.data import IGNORED, Item, TokenSet
from viscode.training.masking import Masker
from viscode.training.micro_batches import (
    MicroBatches,
    collate,
    flatten,
    pack,
    padding_shares,
    step_rows,
)
from viscode.training.token_store import RowLimits, open_rows

PAD = 0


def random_lengths(count: int, seed: int) -> list[int]:
    """Skewed as those of chats are: many short, few long."""
    generator = random.Random(seed)
    return [min(2048, int(generator.lognormvariate(6, 0.8)) + 20) for _ in range(count)]


def loads(groups: list[tuple[int, ...]], lengths: list[int]) -> list[int]:
    return [sum(lengths[row] for row in group) for group in groups]


@pytest.mark.parametrize("rows", [0, 1, 7, 64, 100])
@pytest.mark.parametrize(("batch", "bins"), [(8, 1), (8, 2), (8, 8), (16, 4)])
def test_an_epoch_has_every_row_once_in_the_steps_of_the_unpacked_order(
    rows: int, batch: int, bins: int
) -> None:
    lengths = random_lengths(rows, seed=rows)
    packed = MicroBatches(lengths, batch, bins, 3, pack)
    for epoch in (0, 1):
        packed.set_epoch(epoch)
        groups, order = list(packed), step_rows(lengths, batch, 3, epoch)
        assert len(groups) == len(packed) == -(-rows // batch) * bins
        steps = [groups[i : i + bins] for i in range(0, len(groups), bins)]
        for number, step in enumerate(steps):
            here = sorted(row for group in step for row in group)
            assert here == sorted(order[number])
    assert groups == list(packed)


def test_another_seed_and_epoch_give_other_steps() -> None:
    lengths = random_lengths(64, seed=1)
    order = MicroBatches(lengths, 8, 2, 1, pack)
    first = list(order)
    assert list(MicroBatches(lengths, 8, 2, 2, pack)) != first
    order.set_epoch(1)
    assert list(order) != first


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_balanced(seed: int) -> None:
    lengths = random_lengths(128, seed)
    for bins in (2, 8, 32):
        groups = pack(range(128), lengths, bins)
        fullest = max(loads(groups, lengths))
        mean, longest = sum(lengths) / bins, max(lengths)
        assert fullest <= mean + longest
        assert fullest <= 1.1 * max(mean, longest)
        assert loads(groups, lengths) == sorted(loads(groups, lengths), reverse=True)


@pytest.mark.parametrize("seed", range(30))
def test_groups_are_near_the_best_there_is(seed: int) -> None:
    generator = random.Random(seed)
    lengths = [generator.randint(1, 30) for _ in range(7)]
    for bins in (2, 3):
        best = min(
            max(sum(n for n, p in zip(lengths, places, strict=True) if p == b) for b in range(bins))
            for places in product(range(bins), repeat=7)
        )
        assert max(loads(pack(range(7), lengths, bins), lengths)) <= 13 / 11 * best


def test_odd_steps() -> None:
    assert pack([], [], 3) == [(), (), ()]
    assert pack([4], [9] * 5, 3) == [(4,), (), ()]
    assert sorted(pack([0, 1], [5, 5], 3)) == [(), (0,), (1,)]
    lengths = [1000, 1, 2, 3, 4]  # one row longer than all others together
    assert pack(range(5), lengths, 2)[0] == (0,)
    assert sorted(map(len, pack(range(4), [7, 7, 7, 7], 2))) == [2, 2]


def test_flattened_rows() -> None:
    batch = flatten(
        [
            {"input_ids": [5, 6], "labels": [5, 6]},
            {"input_ids": [7, 8, 9], "labels": [IGNORED, 8, 9]},
        ],
        PAD,
    )
    assert {name: tensor.tolist() for name, tensor in batch.items()} == {
        "input_ids": [[5, 6, 7, 8, 9]],
        "labels": [[IGNORED, 6, IGNORED, 8, 9]],
        "position_ids": [[0, 1, 0, 1, 2]],
    }


def test_no_rows_are_one_token_that_is_not_trained() -> None:
    batch = flatten([], 2)
    assert {name: tensor.tolist() for name, tensor in batch.items()} == {
        "input_ids": [[2]],
        "labels": [[IGNORED]],
        "position_ids": [[0]],
    }


def test_padding_shares() -> None:
    # one step: micro-batches of the sorted rows, (2, 4) and (6, 8), pad 2 + 2 of 24 tokens
    assert padding_shares([8, 2, 6, 4], 4, 2, seed=1) == {
        "padding_share_unpacked": round(4 / 24, 4),
        "padding_share_packed": 0.0,
    }
    # one row in a step of four: three micro-batches are one token each
    assert padding_shares([7], 4, 1, seed=1) == {
        "padding_share_unpacked": 0.0,
        "padding_share_packed": 0.3,
    }
    assert set(padding_shares([], 4, 2, seed=1).values()) == {0.0}


@pytest.fixture(scope="module")
def rows(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> TokenSet:
    folder = tmp_path_factory.mktemp("rows")
    write_rows(folder / "rows.jsonl", [chat(i) for i in range(12)])
    masker = Masker(tokenizer, 256, settings().loss_on)
    return open_rows(folder / "rows.jsonl", masker, RowLimits(), store=folder / "store")


@pytest.fixture(scope="module", params=["sdpa", "eager"])
def model(request: pytest.FixtureRequest, tiny_base: Path) -> Any:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_base, attn_implementation=request.param)
    model.config.use_cache = False
    return model.train()


def step_loss(model: Any, batches: list[dict[str, Any]]) -> tuple[float, dict[str, Any]]:
    """Loss of a step as training computes it, and its gradients."""
    trained = sum(int((batch["labels"][:, 1:] != IGNORED).sum()) for batch in batches)
    model.zero_grad()
    total = 0.0
    for batch in batches:
        loss = model(**batch, num_items_in_batch=trained).loss
        loss.backward()
        total += loss.item()
    return total, {name: weight.grad.clone() for name, weight in model.named_parameters()}


def test_padded_and_packed_steps_have_the_same_loss_and_gradients(
    model: Any, rows: TokenSet
) -> None:
    steps = step_rows(rows.lengths(), 8, 1, 0)
    packed = list(MicroBatches(rows.lengths(), 8, 4, 1, pack))
    assert sum(not group for group in packed) == 0
    for step in range(2):
        numbers = steps[step]
        padded = [
            collate([rows[i] for i in numbers[k : k + 2]], PAD) for k in range(0, len(numbers), 2)
        ]
        flat = [flatten([rows[i] for i in group], PAD) for group in packed[step * 4 : step * 4 + 4]]
        (loss, gradients), (other, others) = step_loss(model, padded), step_loss(model, flat)
        assert loss > 1
        assert other == pytest.approx(loss, abs=1e-5)
        for name, gradient in gradients.items():
            assert (gradient - others[name]).abs().max() < 1e-5, name


def test_an_empty_micro_batch_adds_nothing(model: Any, rows: TokenSet) -> None:
    batch = flatten([rows[0], rows[1]], PAD)
    loss, gradients = step_loss(model, [batch])
    other, others = step_loss(model, [batch, flatten([], PAD)])
    assert other == loss
    assert all(bool((gradients[name] == others[name]).all()) for name in gradients)


def test_rows_do_not_see_each_other(model: Any, rows: TokenSet) -> None:
    """Another first row changes nothing in the second; and the order of rows does not either."""
    import torch

    first, second = rows[3], rows[5]
    other: Item = {**first, "input_ids": [token + 7 for token in first["input_ids"]]}
    length = len(first["input_ids"])
    with torch.no_grad():
        logits, changed, swapped = (
            model(**flatten(items, PAD)).logits[0]
            for items in ([first, second], [other, second], [second, first])
        )
    assert (logits[:length] - changed[:length]).abs().max() > 1e-2
    assert (logits[length:] - changed[length:]).abs().max() < 1e-6
    assert (logits[length:] - swapped[:-length]).abs().max() < 1e-5
