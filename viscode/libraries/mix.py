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
from viscode.core.records import Block, Identified
from viscode.core.tables import read_columns, read_table
from viscode.libraries.counting import transform_counting
from viscode.settings.balance import BalanceSettings

PLENTIFUL = ("matplotlib",)
ALL = 1 << 64  # above every rank
RANK_DIGITS = 16  # hex digits of the hash rank: 64 bits


class BalanceReason(StrEnum):
    OVER_REPRESENTED = "over_represented"


class Libraries(Identified):
    """The columns of a Block that the mix depends on."""

    libraries: tuple[str, ...]


def balance(blocks: Path, out: Path, settings: BalanceSettings) -> dict[str, object]:
    """Write the balanced table of `blocks` to `out`; returns the stage's metrics."""
    limit = rank_limit(read_columns(blocks, Libraries), settings)

    def step(block: Block) -> Kept[Block] | Rejected:
        if block.libraries == PLENTIFUL and _rank(block.id, settings) >= limit:
            return Rejected(BalanceReason.OVER_REPRESENTED, ", ".join(block.libraries))
        return Kept([block])

    return transform_counting(read_table(blocks, Block), step, Block, out)


def rank_limit(blocks: Iterator[Libraries], settings: BalanceSettings) -> int:
    """Ranks from here on are left out: as many matplotlib-only blocks have a smaller one as
    `matplotlib_per_other` times the others, rounded down."""
    if not settings.matplotlib_per_other:
        return ALL
    others, ranks = 0, array("Q")
    for block in blocks:
        if block.libraries == PLENTIFUL:
            ranks.append(_rank(block.id, settings))
        else:
            others += 1
    wanted = int(Decimal(str(settings.matplotlib_per_other)) * others)  # 0.29 * 100 is 29
    if wanted >= len(ranks):
        return ALL
    return int(np.partition(np.frombuffer(ranks, np.uint64), wanted)[wanted])


def _rank(block_id: str, settings: BalanceSettings) -> int:
    return int(hash_rank(block_id, settings.seed)[:RANK_DIGITS], 16)
