"""What a browser of the report shows, and the files that it loads: made for a disk, not a server.

A browser may not fetch files from a disk, but a script tag may load them; so the data lie in
scripts of JSON. `index.js` holds what lists and filters need, `text-NNNNN.js` the texts of
`CHUNK` entries each, `images/` a picture each. Pages load texts and pictures when they show them.
Entries are written as they come, in their order, so memory does not grow with the texts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viscode.report.listings import Piece
from viscode.report.pictures import Picture

CHUNK = 200  # entries whose texts lie in one file
FOLDER_SIZE = 1000  # pictures in one folder
Turn = tuple[str, list[Piece]]  # a role, and what it says
Fact = tuple[str, str] | tuple[str, str, str]  # a name, what it is, and perhaps an address


@dataclass(frozen=True)
class BrowserEntry:
    """`facets` are the values that one can filter by, in the order of the browser's facets.
    `facts` are lines below the title. `picture` is None where there is none, without bytes where
    it cannot be read."""

    id: str
    title: str
    facets: tuple[tuple[str, ...], ...]
    turns: tuple[Turn, ...]
    facts: tuple[Fact, ...]
    picture: Picture | None = None


def write_entries(folder: Path, facets: tuple[str, ...], entries: Iterable[BrowserEntry]) -> int:
    """Write index, texts and pictures of `entries` into `folder`, which the caller puts in its
    place; returns their number."""
    folder.mkdir(parents=True)
    values: list[dict[str, int]] = [{} for _ in facets]  # of each facet, numbered as they come
    rows: list[Any] = []
    texts: list[Any] = []
    for number, entry in enumerate(entries):
        numbers = [
            [known.setdefault(value, len(known)) for value in given]
            for known, given in zip(values, entry.facets, strict=True)
        ]
        image = entry.picture
        rows.append([entry.id, entry.title, numbers, [image.width, image.height] if image else []])
        texts.append([entry.turns, entry.facts])
        if image and image.webp:
            place = folder / "images" / f"{number // FOLDER_SIZE}" / f"{number}.webp"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(image.webp)
        if len(texts) == CHUNK:
            _write_texts(folder, number // CHUNK, texts)
            texts = []
    if texts:
        _write_texts(folder, len(rows) // CHUNK, texts)
    named = [[name, list(known)] for name, known in zip(facets, values, strict=True)]
    index = {"chunk": CHUNK, "folder": FOLDER_SIZE, "facets": named, "entries": rows}
    _write_script(folder / "index.js", "index", index)
    return len(rows)


def _write_texts(folder: Path, number: int, texts: list[Any]) -> None:
    _write_script(folder / f"text-{number:05d}.js", "text", [number, texts])


def _write_script(path: Path, receiver: str, value: object) -> None:
    """A script that hands JSON to the page. ASCII without "<": no character can end the script
    early, wherever it stands, or depend on an encoding."""
    data = json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    path.write_text(f"viscode.{receiver}({data});\n", encoding="ascii")
