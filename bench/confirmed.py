"""What it costs to confirm verdicts: python bench/confirmed.py [--scripts N]

Runs the blocks that `validate` runs (data/balanced and data/rebuilt, as the last `dvc repro` left
them; with --scripts N the first N of each) with the settings of params.yaml and an empty work
store, and times the second runs of those whose verdict is doubted (viscode/execution/engine.py).
The last line is one JSON object: {"scripts", "confirmed", "overturned", "share_of_time"}. The
share is that of the workers' time in which a script ran for the second time.
"""

import argparse
import json
import tempfile
import time
from itertools import islice
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.records import Block, Execution, Script
from viscode.core.tables import read_table
from viscode.core.workstore import WorkStore
from viscode.execution import engine
from viscode.execution.engine import Crew
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.blocks import script_of

TABLES = (Path("data/balanced"), Path("data/rebuilt"))


class TimedCrew(Crew):
    """A crew whose time is known: in all, and for second runs."""

    total_s = confirming_s = 0.0
    confirmed = overturned = 0

    def judge(self, script: Script) -> Execution:
        began = time.monotonic()
        judged = super().judge(script)
        TimedCrew.total_s += time.monotonic() - began
        return judged

    def _confirmed(self, script: Script, doubted: Execution) -> Execution:
        began = time.monotonic()
        judged = super()._confirmed(script, doubted)
        TimedCrew.confirming_s += time.monotonic() - began
        TimedCrew.confirmed += 1
        TimedCrew.overturned += judged.status != doubted.status
        return judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scripts", type=int, default=None)
    arguments = parser.parse_args()
    if missing := [str(table) for table in TABLES if not table.is_dir()]:
        raise UserError("no blocks to run", where=", ".join(missing), todo="dvc repro")
    options = load(ValidateSettings).run_options(load(RunSettings))
    blocks = [
        block for table in TABLES for block in islice(read_table(table, Block), arguments.scripts)
    ]
    engine.Crew = TimedCrew
    with tempfile.TemporaryDirectory() as folder, WorkStore(Path(folder) / "store") as store:
        done = sum(1 for _ in engine.run(map(script_of, blocks), options, store))
    share = TimedCrew.confirming_s / TimedCrew.total_s
    counts = {"confirmed": TimedCrew.confirmed, "overturned": TimedCrew.overturned}
    print(json.dumps({"scripts": done, **counts, "share_of_time": round(share, 4)}))


if __name__ == "__main__":
    main()
