"""What becomes of a record in a stage: kept, or rejected with an enumerated reason.

`Kept` and `Rejected` are what a stage's pure function returns for one input. `Outcome` is the row
that the stage writes for it, beside its records; an input id stands in the outcome table exactly
once, so that kept and rejected always add up to what came in.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from viscode.core.errors import UserError
from viscode.core.records import Identified

R = TypeVar("R", bound=Identified)
DETAIL_LIMIT = 500  # characters of detail kept in an outcome row


@dataclass(frozen=True)
class Kept(Generic[R]):
    """The records (usually one) that an input became."""

    records: Sequence[R]


@dataclass(frozen=True)
class Rejected:
    """Why an input was rejected: an enumerated reason, and details for whoever looks."""

    reason: StrEnum
    detail: str = ""


class Outcome(Identified):
    """One row of a stage's outcome table; `reason` is "" exactly when the input was kept."""

    kept: bool
    reason: str
    detail: str
    produced: tuple[str, ...]


def outcome_of(input_id: str, result: "Kept[R] | Rejected") -> Outcome:
    """The outcome row for one input."""
    if isinstance(result, Rejected):
        detail = result.detail[:DETAIL_LIMIT]
        return Outcome(
            id=input_id, kept=False, reason=str(result.reason), detail=detail, produced=()
        )
    produced = tuple(record.id for record in result.records)
    return Outcome(id=input_id, kept=True, reason="", detail="", produced=produced)


@dataclass
class Tally:
    """Counts of a stage; `as_metrics` is what metrics/STAGE.json holds."""

    inputs: int = 0
    kept: int = 0
    records: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    """Reason -> detail of the first input that was rejected for it."""

    def add(self, outcome: Outcome) -> None:
        self.inputs += 1
        if outcome.kept:
            self.kept += 1
            self.records += len(outcome.produced)
        else:
            self.rejected[outcome.reason] += 1
            self.first.setdefault(outcome.reason, outcome.detail)

    def refusal(self, what: str, where: str, todo: str) -> UserError:
        """The error of a source of which nothing is kept: `what`, and behind it the commonest
        reason with the first input that was rejected for it."""
        if self.rejected:
            reason, count = min(self.rejected.items(), key=lambda entry: (-entry[1], entry[0]))
            example = f", the first at {self.first[reason]}" if self.first[reason] else ""
            what = f"{what}: {count} {reason}{example}"
        return UserError(what, where=where, todo=todo)

    def as_metrics(self) -> dict[str, object]:
        """{"in", "kept", "records", "rejected": {reason: count}}; in = kept + sum(rejected)."""
        return {
            "in": self.inputs,
            "kept": self.kept,
            "records": self.records,
            "rejected": dict(sorted(self.rejected.items())),
        }


def tally_of(results: "Iterable[tuple[str, Kept[R] | Rejected]]") -> Tally:
    """The counts of (input id, result) pairs."""
    tally = Tally()
    for input_id, result in results:
        tally.add(outcome_of(input_id, result))
    return tally
