"""Where the raw material comes from: one section for each of the four collect stages."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings


class CollectFilesSettings(Settings):
    """The source `files`; the paper takes 1.7 M plotting files of stack-edu (3.1)."""

    PATH: ClassVar[str] = "collect.files"
    source: Literal["docstrings"]
    """`docstrings`: the plotting examples in the docstrings of the packages that are installed
    in the environment of untrusted scripts. They are read as text and never imported."""
    take: Annotated[int, Field(ge=0)]
    """How many examples to keep, chosen by hash rank; 0 keeps all. Each costs one run."""
    seed: Annotated[int, Field(ge=0)]
    """Another seed takes another sample."""
    packages: Annotated[list[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]], Field(min_length=1)]
    """Import names of the packages to read, e.g. `sklearn`. One that is not installed is an
    error."""


class CollectRowsSettings(Settings):
    """What the three data sets with rows share."""

    path: Annotated[str, Field(min_length=1)]
    """A .jsonl or .parquet file or a folder of them, in the published schema; or
    `hub:ID:CONFIG:SPLIT` for the Hugging Face hub, e.g. `hub:allenai/CoSyn-400K:chart:train`
    (an empty CONFIG is the default one). With `take` above 0 the rows are read twice."""
    take: Annotated[int, Field(ge=0)]
    """How many rows to keep, chosen by hash rank; 0 keeps all."""
    seed: Annotated[int, Field(ge=0)]
    """Another seed takes another sample."""


class CollectChartsSettings(CollectRowsSettings):
    """The source `charts`: CoSyn-400K, of which the paper takes 112 K snippets (3.1)."""

    PATH: ClassVar[str] = "collect.charts"


class CollectDialoguesSettings(CollectRowsSettings):
    """The source `dialogues`: Code-Feedback, of which the paper takes 56 K dialogues (3.2)."""

    PATH: ClassVar[str] = "collect.dialogues"


class CollectTasksSettings(CollectRowsSettings):
    """The benchmark: the 175 tasks of PandasPlotBench in the paper (4)."""

    PATH: ClassVar[str] = "collect.tasks"
