"""Tables that are kept as they are, mended in the one way that fits, or refused."""

import io
import random

import pandas as pd
import pytest

from viscode.charts.csv_table import CsvTable, Mend, read_csv_table
from viscode.charts.csv_text import CsvProblem

KEPT = {
    "plain": "Year,Sales\n2019,12\n2020,14\n",
    "one column": "Year\n2019\n2020\n",
    "quoted commas": 'a,"b, c"\n"1,000",2\n',
    "thousands in quotes": 'Hall,Seats\nA,"1,200"\nB,"950"\n',
    "decimal commas in quotes": 'Hall,Height\nA,"1,5"\nB,"2,25"\n',
    "currency and per cent": 'Item,Cost,Share\nWood,"$1,200",46.5%\nGlue,$5,3%\n',
    "multi-line cell": 'a,b\n"x\ny",2\n3,4',
    "doubled quotes": 'a\n"say ""hi"""',
    "stray quote": 'size,n\n5" pipe,3',
    "unnamed index": ",b\nr1,2",
    "blank lines": "\n\na,b\n\n1,2\n\n",
    "not ASCII": "Straße,Œ\n日本,½",
    "two columns of one name": "a,a\n1,2",
    "years as names": "2019,2020,2021\n5,6,7\n",
    "years beside a name": "Region,2019,2020\nNorth,5,6\nSouth,7,8\n",
    "missing values": "Site,A,B\nx,1,\ny,,n/a\nz,3,4\n",
    "texts and numbers in a column": "What,Value\nWeight,12\nModel,X200\nHeight,180\nDepth,3\n",
    "infinite": "a,b\nx,inf\ny,2\nz,-Infinity\n",
    "signs that are data": "Marker,Size\n*,1\n.,2\n-,3\n",
    "signs among texts": "Name,Grade\nA,-\nB,good\nC,-\n",
    "parts of one table": "City,Pop\nA,1\nB,2\n\nSouth,\nC,3\nD,4\n",
    "a total at the end": "Stall,Sold\nA,5\nB,6\nTotal,11\n",
    "line separators in a cell": "a,b\nx\u2028y,\x85\n\x0c,\x0b\n",
    "large cell": "a,b\n" + "x" * 200_000 + ",2\n",
    "notes that are data": "Text,n\nNote: a,1\nb,2\nNote: c,3\n",
    "marks of rank": "Place,Points\n#1,90\n#2,80\n",
    "nothing": "",
    "header only": "a,b\n",
}


@pytest.mark.parametrize("raw", KEPT.values(), ids=KEPT)
def test_a_sound_table_is_kept_byte_for_byte(raw: str) -> None:
    table = read_csv_table(raw)
    assert (table.text, table.delimiter, table.mends) == (raw, ",", ())


