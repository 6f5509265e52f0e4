"""What the report shows."""

from typing import Annotated, ClassVar

from pydantic import Field

from viscode.settings.base import Settings


class ReportSettings(Settings):
    PATH: ClassVar[str] = "report"
    samples: Annotated[int, Field(ge=1)]
    """Training samples in the gallery, by hash rank, spread over the sources. Each adds about
    30 KB to the page."""
