"""What model calls cost: prices, a budget checked before each call, and estimates.

A call reserves what it may cost at most (its prompt by estimate, its answer at full length) and
gives back the difference when it is over, so that the sum of what was spent and what is under way
never goes over the budget by more than the estimate of a prompt is off.

What a stage has spent is counted over all its starts until it ends well: one row in the work store
for each start, written when a call begins and when it is over. The next start takes over what
unfinished ones have left. A call under way when a process was killed may have been paid for: it
counts as what was set aside for it, except where it is with a batch, which the next start takes up.
Two starts at the same time do not see each other's calls.
"""

import json
import secrets
import struct
import threading
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from viscode.core.errors import UserError
from viscode.core.workstore import WorkStore
from viscode.llm.client import estimated_tokens
from viscode.llm.request import Request
from viscode.settings.llm import LlmSettings, Price

ACCOUNT_KIND = "stage_spent"
TILE, TILE_TOKENS, IMAGE_TOKENS = 512, 170, 85  # OpenAI's arithmetic for gpt-4o, high detail
LONG_SIDE, SHORT_SIDE = 2048, 768


@dataclass(frozen=True)
class Tariff:
    """Dollars per million tokens, with where the figures come from."""

    input: float
    output: float
    origin: str

    def dollars(self, prompt_tokens: int, new_tokens: int) -> float:
        return (prompt_tokens * self.input + new_tokens * self.output) / 1e6


@cache
def _table() -> dict[str, Any]:
    text = resources.files("viscode.llm").joinpath("prices.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def tariff(model: str, prices: dict[str, Price], *, batch: bool = False) -> Tariff | None:
    """What a model costs by `llm.prices`, else by the dated table; None when neither knows it."""
    table = _table()
    share = float(table["batch_share"]) if batch else 1.0
    if model in prices:
        own = prices[model]
        return Tariff(own.input, own.output, "llm.prices in params.yaml")
    if model not in table["models"]:
        return None
    known = table["models"][model]
    origin = f"viscode/llm/prices.json of {table['as_of']}"
    return Tariff(known["input"] * share, known["output"] * share, origin)


def image_tokens(png: bytes) -> int:
    """Prompt tokens of an image by the provider's arithmetic: 85, and 170 for each tile of 512
    pixels after scaling to at most 2048 x 2048 and a shorter side of at most 768."""
    width, height = struct.unpack(">II", png[16:24]) if len(png) >= 24 else (TILE, TILE)
    width, height = max(width, 1), max(height, 1)
    scale = min(1.0, LONG_SIDE / max(width, height))
    scale = min(scale, SHORT_SIDE / min(width, height))
    tiles = -(-int(width * scale) // TILE) * -(-int(height * scale) // TILE)
    return IMAGE_TOKENS + TILE_TOKENS * max(tiles, 1)


def prompt_estimate(request: Request) -> int:
    """About how many tokens a prompt takes."""
    return estimated_tokens(request.messages) + sum(map(image_tokens, request.images))


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


class BudgetSpent(UserError):
    """The next call might go over the budget."""


class Budget:
    """Dollars and tokens that a stage may spend; safe to use from several threads. `usd`, `tokens`
    and `calls` are those of this start."""

    def __init__(
        self,
        settings: LlmSettings,
        price: Tariff | None,
        where: str,
        account: Account | None = None,
    ) -> None:
        if settings.budget_usd and price is None:
            raise UserError(
                f"no price known for {where}, and llm.budget_usd is set",
                where="llm.prices in params.yaml",
                todo='add it, e.g. prices: {"NAME": {input: 0.0, output: 0.0}} for a server of'
                " your own, or set llm.budget_usd: 0 for no limit",
            )
        self.price = price or Tariff(0.0, 0.0, "none")
        self.limit_usd, self.limit_tokens = settings.budget_usd, settings.budget_tokens
        self.calls = 0
        self._account = account
        self._earlier = account.earlier if account is not None else Amount()
        self._spent, self._under_way = Amount(), Amount()
        self._reserved: dict[str, Amount] = {}
        self._lock = threading.Lock()

    @property
    def usd(self) -> float:
        return self._spent.usd

    @property
    def tokens(self) -> int:
        return self._spent.tokens

    @property
    def so_far(self) -> Amount:
        """What the stage has spent, earlier starts included."""
        return self._earlier + self._spent

    @property
    def limited(self) -> bool:
        return bool(self.limit_usd or self.limit_tokens)

    def reserve(self, request: Request) -> None:
        """Set aside what the call may cost.

        Raises:
            BudgetSpent: it would not fit.
        """
        most = self._at_most(request)
        with self._lock:
            whole = self.so_far + self._under_way + most
            if self.limit_usd and whole.usd > self.limit_usd:
                self._refuse(f"${self.limit_usd:g}", "llm.budget_usd")
            if self.limit_tokens and whole.tokens > self.limit_tokens:
                self._refuse(f"{self.limit_tokens:,} tokens", "llm.budget_tokens")
            self._set_aside(request.key, most)

    def hold(self, request: Request) -> None:
        """Set aside what a call that was sent by an earlier start may cost."""
        with self._lock:
            self._set_aside(request.key, self._at_most(request))

    def _at_most(self, request: Request) -> Amount:
        prompt, most = prompt_estimate(request), request.sampling.max_new_tokens
        return Amount(self.price.dollars(prompt, most), prompt + most)

    def _set_aside(self, key: str, most: Amount) -> None:
        self._release(key)
        self._reserved[key] = most
        self._under_way += most
        self._note()

    def _release(self, key: str) -> None:
        self._under_way -= self._reserved.pop(key, Amount())
        if not self._reserved:
            self._under_way = Amount()  # free of what rounding has left

    def _note(self) -> None:
        if self._account is not None:
            self._account.note(self.so_far, self._under_way)

    def _refuse(self, limit: str, name: str) -> None:
        earlier = ", earlier starts that did not end well included" if self._earlier.tokens else ""
        raise BudgetSpent(
            f"the next model call might go over the budget of {limit}: the stage has spent"
            f" ${self.so_far.usd:.2f}, {self.so_far.tokens:,} tokens{earlier}",
            where=name,
            todo="raise it and run again: answers are kept",
        )

    def settle(self, request: Request, prompt_tokens: int, new_tokens: int) -> None:
        """The call is over and has cost this."""
        with self._lock:
            self._release(request.key)
            self.calls += 1
            cost = self.price.dollars(prompt_tokens, new_tokens)
            self._spent += Amount(cost, prompt_tokens + new_tokens)
            self._note()
