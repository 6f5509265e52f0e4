"""What the tests of this room share."""

from pathlib import Path

from viscode.settings.base import load
from viscode.settings.llm import LlmSettings

PARAMS = Path(__file__).parents[2] / "params.yaml"


def llm_settings(**changes):
    """Settings without limits of money and rate."""
    plain = {"requests_per_minute": 0, "tokens_per_minute": 0, "budget_usd": 0.0}
    plain |= {"budget_tokens": 0, "prices": {}, "attempts": 3, "retry_only": []}
    return load(LlmSettings, PARAMS).model_copy(update=plain | changes)
