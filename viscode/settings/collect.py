"""Where the raw material comes from: one section for each of the four collect stages."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.settings.base import Settings

FilesSource = Literal["docstrings", "folder", "sdists", "stack_edu"]
Refetch = Literal[
    "forbidden",
    "missing",
    "not_gzip",
    "too_large",
    "truncated",
    "undecodable",
    "wrong_hash",
    "wrong_length",
]


class LocalOrHubSettings(Settings):
    """What a section reads: `path`, or `hub` where that is not empty."""

    path: Annotated[str, Field(min_length=1)]
    """A file or folder on this machine. DVC watches it, so it must exist even when `hub` is read:
    a changed or a new file in it is a change."""
    hub: list[Annotated[str, Field(min_length=1)]]
    """Data sets of the Hugging Face hub that are read instead of `path`, each as ID:CONFIG:SPLIT,
    e.g. `allenai/CoSyn-400K:chart:train`; an empty CONFIG is the default one. DVC does not see it
    when they change. Their order does not matter."""

    @property
    def read_from(self) -> str:
        """What is read, for messages."""
        return ", ".join(self.hub) or self.path


class CollectFilesSettings(LocalOrHubSettings):
    """The source `files`; the paper takes the 25 M Python files of stack-edu (3.1)."""

    PATH: ClassVar[str] = "collect.files"
    source: FilesSource
    """`docstrings`: the plotting examples in the docstrings of the packages that are installed
    in the environment of untrusted scripts, read as text and never imported. `folder`: the .py
    and .ipynb files of a directory. `sdists`: the examples, galleries, documentation and tests in
    source distributions of a package index. `stack_edu`: metadata of HuggingFaceTB/stack-edu, text
    from Software Heritage's S3 bucket; the paper's source."""
    path: Annotated[str, Field(min_length=1)]
    """folder: the directory, searched with all below it. sdists: a .csv file or a folder of them
    with the columns name, version, sha256, licence, as samples/sdists/work.csv. stack_edu: a
    .parquet or .jsonl file or a folder of them with the columns of the hub's data set, read when
    `hub` is empty. DVC watches it whatever the source: a new file is a change. A file below it that
    DVC leaves out (of a nested DVC project, or named by a .dvcignore) is an error."""
    hub: list[Annotated[str, Field(min_length=1)]]
    """stack_edu: metadata on the Hugging Face hub, `HuggingFaceTB/stack-edu:Python:train`, read
    instead of `path`."""
    take: Annotated[int, Field(ge=0)]
    """How many files (or examples) to keep, chosen by hash rank; 0 keeps all. Of stack_edu it
    chooses among the metadata rows, before anything is fetched."""
    seed: Annotated[int, Field(ge=0)]
    """Another seed takes another sample."""
    packages: Annotated[list[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]], Field(min_length=1)]
    """docstrings: import names of the packages to read, e.g. `sklearn`. One that is not installed
    is an error."""
    licence: str
    """folder: the licence that its files are under, as SPDX writes it. Nobody else knows."""
    min_int_score: Annotated[int, Field(ge=0, le=5)]
    """stack_edu: lowest educational score (0-5) that is fetched. The data set begins at 3."""
    max_bytes: Annotated[int, Field(ge=1)]
    """folder, sdists, stack_edu: longest file in bytes; a longer one is neither fetched nor
    unpacked. Of a notebook its code counts, not its outputs."""
    licences: list[str]
    """stack_edu: licences of which a file must have one or more and may have no other; empty
    allows all, those without any included."""
    opt_out: Annotated[str, Field(min_length=1)]
    """stack_edu: a text file with one GitHub repository (owner/name) or blob id a line, `#` for
    comments. None of them is fetched, and what was fetched of them earlier is deleted. DVC watches
    it."""
    refetch: list[Refetch]
    """stack_edu: outcomes of earlier runs that are asked for again; [] asks nothing twice."""


class CollectRowsSettings(LocalOrHubSettings):
    """What the three data sets with rows share: `path` is a .jsonl or .parquet file or a folder of
    them, in the published schema. Of a row that several data sets hold one stays."""

    take: Annotated[int, Field(ge=0)]
    """How many rows to keep, chosen by hash rank; 0 keeps all. Above 0 the rows are read twice."""
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
