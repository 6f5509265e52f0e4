"""What two sources say of one value, together."""

import pytest

from viscode.supply.wanted import Wanted, merge

NUMBER = Wanted("number")
CASES = {
    "certain beats uncertain": (
        Wanted("frame"),
        Wanted("array", certain=True),
        Wanted("array", certain=True),
    ),
    "known beats unknown": (Wanted("unknown", role="x"), Wanted("date"), Wanted("date", role="x")),
    "the more specific": (Wanted("number", low=0), Wanted("integer"), Wanted("integer", low=0)),
    "the first of two alike": (
        Wanted("array", shape=(None,)),
        Wanted("array", item=NUMBER, shape=(8,)),
        Wanted("array", item=NUMBER, shape=(8,)),
    ),
    "bounds of the first": (
        Wanted("number", low=1.0, high=2.0),
        Wanted("number", low=5.0),
        Wanted("number", low=1.0, high=2.0),
    ),
    "what another kind had": (
        Wanted("text", certain=True),
        Wanted("frame", parts={"a": NUMBER}, beside={"y"}),
        Wanted("text", certain=True, beside={"y"}),
    ),
    "parts of both": (
        Wanted("frame", parts={"a": Wanted("series", item=NUMBER)}),
        Wanted("frame", parts={"a": Wanted("series", role="x"), "b": Wanted("series")}),
        Wanted(
            "frame", parts={"a": Wanted("series", item=NUMBER, role="x"), "b": Wanted("series")}
        ),
    ),
    "words of both": (
        Wanted("text", among=("a", "b")),
        Wanted("text", among=("b", "c"), near={"x"}),
        Wanted("text", among=("a", "b", "c"), near={"x"}),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_merge(name: str) -> None:
    one, other, expected = CASES[name]
    assert merge(one, other) == expected


@pytest.mark.parametrize("name", CASES)
def test_merging_again_changes_nothing(name: str) -> None:
    one, other, _ = CASES[name]
    merged = merge(one, other)
    assert merge(merged, other) == merged
