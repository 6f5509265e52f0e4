"""Adapters are trained alone, and merged as peft merges them."""

from pathlib import Path
from typing import Any

import pytest

from viscode.settings.base import load
from viscode.settings.train import TrainSettings
from viscode.training.lora import add_adapters, merged

PARAMS = Path(__file__).parents[2] / "params.yaml"
SETTINGS = load(TrainSettings, PARAMS).model_copy(update={"method": "lora", "lora_rank": 4})


@pytest.fixture
def adapted(tiny_base: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
    model = add_adapters(model, SETTINGS)
    torch.manual_seed(2)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    return model


def test_only_adapters_are_trained(adapted: Any) -> None:
    trained = {name for name, weight in adapted.named_parameters() if weight.requires_grad}
    assert trained and all(".lora_" in name for name in trained)
    assert sum("q_proj" in name for name in trained) == 2 * 2  # two layers, two matrices each


def test_merged_weights_are_those_of_peft(adapted: Any) -> None:
    import torch

    state = {name: w.clone() for name, w in adapted.state_dict().items()}
    ours = merged(state, "float32")
    half = merged(state, "bfloat16")
    assert {name for name in half if half[name].dtype is torch.bfloat16} == {
        name.removeprefix("base_model.model.").replace(".base_layer.", ".")
        for name in state
        if ".base_layer." in name
    }
    plain = adapted.merge_and_unload().state_dict()
    assert set(ours) == set(plain)
    for name, weight in plain.items():
        torch.testing.assert_close(ours[name], weight, atol=1e-5, rtol=1e-5)
