"""Lines of code and data as Python's tokenizer and CSV know them.

`str.splitlines` also splits at form feeds, U+2028 and other characters that stand inside string
constants and cells, so that nothing in this package may use it on code or data.
"""

import re

END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The lines without their ends, which are \\n, \\r\\n or \\r; none of an empty text, and no
    empty one after the last end."""
    lines = END.split(text)
    return lines[:-1] if not lines[-1] else lines
