"""Tokenised rows on the disk: made once, mapped into memory, opened again in later runs.

`open_rows` keeps the rows of a chat file in `store/KEY`, where KEY hashes what determines them:
file, tokenizer, chat template, limits, choice of turns and rows. Rows are tokenised in batches (in
several processes, if there are many) and spooled in the order of the file; then the chosen ones
are copied in the order of their ids. In memory lie a batch of each worker and, of every row, its
id and place: nothing grows with the tokens.

A folder appears by one rename when all of it is on the disk, and names the hash of each of its
files; one that is damaged is built anew. Several processes of a run may open the same store: the
first one builds it, the others wait. Which rows were rejected stands in `rejected.jsonl`. Stores
of other keys are left alone; all may be deleted at any time.
"""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from typing import IO, TypeVar

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

STORE_VERSION = "2"  # raised when a change of the code makes stored rows wrong
TOKENISED_AT_ONCE = 32  # tokenised together
TOKENS, TRAINED, STARTS = "tokens.i32", "trained.bool", "starts.i64"
IDS, REJECTED = "ids.json", "rejected.jsonl"
FILES = (TOKENS, TRAINED, STARTS, IDS, REJECTED)
STORE_CARD = "store.json"  # counts, and the hash of every file


@dataclass(frozen=True)
class RowLimits:
    """Of the rows that can be trained at most so many of each source, and so many in all; 0: all.
    They are taken by hash rank with `seed`."""

    max_per_source: int = 0
    max_samples: int = 0
    seed: int = 1


ChatLine = tuple[str, Row | MalformedRow]
Masked = tuple[tuple[str, str], MaskedRow | Rejected]  # id and source, outcome
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
    folder = store / _key(path, masker, limits)
    store.mkdir(parents=True, exist_ok=True)
    with FileLock(store / f"{folder.name}.lock"):
        if problem := _problem(folder):
            if folder.exists():
                click.echo(f"train: {folder}: {problem}; tokenised anew", err=True)
            _build(_masked_rows(path, masker, workers), limits, folder)
    return _load(folder)


def _key(path: Path, masker: Masker, limits: RowLimits) -> str:
    parts = (file_digest(path), masker.fingerprint(), canonical_json(asdict(limits)))
    return digest(STORE_VERSION, *parts)[:16]


def _problem(folder: Path) -> str:
    """Why a store cannot be used; "" when it can."""
    try:
        files = json.loads((folder / STORE_CARD).read_text(encoding="utf-8"))["files"]
        for name in FILES:
            if file_digest(folder / name) != files[name]:
                return f"{name} is damaged"
    except (OSError, ValueError, KeyError, TypeError):
        return "a file is missing or damaged"
    return ""


def _load(folder: Path) -> TokenSet:
    card = json.loads((folder / STORE_CARD).read_text(encoding="utf-8"))
    return TokenSet(
        ids=tuple(json.loads((folder / IDS).read_text(encoding="utf-8"))),
        tokens=_mapped(folder / TOKENS, np.int32),
        trained=_mapped(folder / TRAINED, np.bool_),
        starts=_mapped(folder / STARTS, np.int64),
        rejected=Counter(card["rejected"]),
        truncated=card["truncated"],
    )


def _mapped(path: Path, kind: type[Number]) -> NDArray[Number]:
    if path.stat().st_size == 0:  # cannot be mapped
        return np.empty(0, kind)
    return np.memmap(path, kind, mode="r")


@dataclass
class _Index:
    """What is remembered of the rows: of each usable one id, source and length, in the order of
    the file; of the others the counts."""

    ids: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    cut: set[int] = field(default_factory=set)
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, row_id: str, source: str, row: MaskedRow) -> None:
        if row.cut:
            self.cut.add(len(self.ids))
        self.ids.append(row_id)
        self.sources.append(sys.intern(source))
        self.lengths.append(len(row.ids))

    def reject(self, row_id: str, result: Rejected, rejects: IO[str]) -> None:
        self.rejected[str(result.reason)] += 1
        line = {"id": row_id, "reason": str(result.reason), "detail": result.detail}
        rejects.write(canonical_json(line) + "\n")


