"""How chart samples become scripts: `rebuild` in params.yaml."""

from typing import Annotated, ClassVar

from pydantic import Field

from viscode.settings.base import Settings


class RebuildSettings(Settings):
    PATH: ClassVar[str] = "rebuild"
    preview_rows: Annotated[int, Field(ge=0)]
    """Data rows shown in the comment at the head of the script, below the column headers. The
    paper shows the first: 1."""
