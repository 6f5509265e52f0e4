"""Which implementation of attention and which kernels a run uses; refused when they are missing."""

from importlib.util import find_spec

from viscode.core.errors import UserError
from viscode.settings.train import Attention, TrainSettings, WeightType
from viscode.training import row_attention


def implementation(settings: TrainSettings, *, gpu: bool) -> str:
    """Name for transformers' `attn_implementation`. `auto` is flash attention on a GPU that has it
    and computes in bfloat16, on a CPU attention row by row for packed rows, sdpa otherwise.

    Raises:
        UserError: flash attention without the package, without a GPU, or in float32.
    """
    asked = settings.attention
    half = settings.dtype is WeightType.BFLOAT16
    present = gpu and find_spec("flash_attn") is not None
    if asked is Attention.AUTO:
        if settings.packing and not gpu:
            return row_attention.NAME
        return (Attention.FLASH if present and half else Attention.SDPA).value
    if asked is Attention.FLASH and present and not half:
        raise UserError(
            f"train.attention {asked.value} computes in bfloat16 only, train.dtype is float32",
            where="params.yaml",
            todo="set train.attention: auto, or train.dtype: bfloat16",
        )
    if asked is Attention.FLASH and not present:
        raise UserError(
            f"train.attention {asked.value} needs {'the package flash-attn' if gpu else 'a GPU'}",
            where="params.yaml",
            todo="set train.attention: auto" + (", or pip install flash-attn" if gpu else ""),
        )
    return asked.value


def check_liger(settings: TrainSettings, *, gpu: bool) -> None:
    """Refuse `train.liger` where it cannot work.

    Raises:
        UserError: no package liger-kernel, or no GPU.
    """
    if not settings.liger or (gpu and find_spec("liger_kernel") is not None):
        return
    raise UserError(
        f"train.liger needs {'the package liger-kernel' if gpu else 'a GPU'}",
        where="params.yaml",
        todo="set train.liger: false" + (", or pip install liger-kernel" if gpu else ""),
    )
