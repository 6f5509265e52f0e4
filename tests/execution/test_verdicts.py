"""One script, one verdict: status, error type, number of images, blankness."""

import pytest

from viscode.execution.render import Renders
from viscode.execution.verdict import FAILED_RENDERS_LIMIT

pytestmark = pytest.mark.sandbox

PLOT = "import matplotlib.pyplot as plt\n"
PLOTLY = "import plotly.graph_objects as go, io\nfrom PIL import Image\n"
PLOTLY_FIGURE = PLOTLY + "fig = go.Figure(go.Bar(x=[1, 2], y=[3, 4], name='n'))\n"

VERDICTS = {
    # name: (code, changed options, status, error type, number of images, blank)
    "plot": (PLOT + "plt.plot([1, 2])\nplt.show()", {}, "ok", "", 1, [False]),
    "no show": (PLOT + "plt.plot([1, 2])", {}, "ok", "", 1, [False]),
    "last expression": (
        PLOT + "f, a = plt.subplots()\na.plot([1, 2])\nplt.close()\nf",
        {},
        "ok",
        "",
        1,
        [False],
    ),
    "two figures": (
        PLOT + "plt.plot([1, 2])\nplt.figure()\nplt.bar([1], [2])",
        {},
        "ok",
        "",
        2,
        [False, False],
    ),
    "blank axes": (PLOT + "plt.subplots(2, 2)", {}, "ok", "", 1, [True]),
    "one point of a line": (PLOT + "plt.plot([1])", {}, "ok", "", 1, [True]),
    "annotated axes": (PLOT + "plt.text(.5, .5, 'x')", {}, "ok", "", 1, [False]),
    "no image": ("print(1)", {}, "ok", "", 0, []),
    "empty": ("", {}, "ok", "", 0, []),
    "plotly show": (PLOTLY_FIGURE + "fig.show()", {}, "ok", "", 1, [False]),
    "plotly empty": (PLOTLY + "go.Figure()", {}, "ok", "", 1, [True]),
    "plotly file image": (
        PLOTLY_FIGURE + "fig.add_layout_image(source='file:///etc/hosts')\nfig",
        {},
        "ok",
        "RenderError",
        0,
        [],
    ),
    "exception after drawing": (
        PLOT + "plt.plot([1, 2])\nplt.show()\n1 / 0",
        {},
        "error",
        "ZeroDivisionError",
        1,
        [False],
    ),
    "syntax error": ("print 'x'", {}, "error", "SyntaxError", 0, []),
    "sys.exit": ("import sys\nsys.exit(0)", {}, "ok", "", 0, []),
    "input": ("input()", {}, "error", "StdinNotImplementedError", 0, []),
    "saved, not counted": (
        PLOT + "plt.plot([1, 2])\nplt.savefig('a')\nplt.close()",
        {},
        "ok",
        "",
        0,
        [],
    ),
    "saved, counted": (
        PLOT + "plt.plot([1, 2])\nplt.savefig('a')\nplt.title('t')\nplt.savefig('b.jpg')\n"
        "plt.close()",
        {"saved_files": True},
        "ok",
        "",
        2,
        [False, False],
    ),
    "saved twice, counted once": (
        PLOT + "plt.plot([1, 2])\nplt.savefig('a')\nplt.savefig('b.jpg')\nplt.close()",
        {"saved_files": True},
        "ok",
        "",
        1,
        [False],
    ),
    "not drawable when the cell is over": (
        PLOT + "plt.plot([1, 2])\nplt.title('$\\\\frac{$')",
        {},
        "error",
        "ValueError",
        0,
        [],
    ),
    "not a PNG": (
        "from IPython.display import publish_display_data as p\np({'image/png': 'aGVsbG8='})",
        {},
        "ok",
        "BadImage",
        0,
        [],
    ),
    "endless": (
        PLOT + "plt.plot([1, 2])\nwhile True: pass",
        {"timeout_s": 2.0},
        "timeout",
        "KeyboardInterrupt",
        1,
        [False],
    ),
    "swallowed interrupt": (
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(99)",
        {"timeout_s": 1.0},
        "killed",
        "TimeLimit",
        0,
        [],
    ),
    "os._exit": ("import os\nos._exit(3)", {}, "died", "KernelDied", 0, []),
    "segfault": ("import ctypes\nctypes.string_at(0)", {}, "died", "KernelDied", 0, []),
    "memory": (
        "kept = []\nwhile True: kept.append(bytearray(40_000_000))",
        {"memory_mb": 600},
        "killed",
        "MemoryLimit",
        0,
        [],
    ),
}


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(name, engine, execute):
    code, changes, status, error_type, count, blank = VERDICTS[name]
    execution = execute(code, engine=engine, **changes)
    assert (
        execution.status,
        execution.error_type,
        len(execution.images),
        list(execution.blank),
    ) == (status, error_type, count, blank), execution.error_message


def test_more_prints_than_memory(execute):
    """The warm engine keeps none of them; the notebook's kernel queues what is not fetched yet."""
    execution = execute("for _ in range(900): print('x' * 10**6)\n1 / 0", memory_mb=700)
    assert (execution.status, execution.error_type) == ("error", "ZeroDivisionError")


def test_figures_that_cannot_be_drawn_are_not_tried_without_end(execute, monkeypatch):
    tried, render = [], Renders.render

    def counted(self, figure):
        tried.append(figure)
        return render(self, figure)

    monkeypatch.setattr(Renders, "render", counted)
    code = "import plotly.express as px\nfor _ in range(9): px.choropleth(locations=['FRA']).show()"
    execution = execute(code)
    assert (execution.status, execution.error_type) == ("ok", "NeedsNetwork")
    assert len(tried) == FAILED_RENDERS_LIMIT


def test_traceback_is_that_of_a_notebook_without_machine_paths(execute):
    execution = execute("import json\n\njson.loads('{')")
    assert execution.error_type == "JSONDecodeError"
    assert "----> 3 json.loads('{')" in execution.error
    assert "json/decoder.py" in execution.error
    assert not any(part in execution.error for part in ("\x1b", ".venv-plots", "pyenv", "/work"))


def test_stdout_head_and_data_file(execute):
    execution = execute("print(open('data.csv').read(), object())", files={"data.csv": b"a,b"})
    assert execution.stdout_head == "a,b <object object at 0x0>\n"


def test_flood_of_output_keeps_the_verdict(execute):
    execution = execute("for _ in range(30): print('x' * 10**6)\n1 / 0")
    assert (execution.status, execution.error_type) == ("error", "ZeroDivisionError")
    assert len(execution.stdout_head) == 2000


def test_argv_is_that_of_a_script_and_path_that_of_a_notebook(execute):
    execution = execute(
        "import sys\nprint(sys.argv, '' in sys.path, '__file__' in globals(),"
        " sorted(k for k in globals() if 'viscode' in k))"
    )
    assert execution.stdout_head == "[''] True False []\n"
