"""What the report shows."""

from typing import Annotated, ClassVar

from pydantic import Field

from viscode.settings.base import Settings


class ReportSettings(Settings):
    PATH: ClassVar[str] = "report"
    samples: Annotated[int, Field(ge=1)]
    """Samples in the report's browser, by hash rank, in turns from each source. Each adds some
    8 KB to report/site/."""
    rejects: Annotated[int, Field(ge=0)]
    """Rejected records in its browser, by hash rank, in turns from each stage and reason."""
