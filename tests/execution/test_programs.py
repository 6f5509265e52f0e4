"""How a script ends and where it lies: exit statuses and `__file__`, alike in both engines."""

from dataclasses import replace
from pathlib import Path

import pytest

from viscode.cli.run_scripts import Told, read_scripts
from viscode.core.records import Origin, Script
from viscode.execution.engine import run
from viscode.execution.session import Cell, run_session

pytestmark = pytest.mark.sandbox

CASES = Path(__file__).parents[3] / "shared/cases/scripts"
PLT = "import sys\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
MAIN = (
    "def main():\n    plt.show()\n    return {}\nif __name__ == '__main__':\n    sys.exit(main())"
)
OK, ONE = ("ok", "", ""), 1

# name -> code, (status, error type, message), images
ENDS = {
    "sys.exit()": (PLT + "sys.exit()", OK, ONE),
    "sys.exit(0)": (PLT + "sys.exit(0)\nplt.figure()\n1 / 0", OK, ONE),
    "sys.exit(None)": (PLT + "sys.exit(None)", OK, ONE),
    "sys.exit(False)": (PLT + "sys.exit(False)", OK, ONE),
    "raise SystemExit": (PLT + "raise SystemExit", OK, ONE),
    "raise SystemExit(0)": (PLT + "raise SystemExit(0)", OK, ONE),
    "main returns None": (PLT + MAIN.format(None), OK, ONE),
    "main returns 0": (PLT + MAIN.format(0), OK, ONE),
    "main returns False": (PLT + MAIN.format(False), OK, ONE),
    "exit()": (PLT + "exit()\n1 / 0", OK, ONE),
    "quit()": (PLT + "quit()\nplt.figure(); plt.plot([3])", OK, ONE),
    "exit(0) in a function": (PLT + "def f():\n    exit(0)\nf()\n1 / 0", OK, ONE),
    "builtins.exit of a class": (PLT + "class A:\n    quit(None)", OK, ONE),
    "status over a byte": (PLT + "sys.exit(256)", OK, ONE),
    "own class": (PLT + "class Done(SystemExit):\n    pass\nraise Done(0)", OK, ONE),
    "two figures": (PLT + "plt.figure()\nplt.bar([1], [2])\nsys.exit()", OK, 2),
    "nothing drawn": ("import sys\nsys.exit(0)", OK, 0),
    "warnings as errors": (
        PLT + "import warnings\nwarnings.simplefilter('error')\nsys.exit(0)",
        OK,
        ONE,
    ),
    "after await": (PLT + "import asyncio\nawait asyncio.sleep(0)\nsys.exit(0)", OK, ONE),
    "after reset": (PLT + "plt.show()\n%reset -f\nexit()\n1 / 0", OK, ONE),
    "caught": (PLT + "try:\n    sys.exit(3)\nexcept SystemExit:\n    pass", OK, ONE),
    "in a thread": (
        PLT + "import threading\nt = threading.Thread(target=sys.exit, args=(3,))\nt.start()\n"
        "t.join()",
        OK,
        ONE,
    ),
    "sys.exit(1)": (PLT + "sys.exit(1)", ("error", "SystemExit", "1"), ONE),
    "sys.exit(True)": (PLT + "sys.exit(True)", ("error", "SystemExit", "True"), ONE),
    "sys.exit(-1)": (PLT + "sys.exit(-1)", ("error", "SystemExit", "-1"), ONE),
    "sys.exit(text)": (PLT + "sys.exit('no data')", ("error", "SystemExit", "no data"), ONE),
    "sys.exit(text 0)": (PLT + "sys.exit('0')", ("error", "SystemExit", "0"), ONE),
    "sys.exit(empty text)": (PLT + "sys.exit('')", ("error", "SystemExit", ""), ONE),
    "sys.exit(tuple)": (PLT + "sys.exit((0, 1))", ("error", "SystemExit", "(0, 1)"), ONE),
    "main returns 2": (PLT + MAIN.format(2), ("error", "SystemExit", "2"), ONE),
    "exit(1)": (PLT + "exit(1)", ("error", "SystemExit", "1"), ONE),
    "quit(text)": (PLT + "quit('bad')", ("error", "SystemExit", "bad"), ONE),
    "warnings as errors, status 4": (
        PLT + "import warnings\nwarnings.simplefilter('error')\nsys.exit(4)",
        ("error", "SystemExit", "4"),
        ONE,
    ),
    "argparse": (
        "import argparse\np = argparse.ArgumentParser()\np.parse_args(['--no-such'])",
        ("error", "SystemExit", "2"),
        0,
    ),
    "os._exit(0)": (PLT + "import os\nos._exit(0)", ("died", "KernelDied", None), 0),
    "os._exit(3)": (PLT + "import os\nos._exit(3)", ("died", "KernelDied", None), 0),
    "kill": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
        ("died", "KernelDied", None),
        0,
    ),
}
HERE = "import os\nhere = os.path.dirname(os.path.abspath(__file__))\n"

