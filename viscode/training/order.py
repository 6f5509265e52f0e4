"""The order of rows in an epoch: random, but rows of one batch are of similar length.

Written here rather than taken from transformers because there it draws from the global random
state: the order would hang on whatever ran before it in the process. This one depends on seed and
epoch alone, so a resumed run and an undisturbed one see the same batches.
"""

import random
from collections.abc import Iterator, Sequence

WINDOW_BATCHES = 16  # batches among which rows are sorted by length: more pads less, mixes less


class LengthGroupedOrder:
    """A torch sampler (by its protocol): row numbers of one epoch, `set_epoch` before each."""

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self.lengths = lengths
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.lengths)

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        generator = random.Random(f"{self.seed}-{self.epoch}")
        rows = list(range(len(self.lengths)))
        generator.shuffle(rows)
        batches = self._batches(rows)
        # a batch that is not full must stay last: it would shift all that follow
        tail = [batches.pop()] if len(rows) % self.batch_size else []
        generator.shuffle(batches)
        return iter([row for batch in batches + tail for row in batch])

    def _batches(self, rows: list[int]) -> list[list[int]]:
        window, size = self.batch_size * WINDOW_BATCHES, self.batch_size
        for start in range(0, len(rows), window):
            part = rows[start : start + window]
            rows[start : start + window] = sorted(part, key=lambda row: (self.lengths[row], row))
        return [rows[start : start + size] for start in range(0, len(rows), size)]
