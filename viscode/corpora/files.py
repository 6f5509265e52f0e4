"""The source `files` from the docstrings of installed packages (in the place of stack-edu).

Every object whose docstring plots is an input, and so is every file that cannot be read. All
examples of an environment are held in memory: some thousand texts of a few hundred bytes.
"""

from collections.abc import Iterator
from functools import partial
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
from viscode.corpora.sampling import CollectReason, take_sample
from viscode.settings.collect import CollectFilesSettings

Result = Kept[SourceFile] | Rejected


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


def found_in_package(site: Path, package: Package) -> Iterator[tuple[str, Result]]:
    """(id, result) of each example and of each file that cannot be read, in path order.

    An object that is defined twice in one module with the same examples (in the branches of an
    `if`, say) has one id: it is one example.
    """
    for path in source_files(site, package):
        try:
            examples = list(plotting_examples((site / path).read_bytes(), module_name(path)))
        except OSError as error:
            yield _bad_file(package, path, CollectReason.UNREADABLE_FILE, str(error.strerror))
        except ValueError as error:
            yield _bad_file(package, path, CollectReason.UNPARSABLE_FILE, str(error))
        else:
            yield from (_result(package, path, example) for example in examples)


def _bad_file(
    package: Package, path: PurePosixPath, reason: CollectReason, detail: str
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
        return record.id, Rejected(
            CollectReason.SYNTAX_ERROR, f"{example.locator}: {example.problem}"
        )
    return record.id, Kept([record])


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
