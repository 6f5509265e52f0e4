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
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from viscode.core.hashing import content_id
from viscode.core.jsonl import MalformedRow, Row
from viscode.core.outcomes import Kept, Rejected, Tally, outcome_of
from viscode.core.progress import Progress
from viscode.core.project import project_root
from viscode.core.records import SourceFile
from viscode.core.replacing import partial_of
from viscode.core.tables import TableWriter, read_table
from viscode.core.transform import write_outcomes
from viscode.corpora import candidates
from viscode.corpora.blob_ledger import BlobEntry, BlobLedger, unpack_text
from viscode.corpora.blob_workers import BlobWorkers, Failed, FetchPlan
from viscode.corpora.blobs import BlobOutcome, basis
from viscode.corpora.candidates import Candidate, MetadataRow
from viscode.corpora.corpus import open_corpus
from viscode.corpora.fetch_failures import SUSPECT, Failures
from viscode.corpora.fields import BadField
from viscode.corpora.opt_out import read_opt_out
from viscode.corpora.rows import row_of, shown
from viscode.corpora.sampling import CollectReason, sample_ids
from viscode.corpora.swh import Patience
from viscode.libraries.scan import may_plot
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.run import RunSettings

Result = tuple[str, Kept[SourceFile] | Rejected]

COLLECT_EVERY_S = 0.1  # how long a result may lie unstored while rows go by


def ledger_path() -> Path:
    return project_root() / ".viscode" / "blobs.sqlite"


def collect_stack_edu(
    settings: CollectFilesSettings, run: RunSettings, out: Path, patience: Patience | None = None
) -> dict[str, object]:
    """Write the files that plot; returns the metrics: the tally and how many of the kept files
    were not in the encoding that their row names.

    Raises:
        UserError: metadata, opt-out list or ledger cannot be read; blobs could not be fetched; or
            no file is left.
    """
    patience = patience or Patience()
    plan = FetchPlan(run.worker_count(), run.fetches, settings.max_bytes, patience)
    rows = partial_of(out.with_name(f"{out.name}-rows"))
    with (
        BlobLedger(ledger_path()) as ledger,
        BlobWorkers(plan) as workers,
    ):
        collection = Collection(settings, ledger, workers)
        try:
            line = Progress("collect_files", "rows", note=collection.so_far)
            tally = write_outcomes(collection.results(rows), SourceFile, out, line)
        finally:
            shutil.rmtree(rows, ignore_errors=True)
    _check({**collection.sources, settings.read_from: tally}, out)
    return {**tally.as_metrics(), "decoded_by_fallback": collection.fallbacks}


def _check(tallies: Mapping[str, Tally], out: Path) -> None:
    """Refuse what is named and gives nothing: all of it, or one of several data sets."""
    for where, tally in tallies.items():
        if not tally.kept:
            raise tally.refusal(
                f"none of {tally.inputs} rows leads to a file that plots",
                where=where,
                todo=f"see the reasons in {out}/outcome-*.parquet",
            )


