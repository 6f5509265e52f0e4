"""Attention over packed rows without a mask: torch's own kernel once for each row.

A mask over all rows of a micro-batch costs the square of its length, most of it for pairs that are
masked; on a CPU that eats what packing saves. Here query, key and value are cut where positions
begin anew. Registered with transformers under NAME. Whatever is not packed (a padded batch, a mask
of the model's own) goes to its `sdpa`.

Not for sliding-window layers, whose window a call per row would not keep: `fits` says no. On a GPU
flash attention does the same in one kernel.
"""

from typing import Any

NAME = "viscode_rows"


def register() -> None:
    """Make NAME known to transformers; may be called again."""
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, mask)


def fits(config: Any) -> bool:
    """Whether every layer of a model attends to all that came before."""
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
