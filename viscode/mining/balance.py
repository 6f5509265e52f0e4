"""The mix of libraries (paper 3.1): all blocks that use seaborn or another library, and a matching
number of those that use matplotlib alone.

The sample is by hash rank, so a new block changes it by as little as it can. The table is read
twice; memory holds ids and ranks, never code.
"""

import heapq
from enum import StrEnum
from pathlib import Path

from viscode.hashing import hash_rank
from viscode.mining.counting import transform_counting
from viscode.outcomes import Kept, Rejected
from viscode.records import Block
from viscode.settings.balance import BalanceSettings
from viscode.tables import read_table

PLENTIFUL = ("matplotlib",)


class BalanceReason(StrEnum):
    OVER_REPRESENTED = "over_represented"


def balance(blocks: Path, out: Path, settings: BalanceSettings) -> dict[str, object]:
    """Write the balanced table of `blocks` to `out`; returns the stage's metrics."""
    dropped = over_represented(blocks, settings)

    def step(block: Block) -> Kept[Block] | Rejected:
        if block.id in dropped:
            return Rejected(BalanceReason.OVER_REPRESENTED, ", ".join(block.libraries))
        return Kept([block])

    return transform_counting(read_table(blocks, Block), step, Block, out)


def over_represented(blocks: Path, settings: BalanceSettings) -> frozenset[str]:
    """Ids of the matplotlib-only blocks beyond `matplotlib_per_other` times the others."""
    if not settings.matplotlib_per_other:
        return frozenset()
    others, plentiful = 0, []
    for block in read_table(blocks, Block):
        if block.libraries == PLENTIFUL:
            plentiful.append(block.id)
        else:
            others += 1
    excess = len(plentiful) - int(settings.matplotlib_per_other * others)
    ranked = heapq.nlargest(excess, plentiful, key=lambda i: hash_rank(i, settings.seed))
    return frozenset(ranked)
