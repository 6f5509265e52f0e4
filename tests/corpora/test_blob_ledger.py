"""The ledger of examined blobs: remembers, replaces, deletes, stays small, fails readably."""

import hashlib
import sqlite3
import zlib
from pathlib import Path

import pytest

from viscode.core import sqlite_files
from viscode.core.errors import UserError
from viscode.corpora.blob_ledger import BlobLedger
from viscode.corpora.blobs import BlobEntry, BlobOutcome

TEXT = "import matplotlib\n" + "x" * 500 + "é"
PACKED = zlib.compress(TEXT.encode())


def blob_id(number: int) -> str:
    return hashlib.sha1(b"%d" % number).hexdigest()


def plots(number: int) -> BlobEntry:
    return BlobEntry(blob_id(number), BlobOutcome.PLOTS, 7, PACKED, fallback=True)


def test_every_outcome_is_remembered_beyond_the_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "blobs.sqlite"
    entries = [
        plots(place) if outcome is BlobOutcome.PLOTS else BlobEntry(blob_id(place), outcome, place)
        for place, outcome in enumerate(BlobOutcome)
    ]
    with BlobLedger(path) as ledger:
        assert ledger.recall(blob_id(0)) is None
        ledger.store(entries)
    with BlobLedger(path) as again:
        assert [again.recall(entry.blob_id) for entry in entries] == entries
    assert plots(0).text == TEXT


def test_codes_in_older_ledgers_keep_their_meaning() -> None:
    stored = "no_plotting plots missing forbidden truncated not_gzip too_large wrong_hash"
    assert list(BlobOutcome) == [*stored.split(), "wrong_length", "undecodable"]


def test_a_new_outcome_replaces_the_old_one_with_its_text(tmp_path: Path) -> None:
    gone = BlobEntry(blob_id(1), BlobOutcome.MISSING, 0)
    with BlobLedger(tmp_path / "l.sqlite") as ledger:
        for entry in (gone, plots(1), gone):
            ledger.store([entry])
            assert ledger.recall(blob_id(1)) == entry


def test_deleted_text_is_not_left_in_the_file(tmp_path: Path) -> None:
    path, secret = tmp_path / "l.sqlite", b"not compressed, to be found"
    with BlobLedger(path) as ledger:
        ledger.store([BlobEntry(blob_id(1), BlobOutcome.PLOTS, 0, secret), plots(2)])
        ledger.forget([blob_id(1), blob_id(3)])
        assert ledger.recall(blob_id(1)) is None
        assert ledger.recall(blob_id(2)) == plots(2)
    assert secret not in path.read_bytes()


def test_a_blob_takes_about_thirty_bytes(tmp_path: Path) -> None:
    path, count = tmp_path / "l.sqlite", 20_000
    ids = sorted(map(blob_id, range(count)))  # as the stage stores them
    with BlobLedger(path) as ledger:
        ledger.store(BlobEntry(one, BlobOutcome.NO_PLOTTING, 40_000) for one in ids)
    assert path.stat().st_size / count < 36


def test_a_damaged_text_is_a_readable_error() -> None:
    with pytest.raises(UserError, match="damaged"):
        assert BlobEntry(blob_id(1), BlobOutcome.PLOTS, 7, b"no zlib").text


@pytest.mark.parametrize("damage", ["text", "half", "entry", "version"])
def test_a_damaged_ledger_is_a_readable_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "l.sqlite"
    with BlobLedger(path) as ledger:
        ledger.store(map(plots, range(2000)))
    if damage == "text":
        path.write_text("not a database at all" * 100)
    elif damage == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        sql = "PRAGMA user_version=9" if damage == "version" else "DELETE FROM text"
        with sqlite3.connect(path) as db:
            db.execute(sql)
        db.close()
    with pytest.raises(UserError, match=r"l\.sqlite.*fetched anew"), BlobLedger(path) as ledger:
        for number in range(2000):
            ledger.recall(blob_id(number))


def test_a_ledger_of_another_form_is_refused_every_time_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE other (x)")
        db.execute("PRAGMA user_version=2")
    db.close()
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(UserError, match="form 2 is not known"):
            BlobLedger(path)
        assert path.read_bytes() == before
    assert [held.name for held in tmp_path.iterdir()] == ["l.sqlite"]


def test_a_locked_ledger_is_a_readable_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "BUSY_TIMEOUT_S", 0.1)
    path = tmp_path / "l.sqlite"
    with BlobLedger(path) as ledger, BlobLedger(path) as other:
        other._db.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match="locked"):
            ledger.store([plots(1)])


def test_a_full_disk_is_a_readable_error_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    with BlobLedger(path) as ledger:
        ledger.store([plots(0)])
        ledger._db.execute("PRAGMA max_page_count=20")
        with pytest.raises(UserError, match="full"):
            ledger.store(map(plots, range(1, 5000)))
        assert ledger.recall(blob_id(0)) == plots(0)
        assert ledger.recall(blob_id(1)) is None
