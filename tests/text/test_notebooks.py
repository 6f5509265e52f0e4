"""Notebooks as scripts: formats, kernels, and what only IPython understands."""

import json
import time
from typing import Any

import nbformat
import pytest

from viscode.text import notebooks
from viscode.text.notebooks import BadNotebook, CodeTooLarge

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook_script(data: bytes, max_bytes: int = 10_000) -> str:
    return notebooks.notebook_script(data, max_bytes).code


def notebook(*sources: Any, metadata: Any = PYTHON) -> bytes:
    cells = [{"cell_type": "code", "source": source, "outputs": [7]} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}).encode()


def test_code_cells_are_joined_in_order_without_their_outputs() -> None:
    book = nbformat.v4.new_notebook(metadata=PYTHON)
    output = nbformat.v4.new_output("stream", text="secret")
    book.cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        nbformat.v4.new_code_cell("import a\n", outputs=[output]),
        nbformat.v4.new_code_cell("\n  \n"),
        nbformat.v4.new_raw_cell("raw"),
        nbformat.v4.new_code_cell("a.b(\n    1)"),
    ]
    assert notebook_script(nbformat.writes(book).encode()) == "import a\n\n# %%\na.b(\n    1)\n"


def test_format_3_reads_as_nbformat_upgrades_it() -> None:
    cells = [nbformat.v3.new_code_cell(input=f"x = {number}") for number in range(3)]
    cells.append(nbformat.v3.new_text_cell("markdown", "text"))
    sheet = nbformat.v3.new_worksheet(cells=cells)
    old = nbformat.v3.new_notebook(worksheets=[sheet])
    new = nbformat.convert(old, 4)
    codes = [cell.source for cell in new.cells if cell.cell_type == "code"]
    text = json.dumps(old).encode()
    assert notebook_script(text) == "\n\n# %%\n".join(codes) + "\n"
    assert codes == ["x = 0", "x = 1", "x = 2"]


def test_source_may_be_text_or_lines() -> None:
    assert notebook_script(notebook(["a = 1\n", "b = 2"], "c = 3\r\nd = 4")) == (
        "a = 1\nb = 2\n\n# %%\nc = 3\nd = 4\n"
    )


MAGIC = {
    "line magic": ("%matplotlib inline\nx = 1", "x = 1"),
    "shell": ("!pip install seaborn\n!!ls\nx = 1", "x = 1"),
    "assigned shell": ("files = !ls *.csv\nx = 1", "x = 1"),
    "assigned magic": ("where = %pwd\nx = 1", "x = 1"),
    "continued shell": ("!pip install \\\n  seaborn\nx = 1", "x = 1"),
    "help": ("plt.plot?\n?plt\nplt.plot??\nx = 1", "x = 1"),
    "timed statement": ("%time x = f('a')\ny = 2", "x = f('a')\ny = 2"),
    "timed statement in quotes": ("%time x = f('a', \"b\")", "x = f('a', \"b\")"),
    "timed line": ("%timeit f()\nx = 1", "x = 1"),
    "timed cell": ("%%time\nx = 1", "x = 1"),
    "captured and timed cell": ("\n%%capture out\n%%time\nx = 1", "x = 1"),
    "shell cell": ("%%bash\nls", ""),
    "markup cell": ("%%html\n<b>x</b>", ""),
    "other Python's cell": ("%%python2\nprint 'x'", ""),
    "file cell": ("%%writefile a.py\nx = 1", ""),
    "without its sign": ("pip install -q seaborn", ""),
    "without its sign, too": ("\nload_ext autoreload\n", ""),
    "timed without its sign": ("time f(2)", "f(2)"),
    "a name in two lines": ("pip install\nx", "pip install\nx"),
    "a name in one": ("run = time", "run = time"),
    "an older call": ("get_ipython().magic(u'matplotlib inline')\nx = 1", "x = 1"),
    "in a block": ("for i in x:\n    %time\n    f(i)", "for i in x:\n    f(i)"),
    "alone in a block": ("if x:\n    %pwd\ny = 1", "if x:\n    pass\ny = 1"),
    "modulo on a continued line": ("x = ('%d'\n%y)", "x = ('%d'\n%y)"),
    "magic in a string": ('x = """\n%pwd\n!ls\n"""', 'x = """\n%pwd\n!ls\n"""'),
    "question in a comment": ("x = 1  # why?", "x = 1  # why?"),
    "prompts": (">>> x = 1\n>>> y = 2", "x = 1\ny = 2"),
    "no Python at all": ("this is prose, not code", "this is prose, not code"),
    "unclosed": ("f(", "f("),
    "a call that a person wrote": ("get_ipython().run_line_magic('time', 'f' + '()')\n!ls", ""),
    "one with a number": ("get_ipython().run_line_magic('time', 'f(' + n + ')')\n%pwd", ""),
    "one with two texts": ("get_ipython().run_line_magic('time', 'a', 'b')\n!ls\nx = 1", "x = 1"),
    "one with a wrong escape": ("get_ipython().run_line_magic('time', '\\x')\n!ls", ""),
}