class Collection:
    """One pass over the metadata, and what it has counted so far."""

    def __init__(
        self, settings: CollectFilesSettings, ledger: BlobLedger, workers: BlobWorkers
    ) -> None:
        self.settings, self.ledger, self.workers = settings, ledger, workers
        self.fetched = self.remembered = self.fallbacks = self._read = 0
        self._opt_out = read_opt_out(Path(settings.opt_out))
        self._opted_out = set(self._opt_out.blobs)
        self._open = Failures(SUSPECT - set(map(BlobOutcome, settings.refetch)))
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
        with TableWriter(rows, MetadataRow) as writer:
            yield from self._sort(writer.add)
        self.ledger.forget(self._opted_out)
        chosen = self._sample(rows)
        for input_id, found in self._lines(rows):
            if isinstance(found, Rejected):
                yield input_id, found
            elif chosen is not None and input_id not in chosen:
                yield input_id, Rejected(CollectReason.NOT_SAMPLED, found.place)
            else:
                yield from self._examine(found)
            yield from self._settle_now_and_then()
        while self.workers.under_way:
            yield from self._settle()
        self._open.check(self.fetched)

    def _sort(self, add: Callable[[MetadataRow], None]) -> Iterator[Result]:
        """Feed the rows to the sort; malformed ones come out here, by their place."""
        corpus = open_corpus(self.settings, candidates.METADATA_COLUMNS)
        for place, row in corpus.rows():
            self._read += 1
            self._heed(row)
            input_id = content_id(corpus.origin.name, place)
            source = self.sources[corpus.part_of(place)[0].where]
            try:
                fields = row_of(row)
                candidate = candidates.candidate_of(fields)
                reason = candidates.refusal_reason(fields, candidate, self.settings, self._opt_out)
            except BadField as error:
                malformed = Rejected(CollectReason.MALFORMED, f"{place}: {error}{shown(row)}")
                source.add(outcome_of(input_id, malformed))
                yield input_id, malformed
                continue
            refused = Rejected(reason, candidate.place) if reason else Kept[SourceFile]([])
            source.add(outcome_of(input_id, refused))
            add(candidates.line_of(candidate, reason, place))

    def _heed(self, row: Row | MalformedRow) -> None:
        blob_id = None
        if not isinstance(row, MalformedRow):
            blob_id = candidates.opted_out_blob(row, self._opt_out)
        if blob_id is not None:
            self._opted_out.add(blob_id)

    def _lines(self, rows: Path) -> Iterator[tuple[str, Candidate | Rejected]]:
        return candidates.chosen_lines(read_table(rows, MetadataRow), self._opted_out)

    def _sample(self, rows: Path) -> frozenset[str] | None:
        if not self.settings.take:
            return None
        found = self._lines(rows)
        wanted = (input_id for input_id, one in found if isinstance(one, Candidate))
        return sample_ids(wanted, self.settings.take, self.settings.seed)

    def _examine(self, candidate: Candidate) -> Iterator[Result]:
        """The result if the ledger has it; else hand the claim to the workers, which may first
        need room."""
        known = self.ledger.recall(candidate.claim.blob_id)
        if known is not None and self._still_holds(known, candidate):
            self.remembered += 1
            yield self._result(candidate, known)
            return
        while self.workers.full:
            yield from self._settle()
        self._under_way[candidate.claim.blob_id] = candidate
        self.workers.send(candidate.claim)

    def _still_holds(self, known: BlobEntry, candidate: Candidate) -> bool:
        now = basis(known.outcome, candidate.claim, self.settings.max_bytes)
        return known.basis == now and known.outcome not in self.settings.refetch

    def _settle_now_and_then(self) -> Iterator[Result]:
        if time.monotonic() - self._collected_at > COLLECT_EVERY_S and self.workers.under_way:
            yield from self._settle(0.0)

    def _settle(self, timeout_s: float | None = None) -> Iterator[Result]:
        """Store what the workers have found, then hand it on."""
        found = self.workers.collect(timeout_s)
        self._collected_at = time.monotonic()
        entries = [result for result in found if isinstance(result, BlobEntry)]
        self.ledger.store(entries)
        self.fetched += len(entries)
        for entry in entries:
            yield self._result(self._under_way.pop(entry.blob_id), entry)
        for failed in (result for result in found if isinstance(result, Failed)):
            self._under_way.pop(failed.blob_id, None)
            self._open.add(failed)
        self._open.give_up([entry.outcome for entry in entries])

    def _result(self, candidate: Candidate, entry: BlobEntry) -> Result:
        if entry.outcome is not BlobOutcome.PLOTS:
            return candidate.record_id, Rejected(entry.outcome, _detail(candidate, entry.outcome))
        text = unpack_text(entry.packed)
        if not may_plot(text):  # found by an older scan
            return candidate.record_id, Rejected(BlobOutcome.NO_PLOTTING, candidate.place)
        self.fallbacks += entry.fallback
        return candidate.record_id, Kept([candidate.record(text)])


def _detail(candidate: Candidate, outcome: BlobOutcome) -> str:
    if outcome is BlobOutcome.UNDECODABLE:
        return f"{candidate.place}: not {candidate.claim.encoding or 'UTF-8'}"
    return candidate.place
