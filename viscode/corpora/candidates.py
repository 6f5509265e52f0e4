"""Rows of stack-edu's metadata -> the blobs to fetch: filtered, one row a blob, in any order.

The rows are first sorted on disk (tables.TableWriter), so that the rows of one blob follow each
other. That makes three things possible in bounded memory and whatever the order of the rows was:
of several repositories with the same blob the same one stays, a blob is opted out wherever it
stands if one of its repositories is, and equal rows differ by their number.
"""

import re
from collections.abc import Container, Iterable, Iterator

from viscode.core.hashing import canonical_json, content_id
from viscode.core.jsonl import Row
from viscode.core.outcomes import Rejected
from viscode.core.records import Identified, Origin, SourceFile
from viscode.corpora import fields
from viscode.corpora.blobs import Claim
from viscode.corpora.opt_out import BLOB, OptOut
from viscode.corpora.sampling import CollectReason
from viscode.settings.collect import CollectFilesSettings

METADATA_COLUMNS = (
    "blob_id",
    "language",
    "repo_name",
    "path",
    "src_encoding",
    "length_bytes",
    "int_score",
    "detected_licenses",
)
LANGUAGE = "python"
ENCODING = re.compile(r"[\w.:+-]{0,40}")
UNKNOWN_LICENCE = "unknown"


class Candidate(Identified):
    """A file of a repository, and what the row says of its blob. `reason`: why it is not wanted,
    "" if it is. `id`, by which rows are sorted, is BLOB:HASH:PLACE; where the row stands only keeps
    equal rows apart."""

    blob_id: str
    encoding: str
    length_bytes: int
    repository: str
    path: str
    licence: str
    reason: str

    @property
    def claim(self) -> Claim:
        return Claim(self.blob_id, self.encoding, self.length_bytes)

    @property
    def record_id(self) -> str:
        """From the blob alone: another repository with the same file changes no id."""
        return content_id("files", "stack-edu", self.blob_id)

    @property
    def place(self) -> str:
        return f"{self.repository}/{self.path}"

    def record(self, text: str) -> SourceFile:
        return SourceFile(
            id=self.record_id,
            source="files",
            origin=Origin(
                kind="repository", name=self.repository, path=self.path, locator=self.blob_id
            ),
            licence=self.licence,
            text=text,
        )


def candidate_of(
    row: Row, place: str, settings: CollectFilesSettings, opt_out: OptOut
) -> Candidate:
    """A row, which stands at `place`, as a candidate, whether wanted or not.

    Raises:
        BadField: a missing or unusable field.
    """
    blob_id = fields.text(row, "blob_id")
    if not BLOB.fullmatch(blob_id):
        raise fields.BadField("blob_id", "40 hexadecimal digits are needed")
    encoding = fields.nullable_text(row, "src_encoding") or ""
    if not ENCODING.fullmatch(encoding):
        raise fields.BadField("src_encoding", "not the name of an encoding")
    length_bytes = fields.number(row, "length_bytes")
    repository = fields.filled_text(row, "repo_name")
    path = fields.filled_text(row, "path")
    licences = licences_of(row)
    licence = " AND ".join(licences) or UNKNOWN_LICENCE

    language, score = row.get("language"), fields.number(row, "int_score")
    allowed = set(settings.licences)
    reason = ""  # the first check that fails names it
    if opt_out.covers(repository, blob_id):
        reason = CollectReason.OPTED_OUT
    elif language is not None and str(language).lower() != LANGUAGE:
        reason = CollectReason.OTHER_LANGUAGE
    elif score < settings.min_int_score:
        reason = CollectReason.LOW_SCORE
    elif length_bytes > settings.max_bytes:
        reason = CollectReason.TOO_LARGE
    elif allowed and not (licences and allowed.issuperset(licences)):
        reason = CollectReason.LICENCE
    facts = [repository, path, licence, encoding, length_bytes, reason]
    return Candidate(
        id=f"{blob_id}:{content_id(canonical_json(facts))}:{place}",
        blob_id=blob_id,
        encoding=encoding,
        length_bytes=length_bytes,
        repository=repository,
        path=path,
        licence=licence,
        reason=reason,
    )


def licences_of(row: Row) -> list[str]:
    """The detected licences, sorted, each once; [] for null.

    Raises:
        BadField: something that is not a list of names.
    """
    field = "detected_licenses"
    if fields.value(row, field) is None:
        return []
    found = enumerate(fields.items(row, field))
    return sorted({fields.filled_text({f"{field}[{i}]": it}, f"{field}[{i}]") for i, it in found})


def opted_out_blob(row: Row, opt_out: OptOut) -> str | None:
    """The blob id of a row whose repository or blob is opted out, whatever else the row holds: a
    malformed row does not undo a wish."""
    blob_id, repository = row.get("blob_id"), row.get("repo_name")
    if not isinstance(blob_id, str):
        return None
    blob_id = blob_id.strip().lower()
    named = repository if isinstance(repository, str) else ""
    return blob_id if BLOB.fullmatch(blob_id) and opt_out.covers(named, blob_id) else None


def choose(
    candidates: Iterable[Candidate], opted_out: Container[str]
) -> Iterator[tuple[str, Candidate | Rejected]]:
    """(input id, candidate or why not) for each of the sorted candidates.

    Of the wanted rows of one blob the first stays, which is the one of smallest hash. Its input
    id is its record's, those of the others come from what stands in the row and its number.
    """
    stays: Candidate | None = None
    before, number = "", 0
    for candidate in candidates:
        content = ":".join(candidate.id.split(":", 2)[:2])
        number = number + 1 if content == before else 0
        before = content
        input_id = content_id("row", content, str(number))
        if candidate.blob_id in opted_out:
            yield input_id, Rejected(CollectReason.OPTED_OUT, candidate.place)
        elif candidate.reason:
            yield input_id, Rejected(CollectReason(candidate.reason), candidate.place)
        elif stays is not None and stays.blob_id == candidate.blob_id:
            detail = f"{candidate.place} as {stays.place}"
            yield input_id, Rejected(CollectReason.DUPLICATE, detail)
        else:
            stays = candidate
            yield candidate.record_id, candidate
