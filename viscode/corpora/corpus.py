"""Data sets with rows, on this machine or on the Hugging Face hub, with origin and licence."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.jsonl import MalformedRow, Row, read_rows
from viscode.core.records import Origin
from viscode.core.textfile import readable
from viscode.settings.collect import LocalOrHubSettings

Rows = Iterator[tuple[str, Row | MalformedRow]]

SAMPLES = Path("samples")
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
HUB_FORM = "ID:CONFIG:SPLIT, e.g. allenai/CoSyn-400K:chart:train"
# Part of a data set's name or path, in lower case -> licence (their data cards). A folder that
# names none of them has an unknown licence: its rows could be anybody's.
LICENCES = {
    "cosyn-400k": "odc-by",
    "code-feedback": "Apache-2.0",
    "pandasplotbench": "Apache-2.0",
}


@dataclass(frozen=True)
class Corpus:
    """A data set. `rows()` starts a new pass over (place, row); every pass gives the same rows.
    `where` is what params.yaml names: a path, or a place on the hub."""

    rows: Callable[[], Rows]
    origin: Origin
    licence: str
    where: str

    def origin_of(self, place: str, own_id: str) -> Origin:
        """Origin of one row. The line stays out: it moves when a row is put in before."""
        return self.origin.model_copy(update={"path": place.rpartition(":")[0], "locator": own_id})

    def named(self, place: str) -> str:
        """The place of a row as messages name it: there may be several data sets of the hub."""
        return f"{self.where} {place}" if self.origin.kind == "dataset" else place


def open_corpora(settings: LocalOrHubSettings, columns: Sequence[str]) -> list[Corpus]:
    """The data sets of `settings.hub`, or the local one when there are none; reads nothing yet.

    Raises:
        UserError: a hub place that does not have the form ID:CONFIG:SPLIT.
    """
    if settings.hub:
        return [_open_hub(place, columns) for place in sorted(set(settings.hub))]
    local = Path(settings.path)
    sample = local.resolve().is_relative_to(SAMPLES.resolve())
    licence = "Apache-2.0" if sample else licence_of(settings.path)
    origin = Origin(kind="sample" if sample else "folder", name=readable(local.name))
    return [Corpus(partial(read_rows, local, columns), origin, licence, settings.path)]


def licence_of(name: str) -> str:
    """Licence of the published data set that `name` mentions, else "unknown"."""
    return next((held for part, held in LICENCES.items() if part in name.lower()), "unknown")


def _open_hub(where: str, columns: Sequence[str]) -> Corpus:
    name, config, split = parse_hub_place(where)
    rows = partial(_read_hub_rows, name, config, split, columns)
    return Corpus(rows, Origin(kind="dataset", name=name), licence_of(name), where)


def parse_hub_place(text: str) -> tuple[str, str, str]:
    """Take ID:CONFIG:SPLIT apart; an empty CONFIG is the default one.

    Raises:
        UserError: another form.
    """
    parts = text.split(":")
    if len(parts) != 3 or not HUB_NAME.fullmatch(parts[0]) or not parts[2]:
        raise UserError("not a place on the hub", where=text, todo=f"write it as {HUB_FORM}")
    name, config, split = parts
    return name, config, split


def _read_hub_rows(name: str, config: str, split: str, columns: Sequence[str]) -> Rows:
    """Stream (place, row), with those of `columns` that the data set has: images that nobody reads
    are not decoded.

    Raises:
        UserError: whatever went wrong, in one line.
    """
    try:
        from datasets import load_dataset

        rows = load_dataset(name, config or None, split=split, streaming=True)
        if rows.column_names is not None:  # known where the files or the card tell the types
            rows = rows.select_columns(
                [column for column in rows.column_names if column in columns]
            )
        for number, row in enumerate(rows, start=1):
            wanted = {column: value for column, value in row.items() if column in columns}
            yield f"{config or name}/{split}:{number}", wanted
    # The hub client raises classes of datasets, huggingface_hub, httpx, pyarrow and fsspec, by
    # version; every one of them means the same to the person: this data set is out of reach.
    except Exception as error:
        first_line = str(error).strip().partition("\n")[0]
        raise UserError(
            f"the hub data set could not be read: {type(error).__name__}: {first_line}",
            where=f"{name}:{config}:{split}",
            todo="check its name and the network, or download it, set the path of this collect "
            "section in params.yaml to the local file or folder, and its hub to []",
        ) from error
