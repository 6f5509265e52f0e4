"""Jupyter notebook -> one script: its code cells in order, what only IPython understands left out.

Outputs are never looked at and nothing runs. The shape is read here and not by nbformat, which
validates outputs too and fails on malformed notebooks in no defined way; five keys are all that is
needed. IPython's own transformer finds magics, `!shell` and `?help` lines token by token, so that
`% value` on a continued line or in a string stays what it is.

`%pylab` binds names, and becomes the imports that bind them. Left out, besides the other magics:
whole cells in other languages (`%%bash`, `%%html`, any cell magic not in `PYTHON_CELLS`), because
their text is not Python of this script, and cells that are tagged as meant to fail. A line becomes
`pass` where its block would be empty. As one script the cells share their open figures, and only
the value of the last one is shown.
"""

import ast
import json
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from viscode.text.python_text import ParseFailure, parse

PYTHON_CELLS = frozenset({"capture", "memit", "mprun", "prun", "time", "timeit"})
"""Cell magics whose cell is code of this script."""
MEANT_TO_FAIL = "raises-exception"
"""The tag of a cell whose error does not end the notebook (nbclient)."""
CELL_MARK = "# %%"
"""Between two cells, as in Jupyter's percent format."""
CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w*)[^\n]*\n?")
SPECIAL = re.compile(
    r"[ \t]*+(?:[\w ,.\[\]()*'\"]+= *)?get_ipython\(\)\."
    r"(?:magic|run_line_magic|run_cell_magic|system|getoutput)\(.*"
)
SUSPECT = re.compile(r"[%!?]|>>>|In \[|^[/,;]|\A\s*[ \t]\S|\.magic\(", re.MULTILINE)
MAGIC_LINE = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
NOT_UNDERSTOOD = (
    SyntaxError,
    MemoryError,
    RuntimeError,  # it finds no end
    LookupError,  # `x = %"""` over two lines
    ValueError,
    TypeError,
    AttributeError,
    tokenize.TokenError,
)
"""What IPython raises for cells that it does not understand."""
MAGICS_LIMIT = 100  # in one cell: IPython reads all of it anew for each
AUTOMAGIC_WORDS = """
autoreload cd conda config cp env load load_ext ls matplotlib mkdir mv pip pylab reload_ext rm run
time timeit
"""
AUTOMAGICS = frozenset(AUTOMAGIC_WORDS.split())
"""Magics that are called without their `%` too: IPython allows it in a cell of one line."""
KERNEL_WORDS = """
almond bash c clojupyter clojure cpp csharp deno elixir erlang evcxr fortran fsharp gap gnuplot go
gonb gophernotes haskell ihaskell ijava iperl ir iruby java javascript julia kotlin lua matlab
maxima net node ocaml octave perl php postgres powershell prolog r rapaio ruby rust sas scala scilab
sql stata swift tslab typescript wolfram wolframlanguage xcpp xlua xr xsql
"""
OTHER_KERNELS = frozenset(KERNEL_WORDS.split())
"""Words of the names of kernels that are not Python's, for those that state no language."""
FILLERS = frozenset({"default", "js", "jupyter", "kernel", "language"})
"""What such names say besides; with any other word (`go-plots`) it is an environment's name."""
PYLAB = ("import numpy as np", "import matplotlib.pyplot as plt")
PYLAB_ALL = ("from pylab import *", "from numpy import *")  # the second rebinds fft, power, random
PYLAB_MORE = {
    "numpy": "import numpy",
    "matplotlib": "import matplotlib",
    "pylab": "from matplotlib import pylab",
    "mlab": "from matplotlib import mlab",
    "pyplot": "from matplotlib import pyplot",
    "figsize": "from IPython.core.pylabtools import figsize",
    "getfigs": "from IPython.core.pylabtools import getfigs",
}
"""What `%pylab` binds besides, by name: imported where the script reads it."""


class BadNotebook(ValueError):
    """Why a text is no notebook with a Python kernel."""


