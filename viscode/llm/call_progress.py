"""The progress line of a stage that asks a model: calls and tokens a second, and what it costs."""

import time

from viscode.core.progress import Progress
from viscode.llm.budget import Budget
from viscode.llm.client import Client


def model_line(name: str, total: int | None, budget: Budget | None, client: Client) -> Progress:
    """A line for records whose verdicts a model's answers decide."""
    began = time.monotonic()

    def note() -> str:
        return spent(budget, time.monotonic() - began) or client.under_way()

    return Progress(name, "records", total, note=note)


def spent(budget: Budget | None, seconds: float) -> str:
    """E.g. "12.0 calls/s, 8,400 tokens/s, $0.31"; "" without a budget's count."""
    if budget is None or seconds <= 0:
        return ""
    return (
        f"{budget.calls / seconds:,.1f} calls/s, {budget.tokens / seconds:,.0f} tokens/s, "
        f"${budget.usd:,.2f}"
    )
