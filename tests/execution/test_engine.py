"""The store, determinism, failures of the machinery, and the renderer's restarts."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.core.records import Execution, Script
from viscode.core.workstore import WorkStore
from viscode.execution.engine import EXECUTION_KIND, Crew, pack, run, unpack
from viscode.execution.inside.figures import foreign_source
from viscode.execution.interpreter import interpreter
from viscode.execution.render import FigureRenderer, RenderError, Renders, needs_network
from viscode.execution.sandbox import open_sandbox
from viscode.execution.session import Cell, session_key
from viscode.execution.usage import descendants

ROOT = Path(__file__).parents[2]
RANDOM = """
import random, numpy as np, matplotlib.pyplot as plt
from numpy.random import default_rng, RandomState, SeedSequence
print(random.random(), np.random.rand(), RandomState().rand(), default_rng().random(),
      default_rng(SeedSequence()).random(), hash('x'), object())
plt.scatter(*default_rng().random((2, 9)))
"""
IMPORTS_THAT_DRAW = """
import numpy as np
rng = np.random.default_rng()
from scipy import stats
import seaborn as sns
print(rng.random(), np.random.default_rng().random(), stats.norm.rvs())
sns.regplot(x=[1, 2, 3, 4], y=[2, 1, 4, 3])
"""
PLOTLY = "import plotly.express as px\npx.scatter(x=[1, 2, 3], y=[2, 1, 3]).show()"
FIGURE = {"data": [{"type": "bar", "y": [1, 2]}], "layout": {}}


def sample() -> list[Script]:
    codes = {"random": RANDOM, "plotly": PLOTLY, "error": "object().x", "none": "1"}
    codes["imports"] = IMPORTS_THAT_DRAW
    return [Script(id=name, code=code) for name, code in codes.items()]


def by_id(executions) -> dict[str, Execution]:
    return {e.id: e.model_copy(update={"duration_s": 0.0}) for e in executions}


@pytest.mark.sandbox
def test_same_scripts_same_records_with_empty_stores_and_in_both_engines(options, tmp_path):
    runs = []
    for name, engine in (("a", "warm"), ("b", "warm"), ("c", "notebook")):
        with WorkStore(tmp_path / name) as store:
            found = by_id(run(sample(), replace(options, engine=engine), store))
            assert store.count(EXECUTION_KIND) == 5
        assert {e.engine for e in found.values()} == {engine}
        runs.append({k: e.model_copy(update={"engine": ""}) for k, e in found.items()})
    assert runs[0] == runs[1] == runs[2]
    assert set(runs[0]) == {"random", "plotly", "error", "none", "imports"}
    assert len(set(runs[0]["random"].stdout_head.split()[:5])) == 5


@pytest.mark.sandbox
def test_a_second_run_says_whether_images_repeat(options, bare, tmp_path):
    clock = (
        "import time\nimport matplotlib.pyplot as plt\nplt.title(time.time_ns()); plt.plot([1, 2])"
    )
    scripts = [*sample(), Script(id="clock", code=clock)]
    with WorkStore(tmp_path / "store") as store:
        found = by_id(run(scripts, replace(options, twice=True), store))
        assert store.count(EXECUTION_KIND) == 6 + 4
        again = by_id(run(scripts, replace(options, twice=True, python=bare), store))
    assert {name: e.repeatable for name, e in found.items()} == {
        "random": True, "plotly": True, "clock": False, "error": None, "none": None,
        "imports": True,
    }  # fmt: skip
    assert again == found


@pytest.mark.sandbox
def test_known_scripts_are_served_where_none_could_run(options, bare, tmp_path):
    """An environment of the same Python that has nothing installed."""
    with WorkStore(tmp_path / "store") as store:
        first = by_id(run(sample()[2:], options, store))
        poisoned = replace(options, python=bare, isolation="none")
        assert by_id(run(sample()[2:], poisoned, store)) == first
        with pytest.raises(UserError, match="script new"):
            list(run([Script(id="new", code="2")], poisoned, store))


@pytest.fixture(scope="session")
def bare(options, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([options.python, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin/python"


def test_no_interpreter_is_an_error_that_names_it(options, tmp_path):
    gone = replace(options, python=tmp_path / "no-python")
    with pytest.raises(UserError, match="interpreter"):
        list(run([Script(id="new", code="2")], gone))


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
def test_kernel_that_does_not_start_names_the_script_and_is_not_stored(
    options, bare, tmp_path, engine
):
    broken = replace(options, python=bare, isolation="none", engine=engine)
    with WorkStore(tmp_path / "store") as store:
        with pytest.raises(UserError, match=r"script lonely.*(ipykernel|tornado|jupyter)"):
            list(run([Script(id="lonely", code="1")], broken, store))
        assert store.count(EXECUTION_KIND) == 0


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
def test_closing_the_iterator_ends_what_runs(options, tmp_path, monkeypatch, engine):
    options = replace(options, engine=engine)
    list(run([Script(id="first", code="1")], options))  # what lasts lies elsewhere
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    slow = [Script(id=str(n), code=f"import time; time.sleep({n * 100})") for n in range(4)]
    with WorkStore(tmp_path / "store") as store:
        executions = run(slow, options, store)
        assert next(executions).id == "0"
        executions.close()
        assert store.count(EXECUTION_KIND) == 1
    assert not list(tmp_path.glob("vsc-*"))


@pytest.mark.sandbox
def test_streams_without_reading_all_input(options, tmp_path):
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield Script(id=str(len(taken)), code="1")

    with WorkStore(tmp_path / "store") as store:
        executions = run(endless(), options, store)
        for _ in range(5):
            next(executions)
        executions.close()
    assert len(taken) < 20


@pytest.mark.sandbox
def test_renderer_survives_its_own_death_and_refuses_files(options):
    renderer = FigureRenderer(open_sandbox(options.python, "auto"))
    try:
        first = renderer.render(FIGURE)
        os.kill(renderer.pids[0], signal.SIGKILL)
        assert renderer.render(FIGURE) == first
        with pytest.raises(RenderError):
            renderer.render({"data": [], "layout": {"images": [{"source": "file:///etc/passwd"}]}})
    finally:
        renderer.close()


POINT = {"lat": [1], "lon": [2]}
WHITE = {"style": "white-bg"}
LAYER = {"sourcetype": "raster", "source": ["https://example.com/{z}/{x}/{y}.png"]}
OUTLINES = "needs map outlines from the network: land"  # as the renderer says it
MAPS = {
    "tiles": ({"type": "scattermapbox", **POINT}, {}, "", "map tiles"),
    "named tiles": (
        {"type": "densitymapbox", **POINT}, {"mapbox": {"style": "open-street-map"}}, "",
        "map tiles",
    ),
    "tiles of the newer kind": ({"type": "scattermap", **POINT}, {"map": {}}, "", "map tiles"),
    "tiles as a layer": (
        {"type": "scattermapbox", **POINT}, {"mapbox": {**WHITE, "layers": [LAYER]}}, "",
        "map tiles",
    ),
    "no tiles": ({"type": "scattermapbox", **POINT}, {"mapbox": WHITE}, "", ""),
    "outlines": ({"type": "choropleth", "locations": ["FRA"]}, {}, OUTLINES, "map outlines"),
    "outlines of points": ({"type": "scattergeo", **POINT}, {}, OUTLINES, "map outlines"),
    "broken for another reason": ({"type": "scattergeo", **POINT}, {}, "no", ""),
    "shapes": ({"type": "choropleth", "geojson": "https://example.com/a.json"}, {}, "", "shapes"),
    "own shapes": ({"type": "choropleth", "geojson": {"features": []}}, {}, "no", ""),
    "plain": ({"type": "bar", "y": [1]}, {}, "", ""),
    "no map": ({"type": "heatmap", "z": [[1]]}, {}, "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_what_needs_a_network(name):
    trace, layout, message, missing = MAPS[name]
    assert needs_network({"data": [trace], "layout": layout}, message) == missing


@pytest.mark.sandbox
def test_a_map_is_a_named_outcome(options):
    code = "import plotly.graph_objects as go\ngo.Figure(go.Choropleth(locations=['FRA'], z=[1]))"
    (execution,) = run([Script(id="map", code=code)], options)
    assert (execution.status, execution.error_type, execution.images) == ("ok", "NeedsNetwork", ())


NO_SIZES = ({"width": -1}, {"scale": "2"}, {"width": 9e4, "height": 9e4})


@pytest.mark.sandbox
def test_an_export_of_no_size_is_refused_as_kaleido_refuses(options):
    renderer = FigureRenderer(open_sandbox(options.python, "auto"))
    request = {"figure": FIGURE, "format": "png", "width": 9, "height": 9, "scale": 1}
    try:
        replies = [
            json.loads(Renders(renderer).export(json.dumps({**request, **change}).encode()))
            for change in (*NO_SIZES, {})
        ]
    finally:
        renderer.close()
    assert [reply.get("code", 0) for reply in replies] == [525, 525, 525, 0]
    assert [reply["result"] is None for reply in replies] == [True, True, True, False]


def test_foreign_source():
    assert (
        foreign_source({"layout": {"images": [{"source": "http://x/y.png"}]}}) == "http://x/y.png"
    )
    assert foreign_source({"data": [{"source": "data:image/png;base64,"}]}) == ""
    assert foreign_source({"data": [{"link": {"source": [0, 1]}}]}) == ""


def test_pack_unpack():
    execution = Execution(
        id="a",
        status="ok",
        error_type="",
        error_message="é",
        error="",
        images=(b"1\n2", b""),
        blank=(True, False),
        origins=("figure", "foreign"),
        facts="[null,null]",
        stdout_head="\n",
        engine="e",
        isolation="i",
        duration_s=1.5,
    )
    assert unpack(pack(execution), "a") == execution


KEYS = {
    "code": (Script(id="a", code="2"), {}),
    "name": (Script(id="a", code="1", name="a.py"), {}),
    "another name": (Script(id="a", code="1", name="b.py"), {}),
    "file": (Script(id="a", code="1", files={"f": b""}), {}),
    "file content": (Script(id="a", code="1", files={"f": b"x"}), {}),
    "timeout": (Script(id="a", code="1"), {"timeout_s": 9.0}),
    "memory": (Script(id="a", code="1"), {"memory_mb": 9}),
    "saved files": (Script(id="a", code="1"), {"saved_files": True}),
    "engine": (Script(id="a", code="1"), {"engine": "notebook"}),
}


def test_key_holds_what_determines_the_result_and_nothing_else(options, tmp_path):
    other = tmp_path / "other.lock"
    other.write_text("")
    plain = Crew(options, None).key(Script(id="a", code="1"))
    keys = {
        name: Crew(replace(options, **change), None).key(script)
        for name, (script, change) in KEYS.items()
    }
    keys["repetition"] = Crew(options, None).key(Script(id="a", code="1"), 1)
    keys["lock"] = Crew(replace(options, lock=other), None).key(Script(id="a", code="1"))
    assert len({plain, *keys.values()}) == len(keys) + 1
    same = Crew(replace(options, workers=9, twice=True), None).key(Script(id="b", code="1"))
    assert same == plain


BUILDS = {
    "version": "cpython 3.11.99 .cpython-311-x86_64-linux-gnu.so",
    "implementation": "pypy 3.11.2 .cpython-311-x86_64-linux-gnu.so",
    "binary interface": "cpython 3.11.2 .cpython-311d-x86_64-linux-gnu.so",
}


def python_that_says(folder, build):
    """An interpreter that answers the question for its build and prefixes, and can nothing else."""
    folder.mkdir()
    python = folder / "python"
    python.write_text(f"#!/bin/sh\necho '{build}'\necho /usr\n")
    python.chmod(0o755)
    return python


def test_another_python_is_another_key_for_scripts_and_for_sessions(options, tmp_path):
    builds = {"same": "cpython 3.11.2 .cpython-311-x86_64-linux-gnu.so", **BUILDS}
    crews = {
        name: Crew(replace(options, python=python_that_says(tmp_path / name, build)), None)
        for name, build in builds.items()
    }
    crews["again"] = Crew(
        replace(options, python=python_that_says(tmp_path / "again", builds["same"])), None
    )
    for keys in (
        {name: crew.key(Script(id="a", code="1")) for name, crew in crews.items()},
        {name: session_key([Cell("1")], crew) for name, crew in crews.items()},
    ):
        assert keys["again"] == keys["same"]
        assert len(set(keys.values())) == len(builds)


def test_the_interpreter_says_which_python_it_is(options):
    said = subprocess.run([options.python, "-V"], capture_output=True, text=True, check=True)
    assert interpreter(options.python).build.split()[:2] == ["cpython", said.stdout.split()[1]]


KILLED = """
import os, sys
from pathlib import Path
from viscode.execution.engine import RunOptions, run
from viscode.core.records import Script
from viscode.core.workstore import WorkStore
options = RunOptions(Path(sys.argv[1]), Path(sys.argv[2]), 60, 1500, 2, "auto", False)
code = "import matplotlib.pyplot as plt\\nplt.plot([{}, 2])"
scripts = [Script(id=str(n), code="1" * n if n % 5 else code.format(n)) for n in range(1, 41)]
with WorkStore(Path(sys.argv[3])) as store:
    for count, execution in enumerate(run(scripts, options, store)):
        print(execution.id, flush=True)
