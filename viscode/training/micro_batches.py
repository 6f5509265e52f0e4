"""What one device computes at once: micro-batches, the same rows in every step however it is cut.

An order yields tuples of row numbers, `bins` of them for each optimizer step (devices x
accumulation), step by step, so that process p of N takes every N-th. The last step of an epoch may
have fewer rows: some of its tuples are then empty and become one token that is not trained. Nothing
is repeated to fill them up (as accelerate would do), so the loss does not hang on the devices.
Packed tuples come from viscode.training.packing.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, Protocol

from viscode.training.data import IGNORED, collate
from viscode.training.order import LengthGroupedOrder

Rows = tuple[int, ...]


class Order(Protocol):
    """Tuples of row numbers of one epoch."""

    def set_epoch(self, epoch: int) -> None: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Rows]: ...


class PaddedOrder:
    """The batches of LengthGroupedOrder, each cut into `bins` tuples of similar length."""

    def __init__(self, lengths: Sequence[int], batch_size: int, bins: int, seed: int) -> None:
        self.rows = LengthGroupedOrder(lengths, batch_size, seed)
        self.batch_size = batch_size
        self.bins = bins

    def set_epoch(self, epoch: int) -> None:
        self.rows.set_epoch(epoch)

    def __len__(self) -> int:
        return self.bins * ceil(len(self.rows) / self.batch_size)

    def __iter__(self) -> Iterator[Rows]:
        rows = list(self.rows)
        for start in range(0, len(rows), self.batch_size):
            yield from cut(rows[start : start + self.batch_size], self.bins)


def cut(rows: Sequence[int], bins: int) -> list[Rows]:
    """`rows` in `bins` parts, the first ones of equal size."""
    size = ceil(len(rows) / bins)
    return [tuple(rows[i * size : (i + 1) * size]) for i in range(bins)]


class Share:
    """A torch batch sampler (by its protocol): the tuples of one process."""

    def __init__(self, order: Order, process: int, processes: int) -> None:
        self.order = order
        self.process = process
        self.processes = processes

    def set_epoch(self, epoch: int) -> None:
        self.order.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self.order) // self.processes

    def __iter__(self) -> Iterator[Rows]:
        for number, rows in enumerate(self.order):
            if number % self.processes == self.process:
                yield rows


class StepTokens:
    """Tokens of each optimizer step, for speeds."""

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self.lengths = lengths
        self.batch_size = batch_size
        self.order = LengthGroupedOrder(lengths, batch_size, seed)
        self._epoch, self._tokens = -1, [0]

    def __call__(self, step: int) -> int:
        """Tokens of the step with this number, from 1."""
        epoch, place = divmod(step - 1, ceil(len(self.lengths) / self.batch_size))
        if epoch != self._epoch:
            self._epoch, self._tokens = epoch, self._of_epoch(epoch)
        return self._tokens[place]

    def _of_epoch(self, epoch: int) -> list[int]:
        self.order.set_epoch(epoch)
        lengths, size = [self.lengths[row] for row in self.order], self.batch_size
        return [sum(lengths[start : start + size]) for start in range(0, len(lengths), size)]


def pad(items: list[dict[str, list[int]]], token: int) -> dict[str, Any]:
    """A padded micro-batch; an empty one is a single token that is not trained."""
    return collate(items or [{"input_ids": [token], "labels": [IGNORED]}], token)
