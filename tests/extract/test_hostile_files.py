"""Files that are large, dense, deep or broken: each ends in an outcome, in bounded time and memory.

Time is the processor's, which a busy machine hardly changes. A few of these took half a minute
before what they do in rounds was bounded.
"""

import subprocess
import sys
import time

import pytest

from viscode.core.records import Origin, SelectedFile
from viscode.extract.analysis import MOST_CHARS, Draft, Refused, drafts, python_of
from viscode.extract.extractor import Extractor
from viscode.text.notebooks import notebook_script
from viscode.text.python_text import ParseFailure

IMPORTABLE = frozenset({"matplotlib", "numpy", "pandas", "os", "json", "sys"})
MOST_S = 2.0
PLT = "import matplotlib.pyplot as plt\nimport pandas as pd\n"


def file_of(text):
    return SelectedFile(
        id="a", source="files", origin=Origin(kind="folder", name="f", path="a.py"),
        licence="MIT", text=text, libraries=("matplotlib",),
    )  # fmt: skip


def repeated(line, *, before="", after="", most=39_000):
    """A line again and again, `{i}` counted, as long as a file may be that is looked into."""
    count = (most - len(PLT + before + after)) // len(line.format(i=1000))
    return PLT + before + "".join(line.format(i=i) for i in range(count)) + after


def nested(line, depth, inside):
    """A header inside of a header inside of a header."""
    headers = "".join(" " * n + line.format(i=n) for n in range(depth))
    return PLT + headers + " " * depth + inside


LOOPS = 19  # more are not Python
DENSE = {
    "many figures": repeated("plt.figure()\nplt.plot([{i}])\nplt.show()\n"),
    "one figure of many lines": repeated("plt.plot(x{i})\n"),
    "assignments": repeated("x{i} = {i}\n", after="plt.plot([x1])\n"),
    "a chain of values": repeated("v{i} = v{i}0 + 1\n", after="plt.plot([v1])\n"),
    "a name bound again and again": repeated(
        "x = x + {i}\n", before="x = 0\n", after="plt.plot(x)"
    ),
    "axes of axes": repeated("ax = ax.twinx()\n", before="ax = plt.gca()\n", after="ax.plot([1])"),
    "an attribute of itself": repeated(
        "        self.x = self.x.y{i}\n",
        before="class A:\n    def plot(self):\n",
        after="        plt.plot(self.x)\n",
    ),
    "long chains": repeated("x{i} = a" + ".b(c).d" * 16 + "\n", after="plt.plot(x1)\n"),
    "a chain longer than the parser's stack": PLT + "x = a" + ".b" * 18_000 + "\nplt.plot(x)\n",
    "files to read": repeated('d{i} = pd.read_csv("f{i}.csv")\nplt.plot(d{i})\n'),
    "what is not there": repeated("m = foo.N{i}(m)\nplt.plot(m.get(q))\n", before="import foo\n"),
    "a loop that needs itself backwards": PLT
    + "for i in r:\n"
    + "".join(f" a{i} = a{i + 1}\n" for i in range(2200))
    + " plt.plot([a0])\n",
    "loops in loops": nested("for i{i} in r{i}:\n", LOOPS, "plt.plot([1])\n"),
    "loops that need each other": nested("for i{i} in r{i}:\n", LOOPS, "plt.plot([a0, a1])\n")
    + "".join(" " * (LOOPS - k) + f"a{LOOPS - k} = a{k * 7 % LOOPS}\n" for k in range(LOOPS)),
    "loops over what is not there": nested("for i{i} in foo{i}.x():\n", LOOPS, "plt.plot([1])\n"),
    "branches in branches": nested('if open("a{i}").read():\n', 90, "plt.plot([1])\n"),
    "functions that each call the next": PLT
    + "def f0(x): plt.plot(x)\n"
    + "".join(f"def f{i}(x):f{i - 1}(x)\n" for i in range(1, 1600))
    + "f1599([1])\n",
    "2,000 functions that call each other": PLT
    + "".join(f"def f{i}():f{(i * 7 + 1) % 2000}()\n" for i in range(2000))
    + "plt.plot([f1()])\n",
    "functions that all draw": repeated("def f{i}(a):\n    plt.plot(a)\n    f{i}(a)\n"),
    "recursion": PLT + "def a():\n    b()\n    plt.plot([1])\ndef b():\n    a()\na()\n",
    "old calls": repeated("df.append(x{i}); plt.hist(x, normed=True)\n"),
    "keywords": PLT + f"plt.plot([1], {', '.join(f'k{i}=v{i}' for i in range(2900))})\n",
    "cells": repeated("# %%\nplt.plot([{i}])\n"),
}
BROKEN = {
    "1,000 nested functions": nested("def f{i}():\n", 1000, "plt.plot([1])\n"),
    "brackets": PLT + "x = " + "(" * 9_000 + ")" * 9_000 + "\nplt.plot(x)\n",
    "Python 2": PLT + 'print "a"\n' * 3_000 + "plt.plot([1])\n",
    "Python 2, in brackets": PLT + "print " + "(" * 300 + "1" + ")" * 300 + "\nplt.plot([1])\n",
    "nul": PLT + "\0plt.plot([1])\n",
    "a lone surrogate": PLT + 'x = "\ud800"\nplt.plot([1])\n',
    "line ends of old": PLT + "x = 1\r" * 6_000 + "plt.plot([1])\r",
    "magics in a script": PLT + "%matplotlib inline\n!ls\nplt.plot([1])\n" * 500,
}


