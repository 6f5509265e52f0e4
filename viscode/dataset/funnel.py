"""metrics/funnel.json: what every stage let through, per source, beside the paper's own funnel.

Read from the metrics that the stages wrote, and checked: in = kept + rejected at each stage, and
what one stage kept is what the next one got. A mismatch means outputs of different runs.
"""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from viscode.core.errors import UserError
from viscode.core.outcomes import Tally
from viscode.core.paper_funnel import PAPER_IN, PAPER_RECORDS
from viscode.core.records import SourceName

LAST = "assemble"


STEPS: dict[SourceName, tuple[str, ...]] = {
    "files": (
        "collect_files",
        "select_files",
        "extract_blocks",
        "balance_libraries",
        "validate/files",
        "write_instructions/files",
    ),
    "charts": (
        "collect_charts",
        "rebuild_charts",
        "validate/charts",
        "write_instructions/charts",
    ),
    "dialogues": ("collect_dialogues", "filter_dialogues"),
}
"""The stages on the way of each source, before LAST."""

_Count = Annotated[int, Field(ge=0, strict=True)]


class _Metrics(BaseModel):
    """What the tally of a stage holds; a stage may write more."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    inputs: Annotated[_Count, Field(alias="in")]
    kept: _Count
    records: _Count
    rejected: dict[str, _Count]


def build_funnel(metrics: Path, assembled: dict[SourceName, Tally]) -> dict[str, Any]:
    """{source: {stage: {"step", "in", "kept", "records", "rejected", "paper_in", "paper"}}} for the
    sources in `assembled`, whose own tally is the last step. `step` numbers the stages from 1.
    `kept` counts inputs, `records` what they became. `paper_in` stands beside `in`, `paper` beside
    `records`; each is left out where the paper says nothing.

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
    stages = [*((stage, _read(metrics, stage)) for stage in STEPS[source]), (LAST, own)]
    for number, (stage, counts) in enumerate(stages, start=1):
        if previous and counts.inputs != arriving:
            raise _broken(
                metrics,
                stage,
                f"stage {stage} got {counts.inputs} records "
                f"for {source}, but {previous} kept {arriving}",
            )
        funnel[stage] = {
            "step": number,
            **counts.model_dump(by_alias=True),
            **_paper(source, stage),
        }
        previous, arriving = stage, counts.records
    return funnel


def _paper(source: SourceName, stage: str) -> dict[str, int]:
    """The paper's figures of a stage, as far as it gives them."""
    figures = {
        "paper_in": PAPER_IN.get(source, {}).get(stage),
        "paper": PAPER_RECORDS.get(source, {}).get(stage),
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


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
