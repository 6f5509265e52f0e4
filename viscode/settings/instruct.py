"""Parameters of write_instructions: validated block -> instruction (paper 3.1)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings


class InstructSettings(Settings):
    PATH: ClassVar[str] = "instruct"
    method: Literal["facts"]
    """How the components are written. `facts`: from the figure facts and the code, free and
    without a model. The paper asks GPT-4o with code and image."""
    preview_rows: Annotated[int, Field(ge=1)]
    """Data rows of data.csv shown below the header in charts' instructions (paper: 2). Each row
    costs its length in tokens in every sample."""
