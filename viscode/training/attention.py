"""Which implementation of attention and which kernels a run uses; refused when they are missing.

One implementation is ours: attention over packed rows without a mask, torch's own kernel once for
each row. A mask over all rows of a micro-batch costs the square of its length, most of it for pairs
that are masked; on a CPU that eats what packing saves. Here query, key and value are cut where
positions begin anew. Registered with transformers under BY_ROW. Whatever is not packed (a padded
batch, a mask of the model's own) goes to its `sdpa`. On a GPU flash attention does the same in one
kernel.
"""

from importlib.util import find_spec
from typing import Any

from viscode.core.errors import UserError
from viscode.settings.train import TrainSettings

BY_ROW = "viscode_rows"


def implementation(settings: TrainSettings, *, gpu: bool) -> str:
    """Name for transformers' `attn_implementation`. `auto` is flash attention on a GPU that has it
    and computes in bfloat16, on a CPU attention row by row for packed rows, sdpa otherwise.

    Raises:
        UserError: flash attention without the package, without a GPU, or in float32.
    """
    asked = settings.attention
    half = settings.dtype == "bfloat16"
    present = gpu and find_spec("flash_attn") is not None
    if asked == "auto":
        if settings.packing and not gpu:
            return BY_ROW
        return "flash_attention_2" if present and half else "sdpa"
    if asked == "flash_attention_2" and not present:
        raise _missing(f"train.attention {asked}", "flash-attn", "attention: auto", gpu=gpu)
    if asked == "flash_attention_2" and not half:
        raise UserError(
            f"train.attention {asked} computes in bfloat16 only, train.dtype is float32",
            where="params.yaml",
            todo="set train.attention: auto, or train.dtype: bfloat16",
        )
    return asked


def check_liger(settings: TrainSettings, *, gpu: bool) -> None:
    """Refuse `train.liger` where it cannot work.

    Raises:
        UserError: no package liger-kernel, or no GPU.
    """
    if settings.liger and not (gpu and find_spec("liger_kernel") is not None):
        raise _missing("train.liger", "liger-kernel", "liger: false", gpu=gpu)


def _missing(asked: str, package: str, instead: str, *, gpu: bool) -> UserError:
    return UserError(
        f"{asked} needs {f'the package {package}' if gpu else 'a GPU'}",
        where="params.yaml",
        todo=f"set train.{instead}" + (f", or pip install {package}" if gpu else ""),
    )


def register() -> None:
    """Make BY_ROW known to transformers; may be called again."""
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(BY_ROW, attend)
    AttentionMaskInterface.register(BY_ROW, mask)


def fits(config: Any) -> bool:
    """Whether attention by row serves a model: every layer attends to all that came before. It
    would not keep the window of a sliding-window layer."""
    kinds = getattr(config, "layer_types", None) or ["full_attention"]
    return set(kinds) == {"full_attention"}


def mask(*args: Any, **kwargs: Any) -> Any:
    """No mask for packed rows, which transformers tells by positions that begin anew; otherwise
    that of `sdpa`."""
    from transformers.masking_utils import sdpa_mask

    packed = kwargs.get("attention_mask") is None and not kwargs.get("allow_is_causal_skip", True)
    return None if packed and not kwargs.get("use_vmap") else sdpa_mask(*args, **kwargs)


def attend(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,
    scaling: float | None = None,
    dropout: float = 0.0,
    position_ids: Any = None,
    **kwargs: Any,
) -> tuple[Any, None]:
    """Attention of shape [1, heads, tokens, width] row by row -> ([1, tokens, heads, width], None).

    Rows begin where `position_ids` [1, tokens] is 0.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if attention_mask is not None or position_ids is None or query.shape[0] != 1:
        result: tuple[Any, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout, scaling, **kwargs
        )
        return result
    lengths = _row_lengths(position_ids[0])
    rows = [
        scaled_dot_product_attention(
            q, k, v, dropout_p=dropout, is_causal=True, scale=scaling, enable_gqa=True
        )
        for q, k, v in zip(
            query.split(lengths, 2), key.split(lengths, 2), value.split(lengths, 2), strict=True
        )
    ]
    return torch.cat(rows, 2).transpose(1, 2).contiguous(), None


def _row_lengths(positions: Any) -> list[int]:
    starts = (positions == 0).nonzero()[:, 0].tolist()
    return [end - start for start, end in zip(starts, [*starts[1:], len(positions)], strict=True)]
