"""Packages installed in another environment, read from its folder and never imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, distributions
from pathlib import Path, PurePosixPath

from viscode.core.errors import UserError

TEST_FOLDERS = frozenset({"tests", "testing"})
SHORT_LICENCE = 60  # characters; longer `License` fields hold the licence's whole text
REMEDY = "make repro sets the environment up; packages are named in collect.files.packages"


@dataclass(frozen=True)
class Package:
    """One import name and the distribution that installed it."""

    import_name: str
    distribution: str
    version: str
    licence: str


def site_packages(python: Path) -> Path:
    """The site-packages folder of the environment whose interpreter is `python`.

    Found by name, without following links and without starting the interpreter.

    Raises:
        UserError: no such folder.
    """
    found = sorted(python.parent.parent.glob("lib/python3*/site-packages"))
    if not found:
        raise UserError(
            "no lib/python3*/site-packages",
            where=str(python.parent.parent),
            todo=f"{REMEDY}; its interpreter in validate.python",
        )
    return found[0]


def installed(site: Path, import_names: list[str]) -> list[Package]:
    """The named packages, in the order of their names.

    Raises:
        UserError: one of them is not installed.
    """
    found = sorted(distributions(path=[str(site)]), key=lambda one: str(one.name), reverse=True)
    owners = {
        path.parts[0].removesuffix(".py"): distribution
        for distribution in found
        for path in distribution.files or ()
        if path.suffix == ".py"
    }
    for name in import_names:
        if name not in owners:
            raise UserError(f"package {name} is not installed", where=str(site), todo=REMEDY)
    return [
        Package(
            name, owners[name].name, owners[name].version, stated_licence(owners[name].metadata)
        )
        for name in sorted(set(import_names))
    ]


def stated_licence(metadata: PackageMetadata) -> str:
    """License-Expression, else a short License, else the first licence classifier."""
    expression, field = (
        str(metadata.get_all(name, [""])[0]).strip() for name in ("License-Expression", "License")
    )
    if expression:
        return expression
    if field and field.upper() != "UNKNOWN" and "\n" not in field and len(field) <= SHORT_LICENCE:
        return field
    classifiers = [str(value) for value in metadata.get_all("Classifier", [])]
    named = [c.rpartition("::")[2].strip() for c in classifiers if c.startswith("License ::")]
    return named[0] if named else "unknown"


def source_files(site: Path, package: Package) -> Iterator[PurePosixPath]:
    """Paths, relative to `site`, of a package's .py files outside its tests, in name order."""
    single = site / f"{package.import_name}.py"
    paths = [single] if single.is_file() else (site / package.import_name).rglob("*.py")
    relative = (PurePosixPath(path.relative_to(site)) for path in paths)
    yield from sorted(path for path in relative if not TEST_FOLDERS & set(path.parts))


def module_name(path: PurePosixPath) -> str:
    """Dotted name of a source file, e.g. scipy/stats/__init__.py -> scipy.stats."""
    return ".".join(part for part in path.with_suffix("").parts if part != "__init__")
