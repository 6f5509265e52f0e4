"""What the paper's size costs, by arithmetic: python bench/full_size.py [--write docs/full-size.md]

Nothing is measured here. Inputs are the paper's counts (sections 3 and 4), the models' published
configurations, list prices with their date, and assumptions that stand below by name;
--seconds-per-script and --requests-per-s put in what a machine was seen to do. Prints the tables
of docs/full-size.md; --write puts them between the markers of that file, and a test compares.

Training needs 6 FLOPs per parameter and token, of which a GPU delivers a share (MFU) of its dense
peak; recomputing activations costs time that this share contains. Memory is bytes per component and
GPU at the highest moment, without the allocator's fragments and the buffers for communication
(plan 5 to 10 GiB).
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from viscode.training.throughput import flops_per_token, peak_flops

BEGIN, END = "<!-- begin: bench/full_size.py -->", "<!-- end: bench/full_size.py -->"
GIB, HOUR = 2**30, 3600

# The paper, sections 3 and 4.
ROWS, EPOCHS, BATCH = 200_000, 3, 128
FILES, PLOTTING_FILES, BALANCED = 25_300_000, 1_700_000, 300_000
CHARTS, VALIDATED = 112_000, 155_000
TASKS, LIBRARIES, ROUNDS = 175, 3, 3

# Ours: what one row, one file, one answer is taken to be.
TOKENS_PER_ROW, MAX_LENGTH, PER_DEVICE_ROWS = 1_000, 4_096, 4
FILE_BYTES = 73e9 / FILES  # stack-edu: 73 GB of text
SCANNED_MB_PER_S, PARSED_FILES_PER_S = 100.0, 200.0  # of select_files, on one core
CALL_S, CALLS_AT_ONCE = 5.0, 64  # of a model; llm.concurrency
EXTRACT_TOKENS, INSTRUCT_TOKENS = (1_500, 500), (1_600, 350)  # in, out; an image is in the 1,600
ANSWER_TOKENS, ANSWERED_PER_S = 700, 2_500  # of one answer; tokens a second of a served 7B model
RETRIED = 0.35  # of the answers in a round that fail and are asked again
MFU = 0.45

# Dollars. GPU: an hour of one on demand, cloud list prices around May 2025. Models: per million
# tokens (in, out), OpenAI list prices of May 2025; its Batch API costs half.
GPU_DOLLARS = {"NVIDIA A100 80GB": 2.0, "NVIDIA H100 80GB": 3.0}
CORE_DOLLARS = 0.04
MODEL_DOLLARS = {"gpt-4o-mini": (0.15, 0.60), "gpt-4o": (2.50, 10.00)}

BF16, FP32 = 2, 4
ADAM_MOMENTS = 2
LIVE_WEIGHTS = 10**9  # gathered at once by ZeRO-3 (DeepSpeed's stage3_max_live_parameters)
LOGIT_BYTES = 2 * (BF16 + FP32)  # bfloat16 logits, float32 log-probabilities, a gradient of each


@dataclass(frozen=True)
class Model:
    """A published configuration; `parameters` counts shared embeddings once."""

    name: str
    parameters: int
    layers: int
    width: int
    inner: int
    heads: int
    key_heads: int
    vocabulary: int


MODELS = (
    Model("3B", 3_085_938_688, 36, 2048, 11_008, 16, 2, 151_936),
    Model("7B", 7_615_616_512, 28, 3584, 18_944, 28, 4, 152_064),
)


@dataclass(frozen=True)
class Observed:
    """What depends on the machines: seconds of a script on one core, cores, files fetched."""

    seconds_per_script: float
    cores: int
    requests_per_s: float


def training_hours(model: Model, device: str, gpus: int) -> float:
    peak = peak_flops(device, "bfloat16")
    assert peak is not None
    flops = flops_per_token(model.parameters) * ROWS * TOKENS_PER_ROW * EPOCHS
    return flops / (gpus * peak * MFU) / HOUR


def states(model: Model, stage: int, gpus: int) -> dict[str, float]:
    """GiB on each GPU of what lasts through a step, with ZeRO `stage` over `gpus`.

    ZeRO 0 is the plain Trainer: float32 weights and gradients, and the bfloat16 copies that
    autocast keeps through a step. With ZeRO the weights are bfloat16 and the optimizer holds the
    float32 masters; ZeRO-3 on several GPUs gathers up to `LIVE_WEIGHTS` besides its share.
    """
    shared = [gpus if stage >= needed else 1 for needed in (3, 2, 1)]
    per_weight, per_gradient = (FP32 + BF16, FP32) if stage == 0 else (BF16, BF16)
    optimizer = ADAM_MOMENTS * FP32 + (0 if stage == 0 else FP32)
    sizes = zip((per_weight, per_gradient, optimizer), shared, strict=True)
    names = ("weights", "gradients", "optimizer")
    found = {
        name: model.parameters * size / parts / GIB
        for name, (size, parts) in zip(names, sizes, strict=True)
    }
    if stage == 3 and gpus > 1:
        found["weights"] += min(model.parameters, LIVE_WEIGHTS) * BF16 / GIB
    return found


def checkpointed(model: Model, tokens: int) -> float:
    """GiB of activations with gradient checkpointing: the input of each layer, and all of one.

    Within a layer, bfloat16 except where noted: two norms (input and float32 copy), queries, keys,
    values, attention's output and projection, gate, up, their product and activation, down.
    """
    head = model.width // model.heads
    attention = 2 * model.width + head * (model.heads + 2 * model.key_heads)
    one = BF16 * (attention + 4 * model.inner + 2 * model.width) + 2 * FP32 * model.width
    return tokens * (model.layers * model.width * BF16 + one) / GIB


def logits(model: Model, tokens: int) -> float:
    """GiB of the logits and what the loss makes of them."""
    return tokens * model.vocabulary * LOGIT_BYTES / GIB


def dollars(model: str, calls: int, tokens: tuple[int, int]) -> float:
    return (
        calls * sum(n * price for n, price in zip(tokens, MODEL_DOLLARS[model], strict=True)) / 1e6
    )


def answers() -> int:
    """Answers of one model over all libraries and self-debug rounds."""
    first = TASKS * LIBRARIES
    return ceil(first * sum(RETRIED**number for number in range(ROUNDS + 1)))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def data_rows(seen: Observed) -> Iterator[tuple[str, str, str, str]]:
    """(stage, amount, time, dollars) of the stages before training."""
    files, scripts = f"{FILES:,} files", BALANCED + CHARTS
    fetched = FILES / seen.requests_per_s / HOUR
    scanned = FILES * FILE_BYTES / 1e6 / SCANNED_MB_PER_S + PLOTTING_FILES / PARSED_FILES_PER_S
    run = scripts * seen.seconds_per_script
    yield "collect_files", files, f"{fetched:.1f} h", "0 (unsigned access)"
    yield "select_files", files, *on_cores(scanned, seen.cores)
    yield "extract_blocks", *asked("gpt-4o-mini", PLOTTING_FILES, EXTRACT_TOKENS)
    yield "validate", f"{scripts:,} scripts", *on_cores(run, seen.cores)
    yield "write_instructions", *asked("gpt-4o", VALIDATED, INSTRUCT_TOKENS)


def asked(model: str, calls: int, tokens: tuple[int, int]) -> tuple[str, str, str]:
    hours = calls * CALL_S / CALLS_AT_ONCE / HOUR
    price = money(dollars(model, calls, tokens))
    return f"{calls:,} calls of {model}", f"{hours:.1f} h, {CALLS_AT_ONCE} at a time", price


def on_cores(seconds: float, cores: int) -> tuple[str, str]:
    hours = seconds / HOUR
    return f"{hours:,.0f} core hours, {hours / cores:.1f} h on {cores}", money(hours * CORE_DOLLARS)


def money(amount: float) -> str:
    return f"{amount:,.0f}"


def training_rows() -> Iterator[tuple[str, str, str, str]]:
    """(stage, amount, time, dollars) of training and answering."""
    amount = f"{ROWS * TOKENS_PER_ROW * EPOCHS / 1e9:.1f} B tokens"
    for model in MODELS:
        for device, price in GPU_DOLLARS.items():
            hours = training_hours(model, device, 8)
            name = device.removeprefix("NVIDIA ")
            yield (
                f"train {model.name}",
                amount,
                f"{hours:.1f} h on 8 x {name}",
                money(8 * hours * price),
            )
    hours = answers() * ANSWER_TOKENS / ANSWERED_PER_S / HOUR
    price = GPU_DOLLARS["NVIDIA A100 80GB"]
    served = f"{hours:.1f} h on 1 x A100 80GB"
    yield "answer, each model", f"{answers():,} answers", served, f"{hours * price:.1f}"


def memory_rows(model: Model) -> Iterator[list[str]]:
    """GiB on each GPU by ZeRO stage and number of GPUs, for a micro-batch of `MAX_LENGTH` tokens
    and for one of the longest possible rows."""
    activations = [checkpointed(model, n) + logits(model, n) for n in micro_batches()]
    for gpus in (1, 8):
        for stage in range(4):
            parts = states(model, stage, gpus)
            totals = [sum(parts.values()) + more for more in activations]
            figures = [*parts.values(), *totals]
            yield [str(gpus), str(stage), *(f"{figure:.1f}" for figure in figures)]


def micro_batches() -> tuple[int, int]:
    """Tokens computed at once: of rows of usual length, and of the longest ones."""
    return PER_DEVICE_ROWS * TOKENS_PER_ROW, PER_DEVICE_ROWS * MAX_LENGTH


def report(seen: Observed) -> list[str]:
    steps = EPOCHS * ceil(ROWS / BATCH)
    usual, longest = micro_batches()
    lines = [
        f"{steps:,} optimizer steps of {BATCH} rows, {ceil(0.05 * steps)} of them warm-up.",
        "",
    ]
    columns = ("stage", "amount", "time", "dollars")
    lines += table(columns, [*data_rows(seen), *training_rows()])
    for model in MODELS:
        columns = ("GPUs", "ZeRO", "weights", "gradients", "optimizer", f"all, {usual:,} tokens",
                   f"all, {longest:,} tokens")  # fmt: skip
        lines += ["", f"{model.name}, {model.parameters:,} parameters: GiB on each GPU.", ""]
        lines += table(columns, list(memory_rows(model)))
        lines += ["", *activation_lines(model)]
    return lines


def activation_lines(model: Model) -> Iterator[str]:
    per_token = model.vocabulary * FP32 / 1e6
    for tokens in micro_batches():
        yield (
            f"- A micro-batch of {tokens:,} tokens: activations {checkpointed(model, tokens):.1f} "
            f"GiB, logits and loss {logits(model, tokens):.1f} GiB ({per_token:.2f} MB a token in "
            f"float32, {LOGIT_BYTES // FP32} times that in all)."
        )


def embed(text: str, lines: Sequence[str]) -> str:
    """`text` with `lines` between its markers."""
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return "\n".join([head + BEGIN, *lines, END + tail])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds-per-script", type=float, default=1.6, help="on one core")
    parser.add_argument("--cores", type=int, default=64)
    parser.add_argument("--requests-per-s", type=float, default=640.0, help="64 in flight")
    parser.add_argument("--write", type=Path, help="file with the markers")
    args = parser.parse_args()
    lines = report(Observed(args.seconds_per_script, args.cores, args.requests_per_s))
    if args.write:
        args.write.write_text(embed(args.write.read_text("utf-8"), lines), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
