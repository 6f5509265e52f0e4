import json

import pyarrow.parquet as pq
import pytest

from viscode.core import replacing, tables
from viscode.core.errors import UserError
from viscode.core.records import Identified, Origin, SourceFile


class Number(Identified):
    value: int


def numbers(count: int) -> list[Number]:
    return [Number(id=f"{n:05d}", value=n) for n in range(count)]


def source_file(identity: str, text: str = "plot") -> SourceFile:
    origin = Origin(kind="package", name="numpy", version="1", path="a.py", locator="a.b")
    return SourceFile(id=identity, source="files", origin=origin, licence="BSD", text=text)


def test_rows_come_back_equal_and_sorted(tmp_path):
    written = [source_file("b", "x\u2028\n"), source_file("a", "")]
    assert tables.write_table(tmp_path / "t", SourceFile, written) == 2
    assert list(tables.read_table(tmp_path / "t", SourceFile)) == sorted(
        written, key=lambda record: record.id
    )


def test_bytes_do_not_depend_on_the_order_of_arrival(tmp_path):
    rows = numbers(300)
    tables.write_table(tmp_path / "up", Number, rows)
    tables.write_table(tmp_path / "down", Number, reversed(rows))
    up, down = (sorted((tmp_path / name).iterdir()) for name in ("up", "down"))
    assert [p.read_bytes() for p in up] == [p.read_bytes() for p in down]


def test_spilled_runs_are_merged_into_several_sorted_shards(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BUFFER_BYTES", 4096)
    monkeypatch.setattr(tables, "SHARD_BYTES", 16384)
    tables.write_table(tmp_path / "t", Number, reversed(numbers(1000)))
    files = sorted(path.name for path in (tmp_path / "t").iterdir())
    assert len(files) > 2
    assert all(name.startswith("part-") for name in files)
    assert list(tables.read_table(tmp_path / "t", Number)) == numbers(1000)


def test_a_duplicate_id_is_an_error_that_names_it_and_leaves_no_table(tmp_path):
    with pytest.raises(UserError, match="00007 occurs twice"):
        tables.write_table(tmp_path / "t", Number, [*numbers(9), Number(id="00007", value=1)])
    assert not (tmp_path / "t").exists()


def test_a_failing_source_leaves_the_old_table(tmp_path):
    tables.write_table(tmp_path / "t", Number, numbers(3))

    def failing():
        yield from numbers(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tables.write_table(tmp_path / "t", Number, failing())
    assert list(tables.read_table(tmp_path / "t", Number)) == numbers(3)


def test_what_a_killed_writer_left_is_removed(tmp_path):
    stale = replacing.partial_of(tmp_path / "t")
    stale.mkdir()
    (stale / "part-99999.parquet").write_bytes(b"stale")
    tables.write_table(tmp_path / "t", Number, numbers(3))
    names = sorted(path.name for path in (tmp_path / "t").iterdir())
    assert names == ["part-00000.parquet", "part-checksums.json"]


def test_an_empty_table_is_readable(tmp_path):
    tables.write_table(tmp_path / "t", Number, [])
    assert list(tables.read_table(tmp_path / "t", Number)) == []


def test_a_missing_table_says_what_to_run(tmp_path):
    with pytest.raises(UserError, match="dvc repro"):
        list(tables.read_table(tmp_path / "none", Number))


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: b"",
        lambda raw: raw[:40] + b"\0" * 40 + raw[80:],
    ],
)
def test_a_corrupt_shard_is_one_readable_error(tmp_path, damage):
    tables.write_table(tmp_path / "t", SourceFile, [source_file(str(n)) for n in range(50)])
    shard = tmp_path / "t" / "part-00000.parquet"
    shard.write_bytes(damage(shard.read_bytes()))
    with pytest.raises(UserError, match=r"part-00000\.parquet"):
        list(tables.read_table(tmp_path / "t", SourceFile))


def test_a_row_of_another_shape_names_row_and_field(tmp_path):
    tables.write_table(tmp_path / "t", Number, numbers(2))
    with pytest.raises(UserError, match=r"row 00000: field (source|value)"):
        list(tables.read_table(tmp_path / "t", SourceFile))


def test_shards_are_compressed_with_zstd(tmp_path):
    tables.write_table(tmp_path / "t", Number, numbers(2))
    metadata = pq.ParquetFile(tmp_path / "t" / "part-00000.parquet").metadata
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_write_json_replaces_whole(tmp_path):
    target = tmp_path / "m" / "x.json"
    replacing.write_json(target, {"b": 1, "a": 2})
    replacing.write_json(target, {"b": 3})
    assert target.read_text() == '{\n  "b": 3\n}\n'
    assert [path.name for path in target.parent.iterdir()] == ["x.json"]


@pytest.mark.parametrize("buffer", [0, 1 << 20])
@pytest.mark.parametrize(
    ("record", "field"),
    [
        (source_file("a", text="\ud83d"), "text"),
        (
            source_file("a").model_copy(update={"origin": Origin(kind="folder", name="\udcff")}),
            "origin",
        ),
        (source_file("a").model_copy(update={"id": "\ud83d"}), "id"),
    ],
)
def test_a_lone_surrogate_is_refused_with_its_record_and_field(
    tmp_path, monkeypatch, buffer, record, field
):
    monkeypatch.setattr(tables, "BUFFER_BYTES", buffer)
    with pytest.raises(UserError, match=rf"record '.*': field {field} has characters that no file"):
        tables.write_table(tmp_path / "t", SourceFile, [source_file("b"), record])
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"a": {"b": float("nan")}}, "a.b is nan"),
        ({"a": [1, {"c": float("inf")}]}, r"a\[1\].c is inf"),
        ([float("-inf")], r"\[0\] is -inf"),
        (float("nan"), "the value is nan"),
    ],
)
def test_what_is_no_number_in_json_is_refused_with_its_key(tmp_path, value, key):
    target = tmp_path / "m.json"
    replacing.write_json(target, {"old": 1})
    with pytest.raises(UserError, match=rf"{key}, which is no number in JSON \(.*m\.json\)"):
        replacing.write_json(target, value)
    assert json.loads(target.read_text()) == {"old": 1}
