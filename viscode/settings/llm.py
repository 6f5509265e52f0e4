"""How models are asked, never what they answer: no stage depends on this section.

Cost estimates before a run: `viscode llm estimate STAGE`.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings

Retried = Literal["failed", "cut_off", "malformed", "refused", "filtered"]


class Price(Settings):
    """Dollars per million tokens."""

    input: Annotated[float, Field(ge=0.0)]
    output: Annotated[float, Field(ge=0.0)]


class LlmSettings(Settings):
    PATH: ClassVar[str] = "llm"
    concurrency: Annotated[int, Field(ge=1)]
    """Requests under way at most; halved when the server says that it is too many, and raised
    again while it does not."""
    requests_per_minute: Annotated[int, Field(ge=0)]
    """Rate limit; 0 means none of ours."""
    tokens_per_minute: Annotated[int, Field(ge=0)]
    """Rate limit over prompt and answer tokens, by estimate; 0 means none of ours."""
    timeout_s: Annotated[float, Field(gt=0.0)]
    """Wall time of one attempt."""
    attempts: Annotated[int, Field(ge=1)]
    """Attempts per request; being told to slow down (429) is not one."""
    budget_usd: Annotated[float, Field(ge=0.0)]
    """Dollars that one stage may spend until it ends well, over all its starts; checked before each
    call. 0 means no limit."""
    budget_tokens: Annotated[int, Field(ge=0)]
    """Tokens, prompt and answer, that one stage may spend likewise. 0 means no limit."""
    retry_only: list[Retried]
    """Of what ended without an answer before, ask these kinds again; the others come back as what
    they were. Leave "failed" in it, or an outage stays in the data."""
    prices: dict[str, Price]
    """Dollars per million tokens by model name; these override viscode/llm/prices.json."""
