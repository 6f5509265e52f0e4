"""params.yaml as strict typed sections: a wrong type or an unknown key is an error that names it.

A stage loads only the sections it uses; which keys exist at all is known from `SECTIONS`. Values
are read as YAML 1.2, so that the `5e-06` which `dvc exp run -S` writes is a number.
"""

from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from viscode.errors import UserError

PARAMS = Path("params.yaml")
SECTIONS = frozenset(
    {
        "collect",
        "select",
        "extract",
        "balance",
        "rebuild",
        "validate",
        "instruct",
        "dialogues",
        "dataset",
        "train",
        "bench",
        "judge",
        "models",
        "report",
        "run",
        "llm",
    }
)


class Settings(BaseModel):
    """Base of all sections. `PATH` is the dotted place in params.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    PATH: ClassVar[str] = ""


S = TypeVar("S", bound=Settings)


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """The whole file as plain dicts; unknown top-level keys are an error."""
    try:
        loaded = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError as error:
        raise UserError(
            "no parameter file", where=str(path), todo="run from the project root"
        ) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(
            f"not readable as YAML: {error}",
            where=str(path),
            todo="mend the file, or: git checkout params.yaml",
        ) from error
    if not isinstance(loaded, dict):
        raise UserError(
            "not a mapping of sections", where=str(path), todo="git checkout params.yaml"
        )
    unknown = sorted(set(map(str, loaded)) - SECTIONS)
    if unknown:
        raise UserError(
            f"unknown section {unknown[0]!r}",
            where=str(path),
            todo=f"known sections: {', '.join(sorted(SECTIONS))}",
        )
    return loaded


def load(section: type[S], path: Path = PARAMS, at: str | None = None) -> S:
    """Read one section, e.g. `load(TrainSettings)`; `at` overrides its dotted place.

    Raises:
        UserError: a missing section, an unknown key or a value of the wrong type.
    """
    place = at or section.PATH
    value: Any = read_params(path)
    for key in place.split("."):
        if not isinstance(value, dict) or key not in value:
            raise UserError(
                f"missing section {place}",
                where=str(path),
                todo="every parameter stands in params.yaml: add it back",
            )
        value = value[key]
    try:
        return section.model_validate(value)
    except ValidationError as error:
        raise _readable(error, place, path) from error


def _readable(error: ValidationError, place: str, path: Path) -> UserError:
    first = error.errors()[0]
    key = ".".join([place, *map(str, first["loc"])])
    if first["type"] == "extra_forbidden":
        return UserError(
            f"unknown parameter {key}",
            where=str(path),
            todo="remove it, or look the name up in viscode/settings/",
        )
    if first["type"] == "missing":
        return UserError(f"missing parameter {key}", where=str(path), todo="add it")
    return UserError(
        f"parameter {key}: {first['msg']}, got {first['input']!r}",
        where=str(path),
        todo="correct the value",
    )
