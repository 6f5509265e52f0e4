"""Packages installed in another environment, read from its folder and never imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
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
    owners = {
        name: folder
        for folder in sorted(site.glob("*.dist-info"), reverse=True)
        for name in _top_level_names(folder)
    }
    for name in import_names:
        if name not in owners:
            raise UserError(f"package {name} is not installed", where=str(site), todo=REMEDY)
    return [_package(name, owners[name]) for name in sorted(set(import_names))]


def _top_level_names(dist_info: Path) -> set[str]:
    record = dist_info / "RECORD"
    if not record.is_file() or not (dist_info / "METADATA").is_file():
        return set()
    lines = record.read_text(encoding="utf-8", errors="replace").splitlines()
    paths = (PurePosixPath(line.split(",")[0]) for line in lines)
    return {path.parts[0].removesuffix(".py") for path in paths if path.suffix == ".py"}


def _package(import_name: str, dist_info: Path) -> Package:
    text = (dist_info / "METADATA").read_text(encoding="utf-8", errors="replace")
    metadata = HeaderParser().parsestr(text)
    return Package(
        import_name,
        metadata.get("Name", import_name),
        metadata.get("Version", ""),
        stated_licence(metadata),
    )


def stated_licence(metadata: Message) -> str:
    """License-Expression, else a short License, else the first licence classifier."""
    if expression := metadata.get("License-Expression", "").strip():
        return str(expression)
    field = str(metadata.get("License", "")).strip()
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
