"""Chart samples -> runnable scripts (paper 3.1): CoSyn keeps code and data apart.

Its code only defines a function of a frame, so the script gets the data's header and first rows
as a comment, `df = pd.read_csv("data.csv")`, and the call, whose value stands last so that a
notebook displays it. The data set's own generator runs the code the same way, with `pd` in the
namespace and the plain frame; so does this. Code that already does a part of it keeps its part.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from viscode.charts.chart_script import bound_names, complete, without_guard
from viscode.charts.csvmend import read_table
from viscode.charts.csvtext import CsvProblem, CsvTable
from viscode.charts.frame_call import DATA_FILE, Call, Missing, frame_call
from viscode.charts.notation import notation
from viscode.charts.plotfunction import Plotter, plotters
from viscode.charts.shown_value import shown
from viscode.charts.supplied import Facts, takes_axes
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import Progress
from viscode.core.records import Block, ChartSample
from viscode.libraries.counting import transform_counting
from viscode.libraries.detect import usage
from viscode.libraries.names import aliases
from viscode.libraries.syntax import BOM, ParseFailure, parse
from viscode.settings.rebuild import RebuildSettings
from viscode.text.markdown import unfenced
from viscode.text.python_text import TOO_DEEP

REBUILT = "rebuilt"
FIRST_COLUMN = re.compile(
    r"Unnamed|columns\s*\[\s*0|columns\s*\[:\s*1|iloc\s*\[\s*:\s*,\s*0|set_index|reset_index"
)


class RebuildReason(StrEnum):
    VEGA_LITE = "vega_lite"
    LATEX = "latex"
    HTML = "html"
    SVG = "svg"
    MERMAID = "mermaid"
    GRAPHVIZ = "graphviz"
    ASYMPTOTE = "asymptote"
    LILYPOND = "lilypond"
    PLANTUML = "plantuml"
    R = "r"
    JAVASCRIPT = "javascript"
    NOT_PYTHON = "not_python"
    SYNTAX_ERROR = "syntax_error"
    NO_PLOTTING = "no_plotting"
    NO_FUNCTION = "no_function"
    ASYNC_FUNCTION = "async_function"
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
            mended.update(mend for block in result.records for mend in block.mends)
        return result

    metrics = transform_counting(samples, step, Block, out, line)
    return {**metrics, "mended": dict(sorted(mended.items()))}


def rebuild_chart(sample: ChartSample, settings: RebuildSettings) -> Kept[Block] | Rejected:
    """The runnable script for one sample, its CSV beside it as data.csv."""
    parsed = _python(unfenced(_plain(sample.code)).removesuffix("\n"))
    if isinstance(parsed, Rejected):
        return parsed
    code, tree = parsed
    facts = _facts(sample, tree)
    if not facts.libraries:
        return Rejected(RebuildReason.NO_PLOTTING)
    chosen = _choose(tree, facts)
    if isinstance(chosen, Rejected):
        return chosen
    table = _table(sample.data_csv, tree)
    if isinstance(table, Rejected):
        return table
    plotter, call = chosen
    last, options = shown(call, plotter, tree, facts), _options(table, plotter)
    body = complete(code, tree, plotter.name, call, last, facts, options)
    script = f"# {DATA_FILE}\n{table.preview(settings.preview_rows)}{body}"
    return Kept([_block(sample, script, facts.libraries, table)])


def _plain(text: str) -> str:
    """Without a byte order mark; line ends are \\n."""
    return text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")


def _python(code: str) -> tuple[str, ast.Module] | Rejected:
    """The code without its main block, and its tree."""
    language = notation(code)
    if language == "other":
        return Rejected(RebuildReason.NOT_PYTHON)
    if language != "python":
        return Rejected(RebuildReason(language))
    whole = parse(code)
    if isinstance(whole, ParseFailure):
        if whole.message == TOO_DEEP:
            return Rejected(RebuildReason.TOO_DEEP)
        return Rejected(RebuildReason.SYNTAX_ERROR, whole.message)
    rest = without_guard(code, whole)
    tree = parse(rest)
    return (code, whole) if isinstance(tree, ParseFailure) else (rest, tree)


def _facts(sample: ChartSample, tree: ast.Module) -> Facts:
    used = usage(tree)
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return Facts(
        topic=sample.topic,
        figure_type=sample.figure_type,
        libraries=used.drawn or (used.imported if takes_axes(tree) else ()),
        bound=aliases(tree),
        names=bound_names(tree.body),
        loads_file=DATA_FILE in texts,
    )


def _choose(tree: ast.Module, facts: Facts) -> tuple[Plotter, Call] | Rejected:
    """The likeliest callable that takes the data, with its call."""
    for plotter in plotters(tree):
        call = frame_call(plotter, facts)
        if call is None:
            continue
        if plotter.awaits:
            return Rejected(RebuildReason.ASYNC_FUNCTION, plotter.name)
        if isinstance(call, Missing):
            return Rejected(RebuildReason.NEEDS_ARGUMENT, f"{plotter.name}: {call.parameter}")
        return plotter, call
    return Rejected(RebuildReason.NO_FUNCTION)


def _table(data: str, tree: ast.Module) -> CsvTable | Rejected:
    words = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    words |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    try:
        table = read_table(data, words)
    except CsvProblem as problem:
        return Rejected(RebuildReason.BAD_CSV, str(problem))
    return table if len(table.rows) > 1 else Rejected(RebuildReason.EMPTY_DATA)


def _options(table: CsvTable, plotter: Plotter) -> str:
    """What read_csv must be told besides the path. An unnamed first column is the index for code
    that reads the index and never the first column."""
    if table.delimiter != ",":
        return f", sep={json.dumps(table.delimiter)}"
    text = ast.unparse(plotter.definition)
    wants_index = ".index" in text and not FIRST_COLUMN.search(text)
    return ", index_col=0" if wants_index and not table.rows[0][0].strip() else ""


def _block(sample: ChartSample, script: str, libraries: tuple[str, ...], table: CsvTable) -> Block:
    return Block(
        id=content_id(REBUILT, sample.id, script, table.text),
        **sample.descent(),
        code=script,
        libraries=libraries,
        method=REBUILT,
        data_csv=table.text,
        mends=tuple(map(str, table.mends)),
    )
