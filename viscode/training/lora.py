"""Low-rank adapters on all linear layers: a fraction of the memory, and not the paper's recipe.

They are merged into the weights when the model is exported (viscode.training.export), so the result
is a plain model like any other: no adapter files, no package peft to load it.
"""

from typing import Any

from viscode.settings.train import TrainSettings

SCALE = 2  # lora_alpha / rank


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
