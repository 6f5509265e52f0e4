"""The source `files` from the docstrings of installed packages (in the place of stack-edu).

Every object whose docstring plots is an input, and so is every file that cannot be read. All
examples of an environment are held in memory: some thousand texts of a few hundred bytes.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path, PurePosixPath

from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected, Tally, tally_of
from viscode.core.progress import stage_line, watched
from viscode.core.records import Origin, SourceFile
from viscode.core.transform import write_outcomes
from viscode.corpora.docstrings import Example, plotting_examples
from viscode.corpora.packages import (
    Package,
    installed,
    module_name,
    site_packages,
    source_files,
)
from viscode.corpora.sampling import sample_ids
from viscode.settings.collect import CollectFilesSettings

Result = Kept[SourceFile] | Rejected


class Reason(StrEnum):
    UNREADABLE_FILE = "unreadable_file"
    UNPARSABLE_FILE = "unparsable_file"
    SYNTAX_ERROR = "syntax_error"
    DUPLICATE = "duplicate"
    NOT_SAMPLED = "not_sampled"


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
    results = sampled(without_duplicates(found), settings.take, settings.seed)
    return write_outcomes(results.items(), SourceFile, out)


def found_in_package(site: Path, package: Package) -> Iterator[tuple[str, Result]]:
    """(id, result) of each example and of each file that cannot be read, in path order.

    An object that is defined twice in one module with the same examples (in the branches of an
    `if`, say) has one id: it is one example.
    """
    for path in source_files(site, package):
        try:
            examples = list(plotting_examples((site / path).read_bytes(), module_name(path)))
        except OSError as error:
            yield _bad_file(package, path, Reason.UNREADABLE_FILE, str(error.strerror))
        except ValueError as error:
            yield _bad_file(package, path, Reason.UNPARSABLE_FILE, str(error))
        else:
            yield from (_result(package, path, example) for example in examples)


def _bad_file(
    package: Package, path: PurePosixPath, reason: Reason, detail: str
) -> tuple[str, Result]:
    input_id = content_id("files", package.distribution, package.version, str(path))
    return input_id, Rejected(reason, f"{path}: {detail}")


def _result(package: Package, path: PurePosixPath, example: Example) -> tuple[str, Result]:
    record = SourceFile(
        id=content_id(
            "files", package.distribution, package.version, example.locator, example.text
        ),
        source="files",
        origin=Origin(
            kind="package",
            name=package.distribution,
            version=package.version,
            path=str(path),
            locator=example.locator,
        ),
        licence=package.licence,
        text=example.text,
    )
    if example.problem:
        return record.id, Rejected(Reason.SYNTAX_ERROR, f"{example.locator}: {example.problem}")
    return record.id, Kept([record])


def without_duplicates(found: dict[str, Result]) -> dict[str, Result]:
    """Of examples with equal text (inherited docstrings) the smallest locator stays."""
    kept = [result.records[0] for result in found.values() if isinstance(result, Kept)]
    first: dict[str, SourceFile] = {}
    for record in sorted(kept, key=lambda record: (record.origin.locator, record.id)):
        first.setdefault(record.text, record)
    return {
        input_id: _unless_duplicate(result, first) if isinstance(result, Kept) else result
        for input_id, result in found.items()
    }


def _unless_duplicate(result: Kept[SourceFile], first: dict[str, SourceFile]) -> Result:
    record = result.records[0]
    original = first[record.text]
    if original is record:
        return result
    return Rejected(Reason.DUPLICATE, f"{record.origin.locator} as {original.origin.locator}")


def sampled(found: dict[str, Result], take: int, seed: int) -> dict[str, Result]:
    """Keep `take` of the kept ones by hash rank; 0 keeps all."""
    if not take:
        return found
    kept = (input_id for input_id, result in found.items() if isinstance(result, Kept))
    chosen = sample_ids(kept, take, seed)
    return {
        input_id: result
        if input_id in chosen or isinstance(result, Rejected)
        else Rejected(Reason.NOT_SAMPLED)
        for input_id, result in found.items()
    }
