"""Rows of a data set on the Hugging Face hub, streamed.

Nothing but loading is left to `datasets`; it is imported only when a hub place is read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from viscode.core.errors import UserError
from viscode.core.jsonl import MalformedRow, Row

NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
FORM = "ID:CONFIG:SPLIT, e.g. allenai/CoSyn-400K:chart:train"


@dataclass(frozen=True)
class HubPlace:
    """A split of a data set; `config` "" is the default one."""

    name: str
    config: str
    split: str


def parse_hub_place(text: str) -> HubPlace:
    """Take ID:CONFIG:SPLIT apart.

    Raises:
        UserError: another form.
    """
    parts = text.split(":")
    if len(parts) != 3 or not NAME.fullmatch(parts[0]) or not parts[2]:
        raise UserError("not a place on the hub", where=text, todo=f"write it as {FORM}")
    return HubPlace(*parts)


def read_hub_rows(
    place: HubPlace, columns: Sequence[str]
) -> Iterator[tuple[str, Row | MalformedRow]]:
    """Stream (place, row), with those of `columns` that the data set has: images that nobody reads
    are not decoded.

    Raises:
        UserError: whatever went wrong, in one line.
    """
    try:
        from datasets import load_dataset

        rows = load_dataset(place.name, place.config or None, split=place.split, streaming=True)
        if rows.column_names is not None:  # known where the files or the card tell the types
            rows = rows.select_columns([name for name in rows.column_names if name in columns])
        for number, row in enumerate(rows, start=1):
            wanted = {name: value for name, value in row.items() if name in columns}
            yield f"{place.config or place.name}/{place.split}:{number}", wanted
    # The hub client raises classes of datasets, huggingface_hub, httpx, pyarrow and fsspec, by
    # version; every one of them means the same to the person: this data set is out of reach.
    except Exception as error:
        first_line = str(error).strip().partition("\n")[0]
        raise UserError(
            f"the hub data set could not be read: {type(error).__name__}: {first_line}",
            where=f"{place.name}:{place.config}:{place.split}",
            todo="check its name and the network, or download it, set the path of this collect "
            "section in params.yaml to the local file or folder, and its hub to []",
        ) from error