@pytest.mark.parametrize(("source", "expected"), MAGIC.values(), ids=MAGIC)
def test_what_only_ipython_understands_is_left_out(source: str, expected: str) -> None:
    assert notebook_script(notebook(source)) == (f"{expected}\n" if expected else "")


PLAIN = "import numpy as np\nimport matplotlib.pyplot as plt\n"
STARS = "from pylab import *\nfrom numpy import *"
PYLAB = {
    "alone": ("%pylab", PLAIN + STARS),
    "inline": ("%pylab inline\nplot(sin(x))", PLAIN + STARS + "\nplot(sin(x))"),
    "a window": ("%pylab qt", PLAIN + STARS),
    "notebook": ("%pylab notebook\nx = 1", PLAIN + STARS + "\nx = 1"),
    "without stars": ("%pylab --no-import-all inline\nplt.plot(x)", PLAIN + "plt.plot(x)"),
    "without stars, last": ("%pylab inline --no-import-all\nx", PLAIN + "x"),
    "an option cut short": ("%pylab --no-import inline\nx", PLAIN + "x"),
    "further names": (
        "%pylab inline\nfigsize(8, 3)\nnumpy.sum(pylab.rand(3))",
        "import numpy\nfrom matplotlib import pylab\n"
        "from IPython.core.pylabtools import figsize\n"
        + PLAIN
        + STARS
        + "\nfigsize(8, 3)\nnumpy.sum(pylab.rand(3))",
    ),
    "beside another magic": ("%matplotlib inline\n%pylab\n!ls", PLAIN + STARS),
    "in a block": (
        "if x:\n    %pylab\ny = 1",
        "if x:\n    " + (PLAIN + STARS).replace("\n", "\n    ") + "\ny = 1",
    ),
    "without its sign": ("pylab inline\n", PLAIN + STARS),
    "a word": ("pylab", PLAIN + STARS),
    "as a call": (
        "get_ipython().run_line_magic('pylab', 'inline --no-import-all')\nplt.plot(x)",
        PLAIN + "plt.plot(x)",
    ),
    "as an older call": ("x = 1\nget_ipython().magic(u'pylab inline')", "x = 1\n" + PLAIN + STARS),
    "an older call with sign": ("get_ipython().magic('%pylab')", PLAIN + STARS),
    "a name": ("pylab = 2\npylab", "pylab = 2\npylab"),
    "in a string": ('x = """\n%pylab\n"""', 'x = """\n%pylab\n"""'),
    "in a comment": ("# %pylab inline\nx", "# %pylab inline\nx"),
}


@pytest.mark.parametrize(("source", "expected"), PYLAB.values(), ids=PYLAB)
def test_pylab_becomes_the_imports_of_what_it_binds(source: str, expected: str) -> None:
    assert notebook_script(notebook(source)) == f"{expected}\n"


