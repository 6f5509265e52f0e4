"""metrics/funnel.json: what every stage let through, per source, beside the paper's own funnel.

Read from the metrics that the stages wrote, and checked: in = kept + rejected at each stage, and
what one stage kept is what the next one got. A mismatch means outputs of different runs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from viscode.core.errors import UserError
from viscode.core.metric_files import Count, Metrics, read_metrics
from viscode.core.outcomes import Tally
from viscode.core.paper_funnel import PAPER_IN, PAPER_RECORDS
from viscode.core.records import SourceName

K = TypeVar("K", str, tuple[str, str])

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


class _Counts(Metrics):
    """What the tally of a stage holds; a stage may write more."""

    inputs: Annotated[Count, Field(alias="in")]
    kept: Count
    records: Count
    rejected: dict[str, Count]


def build_funnel(metrics: Path, assembled: Mapping[SourceName, Tally]) -> dict[str, Any]:
    """{source: {stage: {"step", "in", "kept", "records", "rejected", "paper_in", "paper"}}} for the
    sources in `assembled`, whose own tally is the last step. `step` numbers the stages from 1.
    `kept` counts inputs, `records` what they became. `paper_in` stands beside `in`, `paper` beside
    `records`; each is left out where the paper says nothing.

    Raises:
        UserError: metrics that are missing, unreadable or do not add up; names the stage.
    """
    return {
        source: _steps(metrics, source, assembled[source])
        for source in STEPS
        if source in assembled
    }


def _steps(metrics: Path, source: SourceName, last: Tally) -> dict[str, Any]:
    found: dict[str, Any] = {}
    previous, arriving = "", 0
    for number, stage in enumerate((*STEPS[source], LAST), start=1):
        path = metrics / f"{stage}.json"
        own = _Counts.model_validate(last.as_metrics())
        counts = own if stage == LAST else read_metrics(path, _Counts)
        problem = ""
        if counts is None:
            problem = f"no metrics of stage {stage}"
        elif counts.inputs != counts.kept + sum(counts.rejected.values()):
            problem = f"the metrics of stage {stage} do not add up"
        elif previous and counts.inputs != arriving:
            problem = f"stage {stage} got {counts.inputs} records for {source}, "
            problem += f"but {previous} kept {arriving}"
        if counts is None or problem:
            raise UserError(problem, where=str(path), todo="run the pipeline again: dvc repro")
        paper = {
            "paper_in": PAPER_IN.get(source, {}).get(stage),
            "paper": PAPER_RECORDS.get(source, {}).get(stage),
        }
        given = {name: figure for name, figure in paper.items() if figure is not None}
        found[stage] = {"step": number, **counts.model_dump(by_alias=True), **given}
        previous, arriving = stage, counts.records
    return found


def falling(counts: Mapping[K, int]) -> list[tuple[K, int]]:
    """Names and counts, the highest first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def top_reasons(rejected: Mapping[str, int], most: int) -> str:
    """The reasons that rejected most, each with its count, and the sum of the others."""
    reasons = falling(rejected)
    shown = [f"{name} {count:,}" for name, count in reasons[:most]]
    if rest := reasons[most:]:
        shown.append(f"{len(rest)} more reasons {sum(count for _, count in rest):,}")
    return ", ".join(shown)
