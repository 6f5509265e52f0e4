"""Profiles: what a named setting (the paper's 3B run, say) changes in params.yaml.

The same overlay files serve `dvc exp run -S +profiles=NAME` (Hydra composes them) and
`viscode profile use NAME`, which merges them into params.yaml for `dvc repro`.
"""

from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from viscode.core.errors import UserError
from viscode.core.replacing import write_text
from viscode.settings.base import PARAMS, read_yaml

FOLDER = Path("profiles")


def names(folder: Path = FOLDER) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))


def use(name: str, params: Path = PARAMS, folder: Path = FOLDER) -> list[str]:
    """Merge a profile into params.yaml, comments kept; returns the dotted keys that changed.

    Raises:
        UserError: no such profile, an unreadable file, or a key that params.yaml does not have.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise UserError(
            f"no profile {name!r}", where=str(folder), todo=f"profiles: {', '.join(names(folder))}"
        )
    yaml = YAML()
    yaml.width = 4096
    document = read_yaml(params, yaml)
    changed = _merge(document, read_yaml(path, yaml), path)
    stream = StringIO()
    yaml.dump(document, stream)
    write_text(params, stream.getvalue())
    return changed


def _merge(target: Any, overlay: dict[str, Any], path: Path, prefix: str = "") -> list[str]:
    changed: list[str] = []
    for key, value in overlay.items():
        dotted = f"{prefix}{key}"
        if key not in target:
            raise UserError(
                f"profile sets {dotted}, which params.yaml does not have",
                where=str(path),
                todo="correct the profile",
            )
        if isinstance(value, dict) and isinstance(target[key], dict):
            changed += _merge(target[key], value, path, f"{dotted}.")
        elif target[key] != value:
            target[key] = value
            changed.append(dotted)
    return changed
