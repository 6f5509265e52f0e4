"""Who asked not to be in the data set: a text file with one repository or blob id a line."""

import re
from dataclasses import dataclass
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.textfile import read_text

BLOB = re.compile(r"[0-9a-f]{40}")
REPOSITORY = re.compile(r"[a-z0-9][a-z0-9_-]*/(?!\.{1,2}\Z)[a-z0-9._-]+(?<!\.git)")
"""A name on GitHub, where all of stack-edu is from: an owner has no dots, unlike a host."""


@dataclass(frozen=True)
class OptOut:
    """`repositories` in lower case: hosts do not tell apart Owner/Name and owner/name."""

    repositories: frozenset[str] = frozenset()
    blobs: frozenset[str] = frozenset()

    def covers(self, repository: str, blob_id: str) -> bool:
        return blob_id in self.blobs or repository.strip().lower() in self.repositories


def read_opt_out(path: Path) -> OptOut:
    """The list at `path`; `#` begins a comment, empty lines say nothing. A repository is written
    as GitHub names it: no address, quotes, wildcards or .git.

    Raises:
        UserError: no such file, or a line that is neither, by its number: a wish that is
            misspelt must not be passed over.
    """
    try:
        lines = read_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"the opt-out list is not readable: {error}",
            where=str(path),
            todo="correct collect.files.opt_out, or: git checkout profiles/opt_out.txt",
        ) from error
    repositories: set[str] = set()
    blobs: set[str] = set()
    for number, line in enumerate(lines, start=1):
        entry = line.partition("#")[0].strip()
        entry = entry.lower() if entry.isascii() else entry  # some other letters become ASCII
        if BLOB.fullmatch(entry):
            blobs.add(entry)
        elif REPOSITORY.fullmatch(entry):
            repositories.add(entry)
        elif entry:
            raise UserError(
                f"neither a repository (owner/name) nor a blob id: {entry[:80]!r}",
                where=f"{path}:{number}",
                todo="write one of the two, or # before a comment",
            )
    return OptOut(frozenset(repositories), frozenset(blobs))
