"""The store, determinism, failures of the machinery, and the renderer's restarts."""

import os
import signal
from dataclasses import replace

import pytest

from viscode.errors import UserError
from viscode.execution.engine import KIND, Crew, pack, run, unpack
from viscode.execution.render import Renderer, RenderError, foreign_source
from viscode.execution.sandbox import open_sandbox
from viscode.records import Execution, Script
from viscode.workstore import WorkStore

RANDOM = """
import random, numpy as np, matplotlib.pyplot as plt
from numpy.random import default_rng, RandomState, SeedSequence
print(random.random(), np.random.rand(), RandomState().rand(), default_rng().random(),
      default_rng(SeedSequence()).random(), hash('x'), object())
plt.scatter(*default_rng().random((2, 9)))
"""
PLOTLY = "import plotly.express as px\npx.scatter(x=[1, 2, 3], y=[2, 1, 3]).show()"
FIGURE = {"data": [{"type": "bar", "y": [1, 2]}], "layout": {}}


def sample() -> list[Script]:
    codes = {"random": RANDOM, "plotly": PLOTLY, "error": "object().x", "none": "1"}
    return [Script(id=name, code=code) for name, code in codes.items()]


def by_id(executions) -> dict[str, Execution]:
    return {e.id: e.model_copy(update={"duration_s": 0.0}) for e in executions}


@pytest.mark.sandbox
def test_same_scripts_same_records_with_empty_stores(options, tmp_path):
    runs = []
    for name in ("a", "b"):
        with WorkStore(tmp_path / name) as store:
            runs.append(by_id(run(sample(), options, store)))
            assert store.count(KIND) == 4
    assert runs[0] == runs[1]
    assert set(runs[0]) == {"random", "plotly", "error", "none"}
    assert len(set(runs[0]["random"].stdout_head.split()[:5])) == 5


@pytest.mark.sandbox
def test_known_scripts_are_served_without_an_interpreter(options, tmp_path):
    with WorkStore(tmp_path / "store") as store:
        first = by_id(run(sample()[2:], options, store))
        poisoned = replace(options, python=tmp_path / "no-python")
        assert by_id(run(sample()[2:], poisoned, store)) == first
        with pytest.raises(UserError, match="interpreter"):
            list(run([Script(id="new", code="2")], poisoned, store))


@pytest.mark.sandbox
def test_kernel_that_does_not_start_names_the_script_and_is_not_stored(options, tmp_path):
    bare = tmp_path / "bare"
    os.system(f"{options.python} -m venv --without-pip {bare}")
    broken = replace(options, python=bare / "bin/python", isolation="none")
    with WorkStore(tmp_path / "store") as store:
        with pytest.raises(UserError, match=r"script lonely.*ipykernel"):
            list(run([Script(id="lonely", code="1")], broken, store))
        assert store.count(KIND) == 0


@pytest.mark.sandbox
def test_closing_the_iterator_ends_what_runs(options, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    slow = [Script(id=str(n), code=f"import time; time.sleep({n * 100})") for n in range(4)]
    with WorkStore(tmp_path / "store") as store:
        executions = run(slow, options, store)
        assert next(executions).id == "0"
        executions.close()
        assert store.count(KIND) == 1
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
    renderer = Renderer(open_sandbox(options.python, "auto"))
    try:
        first = renderer.render(FIGURE)
        os.kill(renderer._process.pid, signal.SIGKILL)
        assert renderer.render(FIGURE) == first
        with pytest.raises(RenderError):
            renderer.render({"data": [], "layout": {"images": [{"source": "file:///etc/passwd"}]}})
    finally:
        renderer.close()


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
        facts="[null,null]",
        stdout_head="\n",
        engine="e",
        isolation="i",
        duration_s=1.5,
    )
    assert unpack(pack(execution), "a") == execution


KEYS = {
    "code": (Script(id="a", code="2"), {}),
    "file": (Script(id="a", code="1", files={"f": b""}), {}),
    "file content": (Script(id="a", code="1", files={"f": b"x"}), {}),
    "timeout": (Script(id="a", code="1"), {"timeout_s": 9.0}),
    "memory": (Script(id="a", code="1"), {"memory_mb": 9}),
    "saved files": (Script(id="a", code="1"), {"saved_files": True}),
}


def test_key_holds_what_determines_the_result_and_nothing_else(options, tmp_path):
    other = tmp_path / "other.lock"
    other.write_text("")
    plain = Crew(options, None).key(Script(id="a", code="1"))
    keys = {
        name: Crew(replace(options, **change), None).key(script)
        for name, (script, change) in KEYS.items()
    }
    keys["lock"] = Crew(replace(options, lock=other), None).key(Script(id="a", code="1"))
    assert len({plain, *keys.values()}) == len(keys) + 1
    same = Crew(replace(options, workers=9), None).key(Script(id="b", code="1"))
    assert same == plain


def test_missing_lock_file(options, tmp_path):
    with pytest.raises(UserError, match="lock file"):
        list(run([], replace(options, lock=tmp_path / "none"), None))
