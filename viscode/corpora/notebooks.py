"""Jupyter notebook -> one script: its code cells in order, what only IPython understands left out.

Outputs are never looked at and nothing runs. The shape is read here and not by nbformat, which
validates outputs too and fails on malformed notebooks in no defined way; four keys are all that is
needed. IPython's own transformer finds magics, `!shell` and `?help` lines token by token, so that
`% value` on a continued line or in a string stays what it is.

Left out, besides: whole cells in other languages (`%%bash`, `%%html`, any cell magic not in
`PYTHON_CELLS`), because their text is no Python of this script. A line becomes `pass` where its
block would be empty. As one script the cells share their open figures, and only the value of the
last one is shown.
"""

import ast
import json
import re
import tokenize
import warnings
from collections.abc import Iterator
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

PYTHON_CELLS = frozenset({"capture", "memit", "mprun", "prun", "time", "timeit"})
"""Cell magics whose cell is code of this script."""
CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w*)[^\n]*\n?")
TIMED = re.compile(r"get_ipython\(\)\.run_line_magic\('time', (?P<code>'.+'|\".+\")\)\s*")
SPECIAL = re.compile(
    r"[ \t]*+(?:[\w ,.\[\]()*'\"]+= *)?get_ipython\(\)\."
    r"(?:run_line_magic|run_cell_magic|system|getoutput)\(.*"
)


SUSPECT = re.compile(r"[%!?]|>>>|In \[|^[/,;]|\A\s*[ \t]\S", re.MULTILINE)
MAGIC_LINE = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
NOT_UNDERSTOOD = (
    SyntaxError,
    RuntimeError,  # it finds no end
    LookupError,  # `x = %"""` over two lines
    ValueError,
    TypeError,
    AttributeError,
    tokenize.TokenError,
)
"""What IPython raises for cells that it does not understand."""
MAGICS_LIMIT = 100  # in one cell: IPython reads all of it anew for each


class BadNotebook(ValueError):
    """Why a text is no notebook with a Python kernel."""


class CodeTooLarge(BadNotebook):
    """The code cells are longer than allowed."""


def script_of(data: bytes, max_bytes: int) -> str:
    """The code of a notebook (format 2 to 4), cells separated by a blank line; "" without code.

    Raises:
        CodeTooLarge: more than `max_bytes` of code, as UTF-8 and with its magics.
        BadNotebook: not JSON, no list of cells, a cell of another shape, no Python kernel.
    """
    notebook = _loaded(data)
    if language := _other_language(notebook.get("metadata")):
        raise BadNotebook(f"the kernel's language is {language}")
    sources = list(_code_cells(notebook))
    if sum(map(_size, sources)) > max_bytes:
        raise CodeTooLarge(f"its code is above {max_bytes} bytes")
    scripts = (_plain_python(source) for source in sources)
    text = "\n\n".join(script.strip("\n").rstrip() for script in scripts if script.strip())
    return f"{text}\n" if text else ""


def _size(source: str) -> int:
    try:
        return len(source.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise BadNotebook(f"not valid Unicode: {error.reason}") from error


def _loaded(data: bytes) -> dict[str, Any]:
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadNotebook(f"not JSON: {error}") from error
    if not isinstance(notebook, dict):
        raise BadNotebook("not a JSON object")
    return notebook


def _other_language(metadata: object) -> str:
    """The stated language or kernel where it is not Python; "" where none is stated, as in old
    notebooks, which only Python had."""
    stated = metadata if isinstance(metadata, dict) else {}
    info, spec = (
        part if isinstance(part, dict) else {}
        for part in (stated.get("language_info"), stated.get("kernelspec"))
    )
    for language in (info.get("name"), spec.get("language"), stated.get("language")):
        if isinstance(language, str) and language:
            return "" if "python" in language.lower() else language
    names = [str(spec[key]) for key in ("name", "display_name") if spec.get(key)]
    return names[0] if names and not any("py" in name.lower() for name in names) else ""


def _code_cells(notebook: dict[str, Any]) -> Iterator[str]:
    for number, cell in enumerate(_cells(notebook), start=1):
        if not isinstance(cell, dict):
            raise BadNotebook(f"cell {number} is no object")
        if cell.get("cell_type") != "code":
            continue
        language = cell.get("language", "python")  # formats 2 and 3 say it in each cell
        if language not in ("python", "ipython"):
            raise BadNotebook(f"the language of cell {number} is {language}")
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise BadNotebook(f"the source of cell {number} is no text")
        yield source.replace("\r\n", "\n").replace("\r", "\n")


def _cells(notebook: dict[str, Any]) -> list[Any]:
    """All cells; formats 2 and 3 hold them in worksheets."""
    sheets = notebook.get("worksheets")
    parts = [notebook] if sheets is None else sheets
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadNotebook("worksheets are no list of objects")
    lists = [part.get("cells") for part in parts]
    if not lists or not all(isinstance(cells, list) for cells in lists):
        raise BadNotebook("no list of cells")
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def _plain_python(source: str) -> str:
    while magic := CELL_MAGIC.match(source):
        if magic["name"] not in PYTHON_CELLS:
            return ""
        source = source[magic.end() :]
    if not SUSPECT.search(source):
        return source
    if sum(1 for _ in MAGIC_LINE.finditer(source)) > MAGICS_LIMIT:
        raise BadNotebook(f"more than {MAGICS_LIMIT} magics in a cell")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            manager = TransformerManager()  # type: ignore[no-untyped-call]
            transformed = manager.transform_cell(source)
    except NOT_UNDERSTOOD as error:
        raise BadNotebook(f"magics not understood: {error}") from error
    lines = [(line, _plain_line(line)) for line in transformed.split("\n")]
    kept = "\n".join(plain for _, plain in lines if plain is not None)
    if _parses(kept):
        return kept
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}pass" if plain is None else plain
        for line, plain in lines
    )


def _plain_line(line: str) -> str | None:
    """The line without magic; None where nothing is left of it."""
    if (timed := TIMED.fullmatch(line.strip())) and (code := _quoted(timed["code"])):
        indent = line[: len(line) - len(line.lstrip())]
        return f"{indent}{code}"
    return None if SPECIAL.fullmatch(line) else line


def _quoted(text: str) -> str | None:
    """The value of a string literal; None where it is none, as in a call that a person wrote."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, str) else None


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
