"""Many cells in one kernel: what passes from cell to cell, each cell's clock, and its end."""

from dataclasses import replace

import pytest

from viscode.core.workstore import WorkStore
from viscode.execution.engine import Crew
from viscode.execution.session import WORK_AT, Cell, run_session, session_key

pytestmark = pytest.mark.sandbox

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
RENDER = "%matplotlib inline\n"
SLOW_EXPORT = """import plotly.graph_objects as go, signal
def ring(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, ring)
figure = go.Figure(go.Scatter(y=[1, 2]))
figure.to_image("png", width=50, height=50)
signal.setitimer(signal.ITIMER_REAL, 0.1)
figure.to_image("png", width=6000, height=6000)"""
QUICK_EXPORT = """import plotly.graph_objects as go, struct
image = go.Figure(go.Scatter(y=[1, 2])).to_image("png", width=123, height=77)
print(struct.unpack(">II", image[16:24]))"""


@pytest.fixture(scope="module")
def session(options):
    def run(*sources, store=None, **changes):
        cells = [source if isinstance(source, Cell) else Cell(source) for source in sources]
        return run_session(cells, replace(options, **changes), store)

    return run


def brief(executions):
    return [(e.status, e.error_type, len(e.images)) for e in executions]


def test_cells_share_names_and_go_on_after_an_error(session):
    found = session("x = 1\n1 / 0\ny = 2", "print(x)", "print(y)", "%reset -f", "print(x)")
    assert brief(found) == [
        ("error", "ZeroDivisionError", 0),
        ("ok", "", 0),
        ("error", "NameError", 0),
        ("ok", "", 0),
        ("error", "NameError", 0),
    ]
    assert found[1].stdout_head == "1\n"
    assert "1 / 0" in found[0].error and "division by zero" in found[0].error_message
    assert [e.id for e in found] == list("01234")


def test_images_are_those_displayed_with_their_facts(session):
    found = session(
        RENDER + PLOT,
        "plt.close('all')\nfig, ax = plt.subplots()\nax.bar([1], [2])\nplt.close(fig)\nfig",
        "display(fig)\ndisplay(fig)",
        "from IPython.display import Image\nImage(data=b'no picture', format='png')",
        "display(Image(data=b'no picture', format='png'))",
        f"{PLOT}plt.show()\n1 / 0",
    )
    assert [len(e.images) for e in found] == [1, 0, 2, 0, 0, 1]
    assert '"kinds":["line"]' in found[0].facts and '"kinds":["bar"]' in found[2].facts
    assert found[4].error_type == "BadImage" and found[5].status == "error"


def test_outputs_end_with_their_cell(session):
    found = session("print('a')", "print('b')", "pass")
    assert [e.stdout_head for e in found] == ["a\n", "b\n", ""]


def test_files_lie_where_cells_find_them(session):
    cells = [
        Cell(f"print(open('{WORK_AT}/a.txt').read())", {"a.txt": b"one"}),
        Cell("print(open('b.txt').read()); open('c.txt', 'w').write('left')", {"b.txt": b"two"}),
        Cell("print(open('c.txt').read())"),
    ]
    assert [e.stdout_head.strip() for e in session(*cells)] == ["one", "two", "left"]


def test_each_cell_has_its_own_time(session):
    nap = "import time\ntime.sleep(1.2)"
    loop = "import time\ntime.sleep(99)"
    caught = "try:\n    time.sleep(99)\nexcept KeyboardInterrupt:\n    print('caught')"
    found = session(nap, nap, nap, loop, "print('on')", caught, timeout_s=3)
    assert brief(found)[:3] == [("ok", "", 0)] * 3
    assert brief(found)[3:] == [("timeout", "KeyboardInterrupt", 0), ("ok", "", 0), ("ok", "", 0)]
    assert [e.stdout_head for e in found[4:]] == ["on\n", "caught\n"]


ENDINGS = {
    "exit()": ("exit()", ("ok", "", 0)),
    "os._exit": ("import os; os._exit(3)", ("error", "DeadKernelError", 0)),
    "signal": ("import os; os.kill(os.getpid(), 9)", ("error", "DeadKernelError", 0)),
    "memory": ("b = b'x' * (1 << 30)", ("error", "DeadKernelError", 0)),
    "stays past its interrupt": (
        "import time\nwhile True:\n  try: time.sleep(99)\n  except BaseException: pass",
        ("error", "DeadKernelError", 0),
    ),
}


@pytest.mark.parametrize(("last", "own"), ENDINGS.values(), ids=ENDINGS)
def test_a_kernel_s_end_is_the_session_s(session, last, own):
    found = session("print(1)", last, "print(2)", "print(3)", timeout_s=3, memory_mb=700)
    dead = ("error", "DeadKernelError", 0)
    assert brief(found) == [("ok", "", 0), own, dead, dead]
    assert found[2].error.startswith("DeadKernelError: Kernel died")


def test_what_a_cell_showed_before_it_ended_the_kernel_is_kept(session):
    sent = "import os, time\ntime.sleep(1)"  # a thread of the kernel sends it
    (found,) = session(f"{RENDER}{PLOT}plt.show()\n{sent}\nos._exit(0)")
    assert brief([found]) == [("error", "DeadKernelError", 1)]


def test_an_interrupted_export_leaves_its_picture_to_nobody(session):
    slow, quick = session(SLOW_EXPORT, QUICK_EXPORT)
    assert (slow.status, slow.error_type) == ("error", "KeyboardInterrupt")
    assert quick.stdout_head == "(123, 77)\n"


def test_code_that_is_no_text_is_judged_unrun(session):
    found = session("x = 1", "print('\ud800')", "print(x)")
    assert brief(found) == [("ok", "", 0), ("error", "SyntaxError", 0), ("ok", "", 0)]


def test_a_session_is_stored_as_a_whole(session, tmp_path):
    with WorkStore(tmp_path / "work.sqlite") as store:
        first = session("import time\nprint(time.time())", RENDER + PLOT, store=store)
        again = session("import time\nprint(time.time())", RENDER + PLOT, store=store)
        other = session("import time\nprint(time.time())", "pass", store=store)
    assert again == [e.model_copy(update={"id": str(i)}) for i, e in enumerate(first)]
    assert other[0].stdout_head != first[0].stdout_head


CELLS = [Cell("a", {"f": b"1"}), Cell("b")]
CHANGED = {
    "order": (CELLS[::-1], {}),
    "text": ([CELLS[0], Cell("c")], {}),
    "file": ([Cell("a", {"f": b"2"}), Cell("b")], {}),
    "one more": ([*CELLS, Cell("b")], {}),
    "time": (CELLS, {"timeout_s": 1.0}),
    "memory": (CELLS, {"memory_mb": 999}),
}


@pytest.mark.parametrize(("cells", "changes"), CHANGED.values(), ids=CHANGED)
def test_the_key_is_of_all_that_decides(options, cells, changes):
    key = session_key(CELLS, Crew(options, None))
    assert session_key(cells, Crew(replace(options, **changes), None)) != key
    assert session_key(list(CELLS), Crew(replace(options, workers=7), None)) == key


def test_no_cells_start_nothing(session):
    assert session(python=None) == []
