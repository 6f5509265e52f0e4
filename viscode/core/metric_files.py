"""Metrics files as typed values, and names of exceptions as keys in them.

A file that is not there means that its stage has not run: it reads as None. A file that is there
and does not fit is an error that names it, because what is built on half of it would be wrong
without saying so. Keys that a reader does not know are ignored.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from viscode.core.errors import UserError

Count = Annotated[int, Field(ge=0)]
Percent = Annotated[float, Field(ge=0, le=100)]
METRICS_REMEDY = "delete it and run dvc repro, or restore it with git checkout"
UNKNOWN, OTHERS = "UnknownError", "other"
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
MOST = 50  # names in one table of counts


class Metrics(BaseModel):
    """Base of a metrics file's content: frozen, unknown keys ignored, no NaN."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


M = TypeVar("M", bound=BaseModel)


def flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | float]]:
    """Numbers and texts of a metrics object by name, nested names joined by dots, as
    `dvc metrics diff` has them."""
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from flat(item, f"{prefix}{key}.")
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            yield f"{prefix}{key}", item


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a metrics file, or None where the file is not there.

    Raises:
        UserError: it holds something else.
    """
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(
            f"metrics file is not JSON: {error}", where=str(path), todo=METRICS_REMEDY
        ) from error
    if not isinstance(value, dict):
        raise UserError("metrics file is not a JSON object", where=str(path), todo=METRICS_REMEDY)
    return value


def read_metrics(path: Path, kind: type[M]) -> M | None:
    """A metrics file as `kind`, or None where the file is not there.

    Raises:
        UserError: it does not fit; names the first key that does not.
    """
    value = read_object(path)
    if value is None:
        return None
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise UserError(
            f"metrics file does not fit: {key}: {first['msg']}",
            where=str(path),
            todo=METRICS_REMEDY,
        ) from error


def plain_name(kind: str) -> str:
    """The name of an exception's class; UNKNOWN where it is no identifier of at most 64 letters,
    digits and underscores. A script names its exceptions as it likes, differently in each run."""
    return kind if PLAIN.fullmatch(kind) else UNKNOWN


def counts_by_name(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts of plain names in their order: the MOST commonest, and the rest as OTHERS."""
    plain: Counter[str] = Counter()
    for kind, count in counts.items():
        plain[plain_name(kind)] += count
    ranked = sorted(plain.items(), key=lambda entry: (-entry[1], entry[0]))
    kept, rest = dict(ranked[:MOST]), ranked[MOST:]
    if rest:
        kept[OTHERS] = kept.get(OTHERS, 0) + sum(count for _, count in rest)
    return dict(sorted(kept.items()))
