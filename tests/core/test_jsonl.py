"""Rows of local files: bad lines are values, bad files are errors of one line."""

import json
import os
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from viscode.core import jsonl
from viscode.core.errors import UserError
from viscode.core.jsonl import MalformedRow, read_rows


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


OVERFLOW = {
    "a date": pa.array([2**31 - 1, 1], pa.int32()).cast(pa.date32()),
    "a time": pa.array([2**62, 1], pa.int64()).cast(pa.timestamp("us")),
    "a duration": pa.array([2**62, 1], pa.int64()).cast(pa.duration("s")),
}


@pytest.mark.parametrize("column", OVERFLOW.values(), ids=OVERFLOW)
def test_a_value_beyond_python_spoils_one_row_only(tmp_path: Path, column: pa.Array) -> None:
    pq.write_table(pa.table({"x": column}), tmp_path / "rows.parquet")
    bad, good = (row for _, row in read_rows(tmp_path))
    assert isinstance(bad, MalformedRow) and "cannot be held" in bad.problem
    assert isinstance(good, dict)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1], pa.timestamp("us", "Mars/Phobos")),
        pa.StructArray.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["t", "t"]),
    ],
)
def test_a_column_beyond_python_spoils_its_rows(tmp_path: Path, column: pa.Array) -> None:
    pq.write_table(pa.table({"x": column}), tmp_path / "rows.parquet")
    ((_, row),) = read_rows(tmp_path)
    assert isinstance(row, MalformedRow) and "cannot be held" in row.problem


def test_large_cells_come_one_by_one_and_too_large_ones_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "BATCH_BYTES", 1000)
    monkeypatch.setattr(jsonl, "CELL_BYTES", 5000)
    monkeypatch.setattr(jsonl, "LINE_BYTES", 12_000)
    lists = [[], ["x" * 3000] * 2, [], ["x" * 3000] * 4]
    rows = [
        {"x": "a" * length, "n": held}
        for length, held in zip((10, 5000, 6000, 10), lists, strict=True)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    found = [row for _, row in read_rows(tmp_path)]
    assert found[:2] == rows[:2]
    assert found[2:] == [MalformedRow("column x above 0 MiB"), MalformedRow("row above 0 MiB")]


def test_large_rows_do_not_add_up_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random text, so that no page holds many rows in little."""
    path, size = tmp_path / "rows.parquet", 1 << 18
    monkeypatch.setattr(jsonl, "BATCH_BYTES", 4 * size)
    with pq.ParquetWriter(path, pa.schema([("x", pa.string())])) as writer:
        for _ in range(3):
            rows = pa.table({"x": [os.urandom(size // 2).hex() for _ in range(8)]})
            writer.write_table(rows)
    tracemalloc.start()
    try:
        assert sum(isinstance(row, dict) for _, row in read_rows(path)) == 24
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * size


def test_columns_leave_the_others_unread_and_a_missing_one_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"x": [1], "image": [b"large"]}), path)
    assert [row for _, row in read_rows(path, ["x", "absent"])] == [{"x": 1}]


def names(folder: Path) -> list[str]:
    return [place for place, _ in read_rows(folder)]


def test_which_files_of_a_folder_count(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside.jsonl", tmp_path / "mine"
    for path in (
        outside,
        folder / "A.JSONL",
        folder / "deep" / "b.jsonl",
        folder / ".cache" / "c.jsonl",
        folder / "._d.jsonl",
        folder / "e.json",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}\n")
    (folder / "link.jsonl").symlink_to(outside)
    (folder / "nowhere.txt").symlink_to(tmp_path / "nothing")
    assert names(folder) == ["A.JSONL:1", "deep/b.jsonl:1", "link.jsonl:1"]
    (tmp_path / "way").symlink_to(folder)
    assert names(tmp_path / "way") == names(folder)


def test_what_cannot_be_read_of_a_folder_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.jsonl").write_text("{}\n")
    lost, linked = folder / "lost.parquet", folder / "linked"
    lost.symlink_to(tmp_path / "nothing")
    with pytest.raises(UserError, match=r"neither a file nor a link to one.*lost\.parquet"):
        names(folder)
    lost.unlink()
    linked.symlink_to(folder)
    with pytest.raises(UserError, match=r"a linked folder.*linked"):
        names(folder)
    linked.unlink()
    really_scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return really_scan(path)

    monkeypatch.setattr(os, "scandir", refuse)  # permissions do not stop every user
    with pytest.raises(UserError, match=r"not readable: folder: Permission denied.*deep"):
        names(folder)


@pytest.mark.parametrize("name", ["absent.jsonl", "empty", "file.csv"])
def test_nothing_to_read_is_an_error_with_advice(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.csv").write_text("a\n1\n")
    with pytest.raises(
        UserError, match=r"correct the path \(of our samples: git checkout"
    ) as caught:
        list(read_rows(tmp_path / name))
    assert name in str(caught.value)


def test_corrupt_parquet_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"x": list(range(1000))}), path)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(UserError, match=r"corrupt parquet.*rows\.parquet"):
        list(read_rows(path))