@pytest.mark.parametrize("text", {**DENSE, **BROKEN}.values(), ids={**DENSE, **BROKEN})
def test_every_file_ends_in_time(text):
    start = time.process_time()
    python = python_of(text)
    if not isinstance(python, ParseFailure):
        found = [one for turn in drafts(file_of(""), python[0], IMPORTABLE, None) for one in turn]
        assert all(isinstance(one, Draft | Refused) for one in found)
        assert len(found) < 100
    assert time.process_time() - start < MOST_S


@pytest.mark.parametrize("name", sorted(DENSE))
def test_the_dense_ones_are_looked_into(name):
    assert len(DENSE[name]) <= MOST_CHARS
    python = python_of(DENSE[name])
    deep = name == "a chain longer than the parser's stack"
    assert isinstance(python, ParseFailure) is deep


def test_a_notebook_of_magics_ends_in_time():
    cells = ["%matplotlib inline", "%%bash\nls", "!pip install x", "import pylab\n%time plot([1])"]
    cell = '{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": {}}}'
    sources = [cell.format(repr(one).replace("'", '"')) for one in cells * 200]
    book = (
        f'{{"cells": [{", ".join(sources)}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}'
    )
    start = time.process_time()
    script = notebook_script(book.encode(), 1_000_000).code
    python = python_of(script)
    assert not isinstance(python, ParseFailure)
    assert list(drafts(file_of(""), python[0], IMPORTABLE, None))
    assert time.process_time() - start < 2 * MOST_S  # IPython rewrites the magics


def never(script):
    raise AssertionError(f"nothing is to run: {script.code[:100]}")


TEN_MB = """
import resource
import sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
sys.path.insert(0, "tests/extract")
from test_hostile_files import PLT, file_of, never
from viscode.extract.extractor import Extractor
for text in (PLT + "x = 1\\n" * 1_700_000, PLT + "print 1\\n" * 1_300_000, PLT + "(" * 10_000_000):
    print(Extractor(never, frozenset()).extract(file_of(text)).reason)
"""


def test_ten_megabytes_are_not_looked_into():
    text = PLT + "x = 1\n" * 1_700_000
    start = time.process_time()
    found = Extractor(never, IMPORTABLE).extract(file_of(text))
    assert time.process_time() - start < MOST_S
    assert (found.reason, found.detail) == ("too_long", f"{len(text)} characters")


def test_ten_megabytes_take_no_memory():
    command = [sys.executable, "-c", TEN_MB.replace("\\\\", "\\")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["too_long"] * 3
