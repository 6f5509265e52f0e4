"""What model calls cost: prices, and a budget that is checked before each call.

A call reserves what it may cost at most (its prompt by estimate, its answer at full length) and
gives back the difference when it is over, so that the sum of what was spent and what is under way
never goes over the budget by more than the estimate of a prompt is off.

What a stage has spent is counted over all its starts until it ends well, in a row of the work store
that is written when a call begins and when it is over. A call under way when a process was killed
may have been paid for: it counts as what was set aside for it, except where it is with a batch,
which the next start takes up. Two starts at the same time do not see each other's calls.
"""

import json
import struct
from dataclasses import dataclass
from importlib import resources

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


def tariff(model: str, prices: dict[str, Price], *, batch: bool = False) -> Tariff | None:
    """What a model costs by `llm.prices`, else by the dated table; None when neither knows it."""
    if model in prices:
        own = prices[model]
        return Tariff(own.input, own.output, "llm.prices in params.yaml")
    table = json.loads(resources.files("viscode.llm").joinpath("prices.json").read_bytes())
    if model not in table["models"]:
        return None
    known, share = table["models"][model], float(table["batch_share"]) if batch else 1.0
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


@dataclass(frozen=True)
class Estimate:
    """Calls that are still to be made, and what they will take; `known` are answered already."""

    known: int
    calls: int
    prompt_tokens: int
    new_tokens: int

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.new_tokens

    def dollars(self, price: Tariff) -> float:
        return price.dollars(self.prompt_tokens, self.new_tokens)


class Account:
    """What `stage` (its purpose and its model) has spent since it last ended well. `earlier` is
    that of earlier starts; `in_batches`: their calls under way are not lost."""

    def __init__(self, store: WorkStore, stage: str, *, in_batches: bool) -> None:
        self.store, self.stage, self.in_batches = store, stage, in_batches
        row = store.look(ACCOUNT_KIND, stage, _amount)
        self.earlier = row.value if row is not None else Amount()
        store.when_done(lambda: self._write(Amount()))

    def note(self, spent: Amount, under_way: Amount) -> None:
        """Remember what is spent, earlier starts included, and what is set aside."""
        self._write(spent if self.in_batches else spent + under_way)

    def _write(self, amount: Amount) -> None:
        row = json.dumps([amount.usd, amount.tokens]).encode()
        self.store.put(ACCOUNT_KIND, self.stage, row, final=False)


def _amount(row: bytes) -> Amount:
    usd, tokens = json.loads(row)
    return Amount(float(usd), int(tokens))


class BudgetSpent(UserError):
    """The next call might go over the budget."""


class Budget:
    """Dollars and tokens that a stage may spend; one thread spends, others may read. `usd`,
    `tokens` and `calls` are those of this start."""

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

    def refuse_if_over(self, found: Estimate) -> None:
        """Refuse a stage that would go over its budget, before anything is paid.

        Raises:
            UserError: it would, by this estimate.
        """
        so_far, dollars = self.so_far, found.dollars(self.price)
        if over := self._over(so_far + Amount(dollars, found.tokens)):
            limit, name = over
            spent = f" besides ${so_far.usd:,.2f} and {so_far.tokens:,} tokens spent before"
            raise UserError(
                f"{found.calls:,} model calls would take about ${dollars:,.2f} and"
                f" {found.tokens:,} tokens{spent if so_far.tokens else ''}, over the budget of"
                f" {limit}",
                where=name,
                todo="raise it, or take less input; nothing was sent",
            )

    def reserve(self, request: Request) -> None:
        """Set aside what the call may cost; once is enough, however often it is sent.

        Raises:
            BudgetSpent: it would not fit.
        """
        whole = self.so_far + self._under_way + self._at_most(request)
        if request.key not in self._reserved and (over := self._over(whole)):
            limit, name = over
            earlier = ", earlier starts that did not end well included"
            raise BudgetSpent(
                f"the next model call might go over the budget of {limit}: the stage has spent"
                f" ${self.so_far.usd:.2f}, {self.so_far.tokens:,} tokens"
                f"{earlier if self._earlier.tokens else ''}",
                where=name,
                todo="raise it and run again: answers are kept",
            )
        self.hold(request)

    def hold(self, request: Request) -> None:
        """Set aside what a call may cost that an earlier start has sent already."""
        key, most = request.key, self._at_most(request)
        if key not in self._reserved:
            self._reserved[key] = most
            self._under_way += most
            self._note()

    def settle(self, request: Request, prompt_tokens: int, new_tokens: int) -> None:
        """The call is over and has cost this."""
        self._under_way -= self._reserved.pop(request.key, Amount())
        if not self._reserved:
            self._under_way = Amount()  # free of what rounding has left
        self.calls += 1
        cost = self.price.dollars(prompt_tokens, new_tokens)
        self._spent += Amount(cost, prompt_tokens + new_tokens)
        self._note()

    def _at_most(self, request: Request) -> Amount:
        prompt, most = prompt_estimate(request), request.sampling.max_new_tokens
        return Amount(self.price.dollars(prompt, most), prompt + most)

    def _over(self, whole: Amount) -> tuple[str, str] | None:
        """The limit that this would go over, in words, and its parameter."""
        if self.limit_usd and whole.usd > self.limit_usd:
            return f"${self.limit_usd:g}", "llm.budget_usd"
        if self.limit_tokens and whole.tokens > self.limit_tokens:
            return f"{self.limit_tokens:,} tokens", "llm.budget_tokens"
        return None

    def _note(self) -> None:
        if self._account is not None:
            self._account.note(self.so_far, self._under_way)
