"""What an instruction says of data.csv and shows of it."""

import csv

import pytest

from viscode.instruct.csv_data import cells_of, delimiter_of, describe_csv, preview_rows

LARGE = "x" * 200_000


@pytest.mark.parametrize(
    ("text", "rows", "shown"),
    [
        ("a,b\n1,2\n3,4\n5,6\n", 2, ("a,b\n1,2\n3,4", 2)),
        ("a;b\n1;2\n3;4\n", 1, ("a;b\n1;2", 1)),
        ("\ufeff\n\na,b\r\n1,2\r\n\r\n", 2, ("a,b\n1,2", 1)),
        ('a,b\n"x\ny",2\n3,4\n', 1, ('a,b\n"x\ny",2', 1)),
        ('a;b\n"x;y\nz";2\n3;4\n', 1, ('a;b\n"x;y\nz";2', 1)),
        ("a,b\nx\u2028y,2\n3,4\n", 1, ("a,b\nx\u2028y,2", 1)),
        ("a,b\nx\x0by,2\n3\x0c,4\n5,6\n", 2, ("a,b\nx\x0by,2\n3\x0c,4", 2)),
        ("a\x85b,c\n1,2\n3,4\n", 1, ("a\x85b,c\n1,2", 1)),
        (f"a,b\n{LARGE},2\n3,4\n", 1, (f"a,b\n{LARGE},2", 1)),
        ("a,b\n", 2, ("a,b", 0)),
    ],
)
def test_the_first_rows_as_they_stand(text: str, rows: int, shown: tuple[str, int]) -> None:
    assert preview_rows(text, rows) == shown


DELIMITED = {
    ",": "Hall,Seats,Kind\nA,12,old\nB,9,new\n",
    ";": "Hall;Seats;Kind\nA;12;old\nB;9;new\n",
    "\t": "Hall\tSeats\tKind\nA\t12\told\nB\t9\tnew\n",
    "|": "Hall|Seats|Kind\nA|12|old\nB|9|new\n",
}


@pytest.mark.parametrize(("delimiter", "text"), DELIMITED.items())
def test_the_description_knows_the_delimiter(delimiter: str, text: str) -> None:
    assert delimiter_of(text) == delimiter
    assert cells_of(text)[0] == ["Hall", "Seats", "Kind"]
    said = describe_csv("key", text)
    assert "two rows and three columns" in said
    assert "Seats (whole numbers from 9 to 12)" in said


@pytest.mark.parametrize("text", ["a;b\n1;2;3\n", "a,b\n1,2\n3\n", 'a,b\n"1,2\n'])
def test_without_a_sound_table_a_comma_is_taken(text: str) -> None:
    assert delimiter_of(text) == ","
    assert cells_of(text)[0] == text.partition("\n")[0].split(",")


@pytest.mark.parametrize(
    "text", [f"a,b\n{LARGE},2\n", f"{LARGE};b\n1;2\n", f'a\tb\n1\t"{LARGE}"\n']
)
def test_cells_above_the_csv_modules_limit(text: str) -> None:
    before = csv.field_size_limit()
    assert before < len(LARGE)
    said = describe_csv("key", text)
    assert "one row and two columns" in said
    assert "one different" not in said
    assert csv.field_size_limit() == before


COLUMNS = {
    "few categories, often": (["Reed", "Mill"] * 10, "text: Reed and Mill"),
    "one category": (["Reed"] * 9, "text: Reed"),
    "names with numbers": (["M1", "M2", "7"] * 5, "text: M1, M2 and 7"),
    "numbers with gaps in words": (["1.5", "2", "3", "n/a"], "numbers, and texts such as n/a"),
    "the same word for many gaps": (["1", "-", "-", "-"], "text: 1 and -"),
}


@pytest.mark.parametrize(("cells", "said"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_is_called_what_most_of_its_cells_are(cells: list[str], said: str) -> None:
    text = "\n".join(["a,b", *(f"{cell},1" for cell in cells)])
    assert f"a ({said})" in describe_csv("key", text)
