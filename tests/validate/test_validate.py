"""Which blocks survive, and that each is counted once."""

import io
from pathlib import Path

import pytest
from PIL import Image

from viscode.core import progress
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Block, Execution, Origin, ValidatedBlock
from viscode.core.tables import read_table, write_table
from viscode.core.transform import read_outcomes
from viscode.core.workstore import WorkStore
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.blocks import ValidateReason, keep_or_reject, script_of, validate

ROOT = Path(__file__).parents[2]
CLOCK = "import time\nimport matplotlib.pyplot as plt\nplt.title(time.time_ns())\nplt.plot([1, 2])"
FOREIGN = (
    "import matplotlib\nfrom IPython.display import Image\n"
    "Image(matplotlib.get_data_path() + '/images/home_large.png')"
)


def block(name: str, code: str = "1", data_csv: str = "") -> Block:
    return Block(
        id=name,
        source="files",
        origin=Origin(kind="sample", name="s"),
        licence="MIT",
        parent_id="p",
        code=code,
        libraries=("matplotlib",),
        method="as_is",
        data_csv=data_csv,
    )


def execution(**changes: object) -> Execution:
    values = {
        "id": "a",
        "status": "ok",
        "error_type": "",
        "error_message": "",
        "error": "",
        "images": (),
        "blank": (),
        "origins": (),
        "facts": "[]",
        "stdout_head": "",
        "engine": "notebook",
        "isolation": "none",
        "duration_s": 0.1,
    }
    return Execution(**{**values, **changes})


JUDGED = {
    ValidateReason.ERROR: {"status": "error", "error_type": "KeyError", "error_message": "'x'"},
    ValidateReason.TIMEOUT: {"status": "timeout", "error_type": "KeyboardInterrupt"},
    ValidateReason.KILLED: {"status": "killed", "error_type": "MemoryLimit"},
    ValidateReason.DIED: {"status": "died", "error_type": "KernelDied"},
    ValidateReason.NO_IMAGE: {},
    ValidateReason.BLANK: {
        "images": (b"1",),
        "blank": (True,),
        "origins": ("figure",),
        "facts": "[null]",
    },
    ValidateReason.NOT_DRAWN: {
        "images": (b"1",),
        "blank": (False,),
        "origins": ("foreign",),
        "facts": "[null]",
    },
    ValidateReason.BAD_IMAGE: {"error_type": "RenderError"},
    ValidateReason.UNREPEATABLE: {
        "images": (b"1",),
        "blank": (False,),
        "origins": ("figure",),
        "facts": "[null]",
        "repeatable": False,
    },
}


def settings(**changes: object) -> ValidateSettings:
    values = {
        "engine": "warm",
        "python": str(ROOT / ".venv-plots/bin/python"),
        "max_images": 4,
        "lock": str(ROOT / "envs/plots.lock"),
        "timeout_s": 60,
        "memory_mb": 2000,
        "isolation": "auto",
        "repeat": True,
        "keep_unrepeatable": True,
        "audit_share": 1.0,
    }
    return ValidateSettings(**{**values, **changes})


@pytest.mark.parametrize("reason", JUDGED)
def test_rejected(reason):
    result = keep_or_reject(
        block("a"), execution(**JUDGED[reason]), settings(keep_unrepeatable=False)
    )
    assert isinstance(result, Rejected) and result.reason is reason
    if reason is ValidateReason.ERROR:
        assert result.detail == "KeyError: 'x'"


def test_blank_images_are_left_out_with_their_facts_and_the_rest_is_capped():
    ran = execution(
        images=(b"1", b"2", b"3", b"4"),
        blank=(True, False, False, False),
        origins=("unknown",) * 4,
        facts="[null,null,null,null]",
    )
    result = keep_or_reject(block("a"), ran, settings(max_images=2))
    assert isinstance(result, Kept)
    (kept,) = result.records
    assert (kept.images, kept.facts, kept.parent_id) == ((b"2", b"3"), "[null,null]", "a")


def test_foreign_images_are_left_out():
    ran = execution(
        images=(b"1", b"2", b"3"),
        blank=(False, True, False),
        origins=("foreign", "figure", "unknown"),
        facts="[null,null,null]",
    )
    result = keep_or_reject(block("a"), ran, settings())
    assert isinstance(result, Kept) and result.records[0].images == (b"3",)
    nothing_else = execution(
        images=(b"1", b"2"), blank=(False, True), origins=("foreign", "figure"), facts="[null,null]"
    )
    result = keep_or_reject(block("a"), nothing_else, settings())
    assert isinstance(result, Rejected) and result.reason is ValidateReason.BLANK


def test_data_lies_beside_the_script():
    assert script_of(block("a", data_csv="x,y\n")).files == {"data.csv": b"x,y\n"}
    assert script_of(block("a")).files == {}


@pytest.mark.sandbox
def test_stage_writes_each_block_once(tmp_path, monkeypatch, capsys):
    plot = "import pandas as pd\npd.read_csv('data.csv').plot()"
    blocks = [
        block("draws", plot, "a,b\n1,2\n3,4\n"),
        block("no data", plot),
        block("silent"),
        block("blank", "import matplotlib.pyplot as plt\nplt.subplots()"),
        block("clock", CLOCK),
        block("foreign", FOREIGN),
    ]
    run_settings = RunSettings(workers=2, fetches=1, devices=1, torch_threads=1, batch_size=1)
    monkeypatch.setattr(progress, "_stage_name", "validate")
    with WorkStore(tmp_path / "store") as store:
        write_table(tmp_path / "blocks", Block, blocks)
        some = settings(audit_share=0.2)  # of which two are part, by the hash of their code
        tally = validate(tmp_path / "blocks", tmp_path / "out", some, run_settings, store)
    lines = capsys.readouterr().err.splitlines()
    sums = [line for line in lines if " scripts in " in line]
    assert [line.split(" in ")[0] for line in sums] == [
        "validate/out: 6 scripts",
        "validate/out audit: 2 scripts",
    ]
    assert "rejected 4 (" in sums[0]
    assert tally.as_metrics() == {
        "in": 6,
        "kept": 2,
        "records": 2,
        "errors": {"FileNotFoundError": 1},
        "rejected": {"blank": 1, "error": 1, "no_image": 1, "not_drawn": 1},
        "unrepeatable": 1,
        "audit": {
            "audited": 2,
            "disagree": 0,
            "rate": 0.0,
            "low": 0.0,
            "high": 65.76,
        },
    }
    blocks = {kept.parent_id: kept for kept in read_table(tmp_path / "out", ValidatedBlock)}
    assert {name: kept.repeatable for name, kept in blocks.items()} == {
        "draws": True,
        "clock": False,
    }
    kept = blocks["draws"]
    assert '"kinds":["line"]' in kept.facts
    assert Image.open(io.BytesIO(kept.images[0])).size[0] > 100
    reasons = {outcome.id: outcome.reason for outcome in read_outcomes(tmp_path / "out")}
    assert reasons == {
        "clock": "",
        "draws": "",
        "no data": "error",
        "silent": "no_image",
        "blank": "blank",
        "foreign": "not_drawn",
    }
