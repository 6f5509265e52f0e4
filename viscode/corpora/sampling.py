"""A sample that does not depend on the order of rows and hardly on rows that come later."""

import heapq
from collections.abc import Iterable

from viscode.core.hashing import hash_rank


def sample_ids(ids: Iterable[str], take: int, seed: int) -> frozenset[str]:
    """The `take` ids of smallest hash rank (fewer when there are fewer).

    Holds `take` ranks in memory, however many ids stream by.
    """
    ranked = heapq.nsmallest(take, ((hash_rank(record_id, seed), record_id) for record_id in ids))
    return frozenset(record_id for _, record_id in ranked)
