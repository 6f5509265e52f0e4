"""docs/paper-index.md names modules, commands, tests and files that exist, and all of the paper."""

import re
from pathlib import Path

from viscode.cli.main import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/paper-index.md").read_text()
NAMED = sorted(set(re.findall(r"`([^`]+)`", TEXT)))
PATHS = [name for name in NAMED if "/" in name and name != "report/site/"]
STAGES = {path.stem for path in (ROOT / "stages").glob("[!_]*.py")}


def test_the_files_are_there():
    assert len(PATHS) > 50
    assert [path for path in PATHS if not (ROOT / path).is_file()] == []


def test_the_stages_are_there():
    named = {name.removeprefix("dvc repro ") for name in NAMED if name.startswith("dvc repro ")}
    assert len(named) > 10 and named - STAGES == {"STAGE"}


def test_the_commands_are_there():
    named = [name.split()[1:] for name in NAMED if name.startswith("viscode ")]
    assert len(named) > 4
    for words in named:
        command = main
        for word in words:
            command = command.commands[word]


def rows(heading):
    part = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line.split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]


def test_each_part_of_the_pipeline_has_code_a_command_and_a_test():
    for paper, code, command, test in rows("Sections"):
        assert "`" in code and "`" in command and "`tests/" in test, paper
    tests = [name for name in PATHS if name.startswith("tests/")]
    assert len(tests) > 20


def test_every_table_and_figure_is_there():
    found = {"Table": set(), "Figure": set()}
    for kind, first, last in re.findall(r"(Table|Figure)s? (\d+)(?: to (\d+))?", TEXT):
        found[kind] |= set(range(int(first), int(last or first) + 1))
    assert found == {"Table": set(range(1, 17)), "Figure": set(range(1, 9))}
