"""Every command of README.md and docs/ works as it is written, or stands here with the reason why
it is not run by this test."""

import re
import signal
import subprocess
import urllib.request

import pytest
from copies import environment
from documented import PAGES, commands

pytestmark = pytest.mark.e2e

REMOTE = "test_remote.py"
ABLATIONS = "test_ablations.py"
PIPELINE = "test_pipeline.py"
LONG = "takes minutes: the README quotes its last line with the conditions"
MAKE = "a target of the Makefile: CI runs `make test`, which sets up, checks and tests"
ENVIRONMENT = "the tests run in the environment already"
PACKAGE = "tests/cli/test_package.py"
FULL_SIZE = "needs a GPU node or a paid API"
# command -> where it is run, or why it is not
NOT_HERE = {
    "make repro": "sets up the environments, then `dvc repro`",
    **dict.fromkeys(
        ["make test", "make setup", "make check", "make unit", "make sandbox", "make e2e",
         "make slow", "make browser", "make docs"], MAKE
    ),
    "source .venv/bin/activate": ENVIRONMENT,
    "pip install .": PACKAGE,
    "viscode env create": PACKAGE,
    "export OPENAI_API_KEY=...": "no key, no call",
    "dvc repro": PIPELINE,
    "dvc exp run -S train.lr=5e-6": PIPELINE,
    "git switch -c ablation/no-charts": ABLATIONS,
    'git add dvc.lock metrics params.yaml && git commit -m "without charts"': ABLATIONS,
    "dvc metrics diff main ablation/no-charts": ABLATIONS,
    "python bench/busy.py": LONG,
    'python bench/busy.py --before ""': LONG,
    "python bench/execution.py --scripts 200": LONG,
    "python bench/confirmed.py": LONG,
    "viscode profile use paper_data && viscode profile use paper_3b": PIPELINE,
    "viscode profile use paper_3b": PIPELINE,
    "viscode profile use paper_7b": PIPELINE,
    "viscode profile use paper_data": PIPELINE,
    "make -f pipeline.mk -j 2": "tests/cli/test_makefile.py, with a smaller pipeline",
    "dvc repro answer report": FULL_SIZE,
    "dvc repro train": FULL_SIZE,
    "dvc repro assemble collect_model": FULL_SIZE,
    "dvc commit train": FULL_SIZE,
    "torchrun --nnodes 2 --nproc_per_node 8 --rdzv_backend c10d --rdzv_endpoint FIRST_HOST:29500 "
    "--rdzv_id train -m stages.train": FULL_SIZE,
    "python bench/full_size.py --write docs/full-size.md": "tests/test_profiles.py",
    "viscode serve": "test_the_report_is_served",
    "python samples/build.py": "tests/samples",
}  # fmt: skip
BY_PAGE = {"docs/remote.md": REMOTE, "docs/ablations.md": ABLATIONS}
QUEUED = "dvc exp run "  # what they set is run by the tests of the package
LOAD_ALL = """
from importlib import import_module
from pkgutil import iter_modules
from viscode import settings
from viscode.settings.base import Settings, load
for module in iter_modules(settings.__path__):
    import_module(f"viscode.settings.{module.name}")
kinds = [kind for kind in Settings.__subclasses__() if getattr(kind, "PATH", "")]
assert len(kinds) > 12, kinds
for kind in kinds:
    load(kind, at="models.tuned" if kind.PATH == "models" else None)
"""
PREPARED = {
    "script.py": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n",
    "notebook.ipynb": '{"cells": [{"cell_type": "code", "source": "print(1)"}]}',
    "train.py": "import matplotlib.pyplot as plt\nplt.plot(losses)\nplt.title('Loss')\n",
    "code/one.py": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n",
    "folder/one.py": "print(1)\n",
    "more.jsonl": '{"id": "a", "code": "1 / 0"}\n',
    "answers.jsonl": '{"id": 1, "response": "```python\\n1\\n```"}\n',
}


def documented():
    """Each command once, with the pages that have it."""
    found = {}
    for page in PAGES:
        for command in commands(page):
            found.setdefault(command.text, []).append(page)
    return found


def elsewhere(text, pages):
    """Where a command is run, or why not; "" for one that is run here."""
    return NOT_HERE.get(text) or next((BY_PAGE[page] for page in pages if page in BY_PAGE), "")


ALL = documented()
HERE = [text for text, pages in ALL.items() if not elsewhere(text, pages)]


def test_no_exception_is_kept_for_a_command_that_is_gone():
    assert len(ALL) > 50
    assert set(NOT_HERE) - set(ALL) == set()


@pytest.fixture(scope="module")
def prepared(project):
    """The finished project, with the files that the commands name."""
    for name, text in PREPARED.items():
        (project.path / name).parent.mkdir(exist_ok=True)
        (project.path / name).write_text(text)
    yield project
    project.run("git", "clean", "-fdq")
    project.run("git", "checkout", "-q", ".")


@pytest.mark.parametrize("text", [text for text in HERE if not text.startswith(QUEUED)])
def test_it_works_as_written(prepared, text):
    output = prepared.type(text)
    assert not re.search(r"^Traceback", output, re.MULTILINE)
    prepared.run("git", "checkout", "-q", "params.yaml", "dvc.lock")


@pytest.mark.parametrize("text", [text for text in HERE if text.startswith(QUEUED)])
def test_an_experiment_sets_parameters_that_there_are(prepared, text):
    prepared.type(f"{text} --queue")
    queued = prepared.run("git", "show", "refs/exps/celery/stash:params.yaml").stdout
    assert queued != (prepared.path / "params.yaml").read_text()
    (prepared.path / "params.yaml").write_text(queued)
    prepared.run("python", "-c", LOAD_ALL)
    prepared.run("git", "checkout", "-q", "params.yaml", "dvc.lock")


def test_the_report_is_served(project):
    command = next(text for text in ALL if text == "viscode serve")
    running = subprocess.Popen(
        [*command.split(), "--port", "0"],
        cwd=project.path, env=environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = re.search(r"http://\S+", running.stdout.readline())[0]
        with urllib.request.urlopen(address) as reply:
            assert b"VisCode" in reply.read()
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=120)
