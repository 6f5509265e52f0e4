"""A data set with rows: a local path or a set on the Hugging Face hub, with origin and licence."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from viscode.corpora.hub import HUB, parse_hub_path, read_hub_rows
from viscode.jsonl import MalformedRow, Row, read_rows
from viscode.records import Origin

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
    """`rows()` starts a new pass over (place, row); every pass gives the same rows. A corpus that
    was joined from several has `parts`, and each of its places begins with that of a part."""

    rows: Callable[[], Rows]
    origin: Origin
    licence: str
    parts: tuple[tuple[str, "Corpus"], ...] = ()

    def part_of(self, place: str) -> tuple["Corpus", str]:
        """The corpus that a row is from, and its place there."""
        for label, part in self.parts:
            if place.startswith(label):
                return part, place.removeprefix(label)
        return self, place

    def origin_of(self, place: str, own_id: str) -> Origin:
        """Origin of one row. The line stays out: it moves when a row is put in before."""
        file = place.rpartition(":")[0]
        return self.origin.model_copy(update={"path": file, "locator": own_id})


def open_corpus(path: str, columns: Sequence[str]) -> Corpus:
    """The corpus at a path of params.yaml (see CollectRowsSettings.path); reads nothing yet.

    Raises:
        UserError: a hub path that does not have the form hub:ID:CONFIG:SPLIT.
    """
    if path.startswith(HUB):
        place = parse_hub_path(path)
        origin = Origin(kind="dataset", name=place.name)
        return Corpus(partial(read_hub_rows, place, columns), origin, licence_of(place.name))
    local = Path(path)
    sample = local.resolve().is_relative_to(SAMPLES.resolve())
    licence = "Apache-2.0" if sample else licence_of(path)
    origin = Origin(kind="sample" if sample else "folder", name=local.name)
    return Corpus(partial(read_rows, local, columns), origin, licence)


def open_corpora(path: str, more: Sequence[str], columns: Sequence[str]) -> Corpus:
    """The rows of `path`, then those of `more`, each data set once; the order of `more` does not
    matter.

    Raises:
        UserError: see `open_corpus`.
    """
    paths = [path, *sorted({_plain(further) for further in more} - {_plain(path)})]
    corpora = [open_corpus(one, columns) for one in paths]
    if len(corpora) == 1:
        return corpora[0]
    # The number keeps a label from being the beginning of another.
    labels = [f"{number} {one} " for number, one in enumerate(paths, start=1)]
    parts = tuple(zip(labels, corpora, strict=True))
    return replace(corpora[0], rows=partial(_rows_of_all, parts), parts=parts)


def _plain(path: str) -> str:
    return path if path.startswith(HUB) else Path(path).as_posix()


def _rows_of_all(parts: Sequence[tuple[str, Corpus]]) -> Rows:
    for label, part in parts:
        for place, row in part.rows():
            yield f"{label}{place}", row


def licence_of(name: str) -> str:
    """Licence of the published data set that `name` mentions, else "unknown"."""
    return next((held for part, held in LICENCES.items() if part in name.lower()), "unknown")
