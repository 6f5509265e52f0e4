"""The source `files` from stack-edu (paper 3.1): metadata rows, and the text of each from
Software Heritage.

Metadata is filtered before anything is fetched. What is fetched is examined in worker processes
and remembered at once (blob_ledger), plotting or not, so a run that is killed goes on where it
was and another run asks only for what is new. Texts stream to the output: memory does not grow
with the number of rows.

A blob that is missing, damaged or not readable is a counted outcome. One that could not be
fetched (the bucket was down to the last attempt, or a proxy's page came instead) is not: the stage
ends with an error when all else is stored, so that running it again asks just those.
"""

import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.jsonl import MalformedRow, Row
from viscode.core.outcomes import Kept, Rejected, Tally, outcome_of
from viscode.core.progress import Progress
from viscode.core.project import project_root
from viscode.core.records import SourceFile
from viscode.core.replacing import partial_of
from viscode.core.tables import TableWriter, read_table
from viscode.core.transform import write_outcomes
from viscode.corpora.blob_ledger import BlobLedger
from viscode.corpora.blob_workers import BlobWorkers, Fetched, FetchPlan
from viscode.corpora.blobs import BlobEntry, BlobOutcome, basis
from viscode.corpora.candidates import (
    METADATA_COLUMNS,
    Candidate,
    candidate_of,
    choose,
    opted_out_blob,
)
from viscode.corpora.corpus import open_corpora
from viscode.corpora.fields import BadField
from viscode.corpora.opt_out import read_opt_out
from viscode.corpora.rows import row_of, shown
from viscode.corpora.sampling import CollectReason, sample_ids
from viscode.corpora.swh import NETWORK_ADVICE, Failed, Patience
from viscode.libraries.scan import may_plot
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.run import RunSettings

Result = tuple[str, Kept[SourceFile] | Rejected]

COLLECT_EVERY_S = 0.1  # how long a result may lie unstored while rows go by
GIVE_UP_AFTER = 64  # blobs in a row
BUCKET_NAME = "Software Heritage's S3 bucket"
SUSPECT = frozenset(
    {
        BlobOutcome.MISSING,
        BlobOutcome.FORBIDDEN,
        BlobOutcome.NOT_GZIP,
        BlobOutcome.TRUNCATED,
        BlobOutcome.WRONG_HASH,
    }
)


def ledger_path() -> Path:
    return project_root() / ".viscode" / "blobs.sqlite"


def collect_stack_edu(
    settings: CollectFilesSettings, run: RunSettings, out: Path, patience: Patience | None = None
) -> dict[str, object]:
    """Write the files that plot; returns the metrics: the tally and how many of the kept files
    were not in the encoding that their row names.

    Raises:
        UserError: metadata, opt-out list or ledger cannot be read; blobs could not be fetched; or
            no file of one of several data sets, or of all, is left.
    """
    plan = FetchPlan(run.worker_count(), run.fetches, settings.max_bytes, patience or Patience())
    rows = partial_of(out.with_name(f"{out.name}-rows"))
    with BlobLedger(ledger_path()) as ledger, BlobWorkers(plan) as workers:
        collection = Collection(settings, ledger, workers)
        try:
            line = Progress("collect_files", "rows", note=collection.so_far)
            tally = write_outcomes(collection.results(rows), SourceFile, out, line)
        finally:
            shutil.rmtree(rows, ignore_errors=True)
    for where, found in {**collection.sources, settings.read_from: tally}.items():
        if not found.kept:
            raise found.refusal(
                f"none of {found.inputs} rows leads to a file that plots",
                where=where,
                todo=f"see the reasons in {out}/outcome-*.parquet",
            )
    return {**tally.as_metrics(), "decoded_by_fallback": collection.fallbacks}


