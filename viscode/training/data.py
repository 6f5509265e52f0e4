"""Lines of viscode.jsonl -> tokenised rows, held flat, in an order that depends on nothing but ids.

Every line has exactly one outcome: it is a trained row, or it is counted under the reason for
which it is not. All rows are tokenised before the cap `max_samples` chooses among the usable ones
by hash rank, so the cap is filled whenever enough rows fit, and it is spread over the sources as
they come. In memory a token takes five bytes (id and mask in two flat arrays).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from viscode.errors import UserError
from viscode.hashing import canonical_json, hash_rank
from viscode.jsonl import MalformedRow, read_rows
from viscode.outcomes import Rejected
from viscode.records import Identified, Message, Origin, SourceName
from viscode.training.masking import Masker, Reason

IGNORED = -100  # label of a token that is not trained, as torch's cross entropy has it


class ChatRow(Identified):
    """A line of viscode.jsonl; where it comes from is carried along and not used."""

    source: SourceName
    messages: tuple[Message, ...]
    licence: str = ""
    origin: Origin | None = None


@dataclass(frozen=True)
class TokenRow:
    """One tokenised line: ids (int32) and mask (bool) of the same length."""

    id: str
    tokens: NDArray[np.int32]
    trained: NDArray[np.bool_]


@dataclass(frozen=True)
class TokenSet:
    """Tokenised rows, sorted by id, behind one another: row i is tokens[starts[i]:starts[i+1]].

    Indexing gives what a causal language model of transformers takes (lists of int).
    """

    ids: tuple[str, ...]
    tokens: NDArray[np.int32]
    trained: NDArray[np.bool_]
    starts: NDArray[np.int64]
    rejected: Counter[str]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        part = slice(self.starts[index], self.starts[index + 1])
        tokens = self.tokens[part]
        labels = np.where(self.trained[part], tokens, IGNORED)
        return {"input_ids": tokens.tolist(), "labels": labels.tolist()}

    def lengths(self) -> list[int]:
        """Tokens of each row."""
        return [int(length) for length in np.diff(self.starts)]

    def as_metrics(self) -> dict[str, object]:
        """rows = trained_rows + sum(rejected)."""
        return {
            "rows": len(self) + self.rejected.total(),
            "trained_rows": len(self),
            "tokens": len(self.tokens),
            "trained_tokens": int(self.trained.sum()),
            "rejected": dict(sorted(self.rejected.items())),
        }


def read_chats(path: Path) -> Iterator[ChatRow]:
    """Stream the lines of a chat file.

    Raises:
        UserError: a missing file, or a line that is not a chat row, with its number.
    """
    remedy = "run the stage that writes it: dvc repro assemble"
    for place, row in read_rows(path):
        if isinstance(row, MalformedRow):
            raise UserError(f"{place}: {row.problem}", where=str(path), todo=remedy)
        try:
            yield ChatRow.model_validate_json(canonical_json(row))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise UserError(
                f"{place}: field {field}: {first['msg']}", where=str(path), todo=remedy
            ) from error


def tokenise(chats: Iterable[ChatRow], masker: Masker, max_samples: int, seed: int) -> TokenSet:
    """Mask all rows and keep at most `max_samples` (0: all) of those that can be trained."""
    rows, rejected = [], Counter[str]()
    for chat in chats:
        result = masker.mask(chat.messages)
        if isinstance(result, Rejected):
            rejected[str(result.reason)] += 1
        else:
            rows.append(
                TokenRow(
                    chat.id, np.array(result.ids, np.int32), np.array(result.trained, np.bool_)
                )
            )
    if max_samples and len(rows) > max_samples:
        rejected[str(Reason.NOT_SAMPLED)] += len(rows) - max_samples
        rows = sorted(rows, key=lambda row: hash_rank(row.id, seed))[:max_samples]
    return _flat(sorted(rows, key=lambda row: row.id), rejected)


def _flat(rows: list[TokenRow], rejected: Counter[str]) -> TokenSet:
    empty = TokenRow("", np.empty(0, np.int32), np.empty(0, np.bool_))
    return TokenSet(
        ids=tuple(row.id for row in rows),
        tokens=np.concatenate([row.tokens for row in (*rows, empty)]),
        trained=np.concatenate([row.trained for row in (*rows, empty)]),
        starts=np.array(list(accumulate((len(row.tokens) for row in rows), initial=0)), np.int64),
        rejected=rejected,
    )


def collate(rows: list[dict[str, list[int]]], pad: int) -> dict[str, Any]:
    """Rows -> tensors of shape [rows, longest], padded on the right. Padding is neither attended
    nor trained; that does not hang on the padding token, which often is the end-of-turn token."""
    import torch

    longest = max(len(row["input_ids"]) for row in rows)

    def padded(values: Iterable[list[int]], fill: int) -> Any:
        return torch.tensor([value + [fill] * (longest - len(value)) for value in values])

    return {
        "input_ids": padded((row["input_ids"] for row in rows), pad),
        "attention_mask": padded(([1] * len(row["input_ids"]) for row in rows), 0),
        "labels": padded((row["labels"] for row in rows), IGNORED),
    }
