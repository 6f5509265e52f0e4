"""What ties the files of one data set together: digests of them, which its metrics hold.

So that files of different runs are not published as one, though their rows may agree in number.
"""

from hashlib import sha256
from pathlib import Path

from viscode.core.hashing import file_digest
from viscode.core.records import Identified
from viscode.core.tables import read_columns


def seal(train: Path, validation: Path, table: Path) -> dict[str, str]:
    """SHA-256 (hex) of the two chat files, and of the ids of the table in their order.

    Raises:
        UserError: a missing table or a corrupt shard.
    """
    return {
        "train": file_digest(train),
        "validation": file_digest(validation),
        "table_ids": _ids_digest(table),
    }


def _ids_digest(table: Path) -> str:
    state = sha256()
    for row in read_columns(table, Identified):
        state.update(f"{row.id}\n".encode())
    return state.hexdigest()
