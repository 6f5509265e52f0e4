"""`viscode audit`: the blocks of the last `dvc repro`, checked by the notebook engine."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from viscode.core.progress import Progress, watched
from viscode.core.records import Block, Script
from viscode.core.tables import read_table
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import run
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.audit import Auditor
from viscode.validate.blocks import script_of

BLOCKS = {"files": Path("data/balanced"), "charts": Path("data/rebuilt")}


def audit_command(sources: Iterable[str], share: float) -> None:
    """Judge all blocks of `sources` (verdicts that are stored are not made again), check `share`
    of them and those near a limit; prints differences and a line of JSON.

    Raises:
        UserError: blocks that are not there yet.
    """
    options = load(ValidateSettings).run_options(load(RunSettings))
    auditor = Auditor(share, options)
    scripts: dict[str, Script] = {}

    def all_scripts() -> Iterator[Script]:
        for source in sources:
            for block in read_table(BLOCKS[source], Block):
                scripts[block.id] = script_of(block)
                yield scripts[block.id]

    with WorkStore(default_path()) as store:
        verdicts = run(all_scripts(), options, store)
        for execution in watched(verdicts, Progress("verdicts", "scripts")):
            auditor.consider(scripts.pop(execution.id), execution)
        with Progress("audit", "scripts", len(auditor.chosen)) as line:
            result = auditor.check(store, line.add)
    for one in (*result.disagreements, *result.near_disagreements):
        sys.stdout.write(f"{one.id}: warm {one.fast}, notebook {one.reference}\n")
    if told := result.near_line():
        sys.stdout.write(told + "\n")
    sys.stdout.write(json.dumps(result.as_metrics()) + "\n")
