"""metrics/funnel.json: what every stage let through, per source, beside the paper's own funnel.

Read from the metrics that the stages wrote, and checked: in = kept + rejected at each stage, and
what one stage kept is what the next one got. A mismatch means outputs of different runs.
"""

import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from viscode.errors import UserError
from viscode.outcomes import Tally
from viscode.records import SourceName

LAST = "assemble"


class Step(NamedTuple):
    """A stage on the way of one source; `paper` is how many records the paper had after it."""

    stage: str
    paper: int | None = None


STEPS: dict[SourceName, tuple[Step, ...]] = {
    "files": (
        Step("collect_files", 25_300_000),
        Step("select_files", 1_700_000),
        Step("extract_blocks", 1_000_000),
        Step("balance_libraries", 300_000),
        Step("validate/files", 105_000),
        Step("write_instructions/files", 105_000),
    ),
    "charts": (
        Step("collect_charts"),
        Step("rebuild_charts", 112_000),
        Step("validate/charts", 50_000),
        Step("write_instructions/charts", 50_000),
    ),
    "dialogues": (Step("collect_dialogues", 56_000), Step("filter_dialogues", 45_000)),
}

_Count = Annotated[int, Field(ge=0, strict=True)]


class _Metrics(BaseModel):
    """What the tally of a stage holds; a stage may write more."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    inputs: Annotated[_Count, Field(alias="in")]
    kept: _Count
    records: _Count
    rejected: dict[str, _Count]


def build_funnel(metrics: Path, assembled: dict[SourceName, Tally]) -> dict[str, Any]:
    """{source: {stage: {"step", "in", "kept", "records", "rejected", "paper"}}} for the sources
    in `assembled`, whose own tally is the last step. `step` numbers the stages from 1; `paper` is
    left out where the paper says nothing. `kept` counts inputs, `records` what they became.

    Raises:
        UserError: metrics that are missing, unreadable or do not add up; names the stage.
    """
    return {
        source: _source_funnel(metrics, source, assembled[source])
        for source in STEPS
        if source in assembled
    }


def _source_funnel(metrics: Path, source: SourceName, last: Tally) -> dict[str, Any]:
    funnel: dict[str, Any] = {}
    previous, arriving = "", -1
    own = _Metrics.model_validate(last.as_metrics())
    stages = [*((step, _read(metrics, step.stage)) for step in STEPS[source]), (Step(LAST), own)]
    for number, (step, counts) in enumerate(stages, start=1):
        if previous and counts.inputs != arriving:
            raise _broken(
                metrics,
                step.stage,
                f"stage {step.stage} got {counts.inputs} records "
                f"for {source}, but {previous} kept {arriving}",
            )
        funnel[step.stage] = {"step": number, **counts.model_dump(by_alias=True)}
        if step.paper is not None:
            funnel[step.stage]["paper"] = step.paper
        previous, arriving = step.stage, counts.records
    return funnel


def _read(metrics: Path, stage: str) -> _Metrics:
    path = metrics / f"{stage}.json"
    try:
        counts = _Metrics.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise _broken(metrics, stage, f"no metrics of stage {stage}") from error
    except (ValueError, ValidationError) as error:
        raise _broken(metrics, stage, f"the metrics of stage {stage} are not a tally") from error
    if counts.inputs != counts.kept + sum(counts.rejected.values()):
        raise _broken(metrics, stage, f"the metrics of stage {stage} do not add up")
    return counts


def _broken(metrics: Path, stage: str, what: str) -> UserError:
    return UserError(
        what, where=str(metrics / f"{stage}.json"), todo="run the pipeline again: dvc repro"
    )
