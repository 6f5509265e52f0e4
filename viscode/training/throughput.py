"""How much of a device's arithmetic a training run uses (MFU).

Counted is what the training needs, not what is computed: 6 FLOPs per parameter and token (2
forward, 4 backward), so recomputed activations and padding lower the figure. The attention term,
12 x layers x width x length FLOPs a token, is left out: at 1,000 tokens a row it is 3 % for a 7B
model (28 layers of 3,584), and packed rows of mixed length have no single length to put in.
"""

FLOPS_PER_PARAMETER, FLOPS_OF_A_GRADIENT = 6, 2
TERA = 1e12

# Dense matrix throughput in TFLOPS as (bfloat16, float32 without TF32), makers' data sheets. Where
# a sheet prints the figure with sparsity, half of it. A name counts when a device's name holds all
# its words; the first that fits wins, so variants stand before the plain name.
PEAKS: tuple[tuple[str, float, float], ...] = (
    ("GB200", 2500.0, 80.0),  # NVIDIA GB200 NVL72 data sheet, per GPU
    ("B200", 2250.0, 75.0),  # NVIDIA HGX B200 data sheet
    ("GH200", 989.4, 66.9),  # NVIDIA GH200 data sheet
    ("H200 NVL", 835.0, 60.0),  # NVIDIA H200 data sheet
    ("H200", 989.4, 66.9),
    ("H100 NVL", 835.0, 60.0),  # NVIDIA H100 data sheet
    ("H100 PCIe", 756.4, 51.2),
    ("H100", 989.4, 66.9),  # SXM5
    ("A100", 312.0, 19.5),  # NVIDIA A100 data sheet, SXM and PCIe
    ("A800", 312.0, 19.5),
    ("L40S", 362.05, 91.6),  # NVIDIA L40S data sheet
    ("L40", 181.05, 90.5),  # NVIDIA L40 data sheet
    ("L4", 121.0, 30.3),  # NVIDIA L4 data sheet, half of the figure with sparsity
    ("A10", 125.0, 31.2),  # NVIDIA A10 data sheet
    ("A40", 149.7, 37.4),  # NVIDIA A40 data sheet
    ("RTX A6000", 154.8, 38.7),  # NVIDIA RTX A6000 data sheet
    ("RTX 6000 Ada", 364.2, 91.1),  # NVIDIA RTX 6000 Ada data sheet
    ("RTX 4090", 165.2, 82.6),  # NVIDIA Ada whitepaper, float32 accumulation
    ("RTX 3090", 71.0, 35.6),  # NVIDIA Ampere GA102 whitepaper, float32 accumulation
    ("MI325X", 1307.4, 163.4),  # AMD Instinct data sheets
    ("MI300X", 1307.4, 163.4),
)

PARTIAL = {"mig", "laptop", "d"}  # a slice of a card, or a slower one of the same number


def flops_per_token(parameters: int, trained: int | None = None) -> float:
    """FLOPs that training needs for one token, attention left out: 6 per parameter; 4 for those
    that are frozen (LoRA), whose own gradient nobody computes. `trained` None: all of them."""
    frozen = 0 if trained is None else parameters - trained
    return float(FLOPS_PER_PARAMETER * parameters - FLOPS_OF_A_GRADIENT * frozen)


def peak_flops(device_name: str, dtype: str) -> float | None:
    """Dense FLOPs per second of the device that torch calls `device_name`, computing in `dtype`
    ("bfloat16" or "float32"); None for a device not in the table (a CPU, say)."""
    words = set(device_name.replace("-", " ").replace("_", " ").lower().split())
    if words & PARTIAL:
        return None
    for name, bfloat16, float32 in PEAKS:
        if set(name.lower().split()) <= words:
            return TERA * {"bfloat16": bfloat16, "float32": float32}[dtype]
    return None


def mfu(
    tokens_per_s: float, flops: float, device_name: str, dtype: str, devices: int
) -> float | None:
    """Share of the peak of `devices` equal devices that `tokens_per_s` over all of them needs, at
    `flops` a token; None where the peak is not known."""
    peak = peak_flops(device_name, dtype)
    if peak is None:
        return None
    return tokens_per_s * flops / (peak * devices)
