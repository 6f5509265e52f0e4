"""Progress of a stage that asks a model: what became of the records, what it takes and costs."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from viscode.llm.budget import Budget
from viscode.outcomes import Kept, Rejected
from viscode.progress import progress
from viscode.records import Identified

Out = TypeVar("Out", bound=Identified)
SHOWN_REASONS = 3
REFRESH_S = 1.0


def shown(
    verdicts: Iterable[tuple[str, Kept[Out] | Rejected]],
    name: str,
    total: int | None,
    budget: Budget | None,
) -> Iterator[tuple[str, Kept[Out] | Rejected]]:
    """Pass verdicts on and redraw one line: done, kept, rejected by the commonest reasons, calls
    and tokens a second, dollars so far, time left."""
    found: Counter[str] = Counter()
    began = refreshed = time.monotonic()
    with progress(total, name, "records") as bar:
        for record_id, verdict in verdicts:
            yield record_id, verdict
            found["kept" if isinstance(verdict, Kept) else str(verdict.reason)] += 1
            now = time.monotonic()
            if now - refreshed > REFRESH_S:
                refreshed = now
                bar.set_postfix_str(summary(found, budget, now - began), refresh=False)
            bar.update()
        bar.set_postfix_str(summary(found, budget, time.monotonic() - began))


def summary(found: Counter[str], budget: Budget | None, seconds: float) -> str:
    """E.g. "kept 40, null 7, lost_plot 2, 12.0 calls/s, 8,400 tokens/s, $0.31"."""
    rejected = Counter({reason: n for reason, n in found.items() if reason != "kept"})
    parts = [f"kept {found['kept']:,}"]
    parts += [f"{reason} {n:,}" for reason, n in rejected.most_common(SHOWN_REASONS)]
    if budget is not None and seconds > 0:
        parts += [
            f"{budget.calls / seconds:,.1f} calls/s",
            f"{budget.tokens / seconds:,.0f} tokens/s",
            f"${budget.usd:,.2f}",
        ]
    return ", ".join(parts)
