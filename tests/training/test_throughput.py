"""Peaks by the names that torch gives devices, and the share of them that a run uses."""

import pytest

from viscode.training.throughput import flops_per_token, mfu, peak_flops


@pytest.mark.parametrize(
    ("device", "tera"),
    [
        ("NVIDIA A100-SXM4-80GB", 312.0),
        ("NVIDIA A100 80GB PCIe", 312.0),
        ("NVIDIA H100 80GB HBM3", 989.4),
        ("NVIDIA H100 PCIe", 756.4),
        ("NVIDIA H100 NVL", 835.0),
        ("NVIDIA H200", 989.4),
        ("NVIDIA GH200 480GB", 989.4),
        ("NVIDIA B200", 2250.0),
        ("NVIDIA L4", 121.0),
        ("NVIDIA L40S", 362.05),
        ("NVIDIA L40", 181.05),
        ("NVIDIA A10", 125.0),
        ("NVIDIA GeForce RTX 4090", 165.2),
        ("NVIDIA RTX 6000 Ada Generation", 364.2),
        ("AMD Instinct MI300X", 1307.4),
    ],
)
def test_peaks_are_dense_and_by_variant(device: str, tera: float) -> None:
    assert peak_flops(device, "bfloat16") == pytest.approx(tera * 1e12)


@pytest.mark.parametrize(
    "device",
    ["cpu", "", "NVIDIA H100 80GB HBM3 MIG 3g.40gb", "NVIDIA GeForce RTX 4090 Laptop GPU"],
)
def test_an_unknown_device_has_no_figure(device: str) -> None:
    assert peak_flops(device, "bfloat16") is None
    assert mfu(1000.0, 6e9, device, "bfloat16", 1) is None


def test_float32_is_slower() -> None:
    assert peak_flops("NVIDIA A100-SXM4-80GB", "float32") == pytest.approx(19.5e12)


def test_mfu_by_hand() -> None:
    """7.6e9 parameters, 8 x A100: 24,632 tokens/s are 45 % of 2,496 TFLOPS."""
    assert flops_per_token(7_600_000_000) == 45.6e9
    assert flops_per_token(7_600_000_000, trained=100_000_000) == 30.6e9  # LoRA: 4 x 7.5, 6 x 0.1
    share = mfu(24_632.0, flops_per_token(7_600_000_000), "NVIDIA A100-SXM4-80GB", "bfloat16", 8)
    assert share == pytest.approx(0.45, abs=1e-4)
