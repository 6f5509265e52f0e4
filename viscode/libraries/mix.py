"""The mix of libraries (paper 3.1): all blocks that use seaborn or another library, and a matching
number of those that use matplotlib alone.

The sample is by hash rank, so a new block changes it by as little as it can. The table is read
twice; memory holds 8 bytes for each block that uses matplotlib alone.
"""

from array import array
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import numpy as np

from viscode.core.hashing import hash_rank
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Block
from viscode.core.tables import read_columns, read_table
from viscode.core.transform import transform
from viscode.libraries.counting import UsedLibraries, library_metrics

PLENTIFUL = ("matplotlib",)
ABOVE_EVERY_RANK = 1 << 64


class BalanceReason(StrEnum):
    OVER_REPRESENTED = "over_represented"


def balance(
    blocks: Path, out: Path, *, matplotlib_per_other: float, seed: int
) -> dict[str, object]:
    """Write the balanced table of `blocks` to `out`; returns the stage's metrics.

    `matplotlib_per_other`: blocks that use matplotlib alone kept for each other block; 0 keeps all.
    """
    limit = _rank_limit(read_columns(blocks, UsedLibraries), matplotlib_per_other, seed)

    def step(block: Block) -> Kept[Block] | Rejected:
        if block.libraries == PLENTIFUL and _rank(block.id, seed) >= limit:
            return Rejected(BalanceReason.OVER_REPRESENTED, ", ".join(block.libraries))
        return Kept([block])

    return library_metrics(transform(read_table(blocks, Block), step, Block, out), out)


def _rank_limit(blocks: Iterator[UsedLibraries], per_other: float, seed: int) -> int:
    """Ranks from here on are left out: as many matplotlib-only blocks have a smaller one as
    `per_other` times the others, rounded down."""
    if not per_other:
        return ABOVE_EVERY_RANK
    others, ranks = 0, array("Q")
    for block in blocks:
        if block.libraries == PLENTIFUL:
            ranks.append(_rank(block.id, seed))
        else:
            others += 1
    wanted = int(Decimal(str(per_other)) * others)  # 0.29 * 100 is 29
    if wanted >= len(ranks):
        return ABOVE_EVERY_RANK
    return int(np.partition(np.frombuffer(ranks, np.uint64), wanted)[wanted])


def _rank(block_id: str, seed: int) -> int:
    return int(hash_rank(block_id, seed)[:16], 16)  # 64 bits
