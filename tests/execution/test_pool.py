"""Which process a script is forked from makes no difference to it: early ones see what later ones
see, and nothing that an early one does reaches a later one."""

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.core.records import Script
from viscode.execution import pool, verdict
from viscode.execution.cell_run import EngineFailure
from viscode.execution.engine import Crew
from viscode.execution.fork_server import START_TIMEOUT_S, ForkServer
from viscode.execution.usage import descendants
from viscode.execution.worker import Worker

pytestmark = pytest.mark.sandbox

PLT = "import matplotlib.pyplot as plt\n"
FINDERS = "import sys\nprint([type(one).__name__ for one in sys.meta_path])"
SCRIPTS = {
    "line": PLT + "plt.plot([1, 2, 3], label='a')\nplt.title('$x^2$')\nplt.legend()",
    "unseeded": PLT + "import numpy as np, random\nplt.plot(np.random.rand(5))\n"
    "plt.scatter(*np.random.default_rng().random((2, 9)))\nprint(random.random())",
    "seaborn": "import seaborn as sns\nimport pandas as pd\n"
    "sns.boxplot(pd.DataFrame({'g': ['x', 'y'], 'a': [1, 2]}), x='g', y='a')",
    "plotly": "import plotly.express as px\npx.bar(x=[1, 2], y=[3, 4], title='t').show()",
    "fails in pandas": "import pandas as pd\npd.DataFrame({'a': [1]})['Sales']",
    "fails in matplotlib": PLT + "plt.plot([1, 2], colour='red')",
    "fails after drawing": PLT + "plt.plot([1])\nplt.show()\n1 / 0",
    "syntax": "print('x'",
    "nothing imported": "import sys\nprint(sorted({'numpy', 'pandas', 'pool', 'forks', 'shell'}"
    " & set(sys.modules)), len(sys.path), __name__, dir())\nplt.plot([1])",
    "modules": "import sys, hashlib\n"
    "print(hashlib.md5(repr(sorted(sys.modules)).encode()).hexdigest())",
    "warnings": "import warnings\nimport seaborn, statsmodels.api\n"
    "print([str(one[:3]) for one in warnings.filters])",
}
HOSTILE = {
    "kills its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "changes modules": "import sys, builtins, json\nimport matplotlib.pyplot as plt\n"
    "plt.show = plt.plot = None\nbuiltins.sorted = None\njson.loads = None\nsys.meta_path.clear()",
    "stays": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)",
    "fills its folders": "import os\nfor place in ('.', os.environ['HOME'],"
    " os.environ['MPLCONFIGDIR']):\n    open(f'{place}/matplotlibrc', 'w').write("
    "'lines.linewidth: 9')",
    "writes where others live": "import sys\nfor place in sys.path[1:]:\n    try:\n"
    "        open(f'{place}/sitecustomize.py', 'w').write('1 / 0')\n    except OSError: pass",
}


class Pool:
    """A pool of its own in one mode, and the verdicts that come out of it."""

    def __init__(self, options, isolation="auto", few=pool.FEW):
        self.crew = Crew(replace(options, isolation=isolation), None)
        try:
            self.services = self.crew.services
        except UserError as error:
            pytest.skip(str(error))
        self.workers = pool.Workers(self.services, self.crew.limits, few)

    def judge(self, code):
        script = Script(id="one", code=code)
        run = self.workers.run(script, self.crew.limits, lambda: False, saved_files=True)
        run.seconds = 0.0
        return verdict.execution(
            script, run, self.services, engine="warm", timeout_s=self.crew.limits.timeout_s
        )

    def is_warm(self):
        return "Vault" in self.judge(FINDERS).stdout_head


@pytest.fixture
def bench(options, request):
    found = Pool(options, getattr(request, "param", "auto"))
    yield found
    found.workers.close()


@pytest.fixture(scope="module")
def both(options):
    """A pool that only has a bare process, and one that has a warm one."""
    bare, warm = Pool(options, few=1 << 30), Pool(options)
    warm.workers.warm_up(1)
    assert (bare.is_warm(), warm.is_warm()) == (False, True)
    yield bare, warm
    bare.workers.close()
    warm.workers.close()


@pytest.mark.parametrize("bench", ["auto", "B"], indirect=True)
def test_the_first_scripts_do_not_wait_for_the_warm_process(bench):
    """And give what those that come later do."""
    code = SCRIPTS["unseeded"] + "\nprint(sorted(globals()))"
    began = time.monotonic()
    first = bench.judge(code)
    assert len(first.images) == 1
    assert not bench.is_warm()  # nor was the script before this one
    assert time.monotonic() - began < START_TIMEOUT_S / 2  # nor for a stage that never comes
    assert all(bench.judge(code) == first for _ in range(3))
    bench.workers.warm_up(1)
    assert bench.is_warm()
    assert all(bench.judge(code) == first for _ in range(3))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_gives_the_same_wherever_it_comes_from(both, name):
    bare, warm = both
    first = bare.judge(SCRIPTS[name])
    assert warm.judge(SCRIPTS[name]) == first
    assert ("fails" in name or name in ("syntax", "nothing imported")) == (first.status == "error")


def test_what_an_early_script_does_reaches_no_later_one(both, bench):
    _, calm = both
    bench.workers.few = len(HOSTILE)
    for code in HOSTILE.values():
        bench.judge(code)
    code = SCRIPTS["line"] + "\nimport json, os\nprint(sorted(json.loads('[2, 1]')), os.listdir())"
    expected = calm.judge(code)
    assert (expected.status, len(expected.images)) == ("ok", 1)
    assert bench.judge(code) == expected
    bench.workers.warm_up(1)
    assert bench.is_warm()
    assert bench.judge(code) == expected


@pytest.mark.parametrize("bench", ["auto", "B"], indirect=True)
def test_scripts_that_come_at_once_are_all_judged(bench):
    codes = [SCRIPTS["line"], "1 / 0", FINDERS, "import os\nos._exit(3)"] * 3
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(bench.judge, codes))
    assert [one.status for one in found] == ["ok", "error", "ok", "died"] * 3
    assert [len(one.images) for one in found] == [1, 0, 0, 0] * 3


@pytest.mark.parametrize("warm", [False, True])
def test_a_killed_process_is_replaced(bench, warm):
    if warm:
        bench.workers.warm_up(1)
    assert bench.is_warm() == warm
    assert kill_fork_servers() > 0
    with contextlib.suppress(
        EngineFailure
    ):  # the worker that waits is dead: the engine tries again
        bench.judge("1")
    assert bench.judge("1").status == "ok"


def kill_fork_servers():
    killed = 0
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError):
            if b"start.py\0warm\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return killed


def test_workers_that_end_at_once_spoil_none_that_comes_later(bench):
    if not bench.services.sandbox.namespaces:
        pytest.skip("without namespaces a server has one worker")
    server = ForkServer(bench.services, bench.crew.limits, warm=False)
    try:
        for _ in range(40):  # each has ordered a cell that is still being made
            Worker(server, bench.services, own_server=False).close()
        worker = Worker(server, bench.services, own_server=False)
        run = worker.run(
            Script(id="one", code="print(1)"), bench.crew.limits, lambda: False, saved_files=False
        )
        assert run.died is None
        assert run.failure is None
        assert "".join(output["text"] for output in run.outputs) == "1\n"
        worker.close()
    finally:
        server.close()
