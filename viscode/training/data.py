"""Lines of viscode.jsonl and the tokenised rows that are made of them.

Every line has exactly one outcome: it is a trained row, or it is counted under the reason for
which it is not. A `TokenSet` is what training reads; viscode.training.token_store makes it. A
token takes five bytes (id and mask in two flat arrays), which may lie in a mapped file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from viscode.core.checksums import check_digest
from viscode.core.errors import UserError
from viscode.core.hashing import canonical_json
from viscode.core.jsonl import MalformedRow, Row, read_rows
from viscode.core.records import Identified, Message, Origin, SourceName

IGNORED = -100  # label of a token that is not trained, as torch's cross entropy has it

Item = dict[str, list[int]]


class ChatRow(Identified):
    """A line of viscode.jsonl; where it comes from is carried along and not used."""

    source: SourceName
    messages: tuple[Message, ...]
    licence: str = ""
    origin: Origin | None = None


@dataclass(frozen=True)
class TokenSet:
    """Tokenised rows in the order of their ids: row i is tokens[spans[i, 0] : spans[i, 1]], and
    indexing gives it as a causal language model of transformers takes it (lists of int).
    `truncated` counts rows of which last turns were left out.
    """

    ids: tuple[str, ...]
    tokens: NDArray[np.int32]
    trained: NDArray[np.bool_]
    spans: NDArray[np.int64]
    rejected: Counter[str]
    truncated: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int) -> Item:
        part = slice(*self.spans[index])
        tokens = self.tokens[part]
        labels = np.where(self.trained[part], tokens, IGNORED)
        return {"input_ids": tokens.tolist(), "labels": labels.tolist()}

    def lengths(self) -> list[int]:
        """Tokens of each row."""
        lengths: list[int] = (self.spans[:, 1] - self.spans[:, 0]).tolist()
        return lengths

    def as_metrics(self) -> dict[str, object]:
        """rows = trained_rows + sum(rejected)."""
        return {
            "rows": len(self) + self.rejected.total(),
            "trained_rows": len(self),
            "truncated_rows": self.truncated,
            "tokens": sum(self.lengths()),
            "trained_tokens": sum(int(self.trained[slice(*span)].sum()) for span in self.spans),
            "rejected": dict(sorted(self.rejected.items())),
        }


@dataclass(frozen=True)
class TrainPaths:
    """Inputs, outputs and the work area of a run."""

    base: Path
    rows: Path
    validation: Path
    model: Path
    metrics: Path
    work: Path


@dataclass(frozen=True)
class TrainData:
    """Tokenised rows of both splits, and the tokenizer they were made with."""

    rows: TokenSet
    validation: TokenSet
    tokenizer: Any


def read_chats(path: Path) -> Iterator[ChatRow]:
    """Stream the lines of a chat file.

    Raises:
        UserError: a missing file, one that is not as it was written, or a line that is not a chat
            row, with its number.
    """
    check_digest(path)
    for place, row in read_rows(path):
        yield chat_row(path, place, row)


def chat_row(path: Path, place: str, row: Row | MalformedRow) -> ChatRow:
    """The row that stands at `place` of the file `path`, checked.

    Raises:
        UserError: it is not a chat row.
    """
    remedy = "run the stage that writes it: dvc repro assemble"
    if isinstance(row, MalformedRow):
        raise UserError(f"{place}: {row.problem}", where=str(path), todo=remedy)
    try:
        return ChatRow.model_validate_json(canonical_json(row))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise UserError(
            f"{place}: field {field}: {first['msg']}", where=str(path), todo=remedy
        ) from error