def test_names_that_pylab_binds_are_looked_for_in_all_cells() -> None:
    text = notebook_script(notebook("%pylab inline", "a = 1", "matplotlib.rc('font', size=9)"))
    assert text.startswith("import matplotlib\n" + PLAIN + STARS + "\n\n# %%\na = 1\n")
    unreadable = notebook_script(notebook("%pylab inline", "print 'Python 2'"))
    assert "import matplotlib\n" in unreadable and unreadable.endswith("print 'Python 2'\n")


@pytest.mark.parametrize(
    "before", ["%pylab inline", "import numpy", '"""A title."""\nx = 1', "f(2)", "# a remark\nx"]
)
def test_futures_of_later_cells_stand_first(before: str) -> None:
    future = "from __future__ import division, print_function"
    text = notebook_script(notebook(before, f"{future}  # of the future\ny = 3"))
    assert text.startswith(f"{future}\n") and text.endswith("y = 3\n")
    compile(text, "script", "exec")


def test_futures_that_stand_first_stay() -> None:
    text = '"""A title."""\nfrom __future__ import division\nx = 1\n'
    assert notebook_script(notebook(text)) == text


def tagged(*cells: tuple[str, Any]) -> bytes:
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": source, "metadata": metadata}
                for source, metadata in cells
            ],
            "metadata": PYTHON,
        }
    ).encode()


MEANT_TO_FAIL = {
    "one cell": ([("a", {"tags": ["raises-exception"]})], "", 1),
    "among others": (
        [("a", {}), ("1 / 0", {"tags": ["raises-exception"]}), ("b", {"tags": []})],
        "a\n\n# %%\nb\n",
        1,
    ),
    "with other tags": (
        [("a", {"tags": ["hide-input"]}), ("x[", {"tags": ["demo", "raises-exception"]})],
        "a\n",
        1,
    ),
    "two": (
        [("a", {"tags": ["raises-exception"]}), ("b", {"tags": ["raises-exception"]}), ("c", {})],
        "c\n",
        2,
    ),
    "with a magic that is not understood": (
        [('sql = %"""\nselect', {"tags": ["raises-exception"]}), ("c", {})],
        "c\n",
        1,
    ),
    "no such tag": ([("a", {"tags": ["raises-exceptions"]})], "a\n", 0),
    "tags of no list": (
        [("a", {"tags": "raises-exception"}), ("b", {"tags": 1})],
        "a\n\n# %%\nb\n",
        0,
    ),
    "metadata of no object": ([("a", None), ("b", ["tags"])], "a\n\n# %%\nb\n", 0),
}


@pytest.mark.parametrize(("cells", "code", "left_out"), MEANT_TO_FAIL.values(), ids=MEANT_TO_FAIL)
def test_cells_that_are_meant_to_fail_are_left_out(
    cells: list[tuple[str, Any]], code: str, left_out: int
) -> None:
    script = notebooks.notebook_script(tagged(*cells), 10_000)
    assert (script.code, script.meant_to_fail) == (code, left_out)


UNNAMED = [  # metadata that state no language
    None,
    {},
    {"kernelspec": {"name": "plots", "display_name": "Plots 2024"}},
    {"kernelspec": {"name": "venv"}, "language_info": {}},
    {"kernelspec": {"display_name": "research"}},
    {"kernelspec": {"name": "go-plots", "display_name": "net analysis"}},
    {"kernelspec": {"name": "c-project"}},
    {"kernelspec": {"name": "r-env", "display_name": "r-env"}},
    {"kernelspec": {"name": "", "language": ""}},
]
PARSES = {
    "plain": ["import a\n", "a.b(1)"],
    "with magics": ["%matplotlib inline\n!ls\nx = 1", "%%bash\nls -l | wc", "x?"],
    "awaiting": ["await x()"],
    "without code": [""],
}
NO_PYTHON = {
    "R": ["library(ggplot2)\n", "x %>% filter(y) -> z"],
    "Julia": ["using Plots", "f(x) = x^2; plot(f)"],
    "JavaScript": ["const x = () => { return 1; }"],
    "one cell of two": ["x = 1", "SELECT 1 FROM t"],
    "Python 2": ["print 'x'"],
}


