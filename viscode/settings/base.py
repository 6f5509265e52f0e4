"""params.yaml as strict typed sections: a wrong type or an unknown key is an error that names it.

A stage loads only the sections it uses; which keys exist at all is known from `SECTIONS`. Values
are read as YAML 1.2, so that the `5e-06` which `dvc exp run -S` writes is a number.
"""

import reprlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from viscode.core.errors import UserError
from viscode.core.textfile import read_text

PARAMS = Path("params.yaml")
BAD_VALUES = (ValueError, TypeError, KeyError, OverflowError, AttributeError, RecursionError)
"""What ruamel raises, besides its own errors, for values that are not of the type they claim,
and for lists in lists without end."""
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
    """Base of all sections. `PATH` is the dotted place in params.yaml. The text behind a field is
    its description, which `viscode params` prints."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )
    PATH: ClassVar[str] = ""


S = TypeVar("S", bound=Settings)


def one_of(names: Collection[str]) -> Callable[[str], str]:
    """A validator of names that are listed elsewhere; its message is that of a Literal."""

    def check(name: str) -> str:
        if name not in names:
            listed = " or ".join(", ".join(map(repr, names)).rsplit(", ", 1))
            raise PydanticCustomError(
                "literal_error", "Input should be {listed}", {"listed": listed}
            )
        return name

    return check


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """The whole file as plain dicts; unknown top-level keys are an error."""
    loaded: dict[str, Any] = read_yaml(path, YAML(typ="safe", pure=True))
    unknown = sorted(set(map(reprlib.repr, loaded)) - set(map(repr, SECTIONS)))
    if unknown:
        raise UserError(
            f"unknown section {unknown[0]}",
            where=str(path),
            todo=f"known sections: {', '.join(sorted(SECTIONS))}",
        )
    return loaded


def read_yaml(path: Path, reader: YAML) -> Any:
    """The mapping in a YAML file, as `reader` makes it.

    Raises:
        UserError: no such file, no YAML, or no mapping.
    """
    remedy = f"mend the file, or: git checkout {path.name}"
    try:
        loaded = reader.load(read_text(path))
    except FileNotFoundError as error:
        raise UserError(
            "no parameter file", where=str(path), todo="run from the project root"
        ) from error
    except OSError as error:
        raise UserError(
            f"not readable: {error.strerror}", where=str(path), todo="check its permissions"
        ) from error
    except (YAMLError, *BAD_VALUES) as error:
        raise UserError(f"not readable as YAML: {error}", where=str(path), todo=remedy) from error
    if not isinstance(loaded, dict):
        raise UserError("not a mapping of sections", where=str(path), todo=remedy)
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
        f"parameter {key}: {first['msg']}, got {reprlib.repr(first['input'])}",
        where=str(path),
        todo="correct the value",
    )
