"""Checks verdicts of the fast engine by the reference engine, on a hashed sample.

A script shares its process with whoever reports its verdict, and the warm process is no fresh one:
both could make a verdict wrong in ways that no test foresees. So a share of the scripts, chosen by
hash, and every one that ended near a limit, where verdicts depend on the machine's speed, run again
in the notebook engine. The share of verdicts that differ is reported with its 95 % interval.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from viscode.execution.engine import run
from viscode.hashing import digest
from viscode.records import Execution, Script
from viscode.settings.validate import RunOptions
from viscode.statistics import wilson
from viscode.workstore import WorkStore

NEAR = 0.5  # of the time limit
Verdict = tuple[str, str, int]


def verdict_of(execution: Execution) -> Verdict:
    """(status, error type, number of images): what both engines have to agree on."""
    return execution.status, execution.error_type, len(execution.images)


@dataclass(frozen=True)
class Disagreement:
    id: str
    fast: Verdict
    reference: Verdict


@dataclass(frozen=True)
class AuditResult:
    """What was checked. `near_limit` of the `audited` ended near a limit."""

    audited: int = 0
    near_limit: int = 0
    disagreements: tuple[Disagreement, ...] = ()

    def as_metrics(self) -> dict[str, object]:
        """Counts, and the rate in percent with the ends of its 95 % interval; null when nothing
        was checked."""
        count = len(self.disagreements)
        ends = [round(100 * end, 2) for end in wilson(count, self.audited)]
        low, high = ends if self.audited else (None, None)
        rate = round(100 * count / self.audited, 2) if self.audited else None
        return {
            "audited": self.audited,
            "near_limit": self.near_limit,
            "disagree": count,
            "rate": rate,
            "low": low,
            "high": high,
        }


def sampled(script: Script, share: float) -> bool:
    """Whether a script is in the sample: by a hash of its code, whatever else is there."""
    return int(digest("audit", script.code)[:12], 16) < share * 16**12


def near_limit(execution: Execution, timeout_s: float) -> bool:
    return execution.status in ("timeout", "killed") or execution.duration_s > NEAR * timeout_s


@dataclass
class Auditor:
    """Collects what to check while verdicts pass by, then checks it."""

    share: float
    options: RunOptions
    chosen: dict[str, tuple[Script, Verdict]] = field(default_factory=dict)
    near: int = 0

    def consider(self, script: Script, execution: Execution) -> None:
        """Remember a script for `check` if it is one to check."""
        if self.share == 0 or self.options.engine == "notebook":
            return
        near = near_limit(execution, self.options.timeout_s)
        if near or sampled(script, self.share):
            self.near += near
            self.chosen[script.id] = script, verdict_of(execution)

    def check(
        self, store: WorkStore | None, done: Callable[[], object] = lambda: None
    ) -> AuditResult:
        """Run what was collected in the notebook engine; `done` is called after each."""
        options = replace(self.options, engine="notebook", twice=False)
        scripts = [script for script, _ in self.chosen.values()]

        def differing() -> Iterator[Disagreement]:
            for execution in run(scripts, options, store):
                fast, reference = self.chosen[execution.id][1], verdict_of(execution)
                if fast != reference:
                    yield Disagreement(execution.id, fast, reference)
                done()

        found = sorted(differing(), key=lambda one: one.id)
        return AuditResult(len(scripts), self.near, tuple(found))