# name of the file -> code that prints
FILES = {
    "where.py": HERE + "print(here == os.getcwd(), os.path.basename(__file__))",
    "data.py": HERE + "print(open(os.path.join(here, 'data.csv')).read())",
    "itself.py": "print(open(__file__).read()[-8:], __name__) #the end",
    "listing.py": "import os\nprint(sorted(os.listdir('.')))",
    "Größe 2.py": "from pathlib import Path\nprint(Path(__file__).resolve(strict=True).stem)",
    "random.py": "import random\nprint(random.randint(3, 3), __file__.endswith('random.py'))",
    "seaborn.py": "import seaborn as sns\nprint(callable(sns.lineplot))",
    "spawned.py": "import multiprocessing as m\ndef f(x):\n    return x + 1\n"
    "if __name__ == '__main__':\n    with m.get_context('spawn').Pool(1) as p:\n"
    "        print(p.map(f, [1]))",
    "source.py": "import inspect\nclass A:\n    x = 5\nprint(inspect.getsource(A))",
    "n" * 300 + ".py": "print(len(__file__) > 300)",
}
PRINTED = {
    "where.py": "True where.py",
    "data.py": "a,b",
    "itself.py": "#the end __main__",
    "listing.py": "['data.csv', 'listing.py']",
    "Größe 2.py": "Größe 2",
    "random.py": "3 True",
    "seaborn.py": "True",
    "spawned.py": "[2]",
    "source.py": "class A:\n    x = 5",
    "n" * 300 + ".py": "True",
}


@pytest.fixture(scope="module", params=["warm", "notebook"])
def engine(request, options):
    return replace(options, engine=request.param)


@pytest.fixture(scope="module")
def ended(engine, asked):
    names = asked(engine.engine)
    scripts = [Script(id=n, code=code) for n, (code, _, _) in ENDS.items() if n in names]
    return {done.id: done for done in run(scripts, engine)}


@pytest.mark.parametrize("name", ENDS)
def test_a_script_ends_with_its_exit_status(ended, name):
    _, (status, kind, message), images = ENDS[name]
    found = ended[name]
    assert (found.status, found.error_type, len(found.images)) == (status, kind, images)
    assert message is None or found.error_message == message
    assert (found.error == "") == (status in ("ok", "died"))


@pytest.fixture(scope="module")
def located(engine, asked):
    files, names = {"data.csv": b"a,b"}, asked(engine.engine)
    scripts = [Script(id=n, code=c, files=files, name=n) for n, c in FILES.items() if n in names]
    return {done.id: done for done in run(scripts, engine)}


@pytest.mark.parametrize("name", FILES)
def test_a_file_knows_where_it_lies(located, name):
    assert (located[name].status, located[name].stdout_head.strip()) == ("ok", PRINTED[name]), (
        located[name].error
    )


def test_what_is_no_file_has_none(engine):
    (done,) = run([Script(id="a", code="print(__file__)")], engine)
    assert (done.status, done.error_type) == ("error", "NameError")
    assert "__file__" in done.error_message


TRACEBACKS = {
    "of our own": "def f():\n    1 / 0\nf()",
    "of a library": "import json\njson.loads('{')",
    "of the syntax": "x = 1\nprint(x",
}


@pytest.mark.parametrize("name", TRACEBACKS)
def test_a_name_changes_no_traceback(engine, name):
    code = TRACEBACKS[name]
    scripts = [Script(id="a", code=code), Script(id="b", code=code, name="plot.py")]
    plain, named = run(scripts, engine)
    assert named.error == plain.error != ""


def test_a_given_file_is_not_overwritten_by_the_script(engine):
    script = Script(id="a", code="print(open('a.py').read())", files={"a.py": b"mine"}, name="a.py")
    (done,) = run([script], engine)
    assert done.stdout_head.strip() == "mine"


def test_files_have_names_and_lines_and_notebooks_none(tmp_path):
    (tmp_path / "below").mkdir()
    for name in ("one.py", "below/two.py"):
        (tmp_path / name).write_text("1")
    lines = tmp_path / "three.jsonl"
    lines.write_text('{"id": "three", "code": "1"}\n')
    scripts = read_scripts([tmp_path / "one.py", tmp_path / "below", lines], [], Told(print))
    assert [script.name for script in scripts] == ["one.py", "two.py", ""]


@pytest.mark.parametrize(
    ("kind", "path", "locator", "name"),
    [
        ("folder", "a/b.py", "", "b.py"),
        ("repository", "/src/Plot.PY", "", "Plot.PY"),
        ("folder", "a/b.ipynb", "", ""),
        ("folder", "", "", ""),
        ("package", "examples/a.py", "", "a.py"),
        ("package", "scipy/stats/_a.py", "scipy.stats.a", ""),
        ("sample", "", "", ""),
    ],
)
def test_the_origin_says_whether_a_block_is_a_file(kind, path, locator, name):
    assert Origin(kind=kind, name="n", path=path, locator=locator).script_name == name


def test_a_session_keeps_to_the_kernels_ways(options):
    cells = [
        Cell("import sys\nsys.exit(0)"),
        Cell("print(__file__)"),
        Cell("x = 1"),
    ]
    found = [(one.status, one.error_type) for one in run_session(cells, options, None)]
    assert found == [("error", "SystemExit"), ("error", "NameError"), ("ok", "")]


EXPECTED = {"exit0.py": ("ok", 1), "exit1.py": ("error", 1), "file_dunder.py": ("ok", 1)}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_shared_cases(engine, name):
    if not CASES.is_dir():
        pytest.skip(f"no {CASES}")
    (done,) = run(read_scripts([CASES / name], [], Told(print)), engine)
    assert (done.status, len(done.images)) == EXPECTED[name]
