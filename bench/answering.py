"""Answering with a local model on a CPU: our cache of keys and values, which appends in place,
against the one of transformers, which copies all of them for each token.

    python bench/answering.py [--rounds N] [--prompts N] [--prompt-tokens N] [--new-tokens N]

The small default model in float32 continues prompts of random tokens, all of one length and in one
batch, with either cache in turns. The last line is JSON: {"prompts", "speedup", "decoding_speedup",
"equal"}: medians of the ratios of wall-clock time, in all and without the time in which the prompts
are read (which is that of a run with one new token); whether all tokens were the same.
"""

import json
import statistics
import time
from pathlib import Path
from typing import Any

import click

from viscode.core.compute import wait_passively

MODEL = Path("data/base_model")


def generated(model: Any, prompts: Any, new_tokens: int, cache: Any) -> tuple[float, Any]:
    """Seconds, and the tokens."""
    import torch
    from transformers import GenerationConfig

    config = GenerationConfig(
        max_new_tokens=new_tokens, min_new_tokens=new_tokens, do_sample=False, pad_token_id=0
    )
    began = time.perf_counter()
    with torch.inference_mode():
        tokens = model.generate(
            input_ids=prompts,
            attention_mask=torch.ones_like(prompts),
            generation_config=config,
            past_key_values=cache,
        )
    return time.perf_counter() - began, tokens


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--prompts", default=18, show_default=True)
@click.option("--prompt-tokens", default=500, show_default=True)
@click.option("--new-tokens", default=64, show_default=True)
def main(rounds: int, prompts: int, prompt_tokens: int, new_tokens: int) -> None:
    """Measure and print; the last line is JSON."""
    wait_passively()
    import torch
    from transformers import AutoModelForCausalLM, DynamicCache

    from viscode.llm.transformers_client import growing_cache

    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()
    caches = {"own": growing_cache, "transformers": lambda config: DynamicCache(config=config)}
    whole, decoding, equal = [], [], True
    for turn in range(rounds):
        torch.manual_seed(turn)
        tokens = torch.randint(
            5, len(model.get_input_embeddings().weight), (prompts, prompt_tokens)
        )
        seconds, found = {}, {}
        for name in sorted(caches, reverse=turn % 2 == 1):
            make = caches[name]
            read, _ = generated(model, tokens, 1, make(model.config))
            seconds[name], found[name] = generated(model, tokens, new_tokens, make(model.config))
            seconds[name, "decoding"] = seconds[name] - read
            print(f"{name}: {seconds[name]:.1f} s, of it {read:.1f} s for the prompts")
        equal = equal and torch.equal(found["own"], found["transformers"])
        whole.append(seconds["transformers"] / seconds["own"])
        decoding.append(seconds["transformers", "decoding"] / seconds["own", "decoding"])
    row = {
        "prompts": prompts,
        "speedup": round(statistics.median(whole), 2),
        "decoding_speedup": round(statistics.median(decoding), 2),
        "equal": equal,
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
