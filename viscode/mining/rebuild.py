"""Chart samples -> runnable scripts (paper 3.1): CoSyn keeps code and data apart.

Its code only defines a function of a frame, so the script gets the data's header and first rows
as a comment, `df = pd.read_csv("data.csv")`, and the call, whose value stands last so that a
notebook displays it. The data set's own generator runs the code the same way, with `pd` in the
namespace and the plain frame; so does this. Code that already does a part of it keeps its part.
"""

import ast
from enum import StrEnum

from viscode.hashing import content_id
from viscode.mining.csvtext import CsvProblem, CsvTable, read_csv
from viscode.mining.libraries import usage
from viscode.mining.names import aliases, dotted
from viscode.mining.notation import notation, unfenced
from viscode.mining.plotfunction import PlotFunction, find_function
from viscode.mining.syntax import ParseFailure, parse
from viscode.outcomes import Kept, Rejected
from viscode.records import Block, ChartSample
from viscode.settings.rebuild import RebuildSettings

REBUILT = "rebuilt"
DATA_FILE = "data.csv"


class RebuildReason(StrEnum):
    VEGA_LITE = "vega_lite"
    LATEX = "latex"
    HTML = "html"
    MERMAID = "mermaid"
    NOT_PYTHON = "not_python"
    SYNTAX_ERROR = "syntax_error"
    NO_PLOTTING = "no_plotting"
    NO_FUNCTION = "no_function"
    EMPTY_DATA = "empty_data"
    BAD_CSV = "bad_csv"


OTHER_NOTATIONS = {
    "vega_lite": RebuildReason.VEGA_LITE,
    "latex": RebuildReason.LATEX,
    "html": RebuildReason.HTML,
    "mermaid": RebuildReason.MERMAID,
    "other": RebuildReason.NOT_PYTHON,
}


def rebuild_chart(sample: ChartSample, settings: RebuildSettings) -> Kept[Block] | Rejected:
    """The runnable script for one sample, its CSV beside it as data.csv."""
    code = unfenced(sample.code)
    if reason := OTHER_NOTATIONS.get(notation(code)):
        return Rejected(reason)
    tree = parse(code)
    if isinstance(tree, ParseFailure):
        return Rejected(RebuildReason.SYNTAX_ERROR, tree.message)
    libraries = usage(tree).drawn
    if not libraries:
        return Rejected(RebuildReason.NO_PLOTTING)
    function = find_function(tree)
    if function is None:
        return Rejected(RebuildReason.NO_FUNCTION)
    try:
        table = read_csv(sample.data_csv)
    except CsvProblem as problem:
        return Rejected(RebuildReason.BAD_CSV, str(problem))
    if len(table.rows) < 2:
        return Rejected(RebuildReason.EMPTY_DATA)
    script = _script(code, tree, function, table, settings.preview_rows)
    return Kept(
        [
            Block(
                id=content_id(REBUILT, sample.id, script, table.text),
                source=sample.source,
                origin=sample.origin,
                licence=sample.licence,
                parent_id=sample.id,
                code=script,
                libraries=libraries,
                method=REBUILT,
                data_csv=table.text,
            )
        ]
    )


def _script(
    code: str, tree: ast.Module, function: PlotFunction, table: CsvTable, preview_rows: int
) -> str:
    head = f"# {DATA_FILE}\n{table.preview(preview_rows)}"
    body = code.strip("\n").rstrip()
    if aliases(tree).get("pd") != "pandas":
        body = _with_import(code, tree, "import pandas as pd")
    return f"{head}{body}\n{_missing_calls(tree, function, table)}"


def _with_import(code: str, tree: ast.Module, line: str) -> str:
    """The code with `line` before its first statement that may follow an import."""
    lines, after = code.rstrip().split("\n"), 0
    for position, node in enumerate(tree.body):
        docstring = (
            position == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not docstring and not future:
            break
        after = node.end_lineno or after
    return "\n".join([*lines[:after], line, *lines[after:]]).strip("\n")


def _missing_calls(tree: ast.Module, function: PlotFunction, table: CsvTable) -> str:
    last = tree.body[-1]
    if function.called and isinstance(last, ast.Expr):
        return ""
    bound = aliases(tree)
    loads = any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and dotted(node.value.func, bound) == "pandas.read_csv"
        and node.value.args
        and isinstance(path := node.value.args[0], ast.Constant)
        and path.value == DATA_FILE
        and any(isinstance(target, ast.Name) and target.id == "df" for target in node.targets)
        for node in tree.body
    )
    index = ", index_col=0" if not table.rows[0][0].strip() and function.wants_index else ""
    load = "" if loads else f'df = pd.read_csv("{DATA_FILE}"{index})\n'
    return f"\n{load}{function.name}(df)\n"
