"""Keeps the blocks that run and draw (paper 3.1): the filter the whole data set stands on.

Each block runs in isolation. It is kept when it ends well and at least one image is neither blank
nor broken nor known to be foreign; its images and figure facts are kept with it. What the paper
leaves open: empty axes count as blank, only displayed images count, not saved files, what the
script did not draw is no plot (image_origins.py), and a block whose images differ between two runs
is flagged, or rejected. A share of the verdicts is checked by the reference engine (audit.py), and
the rate at which it disagrees stands in the metrics.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import click

from viscode.core.hashing import content_id
from viscode.core.metric_files import counts_by_name
from viscode.core.outcomes import Kept, Rejected, Tally
from viscode.core.progress import stage_line
from viscode.core.records import Block, Execution, Script, ValidatedBlock
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import write_outcomes
from viscode.core.workstore import WorkStore
from viscode.execution import facts
from viscode.execution.engine import run
from viscode.execution.image_origins import drawn
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.audit import Auditor, AuditResult


class ValidateReason(StrEnum):
    """Why a block was rejected."""

    ERROR = "error"
    TIMEOUT = "timeout"
    KILLED = "killed"
    DIED = "died"
    NO_IMAGE = "no_image"
    NOT_DRAWN = "not_drawn"
    BLANK = "blank"
    BAD_IMAGE = "bad_image"
    UNREPEATABLE = "unrepeatable"


@dataclass
class ValidationTally(Tally):
    """Counts of the stage, how often each error type ended a script, how many kept blocks do not
    repeat, and what the audit found."""

    errors: Counter[str] = field(default_factory=Counter)
    unrepeatable: int = 0
    audit: AuditResult = field(default_factory=AuditResult)

    def as_metrics(self) -> dict[str, object]:
        return {
            **super().as_metrics(),
            "errors": counts_by_name(self.errors),
            "unrepeatable": self.unrepeatable,
            "audit": self.audit.as_metrics(),
        }


def validate(
    blocks: Path,
    out: Path,
    settings: ValidateSettings,
    run_settings: RunSettings,
    store: WorkStore | None,
) -> ValidationTally:
    """Run all blocks of a table, write the table of those that drew; shows progress on stderr.

    Raises:
        UserError: the scripts' environment does not start.
    """
    options = settings.run_options(run_settings)
    auditor = Auditor(settings.audit_share, options)
    pending: dict[str, Block] = {}  # blocks that are on their way, and only those
    tally = ValidationTally()

    def scripts() -> Iterator[Script]:
        for block in read_table(blocks, Block):
            pending[block.id] = block
            yield script_of(block)

    def results() -> Iterator[tuple[str, Kept[ValidatedBlock] | Rejected]]:
        for execution in run(scripts(), options, store):
            block = pending.pop(execution.id)
            auditor.consider(script_of(block), execution)
            result = keep_or_reject(block, execution, settings)
            if execution.status == "error":
                tally.errors[execution.error_type] += 1
            if isinstance(result, Kept):
                tally.unrepeatable += not result.records[0].repeatable
            yield execution.id, result

    line = stage_line("scripts", count_rows(blocks), out.name)
    counts = write_outcomes(results(), ValidatedBlock, out, line)
    tally = replace(tally, **vars(counts))
    with stage_line("scripts", len(auditor.chosen), f"{out.name} audit") as line:
        tally.audit = auditor.check(store, line.add)
    if told := tally.audit.near_line():
        click.echo(f"viscode: {out.name}: {told}", err=True)
    return tally


def script_of(block: Block) -> Script:
    """The block as the engine runs it, its data beside it."""
    files = {"data.csv": block.data_csv.encode()} if block.data_csv else {}
    return Script(id=block.id, code=block.code, files=files, name=block.origin.script_name)


def keep_or_reject(
    block: Block, execution: Execution, settings: ValidateSettings
) -> Kept[ValidatedBlock] | Rejected:
    """What becomes of a block, given its run."""
    error = f"{execution.error_type}: {execution.error_message}"
    if execution.status != "ok":
        return Rejected(ValidateReason(execution.status), error)
    if not execution.images:
        if execution.error_type:
            return Rejected(ValidateReason.BAD_IMAGE, error)
        return Rejected(ValidateReason.NO_IMAGE)
    counting = drawn(execution)
    if not counting.images:
        return Rejected(ValidateReason.NOT_DRAWN, f"{len(execution.images)} foreign")
    if not counting.drew:
        return Rejected(ValidateReason.BLANK, f"{len(counting.images)} blank")
    if execution.repeatable is False and not settings.keep_unrepeatable:
        return Rejected(ValidateReason.UNREPEATABLE)
    return Kept([_validated(block, counting, settings.max_images)])


def _validated(block: Block, execution: Execution, max_images: int) -> ValidatedBlock:
    entries = facts.as_list(execution.facts)
    shown = [
        (image, entry)
        for image, blank, entry in zip(execution.images, execution.blank, entries, strict=True)
        if not blank
    ]
    return ValidatedBlock(
        id=content_id("validated", block.id),
        **block.descent(),
        code=block.code,
        libraries=block.libraries,
        data_csv=block.data_csv,
        images=tuple(image for image, _ in shown[:max_images]),
        facts=facts.as_text([entry for _, entry in shown[:max_images]]),
        repeatable=execution.repeatable is not False,
    )
