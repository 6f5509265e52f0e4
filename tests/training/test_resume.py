"""kill -9 under ZeRO-3 on two processes, in a step and in a checkpoint: the same weights."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import runs

from viscode.models.base_model import collect
from viscode.training.checkpoints import MARKER

pytestmark = pytest.mark.slow
RUN = {"devices": 2, "zero_stage": 3, "batch_size": 4, "rows": 14, "epochs": 13, "evaluations": 3}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run."""
    folder = tmp_path_factory.mktemp("resume")
    collect("tiny:1x32", "float32", folder / "base")
    runs.run(runs.project(folder / "calm", folder / "base", **RUN))
    return folder


def whole(folder: Path) -> list[Path]:
    return list(folder.glob(f".viscode/train/*/checkpoint-*/{MARKER}"))


def in_a_step(folder: Path) -> bool:
    """After a whole checkpoint, some steps further."""
    log = folder / "metrics" / "train" / "log.tsv"
    return bool(whole(folder)) and len(log.read_text().splitlines()) > 13


def in_a_checkpoint(folder: Path) -> bool:
    """The second checkpoint is being written: its folder is there, its marker is not."""
    found = list(folder.glob(".viscode/train/*/checkpoint-20"))
    return bool(found) and any(found[0].iterdir()) and not (found[0] / MARKER).exists()


@pytest.mark.parametrize("moment", [in_a_step, in_a_checkpoint])
def test_a_killed_run_ends_the_same(
    calm: Path, tmp_path: Path, moment: Callable[[Path], bool]
) -> None:
    folder = runs.project(tmp_path / "killed", calm / "base", **RUN)
    process = runs.begin(folder)
    runs.wait_until(lambda: moment(folder), process, folder)
    ranks = runs.workers(process)
    assert len(ranks) == 2
    runs.kill(process)
    assert whole(folder) and not (folder / "data" / "model").exists()
    runs.wait_for_end(ranks)
    broken = moment is in_a_checkpoint and in_a_checkpoint(folder)
    said = runs.run(folder)
    assert "going on from checkpoint-10" in said or "going on from checkpoint-20" in said
    if broken:
        assert "checkpoint-20 is incomplete: skipped and removed" in said
    undisturbed = calm / "calm"
    assert runs.weights(folder) == runs.weights(undisturbed)
    for name in ("log.tsv", "eval.tsv", "summary.json"):
        mine = folder / "metrics" / "train" / name
        assert mine.read_bytes() == (undisturbed / "metrics" / "train" / name).read_bytes()
    shutil.rmtree(folder)
