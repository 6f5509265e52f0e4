"""What `pip install viscode` brings: pyproject.toml against the code and the locks, and the wheel
in an empty environment."""

import ast
import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {"docs": "docs.lock"}  # the others: tool.lock
ROOMS = {
    "corpora": {"data"},
    "charts": {"data"},
    "extract": {"data"},
    "instruct": {"data"},
    "dialogues": {"data"},
    "dataset": {"data"},
    "llm": {"data", "train"},
    "models": {"data", "train"},
    "training": {"train"},
    "cli": {"data", "train"},  # its commands import what they need when they are called
    "core": {"data"},  # the check that DVC sees a file, where DVC is installed
}
"""Room -> the extras that it may import from. The other rooms need the core alone."""
INSIDE = {path.stem for path in (ROOT / "viscode/execution/inside").glob("*.py")}
READ = "import pandas as pd\ndf = pd.read_csv('data.csv')\n"
KNOWN = {*sys.stdlib_module_names, "viscode", *INSIDE}


def locked(name):
    lines = (ROOT / "envs" / name).read_text().splitlines()
    pins = [line.split("==") for line in lines if "==" in line]
    return {canonicalize_name(name): version for name, version in pins}


def requirements(*extras):
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.parametrize(
    ("line", "lock"),
    [(line, "tool.lock") for line in PROJECT["dependencies"]]
    + [(line, LOCKS.get(name, "tool.lock")) for name, lines in EXTRAS.items() for line in lines],
)
def test_the_locks_satisfy_every_requirement(line, lock):
    requirement = Requirement(line)
    version = locked(lock)[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version), version
    assert any(one.operator == "<" for one in requirement.specifier), "no upper bound"


def foreign(path):
    """Top-level names of the third-party packages that a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
        else:
            continue
        yield from {name.partition(".")[0] for name in names} - KNOWN


MODULES = [
    path
    for path in sorted((ROOT / "viscode").rglob("*.py"))
    if "inside" not in path.parts or path.name == "decode.py"  # the others run in .venv-plots
]
DISTRIBUTIONS = packages_distributions()


def test_every_import_is_declared_for_its_room():
    undeclared = []
    for path in MODULES:
        room = path.relative_to(ROOT / "viscode").parts[0]
        here = requirements(*ROOMS.get(room, ()))
        for name in foreign(path):
            if not {canonicalize_name(one) for one in DISTRIBUTIONS.get(name, [name])} & here:
                undeclared.append((str(path.relative_to(ROOT)), name))
    assert undeclared == []


def test_nothing_is_declared_that_no_module_imports():
    used = {
        canonicalize_name(one)
        for path in MODULES
        for name in foreign(path)
        for one in DISTRIBUTIONS.get(name, [name])
    }
    others = {
        "accelerate",  # transformers' Trainer asks for it
        "dvc-s3",  # remotes on S3
        "tokenizers",  # transformers' fast tokenizers
    }
    assert requirements("data", "train") - used - others == set()


def test_every_file_that_modules_read_is_in_the_wheel():
    listed = subprocess.run(
        ["git", "ls-files", "viscode"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    others = {Path(name).relative_to("viscode") for name in listed if not name.endswith(".py")}
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["viscode"]
    lacking = {path for path in others if not any(map(path.match, patterns))}
    assert lacking == {Path(".dvcignore")}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel in an environment of its own: its bin folder, and an empty folder to work in."""
    place = tmp_path_factory.mktemp("package")
    files = subprocess.run(
        ["git", "ls-files", "-z", "viscode", "envs", "params.yaml", "pyproject.toml", "README.md",
         "LICENSE"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    archive = subprocess.run(
        ["tar", "-c", *filter(None, files)], cwd=ROOT, capture_output=True, check=True
    ).stdout
    (place / "source").mkdir()
    subprocess.run(["tar", "-x", "-C", place / "source"], input=archive, check=True)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", place, place / "source"], check=True)
    (wheel,) = place.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", place / "env"], check=True)
    subprocess.run(
        [place / "env/bin/python", "-m", "pip", "install", "-q", "--no-compile", wheel], check=True
    )
    (place / "work").mkdir()
    return place / "env/bin", place / "work"


def viscode(installed, *arguments):
    programs, work = installed
    return subprocess.run(
        [programs / "viscode", *map(str, arguments)],
        cwd=work, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(3600)  # two minutes of work, nearly all of it pip's
def test_the_wheel_in_an_empty_environment(installed):
    programs, work = installed
    has = "import importlib.util, sys; sys.exit(any(map(importlib.util.find_spec, sys.argv[1:])))"
    subprocess.run([programs / "python", "-c", has, "torch", "dvc", "transformers"], check=True)
    (work / "one.py").write_text("import seaborn\nseaborn.barplot(x=['a', 'b'], y=[1, 2])\n")
    (work / "two.py").write_text("import plotly.express as px\npx.bar(x=[1], y=[2]).show()\n")

    first = viscode(installed, "run", "--out", "images", "one.py")
    assert first.returncode == 1 and "-> viscode env create" in first.stderr
    assert first.stderr.count("\n") == 1
    made = viscode(installed, "env", "create")
    assert made.returncode == 0, made.stderr
    assert (programs.parent / ".venv-plots/bin/python").exists()
    assert "up to date" in viscode(installed, "env", "create").stdout

    ran = viscode(installed, "run", "--out", "images", "one.py", "two.py")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["status"] for line in lines] == ["ok", "ok"], ran.stderr
    assert all((work / line["images"][0]).stat().st_size > 1000 for line in lines)

    lines = (ROOT / "samples/tasks.jsonl").read_text().splitlines(keepends=True)[:2]
    (work / "tasks.jsonl").write_text("".join(lines))
    with (work / "answers.jsonl").open("w") as stream:
        for task in map(json.loads, lines):
            code = f"{READ}{task['code_data'] or ''}\n{task['code_plot']}"
            row = {"id": task["id"], "response": f"```python\n{code}\n```"}
            stream.write(json.dumps(row) + "\n")
    scored = viscode(
        installed, "bench", "score", "--tasks", "tasks.jsonl", "--answers", "answers.jsonl",
        "--library", "matplotlib", "--protocol", "isolated", "--out", "scores",
    )  # fmt: skip
    assert scored.returncode == 0, scored.stderr
    assert [json.loads(line)["passed"] for line in scored.stdout.splitlines()] == [True, True]
    (work / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    lacking = viscode(installed, "params", "train.lr")  # which stages it runs again, DVC knows
    assert lacking.returncode == 1 and "pip install 'viscode[data,train]'" in lacking.stderr
