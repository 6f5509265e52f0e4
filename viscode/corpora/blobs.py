"""What Software Heritage stores under a blob id -> verified text, or what is wrong with it.

Pure: bytes and the row's claims in, an outcome out; nothing here fetches or remembers. The bytes
are untrusted: they are unpacked to a limit, compared with hash and length, decoded strictly, and
never run.
"""

import codecs
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from viscode.core.errors import UserError
from viscode.core.textfile import MARK, MARKS
from viscode.libraries.scan import SCAN_VERSION, may_plot
from viscode.text.source_text import NO_SOURCE_ENCODINGS

LEDGER_REMEDY = "move .viscode/blobs.sqlite away: everything is fetched anew"
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 16 + zlib.MAX_WBITS  # zlib reads a gzip header and checks its trailer
COOKIE = re.compile(  # PEP 263: a comment in one of the first two lines
    rb"\A(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)"
)


class BlobOutcome(StrEnum):
    """What an examined blob turned out to be. Each is final for the same claims and limits. The
    ledger stores their places in this list: a new one goes to its end."""

    NO_PLOTTING = "no_plotting"
    PLOTS = "plots"
    MISSING = "missing"
    FORBIDDEN = "forbidden"
    TRUNCATED = "truncated"
    NOT_GZIP = "not_gzip"
    TOO_LARGE = "too_large"
    WRONG_HASH = "wrong_hash"
    WRONG_LENGTH = "wrong_length"
    UNDECODABLE = "undecodable"


@dataclass(frozen=True)
class Claim:
    """What a metadata row says of a blob: `encoding` "" where it says nothing."""

    blob_id: str
    encoding: str
    length_bytes: int


@dataclass(frozen=True)
class BlobEntry:
    """An examined blob. `packed` is the compressed text where the outcome is PLOTS, else b"";
    `fallback` says that it was decoded by another encoding than the claimed one."""

    blob_id: str
    outcome: BlobOutcome
    basis: int
    packed: bytes = b""
    fallback: bool = False

    @property
    def text(self) -> str:
        """
        Raises:
            UserError: the stored text is damaged.
        """
        try:
            return zlib.decompress(self.packed).decode("utf-8")
        except (zlib.error, UnicodeDecodeError) as error:
            what = f"the stored text of {self.blob_id} is damaged: {error}"
            raise UserError(what, todo=LEDGER_REMEDY) from error


def download_limit(max_bytes: int) -> int:
    """How long the gzip form of a file of `max_bytes` bytes can be: what does not compress grows
    by 5 bytes in 16 KiB, and the header holds a name."""
    return max_bytes + max_bytes // 1000 + 1024


def examine_blob(stored: bytes | BlobOutcome, claim: Claim, max_bytes: int) -> BlobEntry:
    """Unpack, verify and decode what is stored of a blob, then look whether it may plot (paper
    3.1); an outcome, where nothing could be had, stays what it is."""
    outcome, text, fallback = _examined(stored, claim, max_bytes)
    packed = zlib.compress(text.encode("utf-8")) if outcome is BlobOutcome.PLOTS else b""
    return BlobEntry(claim.blob_id, outcome, basis(outcome, claim, max_bytes), packed, fallback)


def _examined(
    stored: bytes | BlobOutcome, claim: Claim, max_bytes: int
) -> tuple[BlobOutcome, str, bool]:
    """(outcome, text, whether it was decoded by a fallback)."""
    content = unpacked_blob(stored, max_bytes) if isinstance(stored, bytes) else stored
    if isinstance(content, BlobOutcome):
        return content, "", False
    if not has_id(content, claim.blob_id):
        return BlobOutcome.WRONG_HASH, "", False
    decoded = decode_blob(content, claim.encoding)
    if decoded is None:
        return BlobOutcome.UNDECODABLE, "", False
    text, fallback = decoded
    if not has_length(content, text, claim.length_bytes):
        return BlobOutcome.WRONG_LENGTH, "", False
    if not may_plot(text):
        return BlobOutcome.NO_PLOTTING, "", False
    lines = text.replace("\r\n", "\n").replace("\r", "\n")  # as Python reads them
    return BlobOutcome.PLOTS, lines, fallback


