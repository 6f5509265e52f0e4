"""Stored bytes -> verified text: every outcome, the decoding order, hostile input."""

import codecs
import gzip
import hashlib
import time
import tracemalloc
import zlib

import pytest

from viscode.corpora import blobs
from viscode.corpora.blobs import BlobEntry, BlobOutcome, Claim, examine_blob

LIMIT = 10_000
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"


def claim(content: bytes, encoding: str = "UTF-8", length: int | None = None) -> Claim:
    blob_id = hashlib.sha1(content).hexdigest()
    return Claim(blob_id, encoding, len(content) if length is None else length)


def outcome(content: bytes, encoding: str = "UTF-8", length: int | None = None) -> BlobEntry:
    return examine_blob(gzip.compress(content), claim(content, encoding, length), LIMIT)


def test_a_good_blob_that_plots() -> None:
    entry = outcome(PLOT.encode())
    assert (entry.outcome, entry.text, entry.fallback) == (BlobOutcome.PLOTS, PLOT, False)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_become_those_of_python(end: str) -> None:
    content = PLOT.replace("\n", end).encode("utf-16")
    assert outcome(content, "utf-16").text == PLOT


@pytest.mark.parametrize("absent", [BlobOutcome.MISSING, BlobOutcome.FORBIDDEN])
def test_what_the_bucket_does_not_have_stays_that(absent: BlobOutcome) -> None:
    entry = examine_blob(absent, claim(b""), LIMIT)
    assert (entry.outcome, entry.packed) == (absent, b"")


CONTENT = PLOT.encode()
PACKED = gzip.compress(CONTENT)
BROKEN = PACKED[:20] + bytes([PACKED[20] ^ 255]) + PACKED[21:]


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (b"", "truncated"),
        (PACKED[:1], "truncated"),
        (PACKED[:10], "truncated"),
        (PACKED[:-1], "truncated"),
        (CONTENT, "not_gzip"),
        (zlib.compress(CONTENT), "not_gzip"),
        (PACKED[:-8] + bytes(8), "not_gzip"),  # a wrong check sum
        (BROKEN, "not_gzip"),
        (gzip.compress(CONTENT + b"#"), "wrong_hash"),
        (gzip.compress(b""), "wrong_hash"),
        (gzip.compress(bytes(LIMIT + 1)), "too_large"),
        (PACKED + b"what follows is ignored", "plots"),
    ],
)
def test_stored_bytes(packed: bytes, expected: str) -> None:
    assert examine_blob(packed, claim(CONTENT), LIMIT).outcome == expected


def test_the_limit_itself_is_allowed() -> None:
    assert outcome(b"x" * LIMIT).outcome is BlobOutcome.NO_PLOTTING


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(20_000_000), 1)
    tracemalloc.start()
    try:
        assert blobs.unpacked_blob(bomb, LIMIT) is BlobOutcome.TOO_LARGE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * LIMIT


def test_both_kinds_of_blob_id() -> None:
    git = hashlib.sha1(b"blob %d\0" % len(CONTENT) + CONTENT).hexdigest()
    assert blobs.has_id(CONTENT, git) and blobs.has_id(CONTENT, claim(CONTENT).blob_id)
    assert not blobs.has_id(CONTENT, "0" * 40)


UMLAUT = "# pröfung\n" + PLOT


@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        # the claimed encoding
        (UMLAUT.encode("latin-1"), "ISO-8859-1", (UMLAUT, False)),
        (UMLAUT.encode("utf-16"), "UTF-16", (UMLAUT, False)),
        (UMLAUT.encode("utf-16-le"), "utf-16-le", (UMLAUT, False)),
        (codecs.BOM_UTF8 + UMLAUT.encode(), "UTF-8", (UMLAUT, False)),
        # what the file says itself, then UTF-8
        (UMLAUT.encode(), "ascii", (UMLAUT, True)),
        (UMLAUT.encode(), "no-such-encoding", (UMLAUT, True)),
        (UMLAUT.encode(), "", (UMLAUT, True)),
        (UMLAUT.encode("utf-16"), "UTF-8", (UMLAUT, True)),
        (UMLAUT.encode("utf-16"), "ascii", (UMLAUT, True)),
        (UMLAUT.encode("utf-32"), "UTF-8", (UMLAUT, True)),
        (b"# -*- coding: cp1252 -*-\n# \x80\n", "UTF-8", ("# -*- coding: cp1252 -*-\n# €\n", True)),
        (b"#!/x\n# coding=cp1252\n# \x80\n", "UTF-8", ("#!/x\n# coding=cp1252\n# €\n", True)),
        # never by force
        (b"x\n\n# coding: cp1252\n# \x80\n", "UTF-8", None),
        (UMLAUT.encode("latin-1"), "UTF-8", None),
        (b"\xff\xfe\xfa", "UTF-8", None),
        (b"a\0b", "UTF-8", None),
        (UMLAUT.encode("utf-16-le"), "latin-1", None),
        (b"# coding: idna\n# \xff", "UTF-8", None),
        (b"# coding: undefined\n# \xff", "hex", None),
        ("# \ud800".encode("utf-16", "surrogatepass"), "UTF-16", None),
    ],
)
def test_decoding(content: bytes, encoding: str, expected: tuple[str, bool] | None) -> None:
    assert blobs.decode_blob(content, encoding) == expected


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "utf7"])
def test_encodings_that_are_traps_are_not_used(name: str) -> None:
    content = f"# coding: {name}\n".encode() + b"a-" * 100_000 + b"\xff"
    began = time.process_time()
    assert blobs.decode_blob(content, name) is None
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    ("text", "encoding", "length", "expected"),
    [
        (UMLAUT, "latin-1", len(UMLAUT), "plots"),
        (UMLAUT, "latin-1", len(UMLAUT.encode()), "plots"),  # counted as UTF-8
        (UMLAUT, "utf-16", len(UMLAUT.encode()) + 3, "plots"),  # and with its mark
        (UMLAUT, "latin-1", len(UMLAUT) + 7, "wrong_length"),
        (UMLAUT, "latin-1", 0, "wrong_length"),
        ("", "UTF-8", 0, "no_plotting"),
    ],
)
def test_length(text: str, encoding: str, length: int, expected: str) -> None:
    assert outcome(text.encode(encoding), encoding, length).outcome == expected


def test_what_a_remembered_outcome_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = claim(CONTENT), claim(CONTENT, "ascii")

    def moved(kind: BlobOutcome) -> list[bool]:
        before = blobs.basis(kind, one, 100)
        changed = [blobs.basis(kind, one, 101) != before, blobs.basis(kind, other, 100) != before]
        with monkeypatch.context() as patch:
            patch.setattr(blobs, "SCAN_VERSION", blobs.SCAN_VERSION + 1)
            return [*changed, blobs.basis(kind, one, 100) != before]

    #                               limit, claim, scan
    assert moved(BlobOutcome.MISSING) == [False, False, False]
    assert moved(BlobOutcome.TOO_LARGE) == [True, False, False]
    assert moved(BlobOutcome.PLOTS) == [False, True, False]
    assert moved(BlobOutcome.UNDECODABLE) == [False, True, False]
    assert moved(BlobOutcome.NO_PLOTTING) == [False, True, True]
