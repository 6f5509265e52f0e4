"""How many records of a table use each plotting library."""

from collections import Counter
from pathlib import Path

from viscode.core.outcomes import Tally
from viscode.core.records import Identified
from viscode.core.tables import read_columns


class UsedLibraries(Identified):
    """The columns of a SelectedFile or Block that say what it draws with."""

    libraries: tuple[str, ...]


def library_metrics(tally: Tally, out: Path) -> dict[str, object]:
    """The metrics of a stage that wrote the table `out` of SelectedFile or Block: those of its
    tally, and {"libraries": {name: records that use it}}."""
    records = read_columns(out, UsedLibraries)
    used = Counter(name for record in records for name in record.libraries)
    return {**tally.as_metrics(), "libraries": dict(sorted(used.items()))}