def unpacked_blob(packed: bytes, max_bytes: int) -> bytes | BlobOutcome:
    """The first gzip member of `packed`; never more than `max_bytes` + 1 bytes are unpacked.

    NOT_GZIP: another header, or data that break the format or its check sum. TRUNCATED: the
    stream ends early. What follows the member is ignored: the hash tells whether all is there.
    """
    if not packed.startswith(GZIP_MAGIC):
        return BlobOutcome.TRUNCATED if packed in (b"", b"\x1f") else BlobOutcome.NOT_GZIP
    stream = zlib.decompressobj(GZIP_WINDOW)
    try:
        content = stream.decompress(packed, max_bytes + 1)
    except zlib.error:
        return BlobOutcome.NOT_GZIP
    if len(content) > max_bytes:
        return BlobOutcome.TOO_LARGE
    return content if stream.eof else BlobOutcome.TRUNCATED


def has_id(content: bytes, blob_id: str) -> bool:
    """Whether the content's SHA-1 is `blob_id`, plain (Software Heritage names the objects of its
    bucket so) or as git computes it over "blob LENGTH\\0" and the content. Public descriptions of
    the data set do not say which of the two its blob ids are, and either proves the content."""
    plain = hashlib.sha1(content, usedforsecurity=False)
    if plain.hexdigest() == blob_id:
        return True
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest() == blob_id


def has_length(content: bytes, text: str, length_bytes: int) -> bool:
    """Whether the length fits the stored bytes, or the text as UTF-8 with or without a byte order
    mark: the data set's card does not say which of them it counts."""
    as_utf8 = len(text.encode("utf-8"))
    return length_bytes in (len(content), as_utf8, as_utf8 + len(codecs.BOM_UTF8))


def decode_blob(content: bytes, encoding: str) -> tuple[str, bool] | None:
    """(text without a byte order mark, whether a fallback was needed), or None.

    The claimed encoding first; then what the file says itself by its byte order mark or PEP 263
    comment, then UTF-8. All strictly, and never an encoding that takes any bytes unless row or
    file names it.
    """
    for place, name in enumerate(_encodings(content, encoding)):
        text = _decoded(content, name)
        if text is not None:
            return text, place > 0
    return None


def _encodings(content: bytes, claimed: str) -> Iterator[str]:
    yield claimed
    yield from (name for mark, name in MARKS if content.startswith(mark))
    if cookie := COOKIE.match(content):
        yield cookie[1].decode("ascii", "replace")
    yield "utf-8"


def _decoded(content: bytes, encoding: str) -> str | None:
    """None too for a NUL, which Python source never holds: UTF-16 read as an 8-bit encoding."""
    try:
        if codecs.lookup(encoding).name in NO_SOURCE_ENCODINGS:
            return None
        text = content.decode(encoding)
        text.encode("utf-8")  # some codecs let surrogates through, which no table can hold
    except (LookupError, ValueError):  # an unknown encoding, or bytes that it does not allow
        return None
    return None if "\0" in text else text.removeprefix(MARK)


def basis(outcome: BlobOutcome, claim: Claim, max_bytes: int) -> int:
    """16 bits of what an outcome rests on besides the stored bytes. A remembered outcome counts
    only while they are the same: another size limit, another claim in the row, or (for what did
    not plot) another version of the scan makes the blob be examined again."""
    if outcome is BlobOutcome.TOO_LARGE:
        text = f"{max_bytes}"
    elif outcome is BlobOutcome.NO_PLOTTING:
        text = f"{claim.encoding}\n{claim.length_bytes}\n{SCAN_VERSION}"
    elif outcome in (BlobOutcome.PLOTS, BlobOutcome.WRONG_LENGTH, BlobOutcome.UNDECODABLE):
        text = f"{claim.encoding}\n{claim.length_bytes}"
    else:
        return 0
    return zlib.crc32(text.encode("utf-8")) & 0xFFFF
