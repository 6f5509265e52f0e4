"""Checks verdicts of the fast engine by the reference engine, on a hashed sample.

A script shares its process with whoever reports its verdict, and the warm process is no fresh one:
both could make a verdict wrong in ways that no test foresees. So a share of the scripts, chosen by
hash, and every one that ended near a limit, where verdicts depend on the machine's speed, run again
in the notebook engine. The share of verdicts that differ is reported with its 95 % interval, over
the scripts chosen by hash alone: how many ended near a limit moves with the machine and is told,
never tracked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from viscode.core.hashing import digest
from viscode.core.records import Execution, Script
from viscode.core.statistics import wilson
from viscode.core.workstore import WorkStore
from viscode.execution.engine import run
from viscode.settings.validate import RunOptions

NEAR = 0.5  # of the time limit
EngineVerdict = tuple[str, str, int]


def verdict_of(execution: Execution) -> EngineVerdict:
    """(status, error type, number of images): what both engines have to agree on."""
    return execution.status, execution.error_type, len(execution.images)


@dataclass(frozen=True)
class Disagreement:
    id: str
    fast: EngineVerdict
    reference: EngineVerdict


@dataclass(frozen=True)
class AuditResult:
    """What was checked: `audited` by hash and besides them `near_limit` that ended near a limit,
    with the verdicts that differ among the former and among the latter."""

    audited: int = 0
    near_limit: int = 0
    disagreements: tuple[Disagreement, ...] = ()
    near_disagreements: tuple[Disagreement, ...] = ()

    def as_metrics(self) -> dict[str, object]:
        """Counts of those chosen by hash, and the rate in percent with the ends of its 95 %
        interval; null when nothing was checked."""
        count = len(self.disagreements)
        found: dict[str, object] = {"audited": self.audited, "disagree": count}
        if not self.audited:
            return found | {"rate": None, "low": None, "high": None}
        low, high = (round(100 * end, 2) for end in wilson(count, self.audited))
        return found | {"rate": round(100 * count / self.audited, 2), "low": low, "high": high}

    def near_line(self) -> str:
        """What is to be told of the scripts near a limit; "" where there were none."""
        if not self.near_limit:
            return ""
        differ = len(self.near_disagreements)
        return f"near a limit: {self.near_limit} scripts besides, {differ} with another verdict"


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
    chosen: dict[str, tuple[Script, EngineVerdict]] = field(default_factory=dict)
    near: set[str] = field(default_factory=set)  # of the chosen, those that are not in the sample

    def consider(self, script: Script, execution: Execution) -> None:
        """Remember a script for `check` if it is one to check."""
        if self.share == 0 or self.options.engine == "notebook":
            return
        by_hash = sampled(script, self.share)
        if by_hash or near_limit(execution, self.options.timeout_s):
            self.chosen[script.id] = script, verdict_of(execution)
            if not by_hash:
                self.near.add(script.id)

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
        return AuditResult(
            audited=len(scripts) - len(self.near),
            near_limit=len(self.near),
            disagreements=tuple(one for one in found if one.id not in self.near),
            near_disagreements=tuple(one for one in found if one.id in self.near),
        )
