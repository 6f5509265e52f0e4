"""A finished model folder -> one GGUF file for llama.cpp, by the package `gguf`.

Written are Llama and Qwen2 models (SmolLM2, Qwen2.5-Coder), the families this project trains,
with a byte-level BPE tokenizer. Everything else is refused by `check_architecture`, which is meant
to be called before training starts. A weight is read, converted and written before the next, so
memory holds one.

Matrices are stored as f16 or q8_0 (blocks of 32 weights with one scale); vectors, and what does
not divide into blocks, as llama.cpp's own converter does: norms and biases in f32, odd matrices in
f16. Llama's query and key rows are reordered, because llama.cpp rotates neighbouring pairs where
transformers rotates halves. Shared embeddings are stored once.
"""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.settings.train import Gguf

ARCHITECTURES = ("llama", "qwen2")
FILE_TYPES = {"f16": 1, "q8_0": 7}  # llama.cpp's llama_ftype
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5  # token types of the format


def check_architecture(base: Path, kind: Gguf) -> None:
    """Refuse a model folder that could not be written as `kind`, before anything is trained.

    Raises:
        UserError: no package gguf, another architecture, scaled positions, or a tokenizer that
            llama.cpp would split in another way.
    """
    if kind == "none":
        return
    where = f"train.gguf: {kind}"
    if importlib.util.find_spec("gguf") is None:
        raise UserError("the package gguf is not installed", where=where, todo="make setup")
    config = _json(base / "config.json")
    rope = (config.get("rope_parameters") or config.get("rope_scaling") or {}).get("rope_type")
    if config.get("model_type") not in ARCHITECTURES:
        problem = f"a model of type {config.get('model_type')} cannot be written"
    elif rope not in (None, "default"):
        problem = f"rotary positions scaled by {rope!r} cannot be written"
    elif _splitter(_json(base / "tokenizer.json")) is None:
        problem = "the tokenizer is no byte-level BPE that llama.cpp knows"
    else:
        return
    raise UserError(
        problem,
        where=where,
        todo="set train.gguf to none and convert data/model with llama.cpp's own script (here:"
        f" {' and '.join(ARCHITECTURES)}, unscaled positions)",
    )


def _json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def _splitter(tokenizer: dict[str, Any]) -> str | None:
    """llama.cpp's name (`tokenizer.ggml.pre`) for how the tokenizer cuts text before BPE. Patterns
    of the families differ in how they cut numbers."""
    if tokenizer["model"]["type"] != "BPE":
        return None
    step = tokenizer.get("pre_tokenizer") or {}
    steps = step.get("pretokenizers", [step])
    kinds = [part.get("type") for part in steps]
    if kinds == ["ByteLevel"] and steps[0].get("use_regex", True):
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and steps[0].get("individual_digits"):
        return "smollm"
    if kinds == ["Split", "ByteLevel"]:
        pattern = steps[0]["pattern"].get("Regex", "")
        if r"|\p{N}{1,3}|" in pattern:
            return "llama-bpe"
        if r"|\p{N}|" in pattern:
            return "qwen2"
    return None


def write(folder: Path, kind: Gguf, out: Path) -> None:
    """Write the model in `folder` (config, safetensors, tokenizer) to the file `out`.

    Raises:
        UserError: a model that `check_architecture` refuses, or a weight too large for f16.
    """
    from gguf import GGUFWriter
    from transformers import AutoConfig, AutoTokenizer

    check_architecture(folder, kind)
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    writer = GGUFWriter(out, config.model_type)
    try:
        _add_model(writer, config, kind)
        _add_tokenizer(writer, tokenizer, _json(folder / "tokenizer.json"), config.vocab_size)
        _add_weights(writer, folder, config, kind)
    finally:
        writer.close()


def _add_model(writer: Any, config: Any, kind: Gguf) -> None:
    heads = config.num_attention_heads
    writer.add_type("model")
    writer.add_name("VisCode")
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_quantization_version(2)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_rope_dimension_count(int(width))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(writer: Any, tokenizer: Any, stored: dict[str, Any], rows: int) -> None:
    """Vocabulary, merges, special tokens and template. `rows`: of the embeddings, which may be
    more than tokens; the rest is filled with tokens that never occur."""
    tokens = [f"[PAD{number}]" for number in range(rows)]
    types = [UNUSED] * rows
    for text, number in tokenizer.get_vocab().items():
        tokens[number], types[number] = text, NORMAL
    for number, added in tokenizer.added_tokens_decoder.items():
        tokens[number], types[number] = added.content, CONTROL if added.special else USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_splitter(stored))
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    pairs = stored["model"]["merges"]
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in pairs])
    first = tokenizer("a")["input_ids"][0]
    writer.add_add_bos_token(first == tokenizer.bos_token_id)
    writer.add_add_space_prefix(False)
    for name in ("bos", "eos", "unk", "pad"):
        number = getattr(tokenizer, f"{name}_token_id")
        if number is not None:
            getattr(writer, f"add_{name}_token_id")(number)
    writer.add_chat_template(tokenizer.chat_template)


def _add_weights(writer: Any, folder: Path, config: Any, kind: Gguf) -> None:
    """Announce all tensors, then write them one by one in the same order."""
    import numpy as np
    from gguf import GGML_QUANT_SIZES, MODEL_ARCH, get_tensor_name_map

    names = get_tensor_name_map(MODEL_ARCH[config.model_type.upper()], config.num_hidden_layers)
    for name, tensor in _tensors(folder):
        stored_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if stored_name is None:
            raise ValueError(f"no name in GGUF for the weight {name}")
        storage = _storage(tensor, kind)
        block, block_bytes = GGML_QUANT_SIZES[storage]
        size = tensor.numel() // block * block_bytes
        # a raw type given, the writer takes the shape as it is and does not look at the other type
        shape, unused = list(tensor.shape), np.dtype("float32")
        writer.add_tensor_info(stored_name, shape, unused, size, storage)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, tensor in _tensors(folder):
        writer.write_tensor_data(_converted(name, tensor, config, _storage(tensor, kind)))


def _tensors(folder: Path) -> Iterator[tuple[str, Any]]:
    """All weights of a folder, read one at a time, in a fixed order."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as stored:
            for name in sorted(stored.keys()):
                yield name, stored.get_tensor(name)


def _storage(tensor: Any, kind: Gguf) -> Any:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if tensor.ndim == 1:
        return GGMLQuantizationType.F32
    block, _ = GGML_QUANT_SIZES[GGMLQuantizationType.Q8_0]
    if kind == "q8_0" and tensor.shape[-1] % block == 0:
        return GGMLQuantizationType.Q8_0
    return GGMLQuantizationType.F16


def _converted(name: str, tensor: Any, config: Any, storage: Any) -> Any:
    """The bytes of a weight. Rows of each head of Llama's queries and keys are reordered from
    halves (0..n/2, n/2..n) to neighbours (0, n/2, 1, ...)."""
    import numpy as np
    from gguf import quantize

    values = tensor.float().numpy()
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    part = name.split(".")[-2]
    if config.model_type == "llama" and ".self_attn." in name and part in heads:
        halves = values.reshape(heads[part], 2, -1, *values.shape[1:])
        values = halves.swapaxes(1, 2).reshape(values.shape)
    with np.errstate(over="ignore"):
        result = quantize(values, storage)
    if storage.name == "F16" and not np.isfinite(result).all():
        raise UserError(
            f"a value of {name} is too large for f16",
            where="train.gguf: f16",
            todo="set train.gguf to q8_0",
        )
    return result
