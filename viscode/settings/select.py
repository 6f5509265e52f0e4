"""Which source files go on: `select` in params.yaml."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from viscode.libraries.registry import BY_NAME
from viscode.settings.base import Settings, one_of


class SelectSettings(Settings):
    PATH: ClassVar[str] = "select"
    libraries: Annotated[list[Annotated[str, AfterValidator(one_of(BY_NAME))]], Field(min_length=1)]
    """A file is kept when it draws with one of these. The paper does not publish its list."""
    max_chars: Annotated[int, Field(ge=1)]
    """Longest file in characters that is parsed; longer ones are rejected as too_long. Costs
    parse time and memory. The paper states no limit."""
