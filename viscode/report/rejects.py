"""Why records were rejected: counts by stage and reason, and the records that the browser of
rejects shows, with their code and error.

The stages before `extract_blocks` are counted only: at full size they reject some twenty million
files because these do not plot. What extraction could not make of single figures is shown with
their file, also where other figures of it are kept.
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
    UnmadeFigures,
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
from viscode.report.unmade import counted, figures_of, turns, with_reasons, words

REJECT_FACETS = ("Stage", "Reason", "Source", "Error", "Figure")
DETAIL_CHARS = 2_000
NO_ERROR = NO_FIGURE = "none"
IN_PART = "kept in part"


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
    reason, so that the rare reasons are there; of files that are kept in part, from each reason of
    their figures."""
    picker = Picker(limit)
    for table in STAGES:
        for outcome, figures in _rejected(data, table):
            if outcome.kept:
                for reason in sorted(set(figures)):
                    picker.add(f"{table.stage} figure {reason}", key(table, outcome))
            else:
                picker.add(f"{table.stage} {outcome.reason}", key(table, outcome))
    return picker.picked()


def key(table: StageTable, outcome: Outcome) -> str:
    """A record is rejected by one stage only, but ids of different stages may be equal."""
    return f"{table.stage} {outcome.id}"


def entries(data: Path, wanted: frozenset[str]) -> Iterator[BrowserEntry]:
    """The chosen rejects, stage by stage in the order of their ids."""
    for table in STAGES:
        found = {o.id: o for o, _ in _rejected(data, table) if key(table, o) in wanted}
        records = dict[str, Traced]()
        unmade = figures_of(data / table.outcomes, found.keys())
        for folder, kind in table.inputs.items() if found else ():
            if has_table(data / folder):
                records |= {r.id: r for r in read_some(data / folder, kind, found.keys())}
        for name, outcome in found.items():
            yield _entry(table, outcome, records.get(name), unmade.get(name))


def _rejected(data: Path, table: StageTable) -> Iterator[tuple[Outcome, tuple[str, ...]]]:
    """What a stage rejected, and what it kept although figures are missing, with the reasons of
    these figures."""
    folder = data / table.outcomes
    if has_table(folder, "outcome"):
        for outcome, figures in with_reasons(read_outcomes(folder), folder):
            if figures or not outcome.kept:
                yield outcome, figures


def _entry(
    table: StageTable, outcome: Outcome, record: Traced | None, unmade: UnmadeFigures | None
) -> BrowserEntry:
    reason, detail = words(outcome.reason), visible(outcome.detail, DETAIL_CHARS)
    if outcome.kept and unmade:
        reason, detail = IN_PART, counted(unmade, len(outcome.produced))
    first = next((line.strip() for line in detail.splitlines() if line.strip()), "")
    source = record.source if record else table.source or UNKNOWN
    said = f"{reason}: {detail}" if first else reason
    image = getattr(record, "image", b"") or next(iter(getattr(record, "images", ())), b"")
    figures = tuple(dict.fromkeys(map(words, unmade.reasons))) if unmade else (NO_FIGURE,)
    errors = _error_types(table, outcome, unmade)
    return BrowserEntry(
        id=outcome.id,
        title=f"{reason}: {preview(first)}" if first else reason,
        facets=((table.stage,), (reason,), (source,), errors, figures),
        turns=(
            ("what was not kept" if outcome.kept else "why it was rejected", [(said,)]),
            *(turns(unmade) if unmade else ()),
            *(_turns(record) if record else ()),
        ),
        facts=origin_facts(record) if record else (),
        picture=picture(image) if image else None,
    )


def _error_types(
    table: StageTable, outcome: Outcome, unmade: UnmadeFigures | None
) -> tuple[str, ...]:
    """The exceptions that ended a script, or the last scripts of figures."""
    figures = unmade.figures if unmade else ()
    details = [figure.detail for figure in figures if figure.reason == "error"]
    if table.stage.startswith("validate") and outcome.reason == "error":
        details.append(outcome.detail)
    names = [detail.strip().partition(":")[0] for detail in details]
    found = (visible(name) if name.isidentifier() else UNKNOWN for name in names)
    return tuple(dict.fromkeys(found)) or (NO_ERROR,)


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
