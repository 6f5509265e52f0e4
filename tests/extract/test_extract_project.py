"""The stages from files on disk to blocks, as DVC starts them, in projects of their own: killed and
started again, with one more file, and with files that do harm wherever they run."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from viscode.core.records import Block, SourceFile, UnmadeFigures
from viscode.core.tables import read_table
from viscode.core.transform import UNMADE_PREFIX, read_outcomes

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
PLT = "import matplotlib.pyplot as plt\n"
FILES = {
    "alone.py": PLT + "plt.plot([1, 2])\nplt.show()\n",
    "more.py": PLT + "print('hello')\nplt.bar(['a', 'b'], [3, 4])\nplt.title('b')\nplt.show()\n",
    "frame.py": PLT + "import pandas as pd\ndf = pd.read_csv('people.csv')\n"
    "plt.scatter(df['age'], df['income'])\nplt.xlabel('age')\nplt.savefig('out/people.png')\n",
    "lengths.py": PLT + "from lib import load\nx = load()\nplt.bar(['a', 'b', 'c'], x)\n"
    "plt.title('t')\n",
    "renamed.py": PLT + "plt.hist([1, 2, 2], normed=True)\nplt.style.use('seaborn-whitegrid')\n",
    "unheard.py": PLT + "fig, ax = plt.subplots()\nax.plot([1, 2])\nax.set_unheard(3)\n",
    "module.py": PLT + "from names import TITLE\nplt.plot([3, 1])\nplt.title(TITLE)\n",
    "names.py": "TITLE = 'from a module of the same folder'\n",
    "two.py": PLT + "plt.figure()\nplt.plot([1, 2])\nplt.title('one')\nplt.figure()\n"
    "plt.plot([1, 2], [1, 2, 3])\nplt.title('two')\n",
    "unequal.py": PLT + "plt.figure()\nplt.plot([1, 2], [1, 2, 3])\nplt.figure()\n"
    "plt.pie([1, 'x'])\n",
    "made_up.py": PLT + "def show(x):\n    plt.plot(x)\n",
    "empty.py": PLT + "plt.plot([])\n",
}
MORE = PLT + "from lib import points\nx, y = points()\nplt.scatter(x, y)\nplt.title('more')\n"


def write(folder, files):
    for name, text in files.items():
        (folder / "code").mkdir(exist_ok=True)
        (folder / "code" / name).write_text(text)


def project(folder):
    """params.yaml for the folder code/, and the scripts' environment."""
    folder.mkdir()
    text = (ROOT / "params.yaml").read_text()
    for old, new in {
        "source: docstrings": "source: folder",
        "path: samples/files": "path: code",
        ".venv-plots/bin/python": str(ROOT / ".venv-plots/bin/python"),
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "params.yaml").write_text(text)
    shutil.copytree(ROOT / "envs", folder / "envs")
    shutil.copytree(ROOT / "profiles", folder / "profiles")
    return folder


def started(folder, stage):
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, "-m", f"stages.{stage}"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "DVC_ROOT": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder, *stages):
    for stage in stages:
        child = started(folder, stage)
        _, said = child.communicate(timeout=300)
        assert child.returncode == 0, said
    return folder


def executed(folder):
    """The keys of the executions that are stored."""
    path = folder / ".viscode/work.sqlite"
    if not path.exists():
        return set()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        try:
            return {key for (key,) in store.execute("SELECT key FROM work")}
        except sqlite3.OperationalError:  # just being made
            return set()


