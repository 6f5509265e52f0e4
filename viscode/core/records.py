"""The records that pass between stages.

Frozen, typed, with content-hashed ids. Every record names its source, origin, licence and, from
the second stage on, its parent, so that a line of viscode.jsonl leads back to the file, row or
docstring it came from. What a stage does with them is elsewhere; this module only gives shapes.
"""

from pathlib import PurePosixPath
from typing import Annotated, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from viscode.core.hashing import digest

SourceName = Literal["files", "charts", "dialogues"]
Role = Literal["system", "user", "assistant"]
RunStatus = Literal["ok", "error", "timeout", "killed", "died"]
ImageOrigin = Literal["figure", "foreign", "unknown"]


class Record(BaseModel):
    """Base of all records: immutable, no unknown fields, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Identified(Record):
    """A record that tables can hold: its id is a content hash, unique within a stage."""

    id: Annotated[str, Field(min_length=1)]


class Origin(Record):
    """Where the raw material lies. `name` is a package, repository, data set or folder. `locator`
    is what finds it there: an object's dotted name, a row's own id, a blob id."""

    kind: Literal["package", "repository", "dataset", "folder", "sample"]
    name: str
    version: str = ""
    path: str = ""
    locator: str = ""

    @property
    def script_name(self) -> str:
        """The base name of the .py file that was found; "" for notebooks, docstrings and rows."""
        path = PurePosixPath(self.path)
        whole = self.kind in ("folder", "repository") or (
            self.kind == "package" and not self.locator
        )
        return path.name if whole and path.suffix.lower() == ".py" else ""


class Provenance(TypedDict):
    """What a record hands on unchanged: `Block(id=..., **file.provenance(), ...)`."""

    source: SourceName
    origin: Origin
    licence: str


class Descent(Provenance):
    """What a record hands on to one that is made from it."""

    parent_id: str


class Traced(Identified):
    """What every record of the data set carries."""

    source: SourceName
    origin: Origin
    licence: str

    def provenance(self) -> Provenance:
        """For a record that takes this one's place under the same id."""
        return {"source": self.source, "origin": self.origin, "licence": self.licence}

    def descent(self) -> Descent:
        """For a record that is made from this one and has an id of its own."""
        return {**self.provenance(), "parent_id": self.id}


class SourceFile(Traced):
    """Python text as it was found (paper 3.1). `parent_id` chains start here. `cells_left_out` are
    cells of a notebook that its text lacks, because they are tagged as meant to fail."""

    text: str
    cells_left_out: int = 0


class SelectedFile(Traced):
    """A source file that uses plotting libraries; `libraries` sorted, e.g. ("matplotlib",)."""

    text: str
    libraries: tuple[str, ...]


class Block(Traced):
    """A standalone runnable script. `data_csv` is the text of the data.csv that lies beside it
    ("" when it needs none); `edits` is what was changed on the way, e.g. "thousands" in the data or
    "supplied df". `method` says how the script was made, e.g. "as_is", "sliced", "rebuilt"."""

    parent_id: str
    code: str
    libraries: tuple[str, ...]
    method: str
    data_csv: str = ""
    edits: tuple[str, ...] = ()


class UnmadeFigure(Record):
    """A figure of a file of which no block could be made: where the file draws it and the first
    line of that statement, why, what was edited, and the script that was run last, "" where none
    was. All are cut where they are long."""

    place: str
    statement: str
    reason: str
    detail: str
    edits: tuple[str, ...]
    code: str


class UnmadeFigures(Identified):
    """The figures of a selected file that gave no block, under its id; blocks of its other figures
    may be kept. `reasons` are those of all, `figures` the first ones."""

    reasons: tuple[str, ...]
    figures: tuple[UnmadeFigure, ...]


class ChartSample(Traced):
    """A row of CoSyn-400K's chart or table part: `code` only defines a function of a frame."""

    figure_type: str
    topic: str
    data_csv: str
    code: str


class Message(Record):
    role: Role
    content: str


class Dialogue(Traced):
    """A row of Code-Feedback: user and assistant messages in order."""

    messages: tuple[Message, ...]


class Task(Identified):
    """A PandasPlotBench task. `code_data` and `code_plot` are None and `plots_gt` (PNG bytes)
    empty where the data set does not have them."""

    number: int
    licence: str
    data_csv: str
    code_data: str | None
    code_plot: str | None
    plot_description: str
    plot_style: str
    plots_gt: tuple[bytes, ...]


class Script(Identified):
    """What the execution engines run: code, and the files that lie beside it (name -> bytes).

    `id` labels the result for the caller; it is not part of what determines the result. `name` is
    the base name of the .py file that the code is, and so of `__file__`; "" where it is none.
    """

    code: str
    files: dict[str, bytes] = Field(default_factory=dict)
    name: str = ""

    @property
    def seed(self) -> int:
        """Where the script's random generators start: a hash of its code."""
        return int(digest(self.code)[:16], 16)


