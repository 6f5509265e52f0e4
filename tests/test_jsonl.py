"""Rows of local files: bad lines are values, bad files are errors of one line."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from viscode import jsonl
from viscode.errors import UserError
from viscode.jsonl import MalformedRow, read_rows


def test_rows_of_a_folder_come_in_name_order_and_say_their_place(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"x": 2}\n\n{"x": 3}')
    pq.write_table(pa.table({"x": [0, 1]}), tmp_path / "a.parquet")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.jsonl").write_text('{"x": 4}\n')
    (tmp_path / "notes.txt").write_text("not read")
    rows = list(read_rows(tmp_path))
    assert rows == [
        ("a.parquet:1", {"x": 0}),
        ("a.parquet:2", {"x": 1}),
        ("b.jsonl:1", {"x": 2}),
        ("b.jsonl:3", {"x": 3}),
        ("sub/b.jsonl:1", {"x": 4}),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{broken", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"x": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"x": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_a_bad_line_is_a_value_and_the_next_line_is_read(
    tmp_path: Path, line: bytes, problem: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(line + b'\n{"x": 1}\n')
    (_, bad), good = read_rows(path)
    assert isinstance(bad, MalformedRow) and bad.problem.startswith(problem)
    assert good == ("rows.jsonl:2", {"x": 1})


def test_a_line_above_the_limit_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "LINE_BYTES", 20)
    lines = [json.dumps({"x": "a" * 100}), json.dumps({"x": 1}), json.dumps({"x": "12345678901"})]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines))  # the last line has 20 bytes: the limit itself is allowed
    first, *rest = (row for _, row in read_rows(path))
    assert isinstance(first, MalformedRow) and "line above" in first.problem
    assert rest == [{"x": 1}, {"x": "12345678901"}]


def test_bad_utf_8_in_parquet_spoils_one_row_only(tmp_path: Path) -> None:
    raw = pa.array([b"good", b"\xff\xfe", b"fine"])
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"x": text}), path)
    rows = [row for _, row in read_rows(path)]
    assert rows[0] == {"x": "good"} and rows[2] == {"x": "fine"}
    assert isinstance(rows[1], MalformedRow)


def test_columns_leave_the_others_unread_and_a_missing_one_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"x": [1], "image": [b"large"]}), path)
    assert [row for _, row in read_rows(path, ["x", "absent"])] == [{"x": 1}]


@pytest.mark.parametrize("name", ["absent.jsonl", "empty", "file.csv"])
def test_nothing_to_read_is_an_error_with_advice(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.csv").write_text("a\n1\n")
    with pytest.raises(UserError, match=r"correct the path in params\.yaml") as caught:
        list(read_rows(tmp_path / name))
    assert name in str(caught.value)


def test_corrupt_parquet_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"x": list(range(1000))}), path)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(UserError, match=r"corrupt parquet.*rows\.parquet"):
        list(read_rows(path))