def outs(folder):
    metrics = folder / "metrics/extract_blocks.json"
    paths = [metrics, *(folder / "data/extracted").rglob("*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def selected(tmp_path_factory):
    """A project whose files are collected and selected."""
    folder = project(tmp_path_factory.mktemp("selected") / "project")
    write(folder, FILES)
    return run(folder, "collect_files", "select_files")


@pytest.fixture(scope="module")
def undisturbed(selected, tmp_path_factory):
    folder = shutil.copytree(selected, tmp_path_factory.mktemp("undisturbed") / "project")
    return run(folder, "extract_blocks")


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_killed_in_the_middle_it_ends_with_the_same_bytes(selected, undisturbed, tmp_path, share):
    folder = shutil.copytree(selected, tmp_path / "project")
    whole = executed(undisturbed)
    child = started(folder, "extract_blocks")
    deadline = time.monotonic() + 120
    while len(executed(folder)) < share * len(whole):
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    before = executed(folder)
    assert len(before) < len(whole) and not (folder / "data/extracted").exists()
    assert not (folder / "metrics/extract_blocks.json").exists()
    run(folder, "extract_blocks")
    assert before < executed(folder) == whole
    assert outs(folder) == outs(undisturbed)
    assert not list((folder / "data").glob(".extracted*"))


def test_one_more_file_costs_its_own_executions_only(undisturbed, tmp_path):
    alone = project(tmp_path / "alone")
    write(alone, {"another.py": MORE})
    run(alone, "collect_files", "select_files", "extract_blocks")
    folder = shutil.copytree(undisturbed, tmp_path / "project")
    write(folder, {"another.py": MORE})
    run(folder, "collect_files", "select_files", "extract_blocks")
    assert executed(folder) - executed(undisturbed) == executed(alone) != set()
    blocks = [set(read_table(one / "data/extracted", Block)) for one in (undisturbed, alone)]
    assert set(read_table(folder / "data/extracted", Block)) == blocks[0] | blocks[1]


def test_figures_without_a_block_are_told_of_with_their_file(undisturbed):
    table = undisturbed / "data/extracted"
    paths = {f.id: f.origin.path for f in read_table(undisturbed / "data/raw/files", SourceFile)}
    told = {paths[one.id]: one for one in read_table(table, UnmadeFigures, UNMADE_PREFIX)}
    outcomes = {paths[one.id]: one for one in read_outcomes(table)}
    assert set(told) == {"two.py", "unequal.py", "made_up.py", "empty.py"}
    assert outcomes["two.py"].kept and len(outcomes["two.py"].produced) == 1
    (figure,) = told["two.py"].figures
    assert (figure.reason, figure.detail.partition(":")[0]) == ("error", "ValueError")
    assert figure.place == "line 5" and figure.statement == "plt.figure()"
    assert 'plt.title("two")' in figure.code
    assert [one.place for one in told["unequal.py"].figures] == ["line 2", "line 4"]
    metrics = json.loads((undisturbed / "metrics/extract_blocks.json").read_text())
    reasons = [reason for one in told.values() for reason in one.reasons]
    assert metrics["failed_figures"] == {name: reasons.count(name) for name in sorted({*reasons})}


HARM = """
import atexit, os
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from helper import values


def mark(where):
    try:
        open(os.path.join({marks!r}, where), "w").close()
    except OSError:
        pass
    return lambda given: given


mark("module")
atexit.register(mark, "exit")


@mark("decorator")
class Drawn(list):
    mark("body")

    def __init_subclass__(cls):
        mark("subclass")

    def __del__(self):
        mark("del")

    def __repr__(self):
        mark("repr")
        return "Drawn"


class Meta(type):
    def __prepare__(name, bases):
        mark("meta")
        return {{}}


class Further(Drawn, metaclass=Meta):
    pass


def drawn(given=mark("default"), *, also: mark("annotation") = 0):
    return Drawn([1, 2, 3])


drawn()
x = drawn()
plt.plot(x, values)
plt.title("harm")
plt.show()
"""
HELPER = "open({marks!r} + '/import', 'w').close()\nvalues = [3, 1, 2]\n"
MAGICS = [
    "!touch {marks}/shell\n%system touch {marks}/system\nfound = !touch {marks}/got",
    "%run helper.py",
    "%%bash\ntouch {marks}/bash",
    "%%time\nopen('{marks}/cell', 'w').close()",
    "%load_ext helper\n%matplotlib inline",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('cell')",
]


@pytest.fixture
def marks(tmp_path):
    """A folder that anybody may write to, outside of the project."""
    folder = tmp_path / "marks"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def test_nothing_of_a_corpus_runs_outside_of_the_sandbox(tmp_path, marks):
    """What is collected lies where Python would find it, beside the stages: in the folder in which
    they are started."""
    folder = project(tmp_path / "project")
    harm = HARM.format(marks=str(marks))
    cells = [cell.replace("{marks}", str(marks)) for cell in MAGICS]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "source": cell,
             "execution_count": None}
            for n, cell in enumerate(cells)
        ],
    }  # fmt: skip
    helper = HELPER.format(marks=str(marks))
    files = {"harm.py": harm, "helper.py": helper, "cells.ipynb": json.dumps(notebook)}
    write(folder, files)
    for name, text in files.items():
        (folder / name).write_text(text)
    run(folder, "collect_files", "select_files", "extract_blocks")
    paths = {f.id: f.origin.path for f in read_table(folder / "data/raw/files", SourceFile)}
    outcomes = {paths[one.id]: one for one in read_outcomes(folder / "data/extracted")}
    assert set(outcomes) == {"harm.py", "cells.ipynb"} and len(executed(folder)) >= 2
    assert outcomes["cells.ipynb"].kept
    assert list(marks.iterdir()) == []


def test_that_file_does_its_harm_where_it_is_run(tmp_path, marks):
    """Of the file above, which is ours: so that the test can fail."""
    code = HARM.format(marks=str(marks)).replace("import matplotlib.pyplot as plt", "")
    code = code.replace("from matplotlib.figure import Figure", "")
    code = code.partition("plt.plot")[0]
    (tmp_path / "helper.py").write_text(HELPER.format(marks=str(marks)))
    (tmp_path / "harm.py").write_text(code)
    subprocess.run([sys.executable, "harm.py"], cwd=tmp_path, check=True)
    found = {path.name for path in marks.iterdir()}
    assert found >= {
        *("import", "module", "exit", "decorator", "body", "subclass", "del", "meta", "default")
    }
