"""How blocks are cut out of files: `extract` in params.yaml."""

from typing import ClassVar, Literal

from viscode.settings.base import Settings


class ExtractSettings(Settings):
    PATH: ClassVar[str] = "extract"
    method: Literal["static"]
    """`static`: a file that is standalone already passes unchanged, all others are rejected with
    a reason; costs nothing. The paper has GPT-4o-mini cut blocks out and inject mock data."""
