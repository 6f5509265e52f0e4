"""One recipe, one course of the loss: whatever the processes, ZeRO, accumulation and packing.

20 configurations of a tiny model train the same 20 steps on rows of varying length whose prompts
are not trained, the last batch of each epoch being smaller. Every pair must agree to 1e-4.
"""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
import runs
from run_configurations import CUTS, LAYOUTS, NAMES, STEPS

from viscode.models.base_model import collect

TOLERANCE = 1e-4
ALL = ["-".join(parts) for parts in itertools.product(NAMES, CUTS, LAYOUTS)]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def courses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """Losses of each configuration; every one is trained once."""
    folder = tmp_path_factory.mktemp("courses")
    collect("tiny:1x32", "float32", folder / "base")
    script = Path(__file__).with_name("run_configurations.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder / "base"), str(folder)],
        env=runs.environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for name in ALL:
        assert (folder / name / "model").is_dir(), [
            path.read_text() for path in (folder / name).glob("error-*")
        ]
        found[name] = runs.logged(folder / name / "work", "loss")
    return found


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(ALL, 2)))
def test_losses_agree(courses: dict[str, list[float]], one: str, other: str) -> None:
    assert len(courses[one]) == len(courses[other]) == STEPS
    assert courses[one] == pytest.approx(courses[other], abs=TOLERANCE)


@pytest.mark.parametrize("name", ALL)
def test_it_learns(courses: dict[str, list[float]], name: str) -> None:
    """Equal courses of a model that stood still would say nothing."""
    assert courses[name][-1] < courses[name][0] - 0.2
