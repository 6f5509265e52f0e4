"""Notebooks from a folder to an image: collected, selected, taken as they are, and run."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from viscode.core.outcomes import Kept
from viscode.core.records import Execution, Script, SourceFile
from viscode.core.tables import read_table
from viscode.corpora.folder import collect_folder
from viscode.execution.engine import RunOptions, run
from viscode.extract.static import extract_static, importable_modules
from viscode.libraries.selection import select_file
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.select import SelectSettings
from viscode.text.notebooks import notebook_script

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/cases/folder"
PYTHON = {"language_info": {"name": "python"}}
FAILS = {"tags": ["raises-exception"]}
IMPORT = "import matplotlib.pyplot as plt"

Cells = list[str | tuple[str, dict[str, Any]]]
NOTEBOOKS: dict[str, tuple[Cells, Any]] = {
    "pylab": (["%pylab", "plot([1, 3, 2])"], PYTHON),
    "pylab inline": (
        ["%pylab inline\nx = linspace(0, 6)", "plot(x, sin(x))\ntitle('wave')"],
        PYTHON,
    ),
    "pylab in a browser": (["%pylab notebook", "bar(arange(3), rand(3))\nshow()"], PYTHON),
    "pylab without stars": (
        ["%pylab --no-import-all inline", "plt.hist(np.arange(9) % 4)\npyplot.title('x')"],
        PYTHON,
    ),
    "what pylab binds last": (
        ["%pylab inline", "figsize(4, 3)\nplot(random.rand(5), numpy.power(2, arange(5)))"],
        PYTHON,
    ),
    "meant to fail": (
        [IMPORT, ("[1][7]", FAILS), "plt.bar(['a', 'b'], [2, 5])\nplt.show()"],
        PYTHON,
    ),
    "meant not to parse": ([IMPORT, ("plt.plot(", FAILS), "plt.plot([1, 2])"], PYTHON),
    "all that fails at the end": (
        [IMPORT, "plt.plot([2, 1])", ("raise ValueError", FAILS), ("1 / 0", FAILS)],
        PYTHON,
    ),
    "no language": ([IMPORT, "%matplotlib inline\nplt.plot([3, 4])"], {}),
    "no metadata": ([IMPORT, "!pip install x\nplt.scatter([1, 2], [2, 1])"], None),
    "a kernel of its own name": (
        [IMPORT, "%time plt.pie([1, 2])"],
        {"kernelspec": {"name": "plots", "display_name": "Plots"}},
    ),
}
LEFT_OUT = {"meant to fail": 1, "meant not to parse": 1, "all that fails at the end": 2}


def notebook(cells: Cells, metadata: Any) -> str:
    pairs = [(cell, {}) if isinstance(cell, str) else cell for cell in cells]
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": source, "metadata": own, "outputs": []}
                for source, own in pairs
            ],
            "metadata": metadata,
            "nbformat": 4,
        }
    )


def collected(folder: Path, out: Path) -> tuple[dict[str, SourceFile], dict[str, object]]:
    chosen = load(CollectFilesSettings, ROOT / "params.yaml").model_copy(
        update={"source": "folder", "path": str(folder), "licence": "MIT"}
    )
    metrics = collect_folder(chosen, out)
    return {Path(r.origin.path).stem: r for r in read_table(out, SourceFile)}, metrics


def code_of(file: SourceFile) -> str:
    selected = select_file(file, **load(SelectSettings, ROOT / "params.yaml").model_dump())
    assert isinstance(selected, Kept), selected
    importable = importable_modules(ROOT / ".venv-plots/bin/python")
    extracted = extract_static(selected.records[0], importable)
    assert isinstance(extracted, Kept), extracted
    return extracted.records[0].code


def drawn(codes: dict[str, str], options: RunOptions) -> dict[str, Execution]:
    scripts = [Script(id=name, code=code) for name, code in codes.items()]
    return {execution.id: execution for execution in run(scripts, options)}


@pytest.fixture(scope="session")
def options() -> RunOptions:
    return RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=90,
        memory_mb=1500,
        workers=2,
        isolation="auto",
        saved_files=False,
        engine="warm",
    )


def test_cells_that_are_left_out_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, book in NOTEBOOKS.items():
        (folder / f"{name}.ipynb").write_text(notebook(*book))
    files, metrics = collected(folder, tmp_path / "out")
    assert files.keys() == NOTEBOOKS.keys() and metrics["kept"] == len(NOTEBOOKS)
    assert {name: f.cells_left_out for name, f in files.items() if f.cells_left_out} == LEFT_OUT
    assert metrics["cells_left_out"] == 4


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
def test_each_draws_as_it_is_in_both_engines(
    tmp_path: Path, options: RunOptions, engine: Any
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, book in NOTEBOOKS.items():
        (folder / f"{name}.ipynb").write_text(notebook(*book))
    files, _ = collected(folder, tmp_path / "out")
    codes = {name: code_of(file) for name, file in files.items()}
    found = drawn(codes, replace(options, engine=engine))
    wrong = {
        name: (one.status, one.error, len(one.images))
        for name, one in found.items()
        if (one.status, len(one.images), one.drew) != ("ok", 1, True)
    }
    assert found.keys() == NOTEBOOKS.keys() and wrong == {}


@pytest.mark.sandbox
def test_the_imports_bind_what_the_magic_binds(options: RunOptions) -> None:
    """The same names to the same objects, and nothing that the magic does not bind."""
    compared = (
        "before = set(globals())\n"
        "get_ipython().run_line_magic('pylab', '{arguments}')\n"
        "bound = {{n: v for n, v in globals().items() if n not in before and n != 'before'}}\n"
        "own = {{}}\n"
        "exec({imports!r}, own)\n"
        "wanted = {{n for n in bound if not n.startswith('_') and n not in ('display', 'bound')}}\n"
        "lost = sorted(n for n in wanted if n not in own or own[n] is not bound[n])\n"
        "assert not lost, lost\n"
    )
    every = "(numpy, matplotlib, pylab, mlab, pyplot, figsize, getfigs)"
    codes = {}
    for arguments in ("", "inline", "--no-import-all inline"):
        book = notebook([f"%pylab {arguments}", every], PYTHON)
        imports = notebook_script(book.encode(), 10_000).code
        codes[arguments or "bare"] = compared.format(arguments=arguments, imports=imports)
    found = drawn(codes, options)
    assert {name: (one.status, one.error) for name, one in found.items()} == dict.fromkeys(
        codes, ("ok", "")
    )


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
def test_the_magic_itself_runs_in_both_engines(options: RunOptions, engine: Any) -> None:
    codes = {
        name: f"{line}\nplot(arange(5), power(2, arange(5)))"
        for name, line in {"a": "%pylab inline", "b": "%pylab"}.items()
    }
    found = drawn(codes, replace(options, engine=engine))
    assert {(one.status, len(one.images)) for one in found.values()} == {("ok", 1)}


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
def test_the_shared_notebooks_draw(tmp_path: Path, options: RunOptions, engine: Any) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"no {SHARED}")
    files, metrics = collected(SHARED, tmp_path / "out")
    assert metrics["kept"] == len(list(SHARED.iterdir())) and metrics["cells_left_out"] == 1
    found = drawn(
        {name: code_of(file) for name, file in files.items()}, replace(options, engine=engine)
    )
    assert {(one.status, len(one.images)) for one in found.values()} == {("ok", 1)}
