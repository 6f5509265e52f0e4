"""CONTRIBUTING.md's table of rooms is what the rooms say of themselves."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORM = re.compile(
    r"(?P<what>.+?)\.\n\nMay import: (?P<imports>[^\n]+)\.\n"
    r"In(?:: (?P<given>[^.]+(?:\.\w+[^.]*)*)\. Out| and out): (?P<made>.+)\.",
    re.DOTALL,
)


def rooms():
    """Room -> its docstring, as FORM reads it."""
    found = {}
    for path in sorted((ROOT / "viscode").glob("*/__init__.py")):
        text = import_module(f"viscode.{path.parent.name}").__doc__ or ""
        match = FORM.fullmatch(text.strip())
        assert match, f"{path}: not in the form of the other rooms"
        found[path.parent.name] = {
            name: " ".join((value or match["made"]).split())
            for name, value in match.groupdict().items()
        }
    return found


def table():
    return [
        f"| `viscode/{name}/` | {one['what']} | {one['given']} | {one['made']} |"
        for name, one in rooms().items()
    ]


def test_the_table_of_rooms():
    found = (ROOT / "CONTRIBUTING.md").read_text().split("## Rooms\n")[1].split("\n## ")[0]
    assert [line for line in found.splitlines() if line.startswith("| `")] == table()


def imported(room):
    """The other rooms that a room's modules import, inside functions too."""
    found = set()
    for path in (ROOT / "viscode" / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            found |= {name.split(".")[1] for name in names if name.startswith("viscode.")}
    return found - {room}


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_what_it_says(room):
    said = rooms()[room]["imports"]
    if said == "every room":
        return
    assert imported(room) == (set() if said == "no other room" else set(said.split(", ")))


if __name__ == "__main__":
    print("\n".join(table()))
