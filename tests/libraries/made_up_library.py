"""A program in whose registry stands one entry more, for a library that nobody knows.

`python made_up_library.py WHAT...`: prints as JSON what the rest of the program then makes of it.
"""

import importlib.util
import json
import sys
import tempfile
import types
from pathlib import Path

REGISTRY = "viscode.libraries.registry"
LIST = "LIBRARIES: tuple[PlottingLibrary, ...] = (\n"
ENTRY = """
    PlottingLibrary(
        name="sketchy",
        roots=("sketchy",),
        setup=_words("use_theme"),
        figure_mime="application/vnd.sketchy+json",
        facts="plotly",
        benchmark=Benchmarked(imports="import sketchy as sk", forbids="matplotlib"),
    ),
"""
ROOT = Path(__file__).parents[2]
USES = "import sketchy as sk\nsk.use_theme('dark')\nsk.Figure([3, 1, 2])"
FIGURE = "import sketchy as sk\nsk.Figure([3, 1, 2])"
MODULE = b"""
class Figure:
    def __init__(self, y):
        self.y = y

    def _repr_mimebundle_(self, **given):
        trace = {"type": "bar", "y": self.y}
        return {"application/vnd.sketchy+json": {"data": [trace], "layout": {}}, "text/html": "a"}
"""


def add_entry() -> None:
    """Load the registry with the entry, before anything reads it."""
    found = importlib.util.find_spec(REGISTRY)
    assert found is not None
    assert found.origin is not None
    text = Path(found.origin).read_text()
    assert text.count(LIST) == 1
    module = sys.modules[REGISTRY] = types.ModuleType(REGISTRY)
    exec(compile(text.replace(LIST, LIST + ENTRY), found.origin, "exec"), module.__dict__)  # noqa: S102


def source_file(text: str):  # type: ignore[no-untyped-def]
    from viscode.core.hashing import content_id
    from viscode.core.records import Origin, SourceFile

    origin = Origin(kind="sample", name="test")
    return SourceFile(id=content_id(text), source="files", licence="", text=text, origin=origin)


def selection() -> object:
    """The metrics of a file that draws with it, one that sets it up and one that names it."""
    from functools import partial

    from viscode.core.records import SelectedFile
    from viscode.core.transform import transform
    from viscode.libraries.counting import library_metrics
    from viscode.libraries.selection import select_file
    from viscode.settings.select import SelectSettings

    settings = SelectSettings(libraries=["sketchy"], max_chars=1000).model_dump()
    texts = (USES, "import sketchy\nsketchy.use_theme('dark')", "x = 'sketchy'")
    with tempfile.TemporaryDirectory() as folder:
        out, files = Path(folder) / "selected", map(source_file, texts)
        tally = transform(files, partial(select_file, **settings), SelectedFile, out)
        return library_metrics(tally, out)


def benchmark() -> object:
    """What the benchmark asks for, the cell of protocol `paper`, and the report's order."""
    from pydantic import TypeAdapter

    from viscode.bench.paper_code import cell
    from viscode.bench.prompts import messages, wording
    from viscode.core.records import Task
    from viscode.report.loading import LIBRARY_ORDER
    from viscode.settings.bench import Library

    library = TypeAdapter(Library).validate_python("sketchy")
    task = Task(
        id="t",
        number=1,
        licence="",
        code_data=None,
        data_csv="x\n1\n",
        code_plot=None,
        plot_description="Bars.",
        plot_style="",
        plots_gt=(),
    )
    asked = messages(task, library, "empty", wording("builtin"))
    shown = cell(task, USES, library).source
    return {"prompt": asked[1].content, "cell": shown, "report": LIBRARY_ORDER}


def execution() -> object:
    """What is seen of its figure, by each engine."""
    from viscode.core.records import Script
    from viscode.execution.engine import RunOptions, run

    found = {}
    for engine in ("warm", "notebook"):
        options = RunOptions(
            python=ROOT / ".venv-plots/bin/python",
            lock=ROOT / "envs/plots.lock",
            timeout_s=60,
            memory_mb=1500,
            workers=1,
            isolation="auto",
            saved_files=False,
            engine=engine,
        )
        script = Script(id="one", code=FIGURE, files={"sketchy.py": MODULE})
        (done,) = run([script], options)
        facts = json.loads(done.facts)
        found[engine] = [
            done.status,
            done.error,
            len(done.images),
            [f and f["axes"] for f in facts],
        ]
    return found


if __name__ == "__main__":
    add_entry()
    asked_for = {"selection": selection, "benchmark": benchmark, "execution": execution}
    print(json.dumps({what: asked_for[what]() for what in sys.argv[1:]}))
