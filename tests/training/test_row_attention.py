from types import SimpleNamespace
from typing import Any

import pytest

from viscode.training import attention

LENGTHS = (7, 1, 12, 5)


def model(implementation: str) -> Any:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    attention.register()
    torch.manual_seed(3)
    config = Qwen2Config(
        vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, attn_implementation=implementation,
    )  # fmt: skip
    return Qwen2ForCausalLM(config).train()


def packed() -> dict[str, Any]:
    import torch

    torch.manual_seed(5)
    ids = torch.randint(0, 50, (1, sum(LENGTHS)))
    positions = torch.cat([torch.arange(length) for length in LENGTHS])[None]
    return {"input_ids": ids, "labels": ids, "position_ids": positions, "use_cache": False}


def padded() -> dict[str, Any]:
    import torch

    ids = torch.randint(1, 50, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    labels = ids.masked_fill(mask == 0, -100)
    return {"input_ids": ids, "labels": labels, "attention_mask": mask, "use_cache": False}


@pytest.mark.parametrize("batch", [packed, padded])
def test_same_loss_and_gradients_as_with_a_mask(batch: Any) -> None:
    import torch

    inputs, found = batch(), {}
    for name in ("sdpa", attention.BY_ROW):
        one = model(name)
        loss = one(**inputs).loss
        loss.backward()
        found[name] = (loss.item(), [p.grad for p in one.parameters()])
    (loss, gradients), (ours, our_gradients) = found["sdpa"], found[attention.BY_ROW]
    assert abs(loss - ours) < 1e-6
    for one, other in zip(gradients, our_gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_rows_do_not_see_each_other() -> None:
    inputs, one = packed(), model(attention.BY_ROW).eval()
    before = one(**inputs).logits
    inputs["input_ids"] = inputs["input_ids"].clone()
    inputs["input_ids"][0, 8] = (inputs["input_ids"][0, 8] + 1) % 50  # the third row's first token
    after = one(**inputs).logits
    changed = (before - after).abs().amax(-1)[0] > 0
    assert not changed[:8].any() and changed[8:20].all() and not changed[20:].any()


@pytest.mark.parametrize(
    ("kinds", "fits"),
    [(None, True), (["full_attention"], True), (["full_attention", "sliding_attention"], False)],
)
def test_not_for_sliding_windows(kinds: Any, fits: bool) -> None:
    assert attention.fits(SimpleNamespace(layer_types=kinds)) is fits