MENDED: dict[str, tuple[str, list[Mend], str]] = {
    "a dash for a missing number": (
        "Site,Rain\nA,5\nB,7\nC,-\n",
        [Mend.MISSING],
        "Site,Rain\nA,5\nB,7\nC,\n",
    ),
    "long dashes and question marks": (
        "Year,A,B\n2000,–,5\n2001,2,?\n2002,3,7\n",
        [Mend.MISSING],
        "Year,A,B\n2000,,5\n2001,2,\n2002,3,7\n",
    ),
    "rows of dots": (
        "a,b\n1,2\n...,...\n9,8\n",
        [Mend.MISSING],
        "a,b\n1,2\n,\n9,8\n",
    ),
    "thousands": (
        "Hall,Seats\nA,1,200\nB,950\nC,12,400\n",
        [Mend.THOUSANDS],
        "Hall,Seats\nA,1200\nB,950\nC,12400\n",
    ),
    "thousands in every row": (
        "Year,Sales\n2020,1,200\n2021,1,350\n",
        [Mend.THOUSANDS],
        "Year,Sales\n2020,1200\n2021,1350\n",
    ),
    "millions, signs and decimals": (
        "Year,Balance\n2020,-1,250,000\n2021,3,100.50\n",
        [Mend.THOUSANDS],
        "Year,Balance\n2020,-1250000\n2021,3100.50\n",
    ),
    "thousands in two columns": (
        "Farm,Eggs,Hens\nA,1,200,1,050\nB,900,1,100\nC,2,300,80\n",
        [Mend.THOUSANDS],
        "Farm,Eggs,Hens\nA,1200,1050\nB,900,1100\nC,2300,80\n",
    ),
    "thousands in the middle": (
        "Farm,Eggs,Owner\nA,1,200,Ann\nB,900,Bo\n",
        [Mend.THOUSANDS],
        "Farm,Eggs,Owner\nA,1200,Ann\nB,900,Bo\n",
    ),
    "some thousands in quotes": (
        'Hall,Seats\nA,1,200\nB,"1,950"\nC,\n',
        [Mend.THOUSANDS],
        "Hall,Seats\nA,1200\nB,1950\nC,\n",
    ),
    "thousands behind blanks": (
        "Year, Sales\n2020, 1,200\n2021, 1,350\n",
        [Mend.THOUSANDS],
        "Year, Sales\n2020,1200\n2021,1350\n",
    ),
    "thousands by spaces": (
        "Town,People\nA,1 200\nB,950\nC,12 400\n",
        [Mend.THOUSANDS],
        "Town,People\nA,1200\nB,950\nC,12400\n",
    ),
    "millions by points": (
        "Town,People\nA,1.200.000\nB,950.000\n",
        [Mend.THOUSANDS],
        "Town,People\nA,1200000\nB,950000\n",
    ),
    "a source": (
        "Hall,Seats\nA,12\nB,9\nSource: Survey of 2021\n",
        [Mend.NOTE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a source as wide as the table": (
        "Hall,Seats\nA,12\nB,9\nSource: City council, 2021\n",
        [Mend.NOTE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a note wider than the table": (
        "Hall,Seats\nA,12\nB,9\n\n(Note: halls, theatres, and cinemas)\n",
        [Mend.NOTE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a footnote": (
        "Hall,Seats\nA,12\nB,9\n* estimated\n",
        [Mend.NOTE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a sentence behind a blank line": (
        "Hall,Seats\nA,12\nB,9\n\nAs counted by the owners\nin spring\n",
        [Mend.NOTE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a note behind thousands": (
        "Hall,Seats\nA,1,200\nB,950\nQuelle: Amt\n",
        [Mend.NOTE, Mend.THOUSANDS],
        "Hall,Seats\nA,1200\nB,950\n",
    ),
    "a fence": (
        "```csv\nHall,Seats\nA,12\nB,9\n```",
        [Mend.FENCE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a fence with prose": (
        "Here are the data:\n\n```\nHall,Seats\nA,12\nB,9\n```\nTell me if you want more, or less.",
        [Mend.FENCE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a fence that never closes": (
        "~~~text\nHall,Seats\nA,12\nB,9\n",
        [Mend.FENCE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "only a closing fence": (
        "Hall,Seats\nA,12\nB,9\n```",
        [Mend.FENCE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "thousands in a fence": (
        "```csv\nHall,Seats\nA,1,200\nB,950\n```",
        [Mend.FENCE, Mend.THOUSANDS],
        "Hall,Seats\nA,1200\nB,950\n",
    ),
    "a title": (
        "Seats of our halls\n\nHall,Seats\nA,12\nB,9\n",
        [Mend.TITLE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a comment and a title": (
        "# halls.csv\nSeats of our halls\nHall,Seats\nA,12\nB,9\n",
        [Mend.TITLE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "prose in front": (
        "Sure! Here is the CSV:\nHall,Kind,Seats\nA,new,12\nB,old,9\n",
        [Mend.TITLE],
        "Hall,Kind,Seats\nA,new,12\nB,old,9\n",
    ),
    "a Markdown table": (
        "| Hall | Seats |\n|------|------:|\n| A | 12 |\n| B | 9 |\n",
        [Mend.MARKDOWN_TABLE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a Markdown table without outer pipes": (
        "Halls:\n\nHall | Seats\n--- | ---\nA | 12\nB | 9\n\nThat is all.",
        [Mend.MARKDOWN_TABLE, Mend.TITLE, Mend.NOTE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a Markdown table with millions": (
        "|Hall|Seats|\n|---|---|\n|A|1,200,000|\n|B, old|9|\n",
        [Mend.MARKDOWN_TABLE, Mend.THOUSANDS],
        'Hall,Seats\nA,1200000\n"B, old",9\n',
    ),
    "pipes around all rows": (
        "| Hall | Seats |\n| A | 12 |\n| B | 9 |\n",
        [Mend.MARKDOWN_TABLE],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "units": (
        "Hall,Seats,Height\n,(number),(m)\nA,12,4\nB,9,5\n",
        [Mend.UNITS],
        "Hall,Seats,Height\nA,12,4\nB,9,5\n",
    ),
    "units below every name": (
        "Year,Rain\n[a],[mm]\n2020,12\n2021,9\n",
        [Mend.UNITS],
        "Year,Rain\n2020,12\n2021,9\n",
    ),
    "units beside a repeated name": (
        "Hall,Seats\nHall,(number)\nA,12\nB,9\n",
        [Mend.UNITS],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a repeated header": (
        "Hall,Seats\nA,12\nHall,Seats\nB,9\nC,7\n",
        [Mend.REPEATED_HEADER],
        "Hall,Seats\nA,12\nB,9\nC,7\n",
    ),
    "a delimiter behind every row": (
        "Hall,Seats\nA,12,\nB,9,\n",
        [Mend.TRAILING_DELIMITER],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "a delimiter behind the header": (
        "Hall,Seats,\nA,12\nB,9\n",
        [Mend.TRAILING_DELIMITER],
        "Hall,Seats\nA,12\nB,9\n",
    ),
    "delimiters behind some rows": (
        "Hall,Seats\nA,12,,\nB,9\nC,1,200,\n",
        [Mend.THOUSANDS, Mend.TRAILING_DELIMITER],
        "Hall,Seats\nA,12\nB,9\nC,1200\n",
    ),
}


@pytest.mark.parametrize(("raw", "mends", "text"), MENDED.values(), ids=MENDED)
def test_what_is_mended(raw: str, mends: list[Mend], text: str) -> None:
    table = read_csv_table(raw)
    assert (table.text, table.delimiter) == (text, ",")
    assert sorted(table.mends) == sorted(mends)
    assert_pandas_agrees(table)


DELIMITED: dict[str, tuple[str, str, list[Mend], str]] = {
    "semicolons": ("a;b\n1;2\n", ";", [], "a;b\n1;2\n"),
    "tabs": ("a\tb\n1\t2", "\t", [], "a\tb\n1\t2"),
    "pipes": ("a|b\n1|2", "|", [], "a|b\n1|2"),
    "quoted semicolons": ('a;"b;c"\n1;2', ";", [], 'a;"b;c"\n1;2'),
    "commas in text": ("a;b\nx, y;2\nz;3\n", ";", [], "a;b\nx, y;2\nz;3\n"),
    "decimal commas": ("a;b\nx;1,5\ny;2\n", ";", [Mend.DECIMAL_COMMA], "a;b\nx;1.5\ny;2\n"),
    "decimal commas below one": (
        "a;b\nx;0,250\ny;0,125\n",
        ";",
        [Mend.DECIMAL_COMMA],
        "a;b\nx;0.250\ny;0.125\n",
    ),
    "decimal commas and points": (
        "a;b\nx;1.234,5\ny;2.000\n",
        ";",
        [Mend.DECIMAL_COMMA],
        "a;b\nx;1234.5\ny;2000\n",
    ),
    "thousands and decimals": (
        "a\tb\nx\t1,200\ny\t2,300.5\n",
        "\t",
        [Mend.THOUSANDS],
        "a\tb\nx\t1200\ny\t2300.5\n",
    ),
    "a title and a source": (
        "Halls of the town\na;b\nx;1\ny;2\nSource: council\n",
        ";",
        [Mend.NOTE, Mend.TITLE],
        "a;b\nx;1\ny;2\n",
    ),
}


@pytest.mark.parametrize(("raw", "delimiter", "mends", "text"), DELIMITED.values(), ids=DELIMITED)
def test_another_delimiter(raw: str, delimiter: str, mends: list[Mend], text: str) -> None:
    table = read_csv_table(raw)
    assert (table.text, table.delimiter) == (text, delimiter)
    assert sorted(table.mends) == sorted(mends)
    assert_pandas_agrees(table)


REFUSED = {
    "an open quote": 'a,b\n"x,1\n2,3\n',
    "too many fields": "a,b\n1,2\n1,2,3",
    "too few fields": "a,b,c\n1,2,3\n1,2\n",
    "a header shorter than its rows": "b\nr1,2\nr2,3\n",
    "a header two shorter": "a,b\nx,y,1,2\nz,w,3,4\n",
    "groups that can be joined in two ways": "Year,Sales,Cost\n2020,1,200,350\n2021,1,300,400\n",
    "two numbers or three": "a,b\n12,345,678\n1,100,200\n",
    "a group or an empty cell": "Year,Sales,Cost\n2020,1,200,\n2021,1,300,\n",
    "decimal commas": "Year,Rate\n2020,1,5\n2021,2,25\n",
    "decimal commas below one": "Year,Rate\n2020,0,500\n2021,0,250\n",
    "currency": "Item,Cost\nWood,$1,200\nGlue,$1,300\n",
    "groups beside text": "Hall,Seats\nA,1,200\nB,many\n",
    "a comma that may be either": "a;b\nx;1,200\ny;2,300\n",
    "a note without a mark": "Hall,Seats\nA,12\nB,9\nAs counted by the owners\n",
    "two tables": "Hall,Seats\nA,12\n\nTown,People,Area\nB,9,3\n",
    "two tables of one width": "a,b\n1,2\n3,4\n\nc,d\n5,6\n7,8\n",
    "two tables with names": "Hall,Seats\nA,12\nB,9\n\nTown,People\nC,300\nD,80\n",
    "a second table behind two lines": "\na,b\n1,2\n3,4\n\n\nx,y\n5,6\n",
    "two fences": "```csv\na,b\n1,2\n```\n```csv\na,b\n3,4\n```",
    "two delimiters": "a;b,c;d\n1;2,3;4\n5;6,7;8\n",
    "a second header": "North,South\nSales,Cost\n12,9\n14,8\n15,7\n",
    "text in the last row only": "Hall,Seats\nA,12\nB,9\nC,7\nclosed halls,not counted\n",
    "no header": "2020,12.5\n2021,13.5\n2022,9\n",
    "ragged semicolons": "a;b\n1;2;3\n4;5\n",
    "rows of text that are ragged": "Name\nDoe, John\nRoe, Jane\n",
    "JSON in a fence": '```json\n{"a": [1, 2]}\n```',
    "a title as wide as the table": "Halls, 2020 to 2022\nHall,Seats\nA,12\nB,9\n",
    "a pipe in a cell of a Markdown table": "| a | b |\n|---|---|\n| 1 | x\\|y |\n",
    "a ragged Markdown table": "| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 2 | 3 |\n",
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(raw: str) -> None:
    with pytest.raises(CsvProblem):
        read_csv_table(raw)


BY_CODE: dict[str, tuple[str, set[str], str, str]] = {
    "which delimiter": ("a;b,c;d\n1;x,y;4\n", {"b,c"}, ";", "a;b,c;d\n1;x,y;4\n"),
    "the other": ("a;b,c;d\n1;2,3;4\n", {"c;d"}, ",", "a;b,c;d\n1;2,3;4\n"),
    "it takes rows apart itself": ("a;b\n1;2\n", {"a;b"}, ",", "a;b\n1;2\n"),
    "it splits at the delimiter": ("a;b\n1;2\n", {";", "x"}, ",", "a;b\n1;2\n"),
    "it names delimiter and column": ("a;b\n1;2\n", {";", "a"}, ";", "a;b\n1;2\n"),
    "it replaces commas": ("a;b\nx;1,5\n", {","}, ";", "a;b\nx;1,5\n"),
    "it replaces spaces": ("a,b\nx,1 200\n", {" "}, ",", "a,b\nx,1 200\n"),
    "a title above text": (
        "Halls\nHall,Owner\nA,Ann\nB,Bo\n",
        {"Owner"},
        ",",
        "Hall,Owner\nA,Ann\nB,Bo\n",
    ),
    "it copes with text": (
        "Hall,Seats\nA,12\nB,9\nC,none\n",
        {"coerce"},
        ",",
        "Hall,Seats\nA,12\nB,9\nC,none\n",
    ),
    "it knows the text": (
        "Hall,Seats\nA,12\nB,9\nC,none\n",
        {"none"},
        ",",
        "Hall,Seats\nA,12\nB,9\nC,none\n",
    ),
    "numbers as names": ("7,3\n1,2\n3,4\n", {"7"}, ",", "7,3\n1,2\n3,4\n"),
}


@pytest.mark.parametrize(("raw", "words", "delimiter", "text"), BY_CODE.values(), ids=BY_CODE)
def test_what_the_code_tells(raw: str, words: set[str], delimiter: str, text: str) -> None:
    table = read_csv_table(raw, words)
    assert (table.delimiter, table.text) == (delimiter, text)


def assert_pandas_agrees(table: CsvTable) -> None:
    """What a script loads is the table."""
    header, *body = table.rows
    frame = pd.read_csv(io.StringIO(table.text), sep=table.delimiter, dtype=str, na_filter=False)
    assert (list(frame.columns), frame.to_numpy().tolist()) == (header, body)


HOSTILE = [
    *KEPT.values(),
    *REFUSED.values(),
    *(raw for raw, *_ in MENDED.values()),
    "header of blanks\n \n",
    " , \n1,2\n",
    "a,b\n,\n,\n",
    'a\n""\n1\n',
    "a\n\u00a0\n1\n",
    'a,b\n1, "2\n',
    'a,b\n1, "2,3"\n1, "2,3"\n',
    "a,b\r1,2\r3,4\r",
    "# a,b\n# 1,2\n",
    "\n".join(["a,b", *["1," * 300 + "1"] * 3]),
    "a,b\n" + "9,999," * 99 + "9\n",
    "|" * 5000,
    "```" * 5000,
    "|-" * 5000 + "\n" + "|-" * 5000 + "|x",
    "\n".join("-|" * 50 for _ in range(50)),
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_what_is_taken_loads_in_pandas_as_it_was_read(raw: str) -> None:
    check(raw)


def test_random_texts() -> None:
    draw = random.Random(5)
    pieces = [
        "a",
        ",",
        ",",
        ",",
        '"',
        "\n",
        "\n",
        "1",
        "200",
        ".5",
        "é",
        ";",
        "\x0c",
        "#",
        "|",
        "-",
    ]
    texts = ["".join(draw.choices(pieces, k=draw.randrange(16))) for _ in range(4000)]
    taken = sum(check(text) for text in texts)
    assert 400 < taken < 4000


def check(raw: str) -> bool:
    """Whether the text is taken as a table with rows; pandas then has as many of each."""
    try:
        table = read_csv_table(raw)
    except CsvProblem:
        return False
    if len(table.rows) < 2:
        return False
    frame = pd.read_csv(io.StringIO(table.text), sep=table.delimiter)
    assert frame.shape == (len(table.rows) - 1, len(table.rows[0])), repr(raw)
    assert isinstance(frame.index, pd.RangeIndex), repr(raw)
    return True
