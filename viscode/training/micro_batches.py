"""Which rows an optimizer step trains, and what one device computes of them at once.

An epoch is a random order in which rows of one step are of similar length. Written here rather than
taken from transformers because there it draws from the global random state: the order would depend
on whatever ran before it in the process. This one depends on seed and epoch alone, so a resumed run
and an undisturbed one see the same steps.

The rows of a step are divided into `bins` micro-batches (devices x accumulation), padded or packed.
Both take the same steps with the same loss. The last step of an epoch may have fewer rows: some of
its micro-batches are then empty and become one token that is not trained. Nothing is repeated to
fill them up (as accelerate would do), so the loss does not depend on the devices.

A packed micro-batch is one sequence without padding. Rows stay isolated by positions that begin
anew with each row, no attention mask, and a model with `use_cache=False`: with a cache,
transformers lets rows see each other without a word.
"""

import random
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from math import ceil
from typing import Any

from viscode.training.data import IGNORED, Item

WINDOW_STEPS = 16  # steps among which rows are sorted by length: more pads less, mixes less
RowGroup = tuple[int, ...]
Divide = Callable[[Sequence[int], Sequence[int], int], list[RowGroup]]  # rows, lengths, bins


def step_rows(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """The row numbers of each step of an epoch; only the last step may be short."""
    generator = random.Random(f"{seed}-{epoch}")
    rows, window = list(range(len(lengths))), batch_size * WINDOW_STEPS
    generator.shuffle(rows)
    for start in range(0, len(rows), window):
        part = rows[start : start + window]
        rows[start : start + window] = sorted(part, key=lambda row: (lengths[row], row))
    steps = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    last = [steps.pop()] if len(rows) % batch_size else []
    generator.shuffle(steps)
    return steps + last


class MicroBatches:
    """A torch batch sampler (by its protocol) of one epoch's micro-batches, `set_epoch` before
    each: tuples of row numbers, `bins` for every step, as `divide` (`cut` or `pack`) makes them.
    Of several processes each has its own, every `processes`-th of them from number `process` on."""

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        bins: int,
        seed: int,
        divide: Divide,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        self.lengths, self.batch_size, self.bins = lengths, batch_size, bins
        self.seed, self.divide = seed, divide
        self.process, self.processes = process, processes
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return self.bins * ceil(len(self.lengths) / self.batch_size) // self.processes

    def __iter__(self) -> Iterator[RowGroup]:
        steps = step_rows(self.lengths, self.batch_size, self.seed, self.epoch)
        groups = (group for rows in steps for group in self.divide(rows, self.lengths, self.bins))
        return islice(groups, self.process, None, self.processes)


def cut(rows: Sequence[int], lengths: Sequence[int], bins: int) -> list[RowGroup]:
    """`rows` in `bins` parts, the first ones with the same number of rows."""
    size = ceil(len(rows) / bins)
    return [tuple(rows[i * size : (i + 1) * size]) for i in range(bins)]


def pack(rows: Sequence[int], lengths: Sequence[int], bins: int) -> list[RowGroup]:
    """`rows` in `bins` groups that hold about as many tokens, fullest first, so that those which
    the devices compute at the same time are of similar size: devices wait little for each other,
    and the largest group, which decides about the memory, is small.

    MULTIFIT (Coffman, Garey, Johnson 1978) with best fit decreasing: the smallest capacity, found
    by binary search, at which every row finds a place in the fullest group that still takes it. No
    group holds more than the mean and the longest row together.
    """
    longest_first = sorted(rows, key=lambda row: (-lengths[row], row))
    sizes = [lengths[row] for row in longest_first]
    longest = sizes[0] if sizes else 0
    low = max(-(-sum(sizes) // bins), longest)  # no smaller capacity can do
    if len(sizes) > bins:  # two of the bins + 1 longest share a group
        low = max(low, sizes[bins - 1] + sizes[bins])
    # a row that found no place would mean that every group holds more than the mean
    high = sum(sizes) // bins + longest
    while low < high:  # at `high` all fit
        middle = (low + high) // 2
        if _best_fit(longest_first, lengths, bins, middle) is None:
            low = middle + 1
        else:
            high = middle
    groups = _best_fit(longest_first, lengths, bins, high)
    assert groups is not None
    return sorted(groups, key=lambda group: -sum(lengths[row] for row in group))


def _best_fit(
    rows: Sequence[int], lengths: Sequence[int], bins: int, capacity: int
) -> list[RowGroup] | None:
    """Each row in the fullest group that still takes it; None where one does not fit."""
    groups: list[RowGroup] = [()] * bins
    loads = [(0, group) for group in range(bins)]
    for row in rows:
        place = bisect_right(loads, (capacity - lengths[row], bins)) - 1
        if place < 0:
            return None
        load, group = loads.pop(place)
        groups[group] += (row,)
        insort(loads, (load + lengths[row], group))
    return groups


def collate(items: Sequence[Item], pad: int) -> dict[str, Any]:
    """Rows of a micro-batch -> tensors of shape [rows, longest], padded on the right. Padding is
    neither attended nor trained; that does not depend on the padding token, which often is the
    end-of-turn token."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    def padded(values: Iterable[list[int]], fill: int) -> Any:
        tensors = [torch.tensor(value) for value in values]
        return pad_sequence(tensors, batch_first=True, padding_value=fill)

    rows = _at_least_one(items, pad)
    return {
        "input_ids": padded((row["input_ids"] for row in rows), pad),
        "attention_mask": padded(([1] * len(row["input_ids"]) for row in rows), 0),
        "labels": padded((row["labels"] for row in rows), IGNORED),
    }


def flatten(items: Sequence[Item], pad: int) -> dict[str, Any]:
    """Rows of a micro-batch -> tensors of shape [1, tokens]: ids, labels, and positions that begin
    anew with each row.

    The first token of a row is never a label: it would be predicted from the row before.
    """
    from transformers import DataCollatorWithFlattening

    return dict(DataCollatorWithFlattening()(_at_least_one(items, pad)))


def _at_least_one(items: Sequence[Item], pad: int) -> Sequence[Item]:
    return items or [{"input_ids": [pad], "labels": [IGNORED]}]


def step_tokens(lengths: Sequence[int], batch_size: int, seed: int) -> Callable[[int], int]:
    """A function that gives the tokens of the step with a number, from 1."""

    @lru_cache(maxsize=1)
    def of_epoch(epoch: int) -> list[int]:
        steps = step_rows(lengths, batch_size, seed, epoch)
        return [sum(lengths[row] for row in rows) for rows in steps]

    def of_step(step: int) -> int:
        epoch, place = divmod(step - 1, ceil(len(lengths) / batch_size))
        return of_epoch(epoch)[place]

    return of_step


def padding_shares(
    lengths: Sequence[int], batch_size: int, per_device_batch: int, seed: int
) -> dict[str, float]:
    """Share of padding among all tokens that the first epoch computes: without packing, where
    every row is as long as the longest of its micro-batch, and with it, where an empty micro-batch
    is one token. The same for any number of devices."""
    steps, bins = step_rows(lengths, batch_size, seed, 0), batch_size // per_device_batch
    rows = [row for step in steps for row in step]
    groups = (rows[i : i + per_device_batch] for i in range(0, len(rows), per_device_batch))
    padded = sum(len(group) * max(lengths[row] for row in group) for group in groups)
    empty = sum(not group for step in steps for group in pack(step, lengths, bins))
    tokens = sum(lengths)
    return {
        "padding_share_unpacked": round(1 - tokens / padded, 4) if padded else 0.0,
        "padding_share_packed": round(empty / (tokens + empty), 4) if tokens else 0.0,
    }
