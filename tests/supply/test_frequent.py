"""A name tells what its value usually is, also with a number, a prefix or in the plural."""

import json

import pytest

from viscode.supply.frequent import TABLE, prior

USUAL = {
    "fig": "figure",
    "fig2": "figure",
    "ax1": "axes",
    "my_ax": "axes",
    "df": "frame",
    "train_df": "frame",
    "dfTrain": "frame",
    "x": "array",
    "x_train": "array",
    "xs": "array",
    "G": "graph",
    "args": "record",
    "labels": "list",
    "verbose": "flag",
    "zebra": "unknown",
    "_": "unknown",
    "": "unknown",
    "x" * 10_000: "unknown",
}


@pytest.mark.parametrize("name", USUAL)
def test_a_name_tells_what_its_value_is(name: str) -> None:
    assert prior(name).kind == USUAL[name]


def test_the_table_holds_what_several_files_agree_on() -> None:
    entries = json.loads(TABLE.read_text("utf-8"))
    assert entries and all(entry["count"] >= 3 for entry in entries.values())
    assert list(entries) == sorted(entries)
