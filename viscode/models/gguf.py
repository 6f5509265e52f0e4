"""Models from GGUF files, dequantised to float32: for the base model and to be asked directly."""

from pathlib import Path
from typing import Any

SAME_EMBEDDINGS = 0.98  # cosine above which an output layer is its input embeddings, quantised


def load_gguf_tokenizer(path: Path) -> Any:
    """The tokenizer in a GGUF file."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)


def load_gguf(path: Path) -> tuple[Any, Any]:
    """(model, tokenizer) of a GGUF file whose architecture transformers knows."""
    import torch
    from transformers import AutoModelForCausalLM

    model, report = AutoModelForCausalLM.from_pretrained(
        path.parent,
        gguf_file=path.name,
        dtype=torch.float32,
        local_files_only=True,
        output_loading_info=True,
    )
    unmark_quantised(model)
    tie(model, missing=set(report["missing_keys"]))
    return model, load_gguf_tokenizer(path)


def unmark_quantised(model: Any) -> None:
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
