"""For `viscode show`: what the work store knows of a block's run under the present parameters."""

from functools import partial
from pathlib import Path

from viscode.core.records import Block, Execution
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import EXECUTION_KIND, Crew, unpack
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.blocks import script_of

PARAMS = Path("params.yaml")


def stored_execution(block: Block) -> Execution | None:
    """The verdict of the block's first run; None where it was not run with these parameters, or
    somewhere else."""
    if not (PARAMS.is_file() and default_path().is_file()):
        return None
    options = load(ValidateSettings).run_options(load(RunSettings))
    if not options.python.exists():
        return None
    with WorkStore(default_path()) as store:
        key = Crew(options, store).key(script_of(block))
        return store.read(EXECUTION_KIND, key, partial(unpack, script_id=block.id))
