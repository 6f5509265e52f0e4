"""LoRA trains, leaves a plain model behind, and that model is the one that was trained."""

import json
from pathlib import Path
from typing import Any

import pytest
import runs
from tiny_runs import paths_in, settings

from viscode.training.trainer import train


def tensors(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_the_merged_model_is_plain_and_has_learned(tiny_base: Path, tmp_path: Path) -> None:
    paths = paths_in(tmp_path, tiny_base)
    train(settings(method="lora", lr=2e-2, epochs=5, packing=True), paths, threads=1)
    before, after = tensors(tiny_base), tensors(paths.model)
    assert before.keys() == after.keys()
    changed = {name for name in before if not before[name].equal(after[name])}
    assert changed == {name for name in before if name.endswith("_proj.weight")}
    assert not list(paths.model.glob("adapter*"))
    figures = json.loads((paths.metrics / "summary.json").read_text())
    assert figures["eval_loss_after"] < figures["eval_loss_before"]
    after_training = runs.logged(paths.work, "eval_loss")[-1]
    assert loss_of(paths.model, tmp_path) == pytest.approx(after_training, abs=1e-4)


def loss_of(model: Path, folder: Path) -> float:
    """Validation loss of a finished model, measured by a run that hardly moves it."""
    again = folder / "again"
    again.mkdir()
    paths = paths_in(again, model, rows=1)
    train(settings(lr=1e-12), paths, threads=1)
    return runs.logged(paths.work, "eval_loss")[0]


@pytest.mark.slow
def test_zero3_gives_the_same_model(tiny_base: Path, tmp_path: Path) -> None:
    lora = {"method": "lora", "lr": 2e-2, "epochs": 3}
    plain = runs.project(tmp_path / "plain", tiny_base, **lora)
    shared = runs.project(tmp_path / "shared", tiny_base, devices=2, zero_stage=3, **lora)
    for folder in (plain, shared):
        runs.run(folder)
    assert runs.losses(plain) == pytest.approx(runs.losses(shared), abs=1e-4)
    one, other = tensors(plain / "data" / "model"), tensors(shared / "data" / "model")
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].allclose(other[name], atol=1e-3), name
