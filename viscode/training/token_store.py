"""Tokenised rows on the disk: made once, mapped into memory, opened again in later runs.

`open_rows` keeps the rows of a chat file in `store/KEY`, where KEY hashes what determines them:
file, tokenizer, chat template, limits, choice of turns and rows. Rows are tokenised in batches (in
several processes, if there are many) and written in the order of the file; which of them are
taken, and in which order, is told by their places. In memory lie a batch of each worker and, of
every row, its id and place: nothing grows with the tokens.

A folder appears by one rename when all of it is on the disk, and names the hash of each of its
files; one that is damaged is built anew. Several processes of a run may open the same store: the
first one builds it, the others wait. Which rows were rejected stands in `rejected.jsonl`. Stores
of other keys are left alone; all may be deleted at any time.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import click
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from viscode.core.checksums import check_digest
from viscode.core.errors import UserError
from viscode.core.hashing import canonical_json, digest, file_digest, hash_rank
from viscode.core.jsonl import MalformedRow, Row, read_rows
from viscode.core.outcomes import Rejected
from viscode.core.progress import stage_line
from viscode.core.replacing import partial_of, replace, write_json, write_text
from viscode.core.shards import parallel
from viscode.training.data import TokenSet, chat_row
from viscode.training.masking import MaskedRow, Masker, UntrainedReason

STORE_VERSION = "3"  # raised when a change of the code makes stored rows wrong
TOKENISED_AT_ONCE = 32  # tokenised together
TOKENS, TRAINED, SPANS = "tokens.i32", "trained.bool", "spans.i64"
IDS, REJECTED = "ids.json", "rejected.jsonl"
FILES = (TOKENS, TRAINED, SPANS, IDS, REJECTED)
STORE_CARD = "store.json"  # counts, and the hash of every file


@dataclass(frozen=True)
class RowLimits:
    """Of the rows that can be trained at most so many of each source, and so many in all; 0: all.
    They are taken by hash rank with `seed`."""

    max_per_source: int = 0
    max_samples: int = 0
    seed: int = 1


class _Usable(NamedTuple):
    """A row that can be trained: its place is tokens[start:end]. `cut`: turns were left out."""

    id: str
    source: str
    start: int
    end: int
    cut: bool


ChatLine = tuple[str, Row | MalformedRow]
Masked = tuple[str, str, MaskedRow | Rejected]  # id, source, outcome
Number = TypeVar("Number", bound=np.generic)


def open_rows(
    path: Path, masker: Masker, limits: RowLimits, *, store: Path, workers: int = 1
) -> TokenSet:
    """The rows of the chat file `path` as tokens, sorted by id; built in `store` if need be.

    Raises:
        UserError: a missing file, one that is not as it was written, or a line that is not a chat
            row, with its number.
    """
    if not path.is_file():
        raise UserError("no such file", where=str(path), todo="dvc repro assemble")
    check_digest(path)
    key = (file_digest(path), masker.fingerprint(), canonical_json(asdict(limits)))
    folder = store / digest(STORE_VERSION, *key)[:16]
    store.mkdir(parents=True, exist_ok=True)
    with FileLock(store / f"{folder.name}.lock"):
        if folder.exists():
            try:
                return _load(folder)
            except (OSError, ValueError, KeyError, TypeError) as error:
                click.echo(f"train: {folder}: damaged ({error}); tokenised anew", err=True)
        _build(_masked_rows(path, masker, workers), limits, folder)
        return _load(folder)


def _load(folder: Path) -> TokenSet:
    """
    Raises:
        OSError, ValueError, KeyError, TypeError: a file is missing or damaged.
    """
    card = json.loads((folder / STORE_CARD).read_text(encoding="utf-8"))
    for name in FILES:
        if file_digest(folder / name) != card["files"][name]:
            raise ValueError(f"{name} is not as it was written")
    return TokenSet(
        ids=tuple(json.loads((folder / IDS).read_text(encoding="utf-8"))),
        tokens=_mapped(folder / TOKENS, np.int32),
        trained=_mapped(folder / TRAINED, np.bool_),
        spans=_mapped(folder / SPANS, np.int64).reshape(-1, 2),
        rejected=Counter(card["rejected"]),
        truncated=card["truncated"],
    )


def _mapped(path: Path, kind: type[Number]) -> NDArray[Number]:
    if path.stat().st_size == 0:  # cannot be mapped
        return np.empty(0, kind)
    return np.memmap(path, kind, mode="r")


def _masked_rows(path: Path, masker: Masker, workers: int) -> Iterator[Masked]:
    """Id, source and outcome of each line, in the order of the file."""
    lines = read_rows(path)
    batches = iter(lambda: list(islice(lines, TOKENISED_AT_ONCE)), [])
    with stage_line("rows", part="tokenise") as line:
        for rows in parallel(partial(_mask_batch, masker, path), batches, workers, chunk=1):
            line.add(len(rows))
            yield from rows


def _mask_batch(masker: Masker, path: Path, lines: list[ChatLine]) -> list[Masked]:
    chats = [chat_row(path, place, row) for place, row in lines]
    results = masker.mask_all([chat.messages for chat in chats])
    return [(chat.id, chat.source, result) for chat, result in zip(chats, results, strict=True)]


def _build(rows: Iterable[Masked], limits: RowLimits, folder: Path) -> None:
    prepared = partial_of(folder)
    prepared.mkdir()
    usable: list[_Usable] = []
    rejected: list[tuple[str, Rejected]] = []
    end = 0
    with (prepared / TOKENS).open("wb") as tokens, (prepared / TRAINED).open("wb") as trained:
        for row_id, source, result in rows:
            if isinstance(result, Rejected):
                rejected.append((row_id, result))
                continue
            start, end = end, end + len(result.ids)
            usable.append(_Usable(row_id, sys.intern(source), start, end, bool(result.cut)))
            tokens.write(result.ids.tobytes())
            trained.write(result.trained.tobytes())
    chosen = sorted(_choose(usable, limits))
    left_out = sorted(set(usable).difference(chosen))
    rejected += [(row.id, Rejected(UntrainedReason.NOT_SAMPLED)) for row in left_out]
    np.array([(row.start, row.end) for row in chosen], np.int64).tofile(prepared / SPANS)
    write_text(prepared / IDS, json.dumps([row.id for row in chosen]))
    write_text(prepared / REJECTED, "".join(_reject_line(*one) for one in rejected))
    card = {
        "rejected": Counter(str(result.reason) for _, result in rejected),
        "truncated": sum(row.cut for row in chosen),
        "files": {name: file_digest(prepared / name) for name in FILES},
    }
    write_json(prepared / STORE_CARD, card)
    replace(prepared, folder)


def _reject_line(row_id: str, result: Rejected) -> str:
    line = {"id": row_id, "reason": str(result.reason), "detail": result.detail}
    return canonical_json(line) + "\n"


def _choose(usable: list[_Usable], limits: RowLimits) -> list[_Usable]:
    """The rows to take, by hash rank."""
    taken = sorted(usable, key=lambda row: hash_rank(row.id, limits.seed))
    if limits.max_per_source:
        seen: Counter[str] = Counter()
        within = []
        for row in taken:
            seen[row.source] += 1
            if seen[row.source] <= limits.max_per_source:
                within.append(row)
        taken = within
    return taken[: limits.max_samples or None]
