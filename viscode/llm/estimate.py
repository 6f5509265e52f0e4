"""What a stage's calls will take, before anything is paid: calls, tokens, money.

Prompts are counted from the requests themselves, about 3 characters a token; answers by what is
typical of their purpose. Answers that the store has cost nothing. Repeated answers, one or two in
a hundred, are not counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from viscode.core.errors import UserError
from viscode.core.outcomes import Rejected
from viscode.llm.budget import Amount, Tariff, prompt_estimate
from viscode.llm.cached import CachedClient
from viscode.llm.request import Request
from viscode.settings.llm import LlmSettings

# A block of some 40 lines; four or five paragraphs. Assumptions, not measurements.
TYPICAL_NEW_TOKENS = {"extract": 350, "instruct": 300, "judge": 12}


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


def estimate(planned: Iterable[Request | Rejected], client: CachedClient) -> Estimate:
    """Add up the first request for each record; streams, holds none."""
    known = calls = prompts = answers = 0
    for request in planned:
        if isinstance(request, Rejected):
            continue
        if client.stored(request) is not None:
            known += 1
            continue
        most = request.sampling.max_new_tokens
        calls += 1
        prompts += prompt_estimate(request)
        answers += min(most, TYPICAL_NEW_TOKENS.get(request.purpose, most))
    return Estimate(known, calls, prompts, answers)


def refuse_if_over(
    found: Estimate,
    price: Tariff | None,
    settings: LlmSettings,
    so_far: Amount = Amount(),  # noqa: B008  # frozen
) -> None:
    """Refuse a stage that would go over its budget; `so_far` is what it has spent already.

    Raises:
        UserError: it would, by this estimate.
    """
    dollars = found.dollars(price) if price is not None else 0.0
    over_usd = bool(settings.budget_usd) and so_far.usd + dollars > settings.budget_usd
    tokens = so_far.tokens + found.tokens
    over_tokens = bool(settings.budget_tokens) and tokens > settings.budget_tokens
    if over_usd or over_tokens:
        limit = f"${settings.budget_usd:g}" if over_usd else f"{settings.budget_tokens:,} tokens"
        spent = f" besides ${so_far.usd:,.2f} and {so_far.tokens:,} tokens spent before"
        spent = spent if so_far.tokens else ""
        raise UserError(
            f"{found.calls:,} model calls would take about ${dollars:,.2f} and {found.tokens:,}"
            f" tokens{spent}, over the budget of {limit}",
            where="llm.budget_usd" if over_usd else "llm.budget_tokens",
            todo="raise it, or take less input; nothing was sent",
        )
