"""What the tests of the engine share: its options, a way to run one script, and one to attack."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hostile_world import INNOCENT, PRELUDE, Peak, World, setting, survivors
from ordinary_user import OrdinaryUser

from viscode.core.hashing import hash_rank
from viscode.core.records import Execution, Script
from viscode.execution.engine import RunOptions, run, warm_up
from viscode.execution.watch import ScriptLimits

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="session")
def options() -> RunOptions:
    return RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=60,
        memory_mb=1500,
        workers=2,
        isolation="auto",
        saved_files=False,
        engine="warm",
    )


@pytest.fixture(scope="session")
def execute(options: RunOptions) -> Callable[..., Execution]:
    """Run one script: execute(code, files={...}, timeout_s=3, ...)."""

    def one(code: str, files: dict[str, bytes] | None = None, **changes: object) -> Execution:
        script = Script(id="one", code=code, files=files or {})
        (execution,) = run([script], replace(options, workers=1, **changes))
        return execution

    return one


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    found = World(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


@pytest.fixture
def as_user(tmp_path):
    return OrdinaryUser(tmp_path)


THIRD = "55"  # of all hashes are below it
ALWAYS = ("test_everything_outside", "test_everything_outside_of_sight")
BOTH = ("test_both_engines_agree", "test_both_engines_show_the_same")  # one run in each engine


def given(item):
    """The parameters of a test."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def pytest_collection_modifyitems(items):
    """All attacks and scripts run in mode A of the warm engine each time. In mode B and in the
    notebook engine, which starts a kernel for each script, a third of them does, by hash; the
    others are `slow`."""
    for item in items:
        how = given(item)
        elsewhere = {how.get(what) for what in ("attack", "engine", "renderer", "decoders")}
        if item.originalname not in BOTH and elsewhere.isdisjoint(("B", "notebook")):
            continue
        if item.originalname in ALWAYS or not item.path.is_relative_to(HERE):
            continue
        if "engine" not in how:
            sampled = item.nodeid
        elif "name" in how:  # one script, one picture: the same ones in all tests of a module
            sampled = f"{item.path.name} {how['name']}"
        else:
            continue
        if hash_rank(sampled, 1) > THIRD:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def asked(request):
    """asked(engine): the names of the scripts that this module's tests look at in that engine."""
    tests = [given(item) for item in request.session.items if item.module is request.module]

    def of(engine: str) -> set[str]:
        return {
            how["name"] for how in tests if "name" in how and how.get("engine") in (None, engine)
        }

    return of


PEAK_BYTES = 286 << 20  # beyond the 114 MB that a program has anyway: 400 MB in all
ATTACKS_AT_MOST = 8  # in a row, before the innocent script runs


class Innocent:
    """A script that draws the same to the byte on the warm process that attacks have run on. It
    runs before all of them, right after those that ask for it, after a few of the others, and at
    the end of their module; each attack in between is a next script, too, with a known verdict."""

    def __init__(self) -> None:
        self.before: dict[str, Execution] = {}  # what it gave before all attacks, per setting
        self.attacks: dict[str, list[str]] = {}  # that have come since it ran
        self.runs: dict[str, Callable[[], Execution]] = {}

    def run(self, name: str) -> Execution:
        return self.runs[name]().model_copy(update={"duration_s": 0.0, "id": ""})

    def check(self, name: str) -> None:
        since = self.attacks.pop(name, [])
        assert self.run(name) == self.before[name], f"after one of {since}"

    def check_all(self) -> None:
        for name in list(self.attacks):
            self.check(name)


@pytest.fixture(scope="session")
def innocent():
    return Innocent()


@pytest.fixture(scope="module")
def at_the_end(innocent):
    yield
    innocent.check_all()


@pytest.fixture
def attack(request, options, execute, world, monkeypatch, innocent, at_the_end):
    """Run hostile scripts in the setting that the test names ("A", "B", "notebook"); then look
    whether all is well: nothing outside has changed, no process of theirs is left, this process
    held little memory. `attack.next_is_well()` runs the innocent script at once."""
    name = getattr(request, "param", "A")
    how = setting(options.python, name)

    def one(code, **changes):
        return execute(code, isolation=how.isolation, engine=how.engine, **changes)

    if name not in innocent.before and how.engine == "warm":
        warm_up(replace(options, workers=1, isolation=how.isolation))
        innocent.runs[name] = partial(one, INNOCENT)
        innocent.before[name] = found = innocent.run(name)
        assert (found.status, len(found.images), found.blank) == ("ok", 1, (False,))
    monkeypatch.setattr("viscode.execution.engine.ScriptLimits", partial(ScriptLimits, grace_s=1.0))

    def run_one(code, **changes):
        execution = one(PRELUDE + world.names + code, **changes)
        assert execution.isolation[0] == how.mode
        return execution

    def next_is_well():
        if how.engine == "warm":  # in the other one no process is shared with the next script
            innocent.attacks.setdefault(name, []).append(request.node.name)
            innocent.check(name)

    run_one.isolation, run_one.setting, run_one.next_is_well = how.isolation, name, next_is_well
    peak = Peak()
    peak.start()
    yield run_one
    assert peak.growth() < PEAK_BYTES
    assert survivors() == []
    assert world.state() == world.before
    if how.engine == "warm":
        since = innocent.attacks.setdefault(name, [])
        since.append(request.node.name)
        if len(since) >= ATTACKS_AT_MOST:
            innocent.check(name)
