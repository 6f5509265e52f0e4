"""What the prompt says of the data frame, golden for each descriptor."""

import json

import numpy as np
import pandas as pd
import pytest

from viscode.bench.descriptors import DESCRIPTORS, describe

FRAME = pd.DataFrame(
    {
        "city": ["A", "B", "A", "A", None],
        "visits": [3, 4, 5, 6, 7],
        "share": [0.5, np.nan, 0.25, 1 / 3, 1.0],
        "day": ["2024-01-02", "2024-01-01", "2024-03-01", "2024-02-01", "2024-02-02"],
        "open": [True, False, True, True, False],
    }
)
HEAD = (
    "DataFrame with 5 columns and 5 rows\n"
    "Column names and types: city: object, visits: int64, share: float64, day: object, open: bool"
)
PYCHARM = """\
Number of rows in DataFrame: 5
DataFrame has the following columns:
city of type str. Count: 4
visits of type int. Count: 5, Mean: 5.0, Std. Deviation: 1.58114, Min: 3, Max: 7
share of type float. Count: 4, Mean: 0.520833, Std. Deviation: 0.335927, Min: 0.25, Max: 1.0
day of type str. Count: 5
open of type bool. Count: 5"""


def test_size_names_and_types():
    assert describe(FRAME, "datalore") == HEAD


def test_head_holds_the_first_rows():
    size, rows = describe(FRAME, "head").split("\nHead:\n")
    assert size == HEAD
    assert json.loads(rows)["visits"] == {"0": 3, "1": 4, "2": 5, "3": 6, "4": 7}


def test_describe_holds_the_statistics():
    size, rows = describe(FRAME, "describe").split("\nColumns stats:\n")
    assert size == HEAD
    assert json.loads(rows)["visits"]["mean"] == 5.0


def test_pycharm_has_a_line_per_column():
    assert describe(FRAME, "pycharm") == PYCHARM


def test_lida_is_a_summary_in_json():
    found = {e["column"]: e["properties"] for e in json.loads(describe(FRAME, "lida"))}
    kinds = {name: properties["dtype"] for name, properties in found.items()}
    assert kinds == {
        "city": "category",
        "visits": "number",
        "share": "number",
        "day": "date",
        "open": "boolean",
    }
    assert (found["day"]["min"], found["day"]["max"]) == ("2024-01-01", "2024-03-01")
    assert (found["visits"]["min"], found["visits"]["max"], found["visits"]["std"]) == (3, 7, 1)
    assert sorted(found["city"]["samples"]) == ["A", "B"]
    assert found["city"]["num_unique_values"] == 2


def test_empty_says_nothing():
    assert describe(FRAME, "empty") == ""


@pytest.mark.parametrize("descriptor", DESCRIPTORS)
@pytest.mark.parametrize(
    "frame",
    [
        FRAME.iloc[:0],
        FRAME.iloc[:1],
        pd.DataFrame(),
        pd.DataFrame({"nothing": [None, None], "mixed": [1, "a"]}),
        pd.DataFrame({"far": [1e308, -1e308], "infinite": [float("inf"), 1.0]}),
    ],
    ids=["no rows", "one row", "no columns", "missing and mixed", "extremes"],
)
def test_no_frame_is_too_odd(frame, descriptor):
    assert isinstance(describe(frame, descriptor), str)
