"""The rows of an optimizer step behind one another: nothing is padded, rows stay isolated.

Packing does not choose the rows of a step. They are those of `LengthGroupedOrder`, so a packed run
and a padded one take the same steps with the same loss. It only distributes the rows of a step
over the micro-batches (devices x accumulation), so that all of them hold about as many tokens:
devices then wait little for each other, and the largest micro-batch, which decides about the
memory, is small.

The distribution is MULTIFIT (Coffman, Garey, Johnson 1978) with best fit decreasing: the smallest
capacity, found by binary search, at which every row finds a place in the fullest micro-batch that
still takes it. No micro-batch holds more than the mean and the longest row together.

Isolation needs positions that begin anew with each row, no attention mask, and a model with
`use_cache=False`: with a cache, transformers lets rows see each other without a word.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from typing import Any

from viscode.training.data import IGNORED, Item
from viscode.training.order import LengthGroupedOrder


class PackedOrder:
    """A torch sampler (by its protocol) of one epoch's micro-batches, `set_epoch` before each.

    Yields tuples of row numbers, `bins` for every step. Within a step the fuller ones come first,
    so that those which the devices compute at the same time are of similar size. A last step of
    fewer rows than bins has empty tuples.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, bins: int, seed: int) -> None:
        self.order = LengthGroupedOrder(lengths, batch_size, seed)
        self.bins = bins

    def __len__(self) -> int:
        return -(-len(self.order) // self.order.batch_size) * self.bins

    def set_epoch(self, epoch: int) -> None:
        self.order.set_epoch(epoch)

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        lengths, size = self.order.lengths, self.order.batch_size
        rows = list(self.order)
        for start in range(0, len(rows), size):
            yield from pack(rows[start : start + size], lengths, self.bins)


def pack(rows: Sequence[int], lengths: Sequence[int], bins: int) -> list[tuple[int, ...]]:
    """`rows` in `bins` groups whose largest is as small as best fit makes it, fullest first."""
    longest_first = sorted(rows, key=lambda row: (-lengths[row], row))
    low, high = _bounds([lengths[row] for row in longest_first], bins)
    while low < high:  # at `high` all fit
        middle = (low + high) // 2
        if _best_fit(longest_first, lengths, bins, middle) is None:
            low = middle + 1
        else:
            high = middle
    groups = _best_fit(longest_first, lengths, bins, high)
    assert groups is not None
    return sorted(groups, key=lambda group: -sum(lengths[row] for row in group))


def _bounds(sizes: list[int], bins: int) -> tuple[int, int]:
    """Capacities of which no smaller one can do, and at which best fit certainly succeeds: a row
    that found no place would mean that every group holds more than the mean."""
    longest = sizes[0] if sizes else 0
    low = max(-(-sum(sizes) // bins), longest)
    if len(sizes) > bins:  # two of the bins + 1 longest share a group
        low = max(low, sizes[bins - 1] + sizes[bins])
    return low, sum(sizes) // bins + longest


def _best_fit(
    rows: Sequence[int], lengths: Sequence[int], bins: int, capacity: int
) -> list[tuple[int, ...]] | None:
    """Each row in the fullest group that still takes it; None where one does not fit."""
    groups: list[tuple[int, ...]] = [()] * bins
    loads = [(0, group) for group in range(bins)]
    for row in rows:
        place = bisect_right(loads, (capacity - lengths[row], bins)) - 1
        if place < 0:
            return None
        load, group = loads.pop(place)
        groups[group] += (row,)
        insort(loads, (load + lengths[row], group))
    return groups


def flatten(items: Sequence[Item], pad: int) -> dict[str, Any]:
    """The rows of one micro-batch -> tensors of shape [1, tokens]: ids, labels, and positions that
    begin anew with each row. Of no rows: one `pad` that is not trained.

    The first token of a row is never a label: it would be predicted from the row before.
    """
    import torch

    rows = list(items) or [{"input_ids": [pad], "labels": [IGNORED]}]
    return {
        "input_ids": torch.tensor([[token for row in rows for token in row["input_ids"]]]),
        "labels": torch.tensor([[label for row in rows for label in _labels(row)]]),
        "position_ids": torch.tensor([[i for row in rows for i in range(len(row["labels"]))]]),
    }


def _labels(row: Item) -> list[int]:
    return [IGNORED, *row["labels"][1:]]


def padding_shares(
    lengths: Sequence[int], batch_size: int, per_device_batch: int, seed: int
) -> dict[str, float]:
    """Share of padding among all tokens that the first epoch computes: without packing, where
    every row is as long as the longest of its micro-batch, and with it, where an empty micro-batch
    is one token. The same for any number of devices."""
    rows = list(LengthGroupedOrder(lengths, batch_size, seed))
    groups = (rows[i : i + per_device_batch] for i in range(0, len(rows), per_device_batch))
    padded = sum(len(group) * max(lengths[row] for row in group) for group in groups)
    bins = batch_size // per_device_batch
    empty = sum(not group for group in PackedOrder(lengths, batch_size, bins, seed))
    tokens = sum(lengths)
    return {
        "padding_share_unpacked": round(1 - tokens / padded, 4) if padded else 0.0,
        "padding_share_packed": round(empty / (tokens + empty), 4) if tokens else 0.0,
    }
