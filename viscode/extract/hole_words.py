"""What a missing value is called: the word for the name that stands in its place."""

import ast
import keyword
import re
from pathlib import PurePosixPath

from viscode.extract import needs
from viscode.extract.touching import walk

CONVERSIONS = frozenset(
    """numpy detach cpu item tolist toarray values eval get compute toPandas data read readlines
    to_numpy result results mean sum copy squeeze flatten""".split()  # noqa: SIM905
)
"""Last parts of a chain that say nothing about what a value is."""
VERBS = re.compile(
    r"^(?:get|load|read|compute|calc|calculate|make|create|build|fetch|generate|prepare|parse|from"
    r"|import|extract|find|to|run|process|do)_+"
)


def word_for(node: ast.expr) -> str:
    """What a missing expression is called: by its last telling part."""
    if isinstance(node, ast.Call) and (stem := _stem(node)):
        return stem
    parts: list[str] = []
    current: ast.expr = node
    while True:
        if isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        elif isinstance(current, ast.Subscript):
            key = current.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                parts.append(key.value)
            current = current.value
        elif isinstance(current, ast.Call):
            current = current.func
        elif isinstance(current, ast.Await | ast.Starred):
            current = current.value
        else:
            break
    parts += [current.id] if isinstance(current, ast.Name) else []
    words = [word for part in parts if part not in CONVERSIONS and (word := as_name(part))]
    return words[0] if words else "values"


def _stem(call: ast.Call) -> str:
    """The name of the file that a call reads, where that is a word."""
    source = needs.path_argument(call)
    texts = [
        one.value
        for one in (walk(source) if source is not None else ())
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    return as_name(PurePosixPath(texts[-1].split("?")[0]).stem) if texts else ""


def as_name(text: str) -> str:
    """A text as a lower-case identifier without verbs; "" where there is none in it."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    name = re.sub(r"\W+", "_", name).strip("_").lower()
    name = VERBS.sub("", name)
    usable = name.isidentifier() and not keyword.iskeyword(name) and len(name) <= 30
    return name if usable and name.isascii() and not name.startswith("_") else ""
