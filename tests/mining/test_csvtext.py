import pytest

from viscode.mining.csvtext import CsvProblem, read_csv

LOADS = {
    "plain": ("Year,Sales\n2019,12\n2020,14\n", [["Year", "Sales"], ["2019", "12"]]),
    "line ends": ("a,b\r\n1,2\r3,4", [["a", "b"], ["1", "2"]]),
    "byte order mark": ("\ufeffa,b\n1,2", [["a", "b"], ["1", "2"]]),
    "quoted commas": ('a,"b, c"\n"1,000",2', [["a", "b, c"], ["1,000", "2"]]),
    "multi-line cell": ('a,b\n"x\ny",2\n3,4', [["a", "b"], ["x\ny", "2"]]),
    "doubled quotes": ('a\n"say ""hi"""', [["a"], ['say "hi"']]),
    "stray quote": ('size,n\n5" pipe,3', [["size", "n"], ['5" pipe', "3"]]),
    "text after a closing quote": ('a,b\n"x"y,2', [["a", "b"], ["xy", "2"]]),
    "unnamed index": (",b\nr1,2", [["", "b"], ["r1", "2"]]),
    "index without a header": ("b\nr1,2", [["b"], ["r1", "2"]]),
    "short rows": ("a,b,c\n1\n2,3", [["a", "b", "c"], ["1"]]),
    "blank lines": ("\n\na,b\n\n1,2\n\n", [["a", "b"], ["1", "2"]]),
    "not ASCII": ("Straße,Œ\n日本,½", [["Straße", "Œ"], ["日本", "½"]]),
    "repeated header": ("a,a\n1,2", [["a", "a"], ["1", "2"]]),
}
FAILS = {
    "open quote": 'a,b\n"x,1\n2,3\n',
    "open quote in the last cell": 'a,b\n1,"2',
    "too many fields": "a,b\n1,2\n1,2,3",
    "nul byte": "a,b\n1,\0",
}


@pytest.mark.parametrize(("raw", "first_rows"), LOADS.values(), ids=LOADS)
def test_loads(raw: str, first_rows: list[list[str]]) -> None:
    table = read_csv(raw)
    assert table.rows[:2] == first_rows
    assert "\r" not in table.text
    assert not table.text.startswith("\ufeff")


@pytest.mark.parametrize("raw", FAILS.values(), ids=FAILS)
def test_what_pandas_would_not_load(raw: str) -> None:
    with pytest.raises(CsvProblem):
        read_csv(raw)


@pytest.mark.parametrize("raw", ["", "\n \n", "\ufeff"])
def test_nothing(raw: str) -> None:
    assert read_csv(raw).rows == []


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
    assert read_csv(raw).preview(count) == expected
