"""Parameters of the benchmark, of the models that it asks and of the judge."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from viscode.libraries.registry import BENCHMARKED
from viscode.settings.base import Settings, one_of

Library = Annotated[str, AfterValidator(one_of(BENCHMARKED))]
"""The name of a library that the benchmark asks for."""
Protocol = Literal["isolated", "paper"]
Descriptor = Literal["head", "pycharm", "datalore", "lida", "describe", "empty"]


class BenchSettings(Settings):
    PATH: ClassVar[str] = "bench"
    libraries: Annotated[list[Library], Field(min_length=1)]
    """Plotting libraries that each task is asked for. The paper: all three."""
    tasks: Annotated[int, Field(ge=0)]
    """Tasks asked, the first by number; 0 means all. The paper: all 175. Cost: tasks x models x
    libraries answers, and up to `rounds` corrections of each."""
    rounds: Annotated[int, Field(ge=0)]
    """Self-debug rounds after the first answer (K of Algorithm 1). The paper: 3."""
    protocol: Protocol
    """What drives self-debug. `isolated`: one sandboxed process per answer. `paper`: the published
    way, one kernel per model, library and round. Round 0 is scored under both either way."""
    descriptor: Descriptor
    """What the prompt says of the data frame. The paper: head."""
    instructs: Annotated[str, Field(min_length=1)]
    """Wording of the prompts: `builtin`, or the path of the benchmark's official instructs.json.
    The paper: the official file."""
    timeout_s: Annotated[float, Field(gt=0.0)]
    """Wall time of one answer's code under `isolated`, at least; a task whose own program takes
    long gets `timeout_factor` times as much as that."""
    timeout_factor: Annotated[float, Field(ge=1.0)]
    """An answer may take this many times the time of the task's own program."""
    paper_timeout_s: Annotated[float, Field(gt=0.0)]
    """Wall time of one answer's code under `paper`. The published harness: 10."""
    feedback: Literal["error", "error_and_data"]
    """What a correction request says. `error`: the error text (the paper). `error_and_data`: also
    the failing line and the data frame's columns and types."""
    feedback_tokens: Annotated[int, Field(ge=32)]
    """Length of the error text in a correction request, in tokens of about 4 characters; longer
    texts keep head and tail."""


class ModelSettings(Settings):
    """One entry of `models`, read with `load(ModelSettings, at="models.NAME")`."""

    PATH: ClassVar[str] = "models"
    client: Literal["transformers", "openai", "openai_batch"]
    """`transformers`: a local folder, in this process. `openai`: any OpenAI-compatible server, a
    vLLM server included. `openai_batch`: the Batch API. Key from OPENAI_API_KEY."""
    model: Annotated[str, Field(min_length=1)]
    """The folder, or the server's name of the model."""
    weights: Annotated[str, Field(min_length=1)]
    """What DVC watches for this model: the folder of a local one, so that other weights are asked
    again; data/raw/tasks for one behind a server."""
    base_url: str
    """Where the server is, e.g. http://127.0.0.1:8000/v1; "" means OPENAI_BASE_URL, else OpenAI."""
    template: Literal["native", "llama3"]
    """How dialogues become prompts. `native`: by the model's own chat template. `llama3`: the
    Llama-3 string that the published harness sends every open model."""
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    """0 is greedy and the paper's value."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)]
    """Nucleus of the sampling; 1 is all tokens."""
    samples: Annotated[int, Field(ge=1)]
    """First answers drawn per task, for pass@k; more than 1 needs a temperature above 0. The first
    of them is the one that self-debug goes on with."""
    max_new_tokens: Annotated[int, Field(ge=1)]
    """Length limit of an answer in tokens. The paper: 5000 (3000 for hosted models)."""
    stop: Literal["end", "python_block"]
    """Where an answer ends. `end`: where the model ends it, as published. `python_block`: with the
    fence that closes its first Python block, which saves time where models go on talking; a draft
    before the real program is then taken for it."""
    context: Annotated[int, Field(ge=256)]
    """Prompt and answer together, in tokens; a dialogue above it loses its oldest corrections.
    The paper: 16384."""


class JudgeSettings(Settings):
    """Section `judge`: the vision model that scores plots. The structural score needs none."""

    PATH: ClassVar[str] = "judge"
    client: Literal["none", "openai", "openai_batch"]
    """`none`: structural scores only."""
    model: Annotated[str, Field(min_length=1)]
    """The server's name of the model, which must read images. The paper: gpt-4o-2024-05-13."""
    base_url: str
    """As in `models`."""
    instructs: Annotated[str, Field(min_length=1)]
    """Wording: `builtin`, or the path of the official instructs.json. The paper: the official."""
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    """0 is the paper's value."""
    max_new_tokens: Annotated[int, Field(ge=1)]
    """Length limit of the judge's answer in tokens."""
    votes: Annotated[int, Field(ge=1)]
    """Answers asked of the judge per score; the score is their median. The paper: 1."""
    swapped: bool
    """Whether the visual score is asked for a second time with the two images in the other order,
    to see how much the order moves it. It is reported and does not enter the score."""
