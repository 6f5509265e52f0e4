"""The folder that `viscode bench score` writes: SCORES with a line per task, and CARD, which says
what they are verdicts of."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.hashing import canonical_json, digest, file_digest
from viscode.core.replacing import write_json, write_text

SCORES, CARD = "scores.jsonl", "scored.json"


@dataclass(frozen=True)
class Scores:
    """Verdicts on one library's answers, by the tasks' ids as records have them."""

    library: str
    protocol: str
    passes: dict[str, bool]


def write_scores(
    folder: Path, lines: Iterable[str], library: str, protocol: str, task_ids: Mapping[int, str]
) -> None:
    """`task_ids`: the record's id of each task in `lines`, so that equal numbers of different tasks
    are never compared. The card comes last, so that none stands beside scores of another run."""
    (folder / CARD).unlink(missing_ok=True)
    write_text(folder / SCORES, "".join(lines))
    ids = {str(number): task_id for number, task_id in task_ids.items()}
    card = {"library": library, "protocol": protocol, "task_ids": ids}
    write_json(folder / CARD, {**card, "sha256": _digest(folder, card)})


def read_scores(folder: Path) -> Scores:
    """What lies in a folder with a CARD.

    Raises:
        UserError: it was not written to its end, or changed afterwards.
    """
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if card.pop("sha256") != _digest(folder, card):
            raise ValueError(f"{SCORES} and {CARD} are not as they were written")
        lines = (folder / SCORES).read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        passes = {card["task_ids"][str(row["id"])]: bool(row["passed"]) for row in rows}
        return Scores(card["library"], card["protocol"], passes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            f"no usable scores: {error!r}", where=str(folder), todo="run viscode bench score again"
        ) from error


def _digest(folder: Path, card: Mapping[str, object]) -> str:
    """Of the verdicts and of what the card says of them."""
    return digest(canonical_json(card), file_digest(folder / SCORES))
