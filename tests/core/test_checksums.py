"""Damage of what lies on the disk is an error: no flipped bit is read as other content."""

import json
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from viscode.bench import score_folder
from viscode.cli.serve import original
from viscode.core import checksums, tables
from viscode.core.checksums import check_digest, digest_line, digest_path
from viscode.core.errors import UserError
from viscode.core.outcomes import Outcome
from viscode.core.records import Identified, InstructionSample, Origin
from viscode.dataset.counts import seal
from viscode.training.data import read_chats

ORIGIN = Origin(kind="package", name="numpy", version="1", path="a.py", locator="a.b")


def sample(number: int) -> InstructionSample:
    noise = random.Random(number)
    return InstructionSample(
        id=f"{number:04d}",
        source="files",
        origin=ORIGIN,
        licence="BSD",
        parent_id="p",
        instruction="draw",
        code=f"plt.plot({noise.random()})\n" * 3,
        libraries=("matplotlib",),
        image=noise.randbytes(60),
        facts="[]",
        method="facts",
    )


SAMPLES = [sample(number) for number in range(40)]
OUTCOMES = [
    Outcome(id=one.id, kept=True, reason="", detail="", produced=(one.id,)) for one in SAMPLES
]
CHATS = [
    {
        "id": one.id,
        "source": "files",
        "licence": "MIT",
        "origin": None,
        "messages": [{"role": "user", "content": one.code}],
    }
    for one in SAMPLES
]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Several shards, and outcomes beside the records."""
    monkeypatch.setattr(tables, "SHARD_BYTES", 4096)
    monkeypatch.setattr(tables, "ROW_GROUP_BYTES", 1024)
    folder = tmp_path / "table"
    with tables.TableWriter(folder, InstructionSample) as writer:
        for one in SAMPLES:
            writer.add(one)
    with tables.TableWriter(folder, Outcome, "outcome") as outcomes:
        for outcome in OUTCOMES:
            outcomes.add(outcome)
    return folder


def whole(folder: Path) -> object:
    return list(tables.read_table(folder, InstructionSample))


class Code(Identified):
    code: str


READINGS = {
    "whole": whole,
    "outcomes": lambda folder: list(tables.read_table(folder, Outcome, "outcome")),
    "columns": lambda folder: list(tables.read_columns(folder, Code)),
    "some": lambda folder: list(tables.read_some(folder, InstructionSample, {"0007", "0031"})),
    "count": lambda folder: tables.count_rows(folder),
    "image": lambda folder: original(folder, "0031"),
}


def flipped(raw: bytes, bit: int) -> bytes:
    place = bit // 8
    return raw[:place] + bytes([raw[place] ^ (1 << bit % 8)]) + raw[place + 1 :]


def silent(path: Path, bits: list[int], read: object, good: object) -> list[int]:
    """The flipped bits of a file with which reading gives other content and no error."""
    raw, found = path.read_bytes(), []
    for bit in bits:
        path.write_bytes(flipped(raw, bit))
        try:
            if read() != good:
                found.append(bit)
        except UserError as error:
            assert "\n" not in str(error)
    path.write_bytes(raw)
    return found


@pytest.mark.parametrize("reading", READINGS)
def test_no_flipped_bit_of_a_table_gives_other_content(table: Path, reading: str) -> None:
    read = READINGS[reading]
    good, noise = read(table), random.Random(reading)
    files = sorted(table.iterdir())
    assert len(files) > 6
    for path in files:
        every = range(path.stat().st_size * 8)
        bits = noise.sample(every, 15)
        assert silent(path, bits, lambda: read(table), good) == [], path.name


def test_a_flipped_bit_anywhere_in_a_shard_is_an_error_for_who_reads_all(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    tables.write_table(folder, Identified, [Identified(id="one"), Identified(id="two")])
    shard = folder / "part-00000.parquet"
    raw = shard.read_bytes()
    for bit in range(0, len(raw) * 8, 11):
        shard.write_bytes(flipped(raw, bit))
        with pytest.raises(UserError, match=r"corrupt shard.*part-00000\.parquet.*dvc checkout"):
            checksums.check_table(folder)
    shard.write_bytes(raw)
    checksums.check_table(folder)


@pytest.mark.parametrize("reading", ["whole", "some", "count", "columns"])
def test_a_missing_and_a_foreign_shard_are_named(table: Path, reading: str) -> None:
    lost = table / "part-00001.parquet"
    raw = lost.read_bytes()
    lost.unlink()
    with pytest.raises(UserError, match=r"shard part-00001\.parquet is missing.*table"):
        READINGS[reading](table)
    lost.write_bytes(raw)
    (table / "part-00099.parquet").write_bytes(raw)
    with pytest.raises(UserError, match=r"part-00099\.parquet does not belong to this table"):
        READINGS[reading](table)


def test_a_shard_of_another_table_and_a_lost_list_are_errors(table: Path, tmp_path: Path) -> None:
    tables.write_table(tmp_path / "other", InstructionSample, [sample(99)])
    own = (table / "part-00000.parquet").read_bytes()
    shutil.copy(tmp_path / "other" / "part-00000.parquet", table)
    with pytest.raises(UserError, match="corrupt shard"):
        whole(table)
    (table / "part-00000.parquet").write_bytes(own)
    (table / "part-checksums.json").unlink()
    with pytest.raises(UserError, match=r"without its list of shards.*part-checksums\.json"):
        whole(table)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        '{"block_bytes": 1, "shards": []}',
        '{"block_bytes": 131072, "shards": [{}]}',
        '{"block_bytes": 131072, "shards": [{"name": "../part-00000.parquet", "bytes": 0,'
        ' "rows": 0, "sums": ""}]}',
        '{"block_bytes": 131072, "shards": [{"name": 1, "bytes": "x", "rows": 0, "sums": ""}]}',
    ],
)
def test_a_damaged_list_is_one_line(table: Path, text: str) -> None:
    (table / "part-checksums.json").write_text(text)
    with pytest.raises(UserError, match=r"damaged list of shards.*part-checksums\.json"):
        whole(table)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["b", "a"], r"record a stands behind b: ids must ascend .*part-00000"),
        (["a", "b", "b"], r"record b occurs twice .*part-00000"),
    ],
)
def test_ids_out_of_order_are_named_with_their_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], message: str
) -> None:
    monkeypatch.setattr(tables.TableWriter, "_sorted", lambda writer: writer._rows)
    monkeypatch.setattr(tables, "_unique", lambda rows, folder: iter(rows))
    tables.write_table(tmp_path / "t", Identified, [Identified(id=name) for name in names])
    for read in (
        lambda: list(tables.read_table(tmp_path / "t", Identified)),
        lambda: list(tables.read_some(tmp_path / "t", Identified, {"none"})),
    ):
        with pytest.raises(UserError, match=message):
            read()


def test_shards_stay_readable_by_others_and_the_list_depends_on_them_alone(
    table: Path, tmp_path: Path
) -> None:
    paths = sorted(table.glob("part-*.parquet"))
    assert sum(pq.read_table(path).num_rows for path in paths) == len(SAMPLES)
    with tables.TableWriter(tmp_path / "again", InstructionSample) as writer:
        for one in reversed(SAMPLES):
            writer.add(one)
    name = "part-checksums.json"
    assert (table / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def chats(path: Path) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in CHATS))
    digest_path(path).write_text(digest_line(path, path.name))
    return path


def test_no_flipped_bit_of_a_chat_file_or_its_digest_is_silent(tmp_path: Path) -> None:
    path = chats(tmp_path / "viscode.jsonl")
    good, noise = list(read_chats(path)), random.Random(1)
    assert len(good) == len(CHATS)
    for file in (path, digest_path(path)):
        size = file.stat().st_size * 8
        bits = noise.sample(range(size), min(150, size))
        assert silent(file, bits, lambda: list(read_chats(path)), good) == []


def test_a_chat_file_without_a_digest_is_taken_as_it_is(tmp_path: Path) -> None:
    path = chats(tmp_path / "viscode.jsonl")
    path.write_text(path.read_text().replace("MIT", "BSD"))
    with pytest.raises(UserError, match=r"not the content that viscode.jsonl.sha256 names"):
        check_digest(path)
    digest_path(path).unlink()
    assert {row.licence for row in read_chats(path)} == {"BSD"}


def test_no_flipped_bit_of_scores_is_silent(tmp_path: Path) -> None:
    rows = [json.dumps({"id": number, "passed": number % 2 == 0}) + "\n" for number in range(20)]
    ids = {number: f"task-{number}" for number in range(20)}
    score_folder.write_scores(tmp_path, rows, "matplotlib", "paper", ids)
    good, noise = score_folder.read_scores(tmp_path), random.Random(2)
    for name in (score_folder.SCORES, score_folder.CARD):
        bits = noise.sample(range((tmp_path / name).stat().st_size * 8), 150)
        found = silent(tmp_path / name, bits, lambda: score_folder.read_scores(tmp_path), good)
        assert found == [], name


def test_the_seal_of_a_data_set_sees_a_damaged_table(table: Path, tmp_path: Path) -> None:
    path = chats(tmp_path / "viscode.jsonl")
    shard = table / "part-00001.parquet"
    shard.write_bytes(flipped(shard.read_bytes(), 100))
    with pytest.raises(UserError, match="corrupt shard"):
        seal(path, path, table)
