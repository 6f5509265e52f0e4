"""The mix of plotting libraries: `balance` in params.yaml."""

from typing import Annotated, ClassVar

from pydantic import Field

from viscode.settings.base import Settings


class BalanceSettings(Settings):
    PATH: ClassVar[str] = "balance"
    seed: int
    """Another seed draws another sample of the matplotlib blocks."""
    matplotlib_per_other: Annotated[float, Field(ge=0)]
    """Blocks that use matplotlib alone kept for each block that uses another library. The paper
    keeps "a matching number": 1.0. 0.0 keeps all of them."""
