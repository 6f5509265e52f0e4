"""One entry of the registry makes a library known to every part of the program."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from viscode.execution.verdict import FACTS_READERS
from viscode.libraries.registry import LIBRARIES, MODULES, FactsReader

PROGRAM = Path(__file__).with_name("made_up_library.py")


def seen(*what: str) -> Any:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *what], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_names_and_modules_are_those_of_one_library() -> None:
    assert len({one.name for one in LIBRARIES}) == len(LIBRARIES)
    roots = [*(r for one in LIBRARIES for r in (*one.roots, *one.helpers))]
    assert len(set(roots)) == len(roots)
    assert set(roots) <= MODULES


def test_who_reads_facts_is_there_to_read_them() -> None:
    assert set(get_args(FactsReader)) == {"matplotlib", *FACTS_READERS}
    assert all(one.figure_mime for one in LIBRARIES if one.facts in FACTS_READERS)


def test_one_entry_is_enough_to_detect_and_count_a_library_and_to_ask_for_it() -> None:
    made = seen("selection", "benchmark")
    assert made["selection"] == {
        "in": 3,
        "kept": 1,
        "records": 1,
        "rejected": {"imported_only": 1, "no_plotting": 1},
        "libraries": {"sketchy": 1},
    }
    asked = made["benchmark"]
    assert "sketchy for the plot" in asked["prompt"]
    assert "import sketchy as sk" in asked["prompt"]
    assert "Do not import or use matplotlib." in asked["prompt"]
    assert asked["cell"].startswith("# id = 1\n%matplotlib inline\n")
    assert "sketchy" in asked["report"]


@pytest.mark.sandbox
def test_its_displayed_figure_is_an_image_with_facts() -> None:
    for status, error, images, facts in seen("execution")["execution"].values():
        assert (status, error, images) == ("ok", "", 1)
        ((axes,),) = facts
        assert axes["kinds"] == ["bar"]
        assert axes["series"][0]["points"] == 3