class Collection:
    """One pass over the metadata, and what it has counted so far."""

    def __init__(
        self, settings: CollectFilesSettings, ledger: BlobLedger, workers: BlobWorkers
    ) -> None:
        self.settings, self.ledger, self.workers = settings, ledger, workers
        self.fetched = self.remembered = self.fallbacks = self._read = 0
        self._opt_out = read_opt_out(Path(settings.opt_out))
        self._opted_out = set(self._opt_out.blobs)
        self._trouble = Trouble(SUSPECT - set(map(BlobOutcome, settings.refetch)))
        self._under_way: dict[str, Candidate] = {}
        self.sources: dict[str, Tally] = defaultdict(Tally)
        """Metadata rows by data set: wanted, or why not."""
        self._collected_at = 0.0

    def so_far(self) -> str:
        """For the progress line."""
        return (
            f"{self._read:,} read, {self.fetched:,} fetched, {self.remembered:,} known from before"
        )

    def results(self, rows: Path) -> Iterator[Result]:
        """(input id, result) of every row, in no order; `rows` is a folder for the sort."""
        with TableWriter(rows, Candidate) as writer:
            yield from self._sort(writer)
        self.ledger.forget(self._opted_out)
        take, seed = self.settings.take, self.settings.seed
        chosen: frozenset[str] | None = None
        if take:
            wanted = (i for i, one in self._choose(rows) if isinstance(one, Candidate))
            chosen = sample_ids(wanted, take, seed)
        for input_id, found in self._choose(rows):
            if isinstance(found, Rejected):
                yield input_id, found
            elif chosen is not None and input_id not in chosen:
                yield input_id, Rejected(CollectReason.NOT_SAMPLED, found.place)
            else:
                yield from self._examine(found)
            if time.monotonic() - self._collected_at > COLLECT_EVERY_S and self.workers.under_way:
                yield from self._settle(0.0)
        while self.workers.under_way:
            yield from self._settle()
        self._trouble.check(self.fetched)

    def _sort(self, writer: TableWriter[Candidate]) -> Iterator[Result]:
        """Feed the rows to the sort; malformed ones come out here, by their place."""
        for corpus in open_corpora(self.settings, METADATA_COLUMNS):
            for place, row in corpus.rows():
                self._read += 1
                input_id, named = content_id(corpus.origin.name, place), corpus.named(place)
                result: Kept[SourceFile] | Rejected = Kept([])
                try:
                    candidate = self._candidate(row, named)
                except BadField as error:
                    result = Rejected(CollectReason.MALFORMED, f"{named}: {error}{shown(row)}")
                    yield input_id, result
                else:
                    writer.add(candidate)
                    if candidate.reason:
                        result = Rejected(CollectReason(candidate.reason), candidate.place)
                self.sources[corpus.where].add(outcome_of(input_id, result))

    def _candidate(self, row: Row | MalformedRow, place: str) -> Candidate:
        """
        Raises:
            BadField: a malformed row, whose wish to be left out counts even so.
        """
        values = row_of(row)
        if (blob_id := opted_out_blob(values, self._opt_out)) is not None:
            self._opted_out.add(blob_id)
        return candidate_of(values, place, self.settings, self._opt_out)

    def _choose(self, rows: Path) -> Iterator[tuple[str, Candidate | Rejected]]:
        return choose(read_table(rows, Candidate), self._opted_out)

    def _examine(self, candidate: Candidate) -> Iterator[Result]:
        """The result if the ledger has it and it still holds; else hand the claim to the workers,
        which may first need room."""
        known = self.ledger.recall(candidate.blob_id)
        if known is not None and self._still_holds(known, candidate):
            self.remembered += 1
            yield self._result(candidate, known)
            return
        while self.workers.full:
            yield from self._settle()
        self._under_way[candidate.blob_id] = candidate
        self.workers.send(candidate.claim)

    def _still_holds(self, known: BlobEntry, candidate: Candidate) -> bool:
        now = basis(known.outcome, candidate.claim, self.settings.max_bytes)
        return known.basis == now and known.outcome not in self.settings.refetch

    def _settle(self, timeout_s: float | None = None) -> Iterator[Result]:
        """Store what the workers have found, then hand it on."""
        found = self.workers.collect(timeout_s)
        self._collected_at = time.monotonic()
        entries = [result for result in found if isinstance(result, BlobEntry)]
        self.ledger.store(entries)
        self.fetched += len(entries)
        candidates = {one.blob_id: self._under_way.pop(one.blob_id) for one in found}
        for entry in entries:
            yield self._result(candidates[entry.blob_id], entry)
        self._trouble.note(found)

    def _result(self, candidate: Candidate, entry: BlobEntry) -> Result:
        if entry.outcome is not BlobOutcome.PLOTS:
            detail = candidate.place
            if entry.outcome is BlobOutcome.UNDECODABLE:
                detail += f": not {candidate.encoding or 'UTF-8'}"
            return candidate.record_id, Rejected(entry.outcome, detail)
        if not may_plot(text := entry.text):  # found by an older scan
            return candidate.record_id, Rejected(BlobOutcome.NO_PLOTTING, candidate.place)
        self.fallbacks += entry.fallback
        return candidate.record_id, Kept([candidate.record(text)])


class Trouble:
    """Blobs that could not be fetched, and when a run stops asking.

    A bucket that is down fails every blob; there is no use in asking 25 M times. And some blobs may
    be missing or damaged, but where all are, it is a proxy or an empty mirror that says so, and the
    ledger must not fill with it. `suspect` are the outcomes of which there may be no long row; what
    the run asks for again on purpose is none.
    """

    def __init__(self, suspect: frozenset[BlobOutcome]) -> None:
        self.suspect = suspect
        self.failed = self.failed_in_a_row = self.suspect_in_a_row = 0
        self.last = ""

    def note(self, found: Iterable[Fetched]) -> None:
        """
        Raises:
            UserError: no blob can be fetched, nothing but failures for long, or nothing but blobs
                that are missing or damaged.
        """
        for one in found:
            if isinstance(one, Failed):
                self.failed, self.failed_in_a_row = self.failed + 1, self.failed_in_a_row + 1
                self.last = one.problem
                if one.stop:
                    raise self._error("no blob can be fetched")
            else:
                self.failed_in_a_row = 0
                suspect = one.outcome in self.suspect
                self.suspect_in_a_row = self.suspect_in_a_row + 1 if suspect else 0
        if self.failed_in_a_row >= GIVE_UP_AFTER:
            raise self._error(f"{self.failed_in_a_row} blobs in a row could not be fetched")
        if self.suspect_in_a_row >= GIVE_UP_AFTER:
            raise UserError(
                f"{self.suspect_in_a_row} blobs in a row are missing, forbidden or damaged",
                where=BUCKET_NAME,
                todo=f"{NETWORK_ADVICE}; then run again with collect.files.refetch: "
                f"[{', '.join(sorted(SUSPECT))}]",
            )

    def check(self, fetched: int) -> None:
        """
        Raises:
            UserError: some blobs are open.
        """
        if self.failed:
            tried = fetched + self.failed
            raise self._error(f"{self.failed} of {tried} blobs could not be fetched")

    def _error(self, what: str) -> UserError:
        return UserError(
            f"{what}: {self.last[:300]}",
            where=BUCKET_NAME,
            todo=f"{NETWORK_ADVICE}; then run the same command again: what was examined is kept, "
            "only the rest is fetched",
        )
