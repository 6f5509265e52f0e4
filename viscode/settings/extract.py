"""How blocks are cut out of files: `extract` in params.yaml."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings

Made = Literal["as_is", "sliced", "supplied"]
ClientName = Literal["openai", "openai_batch", "transformers"]


class ExtractSettings(Settings):
    PATH: ClassVar[str] = "extract"
    method: Literal["as_is", "static", "model", "static_then_model"]
    """`as_is`: a file that is standalone already passes unchanged, all others are rejected with a
    reason; nothing is run. `static`: a block for each figure is sliced out of any file, what it
    lacks is supplied, and it is run and mended; costs no money. `model`: a language model cuts a
    minimal block out of each file and injects mock data, as in the paper; a call per file.
    `static_then_model`: `static`, and the model for the files without a block."""
    allow: Annotated[list[Made], Field(min_length=1)]
    """static: which blocks are taken: files that stand alone (`as_is`), parts of files that need
    nothing else (`sliced`), parts to which values were supplied (`supplied`)."""
    client: ClientName
    """`openai`: any OpenAI-compatible server; `openai_batch`: the Batch API, half the price, within
    a day; `transformers`: a local folder. The paper: hosted."""
    model: Annotated[str, Field(min_length=1)]
    """Name of the model, or its folder. The paper: gpt-4o-mini."""
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    """The paper does not say."""
    max_prompt_tokens: Annotated[int, Field(ge=1)]
    """A file whose prompt is longer, by the client's count, is rejected. Room for it and the
    answer must be in the model's context."""
    max_new_tokens: Annotated[int, Field(ge=1)]
    """Length limit of an answer in tokens; a longer one is cut off and rejected."""
    samples: Annotated[int, Field(ge=1)]
    """Answers asked for at most: an answer that is no use is asked for again."""
    secrets: Literal["redact", "reject"]
    """What happens to a file with keys, tokens, private keys, e-mail or IP addresses before it
    leaves the machine: `redact` puts placeholders, `reject` drops the file. Both are counted."""

    @property
    def asks_model(self) -> bool:
        return self.method in ("model", "static_then_model")