class CodeTooLarge(BadNotebook):
    """The code cells are longer than allowed."""


@dataclass(frozen=True)
class NotebookScript:
    """The code, "" where no cell has any; and how many cells are left out as meant to fail."""

    code: str
    meant_to_fail: int


def notebook_script(data: bytes, max_bytes: int) -> NotebookScript:
    """The code of a notebook (format 2 to 4), cells separated by a blank line and `# %%`.

    Raises:
        CodeTooLarge: more than `max_bytes` of code, as UTF-8 and with its magics.
        BadNotebook: not JSON, no list of cells, a cell of another shape, no Python kernel.
    """
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadNotebook(f"not JSON: {error}") from error
    return script_of_object(notebook, max_bytes)


def script_of_object(notebook: object, max_bytes: int) -> NotebookScript:
    """`notebook_script` for a notebook that was read as JSON."""
    if not isinstance(notebook, dict):
        raise BadNotebook("not a JSON object")
    cells = list(_code_cells(notebook))
    stated = _states_python(notebook.get("metadata"), cells)
    sources = [_source(cell, number) for number, cell in cells if not _is_meant_to_fail(cell)]
    if sum(map(_size, sources)) > max_bytes:
        raise CodeTooLarge(f"its code is above {max_bytes} bytes")
    scripts = [_plain_python(source) for source in sources]
    if not stated and not all(map(_parses, scripts)):
        raise BadNotebook("it states no language, and its cells are not Python")
    texts = (script.strip("\n").rstrip() for script in scripts if script.strip())
    text = f"\n\n{CELL_MARK}\n".join(texts)
    code = _with_futures_first(_with_pylab(f"{text}\n")) if text else ""
    return NotebookScript(code, len(cells) - len(sources))


