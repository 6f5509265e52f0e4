"""The data set on the Hugging Face hub: what is sent, what forbids it, and the sending.

Everything goes in one commit, so that the hub never shows half a version; shards of an earlier
version that this one does not have are deleted in it. An upload that was cut off is run again: the
hub keeps what it has received. The token comes from the hub library's own variable, HF_TOKEN, and
from nowhere else.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from viscode.core.checksums import check_table, shards
from viscode.core.errors import UserError
from viscode.core.metric_files import Count, Metrics, read_metrics
from viscode.core.transform import OUTCOME_PREFIX
from viscode.dataset.card import DECONTAMINATION_OFF, TRAIN, VALIDATION
from viscode.dataset.counts import seal

TABLE = "viscode"
PREFIXES = ("part", OUTCOME_PREFIX)
REPRO = "dvc repro assemble"
TOKEN = "HF_TOKEN"


class _Counts(Metrics):
    """What metrics/dataset.json must hold."""

    samples: Count
    unknown_licence: Count
    seal: dict[str, str]


def uploads(data: Path, metrics: Path) -> dict[str, Path]:
    """The files of the data set by their places in the repository, in that order.

    Raises:
        UserError: one is missing.
    """
    found = {
        "README.md": data / "DATA_CARD.md",
        "funnel.png": metrics / "funnel.png",
        TRAIN: data / TRAIN,
        VALIDATION: data / VALIDATION,
    }
    for prefix in PREFIXES:
        paths = [shard.path for shard in shards(data / TABLE, prefix)]
        found |= {f"{TABLE}/{path.name}": path for path in paths}
    for path in found.values():
        if not path.is_file():
            raise UserError("a file of the data set is missing", where=str(path), todo=REPRO)
    return dict(sorted(found.items()))


def check(data: Path, metrics: Path, *, allow_unknown_licence: bool) -> int:
    """The number of samples of a data set that may be published.

    Raises:
        UserError: files of different runs, a damaged one, samples of unknown licence (unless
            allowed), or a data set that was not decontaminated.
    """
    counts = read_metrics(metrics / "dataset.json", _Counts)
    if counts is None:
        where = str(metrics / "dataset.json")
        raise UserError("the data set has no metrics", where=where, todo=REPRO)
    files = {"train": data / TRAIN, "validation": data / VALIDATION, "table_ids": data / TABLE}
    for part, found in seal(*files.values()).items():
        if found != counts.seal.get(part):
            raise UserError(
                "not the content that metrics/dataset.json names: outputs of different runs",
                where=str(files[part]),
                todo=f"dvc checkout, or: {REPRO}",
            )
    for prefix in PREFIXES:
        check_table(data / TABLE, prefix)
    if DECONTAMINATION_OFF in (data / "DATA_CARD.md").read_text(encoding="utf-8"):
        raise UserError(
            "the data set was made without decontamination",
            where="params.yaml: dataset",
            todo="set decontaminate_ngram and decontaminate_share above 0, then: dvc repro",
        )
    if counts.unknown_licence and not allow_unknown_licence:
        raise UserError(
            f"{counts.unknown_licence} samples have an unknown licence",
            where=str(metrics / "dataset.json"),
            todo="restrict collect.files.licences, or say --allow-unknown-licence",
        )
    return counts.samples


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


def push(files: Mapping[str, Path], repo: str, *, private: bool, token: str, message: str) -> str:
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
        operations = _operations(files, api.list_repo_files(repo, repo_type="dataset"))
        commit = api.create_commit(repo, operations, commit_message=message, repo_type="dataset")
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        raise UserError(
            f"the hub did not take the data set: {_reason(error)}",
            where=repo,
            todo=f"check the name, {TOKEN} and the network, then run the same command again; what "
            "has arrived is not sent twice",
        ) from error
    return str(commit.commit_url)


def _operations(files: Mapping[str, Path], present: Iterable[str]) -> list[Any]:
    """Additions, and deletions of an earlier version's shards."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    stale = sorted(p for p in present if p.startswith(f"{TABLE}/") and p not in files)
    return [
        *(CommitOperationDelete(path_in_repo=place) for place in stale),
        *(
            CommitOperationAdd(path_in_repo=place, path_or_fileobj=path)
            for place, path in files.items()
        ),
    ]


def _reason(error: BaseException) -> str:
    """The first line of what is wrong, and of what caused it."""
    chain = [error, error.__cause__] if error.__cause__ else [error]
    texts = ((str(one).strip() or type(one).__name__).splitlines()[0] for one in chain)
    return ": ".join(dict.fromkeys(texts))
