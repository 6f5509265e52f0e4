"""Parameters of the benchmark and of the models that it asks."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings

Library = Literal["matplotlib", "seaborn", "plotly"]


class BenchSettings(Settings):
    PATH: ClassVar[str] = "bench"
    libraries: Annotated[list[Library], Field(min_length=1)]
    """Plotting libraries that each task is asked for. The paper: all three."""
    tasks: Annotated[int, Field(ge=0)]
    """Tasks asked, the first by number; 0 means all. The paper: all 175. Cost: tasks x models x
    libraries answers, and up to `rounds` corrections of each."""
    rounds: Annotated[int, Field(ge=0)]
    """Self-debug rounds after the first answer (K of Algorithm 1). The paper: 3."""
    protocol: Literal["isolated"]
    """What drives self-debug: `isolated`, one sandboxed process per answer."""
    descriptor: Literal["head", "describe", "empty"]
    """What the prompt says of the data frame. The paper: head."""
    instructs: Annotated[str, Field(min_length=1)]
    """Wording of the prompts: `builtin`, or the path of the benchmark's official instructs.json.
    The paper: the official file."""
    chat_template: Literal["native"]
    """How dialogues become prompts: by the model's own template. The published harness sends every
    open model a Llama-3 string instead."""
    max_new_tokens: Annotated[int, Field(ge=1)]
    """Length limit of an answer in tokens. The paper: 5000 (3000 for hosted models)."""
    context: Annotated[int, Field(ge=256)]
    """Prompt and answer together, in tokens; a dialogue above it loses its oldest corrections.
    The paper: 16384."""
    timeout_s: Annotated[float, Field(gt=0.0)]
    """Wall time of one answer's code. The published harness: 10 on one shared kernel."""
    feedback: Literal["error", "error_and_data"]
    """What a correction request says. `error`: the error text (the paper). `error_and_data`: also
    the failing line and the data frame's columns and types."""
    feedback_tokens: Annotated[int, Field(ge=32)]
    """Length of the error text in a correction request, in tokens of about 4 characters; longer
    texts keep head and tail."""


class ModelSettings(Settings):
    """One entry of `models`, read with `load(ModelSettings, at="models.NAME")`."""

    PATH: ClassVar[str] = "models"
    client: Literal["transformers", "openai"]
    """`transformers`: a local folder, in this process. `openai`: any OpenAI-compatible server; key
    and URL from OPENAI_API_KEY and OPENAI_BASE_URL."""
    model: Annotated[str, Field(min_length=1)]
    """The folder, or the server's name of the model."""
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    """0 is greedy and the paper's value."""
