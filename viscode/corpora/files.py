"""The source `files` from the docstrings of installed packages (in the place of stack-edu).

The packages are those of another environment, read from its folder and never imported. Every
object whose docstring plots is an input, and so is every file that cannot be read. All examples of
an environment are held in memory: some thousand texts of a few hundred bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageMetadata, distributions
from pathlib import Path, PurePosixPath

from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected, Tally, tally_of
from viscode.core.progress import stage_line, watched
from viscode.core.records import Origin, SourceFile
from viscode.core.transform import write_outcomes
from viscode.corpora.docstrings import Example, plotting_examples
from viscode.corpora.sampling import CollectReason, take_sample
from viscode.settings.collect import CollectFilesSettings

TEST_FOLDERS = frozenset({"tests", "testing"})
SHORT_LICENCE = 60  # characters; longer `License` fields hold the licence's whole text
REMEDY = "make repro sets the environment up; packages are named in collect.files.packages"
Result = Kept[SourceFile] | Rejected


@dataclass(frozen=True)
class Package:
    """One import name and the distribution that installed it."""

    import_name: str
    distribution: str
    version: str
    licence: str


def collect_files(settings: CollectFilesSettings, python: Path, out: Path) -> Tally:
    """Write the plotting examples of the packages installed beside the interpreter `python`.

    Raises:
        UserError: no such environment, a package that it does not hold, or no example.
    """
    site = site_packages(python)
    found: dict[str, Result] = {}
    packages = installed(site, settings.packages)
    for package in watched(packages, stage_line("packages", part="docstrings")):
        found.update(found_in_package(site, package))
    tally = tally_of(found.items())
    if not tally.kept:
        raise tally.refusal(
            "no plotting example in any docstring",
            where=str(site),
            todo="name more packages in collect.files.packages",
        )
    results = take_sample(partial(without_duplicates, found), settings.take, settings.seed)
    return write_outcomes(results, SourceFile, out)


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
        path.parts[0].removesuffix(".py"): distribution
        for distribution in sorted(
            distributions(path=[str(site)]), key=lambda one: str(one.name), reverse=True
        )
        for path in distribution.files or ()
        if path.suffix == ".py"
    }
    packages = []
    for name in sorted(set(import_names)):
        if name not in owners:
            raise UserError(f"package {name} is not installed", where=str(site), todo=REMEDY)
        owner = owners[name]
        packages.append(Package(name, owner.name, owner.version, stated_licence(owner.metadata)))
    return packages


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


def source_files(site: Path, package: Package) -> list[PurePosixPath]:
    """Paths, relative to `site`, of a package's .py files outside its tests, in name order."""
    single = site / f"{package.import_name}.py"
    paths = [single] if single.is_file() else (site / package.import_name).rglob("*.py")
    relative = (PurePosixPath(path.relative_to(site)) for path in paths)
    return sorted(path for path in relative if not TEST_FOLDERS & set(path.parts))


def module_name(path: PurePosixPath) -> str:
    """Dotted name of a source file, e.g. scipy/stats/__init__.py -> scipy.stats."""
    return ".".join(part for part in path.with_suffix("").parts if part != "__init__")


def found_in_package(site: Path, package: Package) -> Iterator[tuple[str, Result]]:
    """(id, result) of each example and of each file that cannot be read, in path order.

    An object that is defined twice in one module with the same examples (in the branches of an
    `if`, say) has one id: it is one example.
    """
    for path in source_files(site, package):
        try:
            examples = list(plotting_examples((site / path).read_bytes(), module_name(path)))
        except OSError as error:
            bad = Rejected(CollectReason.UNREADABLE_FILE, f"{path}: {error.strerror}")
        except ValueError as error:
            bad = Rejected(CollectReason.UNPARSABLE_FILE, f"{path}: {error}")
        else:
            yield from (_result(package, path, example) for example in examples)
            continue
        yield content_id("files", package.distribution, package.version, str(path)), bad


def _result(package: Package, path: PurePosixPath, example: Example) -> tuple[str, Result]:
    identity = (package.distribution, package.version, example.locator, example.text)
    input_id = content_id("files", *identity)
    if example.problem:
        detail = f"{example.locator}: {example.problem}"
        return input_id, Rejected(CollectReason.SYNTAX_ERROR, detail)
    origin = Origin(
        kind="package",
        name=package.distribution,
        version=package.version,
        path=str(path),
        locator=example.locator,
    )
    record = SourceFile(
        id=input_id, source="files", origin=origin, licence=package.licence, text=example.text
    )
    return input_id, Kept([record])


def without_duplicates(found: dict[str, Result]) -> Iterator[tuple[str, Result]]:
    """Of examples with equal text (inherited docstrings) the smallest locator stays."""
    kept = [result.records[0] for result in found.values() if isinstance(result, Kept)]
    first: dict[str, SourceFile] = {}
    for record in sorted(kept, key=lambda record: (record.origin.locator, record.id)):
        first.setdefault(record.text, record)
    for input_id, result in found.items():
        if isinstance(result, Kept):
            own, original = result.records[0], first[result.records[0].text]
            if own is not original:
                detail = f"{own.origin.locator} as {original.origin.locator}"
                result = Rejected(CollectReason.DUPLICATE, detail)
        yield input_id, result