def _masked_rows(path: Path, masker: Masker, workers: int) -> Iterator[Masked]:
    """Id and source of each line, and its outcome, in the order of the file."""
    batches = _batches(read_rows(path))
    with stage_line("rows", part="tokenise") as line:
        for rows in parallel(partial(_mask_batch, masker, path), batches, workers, chunk=1):
            line.add(len(rows))
            yield from rows


def _batches(lines: Iterator[ChatLine]) -> Iterator[list[ChatLine]]:
    while batch := list(islice(lines, TOKENISED_AT_ONCE)):
        yield batch


def _mask_batch(masker: Masker, path: Path, lines: list[ChatLine]) -> list[Masked]:
    chats = [chat_row(path, place, row) for place, row in lines]
    results = masker.mask_all([chat.messages for chat in chats])
    return [((chat.id, chat.source), result) for chat, result in zip(chats, results, strict=True)]


def _build(rows: Iterable[Masked], limits: RowLimits, folder: Path) -> None:
    prepared = partial_of(folder)
    spool = prepared / "spool"
    spool.mkdir(parents=True)
    with (prepared / REJECTED).open("w", encoding="utf-8") as rejects:
        index = _spool(rows, spool, rejects)
        chosen = _choose(index, limits, rejects)
    _arrange(index, chosen, spool, prepared)
    shutil.rmtree(spool)
    card = {
        "rejected": index.rejected,
        "truncated": len(index.cut.intersection(chosen)),
        "files": {name: file_digest(prepared / name) for name in FILES},
    }
    write_json(prepared / STORE_CARD, card)
    replace(prepared, folder)


def _spool(rows: Iterable[Masked], spool: Path, rejects: IO[str]) -> _Index:
    """Write the tokens and masks of usable rows one after another as they come."""
    index = _Index()
    with (spool / TOKENS).open("wb") as tokens, (spool / TRAINED).open("wb") as trained:
        for (row_id, source), result in rows:
            if isinstance(result, Rejected):
                index.reject(row_id, result, rejects)
            else:
                index.add(row_id, source, result)
                tokens.write(result.ids.tobytes())
                trained.write(result.trained.tobytes())
    return index


def _choose(index: _Index, limits: RowLimits, rejects: IO[str]) -> list[int]:
    """Numbers of the rows to take, in the order of their ids; the others are counted."""
    taken = list(range(len(index.ids)))
    if limits.max_per_source or limits.max_samples:
        taken.sort(key=lambda number: hash_rank(index.ids[number], limits.seed))
    if limits.max_per_source:
        taken = list(_first_of_each(taken, index.sources, limits.max_per_source))
    taken = taken[: limits.max_samples or None]
    for number in sorted(set(range(len(index.ids))).difference(taken)):
        index.reject(index.ids[number], Rejected(UntrainedReason.NOT_SAMPLED), rejects)
    return sorted(taken, key=index.ids.__getitem__)


def _first_of_each(numbers: Iterable[int], sources: list[str], most: int) -> Iterator[int]:
    """Of the rows of each source the first `most`."""
    seen: Counter[str] = Counter()
    for number in numbers:
        seen[sources[number]] += 1
        if seen[sources[number]] <= most:
            yield number


def _arrange(index: _Index, chosen: list[int], spool: Path, out: Path) -> None:
    """Copy the chosen rows from the spool, and write where each begins."""
    starts = list(accumulate(index.lengths, initial=0))
    for name, size in ((TOKENS, np.int32().itemsize), (TRAINED, np.bool_().itemsize)):
        with (spool / name).open("rb") as source, (out / name).open("wb") as target:
            for number in chosen:
                source.seek(starts[number] * size)
                target.write(source.read(index.lengths[number] * size))
    lengths = (index.lengths[number] for number in chosen)
    np.array(list(accumulate(lengths, initial=0)), np.int64).tofile(out / STARTS)
    write_text(out / IDS, json.dumps([index.ids[number] for number in chosen]))
