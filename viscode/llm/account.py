"""What a stage has spent on model calls, over all its starts until it ends well.

One row in the work store for each start, written when a call begins and when it is over. The next
start of the stage takes over what unfinished ones have left. A call under way when a process was
killed may have been paid for: it counts as what was set aside for it, except where it is with a
batch, which the next start takes up. Two starts at the same time do not see each other's calls.
"""

import json
import secrets
from dataclasses import dataclass

from viscode.core.workstore import WorkStore

ACCOUNT_KIND = "stage_spent"


@dataclass(frozen=True)
class Amount:
    """Dollars and tokens, prompts and answers together."""

    usd: float = 0.0
    tokens: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.usd + other.usd, self.tokens + other.tokens)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.usd - other.usd, self.tokens - other.tokens)


class Account:
    """One start of `stage` (its purpose and its model). `earlier` is what unfinished starts of it
    have spent; `in_batches`: their calls under way are not lost."""

    def __init__(self, store: WorkStore, stage: str, *, in_batches: bool) -> None:
        self.store, self.in_batches = store, in_batches
        self._noted = False
        self._key = f"{stage}\n{secrets.token_hex(8)}"
        left = store.query(
            "SELECT key FROM work WHERE kind = ? AND final = 0 AND substr(key, 1, ?) = ?",
            (ACCOUNT_KIND, len(stage) + 1, f"{stage}\n"),
        )
        found = {key: store.look(ACCOUNT_KIND, key, _row) for (key,) in left}
        rows = {key: row.value for key, row in found.items() if row is not None}
        self.earlier = sum((self._lost(row) for row in rows.values()), Amount())
        if rows:
            self.note(self.earlier, Amount())
        for key, row in rows.items():
            store.put(ACCOUNT_KIND, key, json.dumps(row).encode())
        store.when_done(self.close)

    def _lost(self, row: tuple[float, int, float, int]) -> Amount:
        usd, tokens, usd_under_way, tokens_under_way = row
        under_way = Amount() if self.in_batches else Amount(usd_under_way, tokens_under_way)
        return Amount(usd, tokens) + under_way

    def note(self, spent: Amount, under_way: Amount) -> None:
        """Remember what is spent, earlier starts included, and what is set aside."""
        self._noted = True
        row = [spent.usd, spent.tokens, under_way.usd, under_way.tokens]
        self.store.put(ACCOUNT_KIND, self._key, json.dumps(row).encode(), final=False)

    def close(self) -> None:
        """The stage has ended well: its next start begins at 0."""
        if self._noted:
            self.store.put(ACCOUNT_KIND, self._key, b"[0, 0, 0, 0]")


def _row(value: bytes) -> tuple[float, int, float, int]:
    usd, tokens, usd_under_way, tokens_under_way = json.loads(value)
    return float(usd), int(tokens), float(usd_under_way), int(tokens_under_way)
