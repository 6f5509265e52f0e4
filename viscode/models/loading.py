"""A model from a folder or a GGUF file, to be trained, stored or asked."""

from pathlib import Path
from typing import Any

SAME_EMBEDDINGS = 0.98  # cosine above which an output layer is its input embeddings, quantised


def load_model(path: Path, dtype: Any) -> Any:
    """The model in a folder (safetensors) in `dtype`, "auto" for that of the files; or in a GGUF
    file of an architecture that transformers knows, dequantised to float32."""
    import torch
    from transformers import AutoModelForCausalLM

    if not path.is_file():
        return AutoModelForCausalLM.from_pretrained(
            path, dtype=dtype, use_safetensors=True, local_files_only=True
        )
    model, report = AutoModelForCausalLM.from_pretrained(
        path.parent,
        gguf_file=path.name,
        dtype=torch.float32,
        local_files_only=True,
        output_loading_info=True,
    )
    _unmark_quantised(model)
    tie(model, missing=set(report["missing_keys"]))
    return model


def _unmark_quantised(model: Any) -> None:
    """Remove the marks by which transformers takes a dequantised GGUF model for a quantised one
    and refuses to save or train it, and the working title that the file gives the model."""
    for name in ("hf_quantizer", "is_quantized", "quantization_method"):
        if hasattr(model, name):
            delattr(model, name)
    for name in ("quantization_config", "_model_name_or_path"):
        if hasattr(model.config, name):
            delattr(model.config, name)


def tie(model: Any, missing: set[str]) -> None:
    """Share input and output embeddings where the original did: the file has no output layer of
    its own (`missing`), or only a second, differently quantised copy of the embeddings."""
    import torch

    inputs, outputs = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    if inputs is outputs or inputs.shape != outputs.shape:
        return
    with torch.no_grad():
        likeness = torch.cosine_similarity(inputs.float(), outputs.float(), dim=1).mean().item()
    if "lm_head.weight" in missing or likeness > SAME_EMBEDDINGS:
        model.config.tie_word_embeddings = True
        model.tie_weights()
