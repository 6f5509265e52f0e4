"""Low-rank adapters on all linear layers: a fraction of the memory, and not the paper's recipe.

They are merged into the weights when the model is exported (viscode.training.export), so the result
is a plain model like any other: no adapter files, no package peft to load it.
"""

from typing import Any

from viscode.settings.train import TrainSettings, WeightType

SCALE = 2  # lora_alpha / rank
PEFT_PREFIX = "base_model.model."  # peft's, before the model's own names
FIRST, SECOND = ".lora_A.default.weight", ".lora_B.default.weight"


def add_adapters(model: Any, settings: TrainSettings) -> Any:
    """The model with frozen weights and trainable adapters; the same seed, the same adapters."""
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed

    set_seed(settings.seed)
    config = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=SCALE * settings.lora_rank,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def merged(state: dict[str, Any], dtype: WeightType) -> dict[str, Any]:
    """All weights of a model with adapters -> the plain model's, by its own names, in `dtype`.
    Works on the full weights, wherever they were collected from, so ZeRO-3 is no special case.

    Layer by layer and on the CPU: a GPU that the training filled has no room for a second copy."""
    import torch

    named = {name.removeprefix(PEFT_PREFIX): weight for name, weight in state.items()}
    plain = {n.replace(".base_layer.", "."): w for n, w in named.items() if ".lora_" not in n}
    for name in (name for name in named if name.endswith(FIRST)):
        layer = name.removesuffix(FIRST)
        second, first, old = (
            weight.to("cpu", torch.float32)
            for weight in (named[layer + SECOND], named[name], plain[f"{layer}.weight"])
        )
        plain[f"{layer}.weight"] = (old + SCALE * (second @ first)).to(getattr(torch, dtype))
    return plain
