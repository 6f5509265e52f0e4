"""Why a row or file is not collected, and a sample that does not depend on the order of rows and
hardly on rows that come later."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import TypeVar

from viscode.core.hashing import hash_rank
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Identified

R = TypeVar("R", bound=Identified)
Results = Iterable[tuple[str, Kept[R] | Rejected]]


class CollectReason(StrEnum):
    """Of rows of metadata, the first check that fails names the reason, in this order."""

    MALFORMED = "malformed"
    """A field that is needed is missing or unusable, or the line is no row."""
    OPTED_OUT = "opted_out"
    OTHER_LANGUAGE = "other_language"
    LOW_SCORE = "low_score"
    TOO_LARGE = "too_large"
    LICENCE = "licence"
    NOT_TEXT = "not_text"
    """A message holds something else than text: an image, a recording, a file."""
    TOOL_MESSAGES = "tool_messages"
    """The dialogue calls tools, whose definitions and effects the data set would lack."""
    UNREADABLE = "unreadable"
    UNREADABLE_FILE = "unreadable_file"
    UNPARSABLE_FILE = "unparsable_file"
    UNDECODABLE = "undecodable"
    BAD_NOTEBOOK = "bad_notebook"
    EMPTY = "empty"
    SYNTAX_ERROR = "syntax_error"
    DUPLICATE = "duplicate"
    NOT_SAMPLED = "not_sampled"


def take_sample(
    examine: Callable[[], Results[R]], take: int, seed: int
) -> Iterator[tuple[str, Kept[R] | Rejected]]:
    """(input id, result) of each input, of which `take` stay kept; 0 keeps all. `examine` starts a
    pass over the results; a sample takes two."""
    chosen: frozenset[str] | None = None
    if take:
        kept = (input_id for input_id, result in examine() if isinstance(result, Kept))
        chosen = sample_ids(kept, take, seed)
    for input_id, result in examine():
        left_out = chosen is not None and isinstance(result, Kept) and input_id not in chosen
        yield input_id, Rejected(CollectReason.NOT_SAMPLED) if left_out else result


def sample_ids(ids: Iterable[str], take: int, seed: int) -> frozenset[str]:
    """The `take` ids of smallest hash rank (fewer when there are fewer).

    Holds `take` ranks in memory, however many ids stream by.
    """
    ranked = heapq.nsmallest(take, ((hash_rank(record_id, seed), record_id) for record_id in ids))
    return frozenset(record_id for _, record_id in ranked)