class Execution(Identified):
    """The verdict on one script. Status and images are two separate facts.

    `images` are PNG bytes decoded and checked outside the script's process; `blank[i]` says that
    image i shows empty axes or one colour only. `origins[i]` says where it came from: "figure", one
    of a plotting library; "foreign", bytes that were there before the script ran; "unknown"
    (viscode.execution.image_origins). `facts` is the JSON text of a list, one entry per
    image (viscode.execution.facts documents it). `error` is the shortened traceback, free of
    scratch paths and addresses. `duration_s` is a measurement and never enters a DVC out.
    `repeatable` says whether a second run gave the same images, None where there was none.
    """

    status: RunStatus
    error_type: str
    error_message: str
    error: str
    images: tuple[bytes, ...]
    blank: tuple[bool, ...]
    origins: tuple[ImageOrigin, ...]
    facts: str
    stdout_head: str
    engine: str
    isolation: str
    duration_s: float
    repeatable: bool | None = None

    @property
    def drew(self) -> bool:
        """Whether at least one image is neither blank nor foreign."""
        pairs = zip(self.blank, self.origins, strict=True)
        return any(not blank and origin != "foreign" for blank, origin in pairs)


class ValidatedBlock(Traced):
    """A block that ran and drew. `images` (PNG) and `facts` (JSON list) belong together.
    `repeatable` is False where a second run gave other images, True where it did not or where
    there was none."""

    parent_id: str
    code: str
    libraries: tuple[str, ...]
    data_csv: str
    images: tuple[bytes, ...]
    facts: str
    repeatable: bool = True


class InstructionSample(Traced):
    """A validated block with its instruction. `method` is "facts" or a model's name;
    `prompt_hash` is "" or the hash of the prompt text that made it."""

    parent_id: str
    instruction: str
    code: str
    libraries: tuple[str, ...]
    image: bytes
    facts: str
    method: str
    prompt_hash: str = ""


class ChatSample(Traced):
    """A line of viscode.jsonl with everything that the parquet form adds. `image` is b"" for
    dialogues, `libraries` empty for them. `tokens` counts the messages in their chat template by
    the target model's tokenizer; `split` is "train" or "validation"."""

    parent_id: str
    messages: tuple[Message, ...]
    libraries: tuple[str, ...]
    image: bytes
    facts: str
    method: str
    prompt_hash: str
    tokens: int
    split: Literal["train", "validation"]


Verdict = Literal["pass", "error", "no_image", "blank"]


class OtherVerdict(Record):
    """What another protocol than the one that drives self-debug says of the same answer."""

    protocol: str
    code: str
    verdict: Verdict
    status: RunStatus
    error_type: str
    error: str
    images: tuple[bytes, ...]


class Attempt(Identified):
    """One model's answer to one task in one self-debug round, executed.

    `id` is "TASK-ROUND", for the further samples of a first answer "TASK-0-SAMPLE". `verdict` is
    "pass", "error", "no_image" or "blank"; `finish` is the generation's outcome ("stop", "length",
    ...). Executed under `protocol`; `other` is the other protocol's verdict, on first answers only.
    """

    task_id: str
    task_number: int
    model: str
    library: str
    round: int
    protocol: str
    answer: str
    code: str
    finish: str
    verdict: Verdict
    status: RunStatus
    error_type: str
    error: str
    images: tuple[bytes, ...]
    facts: str
    sample: int = 0
    other: tuple[OtherVerdict, ...] = ()


ScoreKind = Literal["visual", "task"]
SCORE_KINDS: tuple[ScoreKind, ...] = ("visual", "task")
"""What a vision model scores: the plot against the ground truth's image, or against the task."""


class ModelScore(Record):
    """A vision model's score of one plot, 0-100. `value` is the median of `votes` (None for a vote
    that could not be read), None unless `state` is "score". `swapped` is the score with the images
    in the other order, where it was asked for and could be read.

    States: "score"; "unparsed", no vote could be read; "no_image", nothing was drawn;
    "wrong_library", the library's name does not occur in the code; "unavailable", there is no judge
    or no ground truth. In means "no_image" and "wrong_library" count as 0, as published; "unparsed"
    and "unavailable" are left out and counted."""

    state: Literal["score", "unparsed", "no_image", "wrong_library", "unavailable"]
    value: float | None = None
    votes: tuple[float | None, ...] = ()
    swapped: float | None = None


class JudgedAttempt(Identified):
    """Scores of one task's attempt, 0-100. `structural` compares figure facts with the ground
    truth's; None means that there is nothing to compare with, never 0. `visual` (against the ground
    truth's image) and `task` (against the task's text) are a vision model's."""

    task_id: str
    round: int
    verdict: str
    structural: float | None
    visual: ModelScore = ModelScore(state="unavailable")
    task: ModelScore = ModelScore(state="unavailable")
