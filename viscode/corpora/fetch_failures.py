"""Blobs that could not be fetched, and when a run stops asking.

A bucket that is down fails every blob; there is no use in asking 25 M times. And some blobs may be
missing or damaged, but where all are, it is a proxy or an empty mirror that says so, and the ledger
must not fill with it. What the run asks for again on purpose is no sign of that.
"""

from viscode.core.errors import UserError
from viscode.corpora.blob_workers import Failed
from viscode.corpora.blobs import BlobOutcome
from viscode.corpora.swh import NETWORK_ADVICE

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


class Failures:
    """`suspect` are outcomes of which there may be no long row."""

    def __init__(self, suspect: frozenset[BlobOutcome]) -> None:
        self.count = self.in_a_row = self.suspected = 0
        self.last = ""
        self.suspect = suspect

    def add(self, failed: Failed) -> None:
        self.count, self.in_a_row = self.count + 1, self.in_a_row + 1
        self.last = failed.problem
        if failed.stop:
            raise self._error("no blob can be fetched")

    def give_up(self, found: list[BlobOutcome]) -> None:
        """
        Raises:
            UserError: nothing but failures, or nothing but blobs that are missing or damaged, for
                long.
        """
        for outcome in found:
            self.in_a_row = 0
            self.suspected = self.suspected + 1 if outcome in self.suspect else 0
        if self.in_a_row >= GIVE_UP_AFTER:
            raise self._error(f"{self.in_a_row} blobs in a row could not be fetched")
        if self.suspected >= GIVE_UP_AFTER:
            raise UserError(
                f"{self.suspected} blobs in a row are missing, forbidden or damaged",
                where=BUCKET_NAME,
                todo=f"{NETWORK_ADVICE}; then run again with collect.files.refetch: "
                f"[{', '.join(sorted(SUSPECT))}]",
            )

    def check(self, fetched: int) -> None:
        """
        Raises:
            UserError: some blobs are open.
        """
        if self.count:
            raise self._error(f"{self.count} of {fetched + self.count} blobs could not be fetched")

    def _error(self, what: str) -> UserError:
        return UserError(
            f"{what}: {self.last[:300]}",
            where=BUCKET_NAME,
            todo=f"{NETWORK_ADVICE}; then run the same command again: what was examined is kept, "
            "only the rest is fetched",
        )
