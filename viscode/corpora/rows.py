"""One way for every data set with rows: check, drop repeated ids, sample, count.

The rows stream. In memory lie 16 bytes for each id seen and, when sampling, the chosen ids; for
that a sampled corpus is read twice.
"""

import reprlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from viscode.core.hashing import content_id
from viscode.core.jsonl import MalformedRow, Row
from viscode.core.outcomes import Kept, Rejected, Tally, outcome_of
from viscode.core.records import Identified
from viscode.core.transform import write_outcomes
from viscode.corpora.corpus import Corpus, open_corpora
from viscode.corpora.fields import BadField
from viscode.corpora.sampling import CollectReason, take_sample
from viscode.settings.collect import CollectRowsSettings

R = TypeVar("R", bound=Identified)
Parse = Callable[[Row, Corpus, str], tuple[str, R]]
"""(row, corpus, place) -> (the row's own id, record); raises `BadField`."""


def collect_rows(
    settings: CollectRowsSettings,
    columns: Sequence[str],
    parse: Parse[R],
    record_type: type[R],
    out: Path,
) -> Tally:
    """Write the data sets as one table of records, each row with its outcome.

    Raises:
        UserError: a data set cannot be read or has not one usable row.
    """
    corpora = open_corpora(settings, columns)
    tallies: dict[str, Tally] = defaultdict(Tally)

    def one_pass() -> Iterator[tuple[str, Kept[R] | Rejected]]:
        tallies.clear()
        return examine_rows(corpora, parse, tallies)

    tally = write_outcomes(take_sample(one_pass, settings.take, settings.seed), record_type, out)
    for where, found in {**tallies, settings.read_from: tally}.items():
        if not found.kept and CollectReason.DUPLICATE not in found.rejected:
            raise found.refusal(
                f"none of {found.inputs} rows is usable",
                where=where,
                todo=f"see the reasons in {out}/outcome-*.parquet, and docs/data.md for the forms "
                "that are read",
            )
    return tally


def examine_rows(
    corpora: Sequence[Corpus], parse: Parse[R], tallies: dict[str, Tally]
) -> Iterator[tuple[str, Kept[R] | Rejected]]:
    """(input id, result) of each row in order; of rows with the same id and content one stays,
    the first. Rows that share an id and differ all stay: which of them came first would be a matter
    of the order of the files. `tallies` counts them by data set.

    The id of a good row is its record's, that of any other row comes from its place.
    """
    seen: set[bytes] = set()
    for corpus in corpora:
        for place, row in corpus.rows():
            input_id = content_id(corpus.origin.name, place)
            result: Kept[R] | Rejected
            try:
                own_id, record = parse(row_of(row), corpus, place)
            except BadField as error:
                result = Rejected(error.reason, f"{corpus.named(place)}: {error}{shown(row)}")
            else:
                if (key := bytes.fromhex(record.id)) in seen:
                    detail = f"{corpus.named(place)}: id {own_id}"
                    result = Rejected(CollectReason.DUPLICATE, detail)
                else:
                    seen.add(key)
                    input_id, result = record.id, Kept([record])
            tallies[corpus.where].add(outcome_of(input_id, result))
            yield input_id, result


def row_of(row: Row | MalformedRow) -> Row:
    """
    Raises:
        BadField: the place held no row.
    """
    if isinstance(row, MalformedRow):
        raise BadField("(whole row)", row.problem)
    return row


def shown(row: Row | MalformedRow) -> str:
    """A refused row as the end of its detail: one line, with its long values cut."""
    short = reprlib.Repr()
    short.maxlevel, short.maxdict, short.maxlist, short.maxstring = 4, 12, 2, 60
    text = short.repr(row.text if isinstance(row, MalformedRow) else row)
    return f"; the row is {text}" if text != "''" else ""
