"""One way for every data set with rows: check, drop repeated ids, sample, count.

The rows stream. In memory lie 16 bytes for each id seen and, when sampling, the chosen ids; for
that a sampled corpus is read twice.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from viscode.corpora.corpus import Corpus
from viscode.corpora.fields import BadField
from viscode.corpora.sampling import sample_ids
from viscode.errors import UserError
from viscode.hashing import content_id
from viscode.jsonl import MalformedRow, Row
from viscode.outcomes import Kept, Rejected, Tally
from viscode.records import Identified
from viscode.settings.collect import CollectRowsSettings
from viscode.transform import write_outcomes

R = TypeVar("R", bound=Identified)
Parse = Callable[[Row, Corpus, str], tuple[str, R]]
"""(row, corpus, place) -> (the row's own id, record); raises `BadField`."""


class Reason(StrEnum):
    MALFORMED = "malformed"
    DUPLICATE = "duplicate"
    NOT_SAMPLED = "not_sampled"


def collect_rows(
    corpus: Corpus,
    parse: Parse[R],
    record_type: type[R],
    settings: CollectRowsSettings,
    out: Path,
) -> Tally:
    """Write the corpus as a table of records, each row with its outcome.

    Raises:
        UserError: the corpus cannot be read, or not one of its rows has the right form.
    """
    if settings.take:
        kept = (i for i, result in examine(corpus, parse) if isinstance(result, Kept))
        chosen = sample_ids(kept, settings.take, settings.seed)
        results = _sampled(examine(corpus, parse), chosen)
    else:
        results = examine(corpus, parse)
    tally = write_outcomes(results, record_type, out)
    if not tally.kept:
        raise UserError(
            f"none of {tally.inputs} rows is usable",
            where=settings.read_from,
            todo=f"see the reasons in {out}/outcome-*.parquet",
        )
    return tally


def _sampled(
    results: Iterator[tuple[str, Kept[R] | Rejected]], chosen: frozenset[str]
) -> Iterator[tuple[str, Kept[R] | Rejected]]:
    for input_id, result in results:
        left_out = isinstance(result, Kept) and input_id not in chosen
        yield input_id, Rejected(Reason.NOT_SAMPLED) if left_out else result


def examine(corpus: Corpus, parse: Parse[R]) -> Iterator[tuple[str, Kept[R] | Rejected]]:
    """(input id, result) of every row in order; of rows with the same id and content one stays,
    the first. Rows that share an id and differ all stay: which of them came first would be a matter
    of the order of the files.

    The id of a good row is its record's, that of any other row comes from its place.
    """
    seen: set[bytes] = set()
    for place, row in corpus.rows():
        by_place = content_id(corpus.origin.name, place)
        try:
            own_id, record = parse(_checked(row), corpus, place)
        except BadField as error:
            yield by_place, Rejected(Reason.MALFORMED, f"{place}: {error}")
            continue
        key = bytes.fromhex(record.id)
        if key in seen:
            yield by_place, Rejected(Reason.DUPLICATE, f"{place}: id {own_id}")
        else:
            seen.add(key)
            yield record.id, Kept([record])


def _checked(row: Row | MalformedRow) -> Row:
    if isinstance(row, MalformedRow):
        raise BadField("(whole row)", row.problem)
    return row
