"""Chart samples -> runnable scripts (paper 3.1): CoSyn keeps code and data apart.

Its code only defines `generate_plot(df)` or `generate_table(df)`, which returns an image. So the
script gets the data's header and first rows as a comment, `df = pd.read_csv("data.csv")`, and the
call, whose value stands last so that a notebook displays it. The generator of the data set runs the
code in the same way, with the plain frame. Functions of other names are called alike; what takes
more than the frame, loads its data itself or stands in a class is not looked into.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from viscode.charts.csv_table import CsvTable, read_csv_table
from viscode.charts.csv_text import CsvProblem
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import Progress
from viscode.core.records import Block, ChartSample
from viscode.core.transform import transform
from viscode.libraries.counting import library_metrics
from viscode.libraries.detect import Drawings, library_use
from viscode.libraries.names import aliases, reached
from viscode.settings.rebuild import RebuildSettings
from viscode.text.markdown import unfenced
from viscode.text.python_text import BOM, TOO_DEEP, ParseFailure, parse

REBUILT = "rebuilt"
DATA_FILE = "data.csv"
USUAL_NAMES = ("generate_plot", "generate_table")
OPTIONAL_FRAMES = ("df", "data")
PYTHON_LINE = re.compile(
    r"""^\s*(?:import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:,|\#|;[ \t]*import\b|$)
    | from[ \t]+[\w.]+[ \t]+import\b | (?:async[ \t]+)?def[ \t]+\w+[ \t]*\(
    | class[ \t]+\w+[^\n{]*:)""",
    re.MULTILINE | re.VERBOSE,
)
"""A line that Python has, and LaTeX, HTML, Vega-Lite, JavaScript and the like have not."""
FIRST_COLUMN = re.compile(
    r"Unnamed|columns\s*\[\s*0|columns\s*\[:\s*1|iloc\s*\[\s*:\s*,\s*0|set_index|reset_index"
)
MOST_LOOKED_AT = 50  # functions; each look walks the whole module


class RebuildReason(StrEnum):
    NOT_PYTHON = "not_python"
    SYNTAX_ERROR = "syntax_error"
    NO_PLOTTING = "no_plotting"
    NO_FUNCTION = "no_function"
    NEEDS_ARGUMENT = "needs_argument"
    EMPTY_DATA = "empty_data"
    BAD_CSV = "bad_csv"
    TOO_DEEP = "too_deep"


def rebuild_charts(
    samples: Iterable[ChartSample],
    settings: RebuildSettings,
    out: Path,
    line: Progress | None = None,
) -> dict[str, object]:
    """Write the scripts of all samples, each with its outcome; returns the stage's metrics, with
    {"mended": {what was changed in a table: scripts}}."""
    mended: Counter[str] = Counter()

    def step(sample: ChartSample) -> Kept[Block] | Rejected:
        result = rebuild_chart(sample, settings)
        if isinstance(result, Kept):
            mended.update(mend for block in result.records for mend in block.edits)
        return result

    metrics = library_metrics(transform(samples, step, Block, out, line), out)
    return {**metrics, "mended": dict(sorted(mended.items()))}


def rebuild_chart(sample: ChartSample, settings: RebuildSettings) -> Kept[Block] | Rejected:
    """The runnable script for one sample, its CSV beside it as data.csv."""
    plain = sample.code.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
    parsed = _python(unfenced(plain).removesuffix("\n"))
    if isinstance(parsed, Rejected):
        return parsed
    code, tree = parsed
    libraries = library_use(tree).drawn
    if not libraries:
        return Rejected(RebuildReason.NO_PLOTTING)
    function = _likeliest(tree)
    if function is None:
        return Rejected(RebuildReason.NO_FUNCTION)
    call = _call(function)
    if isinstance(call, Rejected):
        return call
    words = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    words |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    try:
        table = read_csv_table(sample.data_csv, words)
    except CsvProblem as problem:
        return Rejected(RebuildReason.BAD_CSV, str(problem))
    if len(table.rows) < 2:
        return Rejected(RebuildReason.EMPTY_DATA)
    script = (
        f"# {DATA_FILE}\n{table.preview(settings.preview_rows)}"
        f"{_complete(code, tree, call, _options(table, function))}"
    )
    block = Block(
        id=content_id(REBUILT, sample.id, script, table.text),
        **sample.descent(),
        code=script,
        libraries=libraries,
        method=REBUILT,
        data_csv=table.text,
        edits=tuple(map(str, table.mends)),
    )
    return Kept([block])


def _python(code: str) -> tuple[str, ast.Module] | Rejected:
    """The code and its tree, without `if __name__ == "__main__":` blocks: they call the function
    with made-up data or a file that does not exist."""
    if PYTHON_LINE.search(code) is None:
        return Rejected(RebuildReason.NOT_PYTHON)
    tree = parse(code)
    if isinstance(tree, ParseFailure):
        if tree.message == TOO_DEEP:
            return Rejected(RebuildReason.TOO_DEEP)
        return Rejected(RebuildReason.SYNTAX_ERROR, tree.message)
    lines = code.split("\n")
    for node in reversed(tree.body):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            del lines[node.lineno - 1 : node.end_lineno]
            tree.body.remove(node)
    return "\n".join(lines), tree


def _likeliest(tree: ast.Module) -> ast.FunctionDef | None:
    """The function that draws the chart: one of a usual name, else the last whose call draws and
    that no other one calls."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    calls = {
        (one.name, node.func.id)
        for one in functions
        for node in ast.walk(one)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    helpers = {name for caller, name in calls if caller != name}
    for one in functions[::-1]:
        if one.name in USUAL_NAMES:
            return one
    drawings = Drawings(tree)
    for one in [one for one in functions[::-1] if one.name not in helpers][:MOST_LOOKED_AT]:
        called = ast.Module([*tree.body, *ast.parse(f"{one.name}()").body], [])
        if any(drawings.among(reached(called).nodes)):
            return one
    return None


def _call(function: ast.FunctionDef) -> str | Rejected:
    """The call with the frame `df`: for the only required parameter, or an optional one of the
    usual name."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    keyword = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    required = positional[: len(positional) - len(given.defaults)]
    required += [one for one, default in keyword if default is None]
    frames = required or [
        one for one in (*positional, *given.kwonlyargs) if one.arg in OPTIONAL_FRAMES
    ]
    if not frames:
        return Rejected(RebuildReason.NO_FUNCTION)
    by_name = frames[0] not in positional[:1]
    if len(required) > 1 or (by_name and frames[0] in given.posonlyargs):
        names = ", ".join(one.arg for one in frames)
        return Rejected(RebuildReason.NEEDS_ARGUMENT, f"{function.name}: {names}")
    return f"{function.name}({f'{frames[0].arg}=' if by_name else ''}df)"


def _options(table: CsvTable, function: ast.FunctionDef) -> str:
    """Arguments of read_csv after the path. An unnamed first column is the index for code
    that reads the index and never the first column."""
    if table.delimiter != ",":
        return f", sep={json.dumps(table.delimiter)}"
    text = ast.unparse(function)
    wants_index = ".index" in text and not FIRST_COLUMN.search(text)
    return ", index_col=0" if wants_index and not table.rows[0][0].strip() else ""


def _complete(code: str, tree: ast.Module, call: str, options: str) -> str:
    """The code with the import of pandas, the loading of the data and the call; what it has of
    them already stays as it is."""
    lines, place = code.rstrip().split("\n"), 0
    for position, node in enumerate(tree.body):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not future and (position or not docstring):
            break
        place = node.end_lineno or place
    if aliases(ast.walk(tree)).get("pd") != "pandas":
        lines.insert(place, "import pandas as pd")
    body = "\n".join(lines).strip("\n")
    loads = f"df = pd.read_csv({DATA_FILE!r}"
    loading = f'df = pd.read_csv("{DATA_FILE}"{options})\n'
    if any(ast.unparse(node).startswith(loads) for node in tree.body):
        if ast.unparse(tree.body[-1]) == call:
            return f"{body}\n"
        loading = ""
    return f"{body}\n\n{loading}{call}\n"
