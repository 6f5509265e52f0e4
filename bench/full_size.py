"""What the paper's size costs, by arithmetic: python bench/full_size.py [--seconds-per-script S]

Inputs are the paper's counts (section 3, 4), public list prices with their date, and assumptions
that stand below by name; nothing is measured here. Training: 6 FLOPs per parameter and token, of
which a GPU delivers `MFU` of its peak. Prints one line a step.
"""

import argparse

SAMPLES, TOKENS_PER_SAMPLE, EPOCHS, BATCH = 200_000, 1_000, 3, 128
GPUS, PEAK_FLOPS, MFU, GPU_DOLLARS_PER_HOUR = 8, 312e12, 0.45, 2.0
PARAMETERS = {"3B": 3.1e9, "7B": 7.6e9}
BYTES_PER_PARAMETER = 16  # bf16 weights and gradients, fp32 master weights and two Adam moments
SCRIPTS = 300_000 + 112_000  # run in validate (paper 3.1)
EXTRACT_CALLS, EXTRACT_TOKENS = 1_700_000, (1_500, 500)  # in, out
INSTRUCT_CALLS, INSTRUCT_TOKENS = 155_000, (1_600, 350)  # in (image included), out
PRICES = {  # dollars per million tokens (in, out), list prices of May 2025
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4o": (2.50, 10.00),
}


def training_hours(parameters: float) -> float:
    flops = 6 * parameters * SAMPLES * TOKENS_PER_SAMPLE * EPOCHS
    return flops / (GPUS * PEAK_FLOPS * MFU) / 3600


def call_dollars(model: str, calls: int, tokens: tuple[int, int]) -> float:
    return calls * sum(n * price for n, price in zip(tokens, PRICES[model], strict=True)) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds-per-script", type=float, default=2.5, help="on one core")
    parser.add_argument("--cores", type=int, default=64)
    args = parser.parse_args()
    steps = SAMPLES * EPOCHS // BATCH
    print(f"training: {SAMPLES * TOKENS_PER_SAMPLE * EPOCHS / 1e9:.1f} B tokens, {steps:,} steps")
    for name, parameters in PARAMETERS.items():
        hours = training_hours(parameters)
        states = parameters * BYTES_PER_PARAMETER / GPUS / 2**30
        dollars = hours * GPUS * GPU_DOLLARS_PER_HOUR
        print(f"  {name}: {hours:.1f} h on {GPUS} x A100 80 GB, ${dollars:,.0f}; "
              f"ZeRO-3 states {states:.0f} GiB a GPU")  # fmt: skip
    core_hours = SCRIPTS * args.seconds_per_script / 3600
    print(f"validate: {SCRIPTS:,} scripts, {core_hours:,.0f} core hours, "
          f"{core_hours / args.cores:.1f} h on {args.cores} cores")  # fmt: skip
    extract = call_dollars("gpt-4o-mini", EXTRACT_CALLS, EXTRACT_TOKENS)
    instruct = call_dollars("gpt-4o", INSTRUCT_CALLS, INSTRUCT_TOKENS)
    print(f"extraction: {EXTRACT_CALLS:,} calls of gpt-4o-mini, ${extract:,.0f}")
    print(f"instructions: {INSTRUCT_CALLS:,} calls of gpt-4o, ${instruct:,.0f}")


if __name__ == "__main__":
    main()
