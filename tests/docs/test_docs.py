"""The documentation names only what is there."""

import re
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from viscode.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "AGENTS.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
GENERATED = ("reference/index.md",)  # by docs/reference_pages.py
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:viscode|stages|docs|envs|bench|tests|samples|profiles|\.dvc)/[\w./@-]+")
MADE = re.compile(r".*(?:MODEL|NAME|ROOM).*|\.dvc/tmp/.*")


@pytest.fixture(scope="module")
def params():
    return YAML(typ="safe").load(ROOT / "params.yaml")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    for link in links:
        target = link.partition("#")[0]
        if target and target not in GENERATED:
            assert (page.parent / target).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_are_there(page):
    named = {name for code in CODE.findall(page.read_text()) if (name := PATH.fullmatch(code))}
    missing = [n[0] for n in named if not (ROOT / n[0]).exists() and not MADE.fullmatch(n[0])]
    assert missing == []


def has(params, dotted):
    value = params
    for part in dotted.split("."):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_parameters_are_there(page, params):
    sections = "|".join(params)
    named = re.findall(rf"\b((?:{sections})(?:\.[a-z_0-9]+)+)\b(?!\.?/)", page.read_text())
    files = (".yaml", ".png", ".py", ".md", ".json", ".jsonl", ".tsv")
    unknown = {n for n in named if not n.endswith(files) and not has(params, n)}
    assert unknown == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_there(page):
    for words in re.findall(r"\bviscode ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", page.read_text()):
        first, _, second = words.partition(" ")
        if (
            f"`viscode {first}" not in page.read_text()
            and f"\nviscode {first}" not in page.read_text()
        ):
            continue  # a word of a sentence
        assert first in main.commands, words
        command = main.commands[first]
        if isinstance(command, click.Group) and second:
            assert second in command.commands, words


def test_every_page_is_in_the_navigation():
    nav = YAML(typ="safe").load(ROOT / "mkdocs.yml")["nav"]
    listed = [entry if isinstance(entry, str) else next(iter(entry.values())) for entry in nav]
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert {name for name in listed if "/" not in name} == pages
    index = (ROOT / "docs/index.md").read_text()
    assert all(f"({name})" in index for name in pages - {"index.md"})


@pytest.mark.parametrize(
    ("name", "lines", "words"), [("README.md", 120, 1100), ("AGENTS.md", 60, 1000)]
)
def test_first_pages_are_short(name, lines, words):
    text = (ROOT / name).read_text()
    assert len(text.splitlines()) <= lines
    assert len(text.split()) <= words
