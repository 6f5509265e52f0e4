"""Data sets with rows, a local path or sets on the Hugging Face hub, with origin and licence."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from viscode.core.jsonl import MalformedRow, Row, read_rows
from viscode.core.records import Origin
from viscode.core.textfile import readable
from viscode.corpora.hub import parse_hub_place, read_hub_rows
from viscode.settings.collect import LocalOrHubSettings

Rows = Iterator[tuple[str, Row | MalformedRow]]

SAMPLES = Path("samples")
# Part of a data set's name or path, in lower case -> licence (their data cards). A folder that
# names none of them has an unknown licence: its rows could be anybody's.
LICENCES = {
    "cosyn-400k": "odc-by",
    "code-feedback": "Apache-2.0",
    "pandasplotbench": "Apache-2.0",
}


@dataclass(frozen=True)
class Corpus:
    """`rows()` starts a new pass over (place, row); every pass gives the same rows. `where` is what
    params.yaml names: a path, or a place on the hub. A corpus that was joined from several has
    `parts`, and each of its places begins with that of a part."""

    rows: Callable[[], Rows]
    origin: Origin
    licence: str
    where: str
    parts: tuple[tuple[str, "Corpus"], ...] = ()

    def part_of(self, place: str) -> tuple["Corpus", str]:
        """The corpus that a row is from, and its place there."""
        for label, part in self.parts:
            if place.startswith(label):
                return part, place.removeprefix(label)
        return self, place

    def origin_of(self, place: str, own_id: str) -> Origin:
        """Origin of one row, in its own data set. The line stays out: it moves when a row is put
        in before."""
        part, within = self.part_of(place)
        file = within.rpartition(":")[0]
        return part.origin.model_copy(update={"path": file, "locator": own_id})

    def licence_of(self, place: str) -> str:
        """Licence of one row: that of its own data set."""
        return self.part_of(place)[0].licence


def open_corpus(settings: LocalOrHubSettings, columns: Sequence[str]) -> Corpus:
    """The data sets of `settings.hub`, or the local one when there are none; reads nothing yet.

    Raises:
        UserError: a hub place that does not have the form ID:CONFIG:SPLIT.
    """
    names = sorted(set(settings.hub))
    if not names:
        return _open_local(settings.path, columns)
    corpora = [_open_hub(name, columns) for name in names]
    if len(corpora) == 1:
        return corpora[0]
    # The number keeps a label from being the beginning of another.
    labels = [f"{number} {name} " for number, name in enumerate(names, start=1)]
    parts = tuple(zip(labels, corpora, strict=True))
    return replace(corpora[0], rows=partial(_rows_of_all, parts), parts=parts)


def _open_local(path: str, columns: Sequence[str]) -> Corpus:
    local = Path(path)
    sample = local.resolve().is_relative_to(SAMPLES.resolve())
    licence = "Apache-2.0" if sample else licence_of(path)
    origin = Origin(kind="sample" if sample else "folder", name=readable(local.name))
    return Corpus(partial(read_rows, local, columns), origin, licence, path)


def _open_hub(name: str, columns: Sequence[str]) -> Corpus:
    place = parse_hub_place(name)
    origin = Origin(kind="dataset", name=place.name)
    return Corpus(partial(read_hub_rows, place, columns), origin, licence_of(place.name), name)


def _rows_of_all(parts: Sequence[tuple[str, Corpus]]) -> Rows:
    for label, part in parts:
        for place, row in part.rows():
            yield f"{label}{place}", row


def licence_of(name: str) -> str:
    """Licence of the published data set that `name` mentions, else "unknown"."""
    return next((held for part, held in LICENCES.items() if part in name.lower()), "unknown")
