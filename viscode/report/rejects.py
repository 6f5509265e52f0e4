"""Why code fell out at validation: counts by reason, and a few examples with their errors."""

from collections.abc import Iterable
from dataclasses import dataclass

from viscode.hashing import hash_rank
from viscode.outcomes import Outcome
from viscode.report.samples import SAMPLE_SEED

EXAMPLES = 4  # per source and reason


@dataclass(frozen=True)
class Example:
    id: str
    detail: str


@dataclass(frozen=True)
class Reason:
    """`name` as the stage's enumeration has it, readable; `share` of the stage's inputs in %."""

    name: str
    count: int
    share: float
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Rejects:
    source: str
    inputs: int
    kept: int
    reasons: tuple[Reason, ...]


def rejects(source: str, outcomes: Iterable[Outcome]) -> Rejects:
    """Counts of one validated source; examples are those of smallest hash rank."""
    inputs, counts = 0, dict[str, int]()
    examples: dict[str, list[tuple[str, Example]]] = {}
    for outcome in outcomes:
        inputs += 1
        if outcome.kept:
            continue
        counts[outcome.reason] = counts.get(outcome.reason, 0) + 1
        ranked = examples.setdefault(outcome.reason, [])
        ranked.append((hash_rank(outcome.id, SAMPLE_SEED), Example(outcome.id, outcome.detail)))
        ranked.sort(key=lambda pair: pair[0])
        del ranked[EXAMPLES:]
    by_count = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Rejects(
        source,
        inputs,
        inputs - sum(counts.values()),
        tuple(
            Reason(
                name.replace("_", " "),
                count,
                100 * count / inputs,
                tuple(example for _, example in examples[name]),
            )
            for name, count in by_count
        ),
    )
