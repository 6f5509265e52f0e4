"""Writing a model as a plain Hugging Face folder: config, safetensors, tokenizer, chat template."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from viscode.settings.train import WeightType

CARD = "viscode_model.json"  # what is known of a base model: name, licence, parameters


def save_state(
    state: Mapping[str, Any], base: Path, dtype: WeightType, tokenizer: Any, folder: Path
) -> None:
    """Write the weights `state` as a model that is built like the one in `base`.

    Configuration and generation settings are those of `base`, not those of the model in training,
    which the Trainer, DeepSpeed and adapters change. Weights that the model shares are written
    once; a name that the model does not have, or one that is missing, is an error.

    Raises:
        OSError: no space left.
        ValueError: weights that are not those of the model.
    """
    model = _hollow(base, dtype)
    weights = _once(state, model, dtype)
    with full_disk_told(folder):
        model.save_pretrained(folder, state_dict=weights)
    tokenizer.save_pretrained(folder)


def _hollow(base: Path, dtype: WeightType) -> Any:
    """The model of `base` without memory for weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

    config = AutoConfig.from_pretrained(base, local_files_only=True)
    config.use_cache = True
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    if (base / "generation_config.json").is_file():
        model.generation_config = GenerationConfig.from_pretrained(base, local_files_only=True)
    return model


def _once(state: Mapping[str, Any], model: Any, dtype: WeightType) -> dict[str, Any]:
    """`state` in `dtype`, without second names of shared weights, on the CPU."""
    import torch

    expected = model.state_dict()
    shared = set(model.all_tied_weights_keys)
    wrong = (state.keys() - expected.keys()) | (expected.keys() - state.keys() - shared)
    wrong |= {name for name in state.keys() & expected if state[name].shape != expected[name].shape}
    if wrong:
        raise ValueError(f"weights that are not the model's: {sorted(wrong)[:3]}")
    kept = sorted(state.keys() - shared)
    return {name: state[name].to("cpu", getattr(torch, dtype)).contiguous() for name in kept}


@contextmanager
def full_disk_told(folder: Path) -> Iterator[None]:
    """Raise OSError for a full disk, which the safetensors library reports as an error of its
    own."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        if "os error 28" in str(error) or "No space" in str(error):
            raise OSError(errno.ENOSPC, str(error), str(folder)) from error
        raise
