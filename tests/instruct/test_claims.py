"""Every claim of an instruction, recomputed from the figure: instructions are written from the
facts of scripts that ran, and a second run of each script looks at the artists that it drew.
"""

import json
from pathlib import Path

import pytest
from claims import Claims
from figure_examples import block, settings
from figure_scripts import SCRIPTS, SETUP

from viscode.core.outcomes import Kept
from viscode.core.records import Script
from viscode.execution.engine import RunOptions, run
from viscode.instruct.write import step_of

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.sandbox
CHECKS = (Path(__file__).parent / "figure_checks.py").read_text()
STEP = step_of(settings())
AT_ONCE = 30  # figures of one script: 32 of its images are kept
GROUPS = [list(SCRIPTS)[start : start + AT_ONCE] for start in range(0, len(SCRIPTS), AT_ONCE)]


@pytest.fixture(scope="module")
def options() -> RunOptions:
    return RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=300,
        memory_mb=4096,
        workers=1,
        isolation="auto",
        saved_files=False,
    )


def run_one(code: str, options: RunOptions):
    (done,) = run([Script(id="one", code=code)], options)
    assert done.status == "ok", done.error
    return done


def instructions(names: list[str], options: RunOptions) -> dict[str, str]:
    """What is written of each script's figure."""
    done = run_one("\n".join(f"{SETUP}{SCRIPTS[name]}\nplt.show()" for name in names), options)
    written = {}
    for name, facts in zip(names, json.loads(done.facts), strict=True):
        result = STEP(block(SETUP + SCRIPTS[name], facts, id=f"id {name}"))
        assert isinstance(result, Kept), name
        written[name] = result.records[0].instruction
    return written


@pytest.mark.parametrize(
    "names",
    [GROUPS[0], *(pytest.param(names, marks=pytest.mark.slow) for names in GROUPS[1:])],
    ids=[names[0] for names in GROUPS],
)
def test_every_claim_holds(names: list[str], options: RunOptions) -> None:
    claims = {name: Claims(text) for name, text in instructions(names, options).items()}
    assert {name: one.unknown for name, one in claims.items() if one.unknown} == {}
    parts = [f"looker, false = {{}}, {{}}\nexec({CHECKS!r}, looker)"]
    for name, one in claims.items():
        looked = f"false[{name!r}] = looker['check'](plt.gcf(), {one.found!r})"
        parts.append(f"{SETUP}{SCRIPTS[name]}\n{looked}\nplt.close('all')")
    parts.append(
        "plt.plot([1])\nfalse = {n: f for n, f in false.items() if f}\nassert not false, false"
    )
    run_one("\n".join(parts), options)


def test_a_false_claim_is_found(options: RunOptions) -> None:
    """The checks are no rubber stamp: instructions of one figure are false of another."""
    text = Claims(
        'Create a bar chart with four bars. Title the plot "T".\n\nThe bars are red.'
    ).found
    script = f"{CHECKS}{SETUP}plt.bar(names, heights)\nassert len(check(plt.gcf(), {text!r})) == 3"
    run_one(script, options)
