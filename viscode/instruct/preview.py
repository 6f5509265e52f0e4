"""The Data component of `charts`: header and first rows of data.csv as they stand in the file."""

import csv
import io


def preview_rows(text: str, rows: int) -> tuple[str, int]:
    """(header and at most `rows` records verbatim, how many records those are).

    A record may span lines inside quotes, so that records are counted by the csv reader and
    copied by lines. Empty lines in front of the header and trailing ones are left out.
    """
    text = text.removeprefix("\ufeff").strip("\r\n")
    lines = text.splitlines()
    reader = csv.reader(io.StringIO("\n".join(lines)))
    shown, end = -1, 0
    for record in reader:
        if not record:
            continue
        shown, end = shown + 1, reader.line_num
        if shown == rows:
            break
    return "\n".join(lines[:end]), max(shown, 0)


def header_of(text: str) -> list[str]:
    """The column names."""
    return next(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), [])
