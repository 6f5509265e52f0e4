from enum import StrEnum

import pytest

from viscode.core import tables
from viscode.core.errors import UserError
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Identified
from viscode.core.transform import read_outcomes, transform


class Number(Identified):
    value: int


class Reason(StrEnum):
    ODD = "odd"


def halve(number: Number) -> Kept[Number] | Rejected:
    if number.value % 2:
        return Rejected(Reason.ODD, f"value {number.value}")
    return Kept([Number(id=f"half-{number.id}", value=number.value // 2)])


def test_every_input_has_exactly_one_outcome_and_counts_add_up(tmp_path):
    inputs = [Number(id=str(n), value=n) for n in range(7)]
    tally = transform(inputs, halve, Number, tmp_path / "out")
    outcomes = list(read_outcomes(tmp_path / "out"))
    assert [outcome.id for outcome in outcomes] == [str(n) for n in range(7)]
    assert tally.as_metrics() == {"in": 7, "kept": 4, "records": 4, "rejected": {"odd": 3}}
    rejected = [outcome for outcome in outcomes if not outcome.kept]
    assert {(o.reason, o.detail, o.produced) for o in rejected} == {
        ("odd", f"value {n}", ()) for n in (1, 3, 5)
    }
    assert [r.id for r in tables.read_table(tmp_path / "out", Number)] == [
        "half-0", "half-2", "half-4", "half-6",
    ]  # fmt: skip


def test_an_input_seen_twice_is_an_error_and_leaves_nothing(tmp_path):
    twice = [Number(id="1", value=1), Number(id="1", value=1)]
    with pytest.raises(UserError, match="record 1 occurs twice"):
        transform(twice, halve, Number, tmp_path / "out")
    assert not (tmp_path / "out").exists()
