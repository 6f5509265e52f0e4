"""Why records were rejected: counts by stage and reason, and the records that the browser of
rejects shows, with their code and error.

The stages before `extract_blocks` are counted only: at full size they reject some twenty million
files because these do not plot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viscode.core.outcomes import Outcome
from viscode.core.records import (
    Block,
    ChartSample,
    Dialogue,
    InstructionSample,
    SelectedFile,
    SourceName,
    Traced,
    ValidatedBlock,
)
from viscode.core.tables import read_some
from viscode.core.transform import read_outcomes
from viscode.report.entries import BrowserEntry, Turn
from viscode.report.funnel_tables import FUNNEL_STEPS
from viscode.report.listings import code_piece, segments, visible
from viscode.report.loading import Tallies, has_table, in_order, ranked
from viscode.report.pictures import picture
from viscode.report.samples import UNKNOWN, Picker, origin_facts, preview

REJECT_FACETS = ("Stage", "Reason", "Source", "Error")
DETAIL_CHARS = 2_000
NO_ERROR = "none"


@dataclass(frozen=True)
class StageTable:
    """A stage's outcome table under data/, and the tables that its inputs lie in."""

    stage: str
    source: SourceName | None
    outcomes: str
    inputs: dict[str, type[Traced]]


STAGES = (
    StageTable("extract_blocks", "files", "extracted", {"selected": SelectedFile}),
    StageTable("balance_libraries", "files", "balanced", {"extracted": Block}),
    StageTable("rebuild_charts", "charts", "rebuilt", {"raw/charts": ChartSample}),
    StageTable("validate/files", "files", "validated/files", {"balanced": Block}),
    StageTable("validate/charts", "charts", "validated/charts", {"rebuilt": Block}),
    StageTable(
        "write_instructions/files", "files", "instructed/files", {"validated/files": ValidatedBlock}
    ),
    StageTable(
        "write_instructions/charts",
        "charts",
        "instructed/charts",
        {"validated/charts": ValidatedBlock},
    ),
    StageTable("filter_dialogues", "dialogues", "dialogues", {"raw/dialogues": Dialogue}),
    StageTable(
        "assemble",
        None,
        "viscode",
        {
            "instructed/files": InstructionSample,
            "instructed/charts": InstructionSample,
            "dialogues": Dialogue,
        },
    ),
)


@dataclass(frozen=True)
class RejectCount:
    """How many records a stage rejected for a reason; `shown`: the browser has such records."""

    stage: str
    name: str
    count: int
    shown: bool


def reasons(funnel: Tallies) -> dict[str, list[RejectCount]]:
    """Source -> every reason of every stage, in the order of the pipeline, most frequent first."""
    browsed = {table.stage for table in STAGES}
    return {
        source: [
            RejectCount(stage, name, count, stage in browsed)
            for stage in in_order(set(funnel[source]), tuple(stage for stage, _ in steps))
            for name, count in ranked(funnel[source][stage].rejected)
            if count
        ]
        for source, steps in FUNNEL_STEPS.items()
        if source in funnel
    }


def chosen(data: Path, limit: int) -> frozenset[str]:
    """Which rejects to show, as `key`: of smallest hash rank, in turns from each stage and
    reason, so that the rare reasons are there."""
    picker = Picker(limit)
    for table in STAGES:
        for outcome in _rejected(data, table):
            picker.add(f"{table.stage} {outcome.reason}", key(table, outcome))
    return picker.picked()


def key(table: StageTable, outcome: Outcome) -> str:
    """A record is rejected by one stage only, but ids of different stages may be equal."""
    return f"{table.stage} {outcome.id}"


def entries(data: Path, wanted: frozenset[str]) -> Iterator[BrowserEntry]:
    """The chosen rejects, stage by stage in the order of their ids."""
    for table in STAGES:
        found = {o.id: o for o in _rejected(data, table) if key(table, o) in wanted}
        records = dict[str, Traced]()
        for folder, kind in table.inputs.items() if found else ():
            if has_table(data / folder):
                records |= {r.id: r for r in read_some(data / folder, kind, found.keys())}
        for name, outcome in found.items():
            yield _entry(table, outcome, records.get(name))


def _rejected(data: Path, table: StageTable) -> Iterator[Outcome]:
    folder = data / table.outcomes
    if has_table(folder, "outcome"):
        yield from (outcome for outcome in read_outcomes(folder) if not outcome.kept)


def _entry(table: StageTable, outcome: Outcome, record: Traced | None) -> BrowserEntry:
    reason = outcome.reason.replace("_", " ")
    detail = visible(outcome.detail, DETAIL_CHARS)
    first = next((line.strip() for line in detail.splitlines() if line.strip()), "")
    source = record.source if record else table.source or UNKNOWN
    said = f"{reason}: {detail}" if first else reason
    image = getattr(record, "image", b"") or next(iter(getattr(record, "images", ())), b"")
    return BrowserEntry(
        id=outcome.id,
        title=f"{reason}: {preview(first)}" if first else reason,
        facets=((table.stage,), (reason,), (source,), (_error_type(table, outcome),)),
        turns=(("why it was rejected", [(said,)]), *(_turns(record) if record else ())),
        facts=origin_facts(record) if record else (),
        picture=picture(image) if image else None,
    )


def _error_type(table: StageTable, outcome: Outcome) -> str:
    """The exception that ended a script, where one did."""
    if not table.stage.startswith("validate") or outcome.reason != "error":
        return NO_ERROR
    name = outcome.detail.strip().partition(":")[0]
    return visible(name) if name.isidentifier() else UNKNOWN


def _turns(record: Any) -> Iterator[Turn]:
    """What the record holds: a dialogue's messages, or code and the instruction that goes with
    it."""
    if isinstance(record, Dialogue):
        yield from ((m.role, segments(m.content)) for m in record.messages)
        return
    if isinstance(record, InstructionSample):
        yield "instruction", segments(record.instruction)
    yield "code", [code_piece(record.text if isinstance(record, SelectedFile) else record.code)]
    if data := getattr(record, "data_csv", ""):
        yield "data.csv", [(visible(data, DETAIL_CHARS),)]
