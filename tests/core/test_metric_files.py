"""Names of exceptions that scripts make up reach metrics in a plain form only."""

from collections import Counter

import pytest

from viscode.bench.verdicts import error_name
from viscode.core.metric_files import MOST, OTHERS, UNKNOWN, counts_by_name, plain_name
from viscode.core.records import OtherVerdict
from viscode.validate.blocks import ValidationTally

STRANGE = [
    "",
    "a.b",
    "a b",
    "a\nb",
    "a\n",
    "\x1b[31mRed",
    "\ud83d",
    "9lives",
    "x" * 65,
    "x" * 10**6,
    "größe",
    "a/b",
    "../x",
    "a: b",
    "\0",
]


@pytest.mark.parametrize("kind", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_name_is_unknown(kind):
    assert plain_name(kind) == UNKNOWN
    verdict = OtherVerdict(
        protocol="isolated", code="", verdict="error", status="error", error_type=kind,
        error="", images=(),
    )  # fmt: skip
    assert error_name(verdict) == UNKNOWN
    metrics = ValidationTally(errors=Counter({kind: 2, "KeyError": 1})).as_metrics()
    assert metrics["errors"] == {"KeyError": 1, UNKNOWN: 2}


@pytest.mark.parametrize("kind", ["ValueError", "_Private", "x" * 64, "Error2"])
def test_a_plain_name_stays(kind):
    assert plain_name(kind) == kind


def test_the_number_of_names_is_bounded_and_no_count_is_lost():
    counts = Counter({f"E{number:05d}": 1 + number % 7 for number in range(5000)})
    counts["ValueError"] = 900
    kept = counts_by_name(counts)
    assert len(kept) == MOST + 1 and list(kept) == sorted(kept)
    assert kept["ValueError"] == 900 and sum(kept.values()) == counts.total()
    assert kept[OTHERS] > 1000
    metrics = ValidationTally(errors=counts).as_metrics()
    assert metrics["errors"] == kept


def test_few_names_are_all_there_in_their_order():
    assert list(counts_by_name({"b": 1, "a": 5}).items()) == [("a", 5), ("b", 1)]
