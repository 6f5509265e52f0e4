"""Parameters of write_instructions: validated block -> instruction (paper 3.1)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings
from viscode.settings.extract import ClientName


class InstructSettings(Settings):
    PATH: ClassVar[str] = "instruct"
    method: Literal["facts", "model"]
    """How the components are written. `facts`: from the figure facts and the code, free and
    without a model. `model`: a language model writes them from code and image, as in the paper; a
    call per block."""
    client: ClientName
    """As `extract.client`; the model must read images."""
    model: Annotated[str, Field(min_length=1)]
    """Name of the model. The paper: gpt-4o."""
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    """The paper does not say."""
    max_new_tokens: Annotated[int, Field(ge=1)]
    """Length limit of an answer in tokens; a longer one is cut off and rejected."""
    samples: Annotated[int, Field(ge=1)]
    """Answers asked for at most: an answer that breaks the form is asked for again."""
    preview_rows: Annotated[int, Field(ge=1)]
    """Data rows of data.csv shown below the header in charts' instructions (paper: 2). Each row
    costs its length in tokens in every sample."""
