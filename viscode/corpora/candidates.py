"""Rows of stack-edu's metadata -> the blobs to fetch: filtered, one row a blob, in any order.

The rows are first sorted on disk (tables.TableWriter), so that the rows of one blob follow each
other. That makes three things possible in bounded memory and whatever the order of the rows was:
of several repositories with the same blob the same one stays, a blob is opted out wherever it
stands if one of its repositories is, and equal rows differ by their number.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Candidate:
    """A file of a repository, and what the row says of its blob."""

    claim: Claim
    repository: str
    path: str
    licence: str

    @property
    def record_id(self) -> str:
        """From the blob alone: another repository with the same file changes no id."""
        return content_id("files", "stack-edu", self.claim.blob_id)

    @property
    def place(self) -> str:
        return f"{self.repository}/{self.path}"

    def record(self, text: str) -> SourceFile:
        return SourceFile(
            id=self.record_id,
            source="files",
            origin=Origin(
                kind="repository",
                name=self.repository,
                path=self.path,
                locator=self.claim.blob_id,
            ),
            licence=self.licence,
            text=text,
        )


class MetadataRow(Identified):
    """A row on its way through the sort. `id` begins with the blob id; `facts` is JSON: small and
    quick to read, for there may be 25 M of them."""

    facts: str


def candidate_of(row: Row) -> Candidate:
    """A row as a candidate, whether wanted or not.

    Raises:
        BadField: a missing or unusable field.
    """
    blob_id = fields.text(row, "blob_id")
    if not BLOB.fullmatch(blob_id):
        raise fields.BadField("blob_id", "40 hexadecimal digits are needed")
    encoding = fields.nullable_text(row, "src_encoding") or ""
    if not ENCODING.fullmatch(encoding):
        raise fields.BadField("src_encoding", "not the name of an encoding")
    return Candidate(
        claim=Claim(blob_id, encoding, fields.number(row, "length_bytes")),
        repository=fields.filled_text(row, "repo_name"),
        path=fields.filled_text(row, "path"),
        licence=" AND ".join(licences_of(row)) or UNKNOWN_LICENCE,
    )


def opted_out_blob(row: Row, opt_out: OptOut) -> str | None:
    """The blob id of a row whose repository or blob is opted out, whatever else the row holds: a
    malformed row does not undo a wish."""
    blob_id, repository = row.get("blob_id"), row.get("repo_name")
    if not isinstance(blob_id, str):
        return None
    blob_id = blob_id.strip().lower()
    named = repository if isinstance(repository, str) else ""
    return blob_id if BLOB.fullmatch(blob_id) and opt_out.covers(named, blob_id) else None


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


def refusal_reason(
    row: Row, candidate: Candidate, settings: CollectFilesSettings, opt_out: OptOut
) -> CollectReason | None:
    """Why a row is not wanted, None if it is; the first check that fails names the reason.

    Raises:
        BadField: an unusable field that only a check reads.
    """
    language, score = row.get("language"), fields.number(row, "int_score")
    if opt_out.covers(candidate.repository, candidate.claim.blob_id):
        return CollectReason.OPTED_OUT
    if language is not None and str(language).lower() != LANGUAGE:
        return CollectReason.OTHER_LANGUAGE
    if score < settings.min_int_score:
        return CollectReason.LOW_SCORE
    if candidate.claim.length_bytes > settings.max_bytes:
        return CollectReason.TOO_LARGE
    held, allowed = set(licences_of(row)), set(settings.licences)
    if allowed and not (held and held <= allowed):
        return CollectReason.LICENCE
    return None


def line_of(candidate: Candidate, reason: CollectReason | None, place: str) -> MetadataRow:
    """The row as a line. `place` (where the row stands) only keeps equal rows apart: lines that
    differ in nothing else may change places."""
    claim = candidate.claim
    about = [candidate.repository, candidate.path, candidate.licence]
    facts = canonical_json([*about, claim.encoding, claim.length_bytes, str(reason or "")])
    return MetadataRow(id=f"{claim.blob_id}:{content_id(facts)}:{place}", facts=facts)


def _read(line: MetadataRow) -> tuple[Candidate, str]:
    repository, path, licence, encoding, length_bytes, reason = json.loads(line.facts)
    claim = Claim(line.id.partition(":")[0], encoding, length_bytes)
    return Candidate(claim, repository, path, licence), reason


def chosen_lines(
    lines: Iterable[MetadataRow], opted_out: Container[str]
) -> Iterator[tuple[str, Candidate | Rejected]]:
    """(input id, candidate or why not) for each of the sorted lines.

    Of the wanted rows of one blob the first stays, which is the one of smallest hash. Its input
    id is its record's, those of the others come from what stands in the row and its number.
    """
    stays: Candidate | None = None
    before, number = "", 0
    for line in lines:
        candidate, reason = _read(line)
        blob_id = candidate.claim.blob_id
        row = f"{blob_id}{line.facts}"
        number = number + 1 if row == before else 0
        before = row
        if blob_id in opted_out:
            reason = str(CollectReason.OPTED_OUT)
        if not reason and (stays is None or stays.claim.blob_id != blob_id):
            stays = candidate
            yield candidate.record_id, candidate
        else:
            yield content_id("row", row, str(number)), _rejected(candidate, reason, stays)


def _rejected(candidate: Candidate, reason: str, stays: Candidate | None) -> Rejected:
    if not reason and stays is not None:
        return Rejected(CollectReason.DUPLICATE, f"{candidate.place} as {stays.place}")
    return Rejected(CollectReason(reason), candidate.place)
