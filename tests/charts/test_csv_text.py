import csv

import pytest

from viscode.charts.csv_table import read_csv_table
from viscode.charts.csv_text import CsvProblem, as_csv, csv_rows, normal_text, records


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a,b\r\n1,2\r3,4", "a,b\n1,2\n3,4"),
        ("\ufeffa,b\n1,2", "a,b\n1,2"),
        ("a\u2028b\x0b,c\n", "a\u2028b\x0b,c\n"),
    ],
)
def test_normalised(raw: str, text: str) -> None:
    assert normal_text(raw) == text


NOT_WRITTEN = {
    "nul byte": "a,b\n1,\0",
    "lone surrogate": "a,b\n1,\ud800",
    "JSON object": '{"a": [1, 2]}',
    "JSON list": ' [{"a": 1}, {"a": 2}]',
}


@pytest.mark.parametrize("raw", NOT_WRITTEN.values(), ids=NOT_WRITTEN)
def test_what_is_no_csv_or_no_text(raw: str) -> None:
    with pytest.raises(CsvProblem):
        normal_text(raw)


@pytest.mark.parametrize("raw", ['a,b\n"x,1\n2,3\n', 'a,b\n1,"2', '"'])
def test_an_open_quote(raw: str) -> None:
    with pytest.raises(CsvProblem, match="never ends"):
        csv_rows(raw, ",")


def test_blank_lines_are_told_from_empty_cells() -> None:
    assert csv_rows('a\n \t\n\n""\n\u00a0\n', ",") == [["a"], [], [], [""], ["\u00a0"]]


def test_large_cells_and_the_limit_of_others_stays() -> None:
    before = csv.field_size_limit()
    cell = "x" * 200_000
    assert records(f"a;b\n{cell};2", ";") == [(["a", "b"], 1), ([cell, "2"], 2)]
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_written_rows_are_parsed_again(delimiter: str) -> None:
    rows = [["a", 'b "c"'], ["x\ny", f"1{delimiter}2"], ["", " "], ["\u2028", "\x0b"]]
    assert csv_rows(as_csv(rows, delimiter), delimiter) == rows


@pytest.mark.parametrize(
    ("raw", "count", "expected"),
    [
        ("Year,Sales\n2019,12\n2020,14", 1, "# Year,Sales\n# 2019,12\n"),
        ("Year,Sales\n2019,12\n2020,14", 2, "# Year,Sales\n# 2019,12\n# 2020,14\n"),
        ("Year,Sales\n2019,12", 0, "# Year,Sales\n"),
        ("Year\n2019", 5, "# Year\n# 2019\n"),
        ('a,"b, c"\n"x\ny",2', 1, '# a,"b, c"\n# "x\n# y",2\n'),
        (",b\nr1,2", 1, "# ,b\n# r1,2\n"),
    ],
)
def test_preview_is_comments(raw: str, count: int, expected: str) -> None:
    assert read_csv_table(raw).preview(count) == expected
