"""Which source files go on: `select` in params.yaml."""

from typing import Annotated, ClassVar

from pydantic import Field

from viscode.settings.base import Settings


class SelectSettings(Settings):
    PATH: ClassVar[str] = "select"
    max_chars: Annotated[int, Field(ge=1)]
    """Longest file in characters that is parsed; longer ones are rejected as too_long. Costs
    parse time and memory. The paper states no limit."""