def _size(source: str) -> int:
    try:
        return len(source.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise BadNotebook(f"not valid Unicode: {error.reason}") from error


def _states_python(metadata: object, cells: list[tuple[int, dict[str, Any]]]) -> bool:
    """Whether the notebook says that its language is Python; False where it says nothing.

    Raises:
        BadNotebook: it says something else.
    """
    stated = metadata if isinstance(metadata, dict) else {}
    info, spec = (
        part if isinstance(part, dict) else {}
        for part in (stated.get("language_info"), stated.get("kernelspec"))
    )
    for language in (info.get("name"), spec.get("language"), stated.get("language")):
        if isinstance(language, str) and language:
            if "python" in language.lower():
                return True
            raise BadNotebook(f"the kernel's language is {language}")
    names = [str(spec[key]).lower() for key in ("name", "display_name") if spec.get(key)]
    if any("py" in name for name in names):
        return True
    for words in (frozenset(re.findall("[a-z]+", name)) for name in names):
        if not OTHER_KERNELS.isdisjoint(words) and words <= OTHER_KERNELS | FILLERS:
            raise BadNotebook(f"the kernel's language is {names[0]}")
    return any("language" in cell for _, cell in cells)


def _code_cells(notebook: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number among all cells, cell) of each code cell."""
    for number, cell in enumerate(_cells(notebook), start=1):
        if not isinstance(cell, dict):
            raise BadNotebook(f"cell {number} is no object")
        if cell.get("cell_type") != "code":
            continue
        language = cell.get("language", "python")  # formats 2 and 3 say it in each cell
        if language not in ("python", "ipython"):
            raise BadNotebook(f"the language of cell {number} is {language}")
        yield number, cell


def _source(cell: dict[str, Any], number: int) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise BadNotebook(f"the source of cell {number} is no text")
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _is_meant_to_fail(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and MEANT_TO_FAIL in tags


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
    """The cell without magics, but for calls of `%pylab`."""
    while magic := CELL_MAGIC.match(source):
        if magic["name"] not in PYTHON_CELLS:
            return ""
        source = source[magic.end() :]
    if _is_automagic(source):
        source = f"%{source.strip()}"
    if not SUSPECT.search(source):
        return source
    if sum(1 for _ in MAGIC_LINE.finditer(source)) > MAGICS_LIMIT:
        raise BadNotebook(f"more than {MAGICS_LIMIT} magics in a cell")
    lines = [(line, _plain_line(line)) for line in _transformed(source).split("\n")]
    kept = "\n".join(plain for _, plain in lines if plain is not None)
    if _parses(kept):
        return kept
    return "\n".join(f"{_indent(line)}pass" if plain is None else plain for line, plain in lines)


def _is_automagic(source: str) -> bool:
    line = source.strip()
    if "\n" in line or line.partition(" ")[0] not in AUTOMAGICS:
        return False
    return line == "pylab" or not _parses(line)


def _transformed(source: str) -> str:
    """The cell as IPython runs it: magics are calls of `get_ipython()`."""
    from IPython.core.inputtransformer2 import TransformerManager  # most cells need none of it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code: str = TransformerManager().transform_cell(source)
            return code
    except NOT_UNDERSTOOD as error:
        raise BadNotebook(f"magics not understood: {error}") from error


def _plain_line(line: str) -> str | None:
    """The line without magic; None where nothing is left of it."""
    name, argument = _line_magic(line)
    if name == "pylab":
        return line
    if name == "time" and argument:
        return f"{_indent(line)}{argument}"
    return None if SPECIAL.fullmatch(line) else line


def _line_magic(line: str) -> tuple[str, str]:
    """(name, argument) of a line that is the call of a magic by two literals; else empty."""
    if "magic" not in line:
        return "", ""
    tree = parse(line.strip())
    body = tree.body if isinstance(tree, ast.Module) else []
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    if not isinstance(call, ast.Call) or call.keywords:
        return "", ""
    values = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
    match ast.unparse(call.func), *values:
        case "get_ipython().run_line_magic", str(name), str(argument):
            return name, argument
        case "get_ipython().magic", str(whole):  # as older versions export it
            name, _, argument = whole.strip().removeprefix("%").partition(" ")
            return name, argument
    return "", ""


def _with_pylab(text: str) -> str:
    """The script with imports in the place of `%pylab`, those that bind what it binds
    (IPython.core.pylabtools.import_pylab)."""
    if "magic" not in text:
        return text
    tree = _tree(text)
    nodes = list(ast.walk(tree)) if tree else []
    read = {node.id for node in nodes if isinstance(node, ast.Name)}
    more = [bound for name, bound in PYLAB_MORE.items() if tree is None or name in read]
    lines: list[str] = []
    for line in text.split("\n"):
        name, argument = _line_magic(line)
        if name != "pylab":
            lines.append(line)
            continue
        options = [option for option in argument.split() if option.startswith("--")]
        bare = any("--no-import-all".startswith(option) for option in options)
        imports = [*more, *PYLAB, *(() if bare else PYLAB_ALL)]
        lines += [f"{_indent(line)}{statement}" for statement in imports]
    return "\n".join(lines)


def _with_futures_first(text: str) -> str:
    """The script with `from __future__` imports of later cells at its start, where they have to
    stand; those that share a line with something else stay."""
    tree = _tree(text) if "__future__" in text else None
    if tree is None:
        return text
    lines, late, begun = text.split("\n"), dict[int, str](), False
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            statement = ast.unparse(node)
            if begun and lines[node.lineno - 1].partition("#")[0].rstrip() == statement:
                late[node.lineno - 1] = statement
        elif node is not tree.body[0] or ast.get_docstring(tree) is None:
            begun = True
    if not late:
        return text
    return "\n".join([*late.values(), *(s for n, s in enumerate(lines) if n not in late)])


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _parses(text: str) -> bool:
    return _tree(text) is not None


def _tree(text: str) -> ast.Module | None:
    """The tree of a cell, which may `await` at its top; None where it is not Python."""
    tree = parse(text, awaiting=True)
    return None if isinstance(tree, ParseFailure) else tree
