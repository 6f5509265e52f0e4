"""The data set on the Hugging Face hub: what is sent, what forbids it, and the sending.

Everything goes in one commit, so that the hub never shows half a version; shards of an earlier
version that this one does not have are deleted in it. An upload that was cut off is run again: the
hub keeps what it has received. The token comes from the hub library's own variable, HF_TOKEN, and
from nowhere else.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from viscode.core.checksums import check_table, shards
from viscode.core.errors import UserError
from viscode.core.tables import count_rows
from viscode.core.transform import OUTCOME_PREFIX
from viscode.dataset.card import DECONTAMINATION_OFF, TRAIN, VALIDATION
from viscode.dataset.counts import is_unknown
from viscode.dataset.seal import seal

TABLE = "viscode"
PREFIXES = ("part", OUTCOME_PREFIX)
REPRO = "dvc repro assemble"
CHECKOUT = f"dvc checkout, or: {REPRO}"
TOKEN = "HF_TOKEN"
BLOCK_BYTES = 1 << 20

Count = Annotated[int, Field(ge=0, strict=True)]


@dataclass(frozen=True)
class Upload:
    """A file on this machine and its place in the repository."""

    place: str
    path: Path


class _Metrics(BaseModel):
    """What metrics/dataset.json must hold."""

    model_config = ConfigDict(extra="ignore")
    samples: Count
    train: Count
    validation: Count
    by_licence: dict[str, Count]
    seal: dict[str, str]


def uploads(data: Path, metrics: Path) -> list[Upload]:
    """The files of the data set, in the order of their places.

    Raises:
        UserError: one is missing.
    """
    found = [
        Upload("README.md", data / "DATA_CARD.md"),
        Upload("funnel.png", metrics / "funnel.png"),
        Upload(TRAIN, data / TRAIN),
        Upload(VALIDATION, data / VALIDATION),
    ]
    for prefix in PREFIXES:
        paths = [shard.path for shard in shards(data / TABLE, prefix)]
        found += [Upload(f"{TABLE}/{path.name}", path) for path in paths]
    for upload in found:
        if not upload.path.is_file():
            raise UserError("a file of the data set is missing", where=str(upload.path), todo=REPRO)
    return sorted(found, key=lambda upload: upload.place)


def check(data: Path, metrics: Path, *, allow_unknown_licence: bool) -> int:
    """The number of samples of a data set that may be published.

    Raises:
        UserError: files of different runs, a damaged one, samples of unknown licence (unless
            allowed), or a data set that was not decontaminated.
    """
    counts = _read(metrics / "dataset.json")
    _check_in_step(data, counts)
    for prefix in PREFIXES:
        check_table(data / TABLE, prefix)
    if DECONTAMINATION_OFF in (data / "DATA_CARD.md").read_text(encoding="utf-8"):
        raise UserError(
            "the data set was made without decontamination",
            where="params.yaml: dataset",
            todo="set decontaminate_ngram and decontaminate_share above 0, then: dvc repro",
        )
    unknown = sum(count for name, count in counts.by_licence.items() if is_unknown(name))
    if unknown and not allow_unknown_licence:
        raise UserError(
            f"{unknown} samples have an unknown licence",
            where=str(metrics / "dataset.json"),
            todo="restrict collect.files.licences, or say --allow-unknown-licence",
        )
    return counts.samples


def _read(path: Path) -> _Metrics:
    try:
        return _Metrics.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise UserError("the data set has no metrics", where=str(path), todo=REPRO) from error
    except (ValueError, ValidationError) as error:
        raise UserError("not the metrics of a data set", where=str(path), todo=REPRO) from error


def _check_in_step(data: Path, counts: _Metrics) -> None:
    rows: Mapping[Path, tuple[int, int]] = {
        data / TRAIN: (_lines(data / TRAIN), counts.train),
        data / VALIDATION: (_lines(data / VALIDATION), counts.validation),
        data / TABLE: (count_rows(data / TABLE), counts.samples),
    }
    for path, (found, wanted) in rows.items():
        if found != wanted:
            raise UserError(
                f"{found} rows, but metrics/dataset.json says {wanted}: outputs of different runs",
                where=str(path),
                todo=CHECKOUT,
            )
    places = {"train": data / TRAIN, "validation": data / VALIDATION, "table_ids": data / TABLE}
    found_seal = seal(data / TRAIN, data / VALIDATION, data / TABLE)
    for part, path in places.items():
        if found_seal[part] != counts.seal.get(part):
            raise UserError(
                "not the content that metrics/dataset.json names: outputs of different runs",
                where=str(path),
                todo=CHECKOUT,
            )


def _lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(BLOCK_BYTES), b""))


def token() -> str:
    """The token of the hub.

    Raises:
        UserError: there is none.
    """
    if found := os.environ.get(TOKEN, "").strip():
        return found
    raise UserError(
        "no token for the hub", where=TOKEN, todo=f"export {TOKEN} with a token that may write"
    )


def push(files: Iterable[Upload], repo: str, *, private: bool, token: str, message: str) -> str:
    """Send the files as one commit to the data set `repo`, made if it is not there; returns the
    commit's address. Visibility is set when it is made; an existing one keeps its own.

    Raises:
        UserError: a wrong name, a refused token, a hub that does not answer, or a public
            repository where a private one is asked for.
    """
    from httpx2 import HTTPError
    from huggingface_hub import HfApi

    api = HfApi(token=token)
    try:
        api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        if private and not api.repo_info(repo, repo_type="dataset").private:
            raise UserError(
                "the repository exists and is public",
                where=repo,
                todo="make it private on the hub, or choose another name",
            )
        operations = _operations(list(files), api.list_repo_files(repo, repo_type="dataset"))
        commit = api.create_commit(repo, operations, commit_message=message, repo_type="dataset")
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        raise UserError(
            f"the hub did not take the data set: {_reason(error)}",
            where=repo,
            todo=f"check the name, {TOKEN} and the network, then run the same command again; what "
            "has arrived is not sent twice",
        ) from error
    return str(commit.commit_url)


def _operations(files: list[Upload], present: Iterable[str]) -> list[Any]:
    """Additions, and deletions of an earlier version's shards."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    places = {upload.place for upload in files}
    stale = sorted(p for p in present if p.startswith(f"{TABLE}/") and p not in places)
    return [
        *(CommitOperationDelete(path_in_repo=place) for place in stale),
        *(CommitOperationAdd(path_in_repo=f.place, path_or_fileobj=f.path) for f in files),
    ]


def _reason(error: BaseException) -> str:
    """The first line of what is wrong, and of what caused it."""
    chain = [error, error.__cause__] if error.__cause__ else [error]
    texts = ((str(one).strip() or type(one).__name__).splitlines()[0] for one in chain)
    return ": ".join(dict.fromkeys(texts))