@pytest.mark.parametrize("metadata", UNNAMED)
def test_without_a_language_the_cells_decide(metadata: Any) -> None:
    for sources in PARSES.values():
        assert isinstance(notebook_script(notebook(*sources, metadata=metadata)), str)
    for sources in NO_PYTHON.values():
        with pytest.raises(BadNotebook, match="states no language, and its cells are not Python"):
            notebook_script(notebook(*sources, metadata=metadata))


@pytest.mark.parametrize("name", ["ir", "julia-1.9", "xcpp17", "bash", ".net-csharp", "R"])
def test_the_name_of_another_language_is_one(name: str) -> None:
    with pytest.raises(BadNotebook, match="language is"):
        notebook_script(notebook("x", metadata={"kernelspec": {"name": name}}))


def test_a_byte_order_mark_is_no_part_of_the_code() -> None:
    book = notebook("\ufeffx = 1", "y = 2")
    for data in (book, b"\xef\xbb\xbf" + book, book.decode().encode("utf-16")):
        assert notebook_script(data) == "x = 1\n\n# %%\ny = 2\n"


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"language_info": {"name": "python"}},
        {"language_info": {"name": "ipython3"}},
        {"kernelspec": {"name": "python2"}},
        {"kernelspec": {"name": "conda-env-plots-py"}},
        {"kernelspec": {"name": "mine", "display_name": "Python (mine)"}},
        {"kernelspec": {"name": "mine", "language": "python"}},
        {"kernelspec": "?", "language_info": ["?"]},
    ],
)
def test_python_kernels(metadata: Any) -> None:
    assert notebook_script(notebook("x = 1", metadata=metadata)) == "x = 1\n"


BAD = {
    "no JSON": (b"{", "not JSON"),
    "no text": (b"\xff\xfe\x00", "not JSON"),
    "too deep": (b'{"cells":' + b"[" * 100_000, "not JSON"),
    "a list": (b"[]", "not a JSON object"),
    "no cells": (b'{"metadata": {}}', "no list of cells"),
    "cells of no list": (b'{"cells": {}}', "no list of cells"),
    "no worksheets": (b'{"worksheets": []}', "no list of cells"),
    "worksheets of no list": (b'{"worksheets": 1}', "worksheets are no list"),
    "cell of no object": (b'{"cells": [1]}', "cell 1 is no object"),
    "source of no text": (notebook("x", 7), "the source of cell 2 is no text"),
    "lines of no text": (notebook(["x", 7]), "the source of cell 1 is no text"),
    "lone surrogate": (notebook("x = '\ud800'"), "not valid Unicode"),
    "R": (notebook("x", metadata={"kernelspec": {"name": "ir"}}), "language is ir"),
    "Julia": (notebook("x", metadata={"language_info": {"name": "julia"}}), "language is julia"),
    "R in format 3": (
        b'{"worksheets": [{"cells": [{"cell_type": "code", "input": "x", "language": "r"}]}]}',
        "the language of cell 1 is r",
    ),
    "a magic in front of an open string": (notebook('sql = %"""\nselect 1'), "not understood"),
    "too many magics": (notebook("%pwd\n" * 101), "more than 100 magics"),
}


@pytest.mark.parametrize(("data", "why"), BAD.values(), ids=BAD)
def test_what_is_no_python_notebook(data: bytes, why: str) -> None:
    with pytest.raises(BadNotebook, match=why):
        notebook_script(data)


def test_a_long_line_costs_linear_time() -> None:
    book = notebook("!ls\n" + " " * 150_000 + "# x")
    started = time.process_time()
    assert notebook_script(book, max_bytes=200_000)
    assert time.process_time() - started < 2


def test_only_the_code_is_measured() -> None:
    book = notebook("é = 1", "x", metadata={**PYTHON, "more": "x" * 1000})
    assert notebook_script(book, max_bytes=7) == "é = 1\n\n# %%\nx\n"
    with pytest.raises(CodeTooLarge, match="above 6 bytes"):
        notebook_script(book, max_bytes=6)