"""


HELPED = [
    Script(id=str(n), code=f"import plotly.express as px\npx.scatter(x=[1, {n}], y=[2, 1])")
    for n in range(8)
]


@pytest.fixture(scope="module")
def helped(options):
    return by_id(run(HELPED, options))


@pytest.mark.sandbox
@pytest.mark.parametrize("victim", ["warm", "render_plotly", "decode"])
def test_kill_9_of_a_helper_in_the_middle_changes_nothing(options, helped, tmp_path, victim):
    """The fork server and all its forks, the renderer, a decoder: killed while scripts run."""
    with WorkStore(tmp_path / "killed") as store:
        executions = run(HELPED, options, store)
        found = [next(executions), next(executions)]
        assert kill_all(victim) > 0
        found += list(executions)
        assert store.count(EXECUTION_KIND) == len(HELPED)
    assert by_id(found) == helped


def kill_all(module: str) -> int:
    """SIGKILL to the processes of this test run that run a module of inside/."""
    killed = 0
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError):
            if f"start.py\0{module}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return killed


@pytest.mark.sandbox
def test_kill_9_of_the_supervisor_in_the_middle_of_40_scripts(options, tmp_path):
    command = [sys.executable, "-c", KILLED, str(options.python), str(options.lock)]
    stores = {name: tmp_path / name for name in ("calm", "killed")}

    def start(store: Path) -> subprocess.Popen:
        return subprocess.Popen([*command, str(store)], stdout=subprocess.PIPE, text=True, cwd=ROOT)

    child = start(stores["killed"])
    for _ in range(12):
        child.stdout.readline()
    child.kill()
    child.communicate()
    before = entries(stores["killed"])
    assert 12 <= len(before) < 40
    for name in stores.values():
        assert start(name).communicate(timeout=300)[0].count("\n") == 40
    after, calm = entries(stores["killed"]), entries(stores["calm"])
    assert len(after) == 40
    assert {key: after[key] for key in before} == before  # time stamps too: nothing ran again
    assert {key: value for key, (value, _) in after.items()} == {
        key: value for key, (value, _) in calm.items()
    }


def entries(store: Path) -> dict[str, tuple[Execution, float]]:
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
        rows = db.execute(
            "SELECT key, value, stored_at FROM work WHERE kind = ?", (EXECUTION_KIND,)
        )
        return {
            key: (unpack(value, key).model_copy(update={"duration_s": 0.0}), when)
            for key, value, when in rows
        }


def test_missing_lock_file(options, tmp_path):
    with pytest.raises(UserError, match="lock file"):
        list(run([], replace(options, lock=tmp_path / "none"), None))


@pytest.mark.sandbox
def test_a_damaged_verdict_is_made_again(options, tmp_path, capsys):
    with WorkStore(tmp_path / "store") as store:
        (good,) = run(sample()[:1], options, store)
        ((value,),) = store.query("SELECT value FROM work")
        for damaged in (
            *(value[: len(value) // 2], value[:-1], value + b"more", b"not JSON\n"),
            *(value.replace(b'"status"', b'"state"'), value.replace(b'"ok"', b'"fine"')),
            b'{"image_bytes": 5}\n',
        ):
            store._db.execute("UPDATE work SET value = ?, hash = NULL", (damaged,))
            (again,) = run(sample()[:1], options, store)
            assert again.model_copy(update={"duration_s": good.duration_s}) == good
            assert "a damaged value, made again: execution" in capsys.readouterr().err
            assert list(run(sample()[:1], options, store)) == [again]
