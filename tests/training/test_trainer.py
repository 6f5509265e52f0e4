"""Training learns, repeats itself exactly, and goes on after kill -9 as if nothing had been."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from runs import logged
from tiny_runs import chat, paths_in, settings, write_rows

from viscode.core.errors import UserError
from viscode.models.base_check import load_tokenizer
from viscode.training.data import TrainPaths
from viscode.training.trainer import prepare, train

RUN = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from tiny_runs import paths_in, settings
from viscode.training.trainer import train
folder = Path({folder!r})
train(settings(epochs=26), paths_in(folder, Path({base!r})), threads=1)
"""
DEADLINE_S = 300


def summary_of(paths: TrainPaths) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((paths.metrics / "summary.json").read_text())
    return value


def weights_of(paths: TrainPaths) -> bytes:
    return (paths.model / "model.safetensors").read_bytes()


def short_chat(number: int) -> dict[str, object]:
    """A row without the template's long system turn, so that many steps are cheap."""
    user, assistant = chat(number % 4 + 20 * (number // 4))["messages"]  # type: ignore[misc]
    messages = [{"role": "system", "content": "Plot."}, user, assistant]
    return {**chat(number), "messages": messages}


def test_overfitting_drives_the_loss_down(tiny_base: Path, tmp_path: Path) -> None:
    paths = paths_in(tmp_path, tiny_base, validation=1)
    write_rows(paths.rows, [short_chat(number) for number in range(4)])
    train(settings(epochs=25, lr=1e-2), paths, threads=1)
    figures = summary_of(paths)
    assert figures["steps"] == 25
    assert figures["train_loss_last"] < 0.2 * figures["train_loss_first"]
    assert figures["eval_loss_after"] < figures["eval_loss_before"]


@pytest.mark.parametrize(
    "changes",
    [{}, pytest.param({"packing": True, "full_determinism": True}, marks=pytest.mark.slow)],
)
def test_a_run_repeats_itself_exactly(
    tiny_base: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        runs.append(paths_in(tmp_path / name, tiny_base, rows=6))
        train(settings(epochs=2, lr=5e-3, **changes), runs[-1], threads=1)
    assert weights_of(runs[0]) == weights_of(runs[1])
    for name in ("log.tsv", "eval.tsv", "summary.json", "data.json"):
        assert (runs[0].metrics / name).read_bytes() == (runs[1].metrics / name).read_bytes()
    assert len((runs[0].metrics / "log.tsv").read_text().splitlines()) == 5
    assert {path.name for path in runs[0].work.iterdir()} == {"logs", "tokens"}
    (speeds,) = (runs[0].work / "logs").glob("*.tsv")
    assert len(speeds.read_text().splitlines()) == 5
    assert "tiny:2x64" in (runs[0].model / "README.md").read_text()


def figures_of(folder: Path, base: Path, **changes: Any) -> list[float]:
    """All losses and gradient norms of a run whose last step has fewer rows."""
    paths = paths_in(folder, base, rows=7)
    train(settings(epochs=2, evaluations=3, **changes), paths, threads=1)
    names = ("loss", "grad_norm", "eval_loss")
    return [value for name in names for value in logged(paths.work, name)]


@pytest.fixture(scope="module")
def plain_figures(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    return figures_of(tmp_path_factory.mktemp("plain"), tiny_base)


@pytest.mark.parametrize(
    "changes",
    [
        {"packing": True},
        {"gradient_checkpointing": True},
        {"attention": "eager"},
        {"per_device_batch": 1},
        {"per_device_batch": 4},
    ],
)
def test_what_only_costs_time_or_memory_does_not_change_the_result(
    tiny_base: Path, tmp_path: Path, plain_figures: list[float], changes: dict[str, Any]
) -> None:
    """The loss counts trained tokens over the whole batch, however it is cut and computed."""
    found = figures_of(tmp_path, tiny_base, **changes)
    assert len(found) == 4 * 2 + 3
    assert found == pytest.approx(plain_figures, abs=1e-4)


@pytest.mark.parametrize("asked", [True, False])
def test_activations_are_recomputed_where_that_is_asked_for(
    tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    from viscode.training.loop import Steering

    seen = []

    def note(self: Any, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        seen.append([module.gradient_checkpointing for module in model.modules()
                     if hasattr(module, "gradient_checkpointing")])  # fmt: skip

    monkeypatch.setattr(Steering, "on_step_begin", note)
    changes = {"gradient_checkpointing": asked, "max_steps": 1}
    paths = paths_in(tmp_path, tiny_base, rows=2, validation=0)
    train(settings(**changes), paths, threads=1)
    assert summary_of(paths)["eval_loss_before"] is None
    assert seen and any(seen[0]) is asked


def test_the_evaluation_loss_is_a_mean_over_tokens(tiny_base: Path, tmp_path: Path) -> None:
    """Against the sum over each row alone, divided by all trained tokens."""
    import torch
    from transformers import AutoModelForCausalLM

    paths = paths_in(tmp_path, tiny_base, validation=5)
    train(settings(packing=True, max_steps=1), paths, threads=1)
    rows = prepare(settings(), paths).validation
    model = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
    total = tokens = 0.0
    for number in range(5):
        row = {name: torch.tensor([value]) for name, value in rows[number].items()}
        count = int((row["labels"] != -100).sum())
        total += float(model(**row).loss.detach()) * count
        tokens += count
    assert logged(paths.work, "eval_loss")[0] == pytest.approx(total / tokens, abs=1e-5)


@pytest.mark.slow
def test_sixteen_rows_are_learned_by_heart(tiny_base: Path, tmp_path: Path) -> None:
    """Loss, and what greedy generation says: the whole chain from rows to a model that answers."""
    import torch
    from transformers import AutoModelForCausalLM

    paths = paths_in(tmp_path, tiny_base, rows=16, validation=0)
    rows = [short_chat(number) for number in range(16)]
    write_rows(paths.rows, rows)
    sizes = {"batch_size": 8, "per_device_batch": 8, "packing": True}
    recipe = settings(epochs=110, lr=1e-2, adam_beta2=0.95, **sizes)
    train(recipe, paths, threads=1)
    assert summary_of(paths)["train_loss_last"] < 0.05
    tokenizer = load_tokenizer(paths.model)
    model = AutoModelForCausalLM.from_pretrained(paths.model, dtype=torch.float32)
    for row in rows:
        system, user, assistant = row["messages"]  # type: ignore[misc]
        prompt = tokenizer.apply_chat_template(
            [system, user], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        ids = model.generate(**prompt, max_new_tokens=40, do_sample=False)
        answer = tokenizer.decode(ids[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)
        assert answer == assistant["content"]


@pytest.mark.slow  # as are the kills under ZeRO-3 (test_resume.py)
def test_a_killed_run_goes_on_and_ends_the_same(tiny_base: Path, tmp_path: Path) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    calm.mkdir()
    killed.mkdir()
    train(settings(epochs=26), paths_in(calm, tiny_base), threads=1)
    script = RUN.format(tests=str(Path(__file__).parent), folder=str(killed), base=str(tiny_base))
    command = [sys.executable, "-c", script]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _wait_for_checkpoint(killed / "work", process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "model").exists()
    again = subprocess.run(command, check=True, timeout=DEADLINE_S, capture_output=True, text=True)
    assert "going on from checkpoint-" in again.stderr
    for name in ("model/model.safetensors", "metrics/log.tsv", "metrics/summary.json"):
        assert (calm / name).read_bytes() == (killed / name).read_bytes(), name


def _wait_for_checkpoint(work: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + DEADLINE_S
    while not list(work.glob("*/checkpoint-*/complete.json")):
        assert process.poll() is None, "ended before its first checkpoint"
        assert time.monotonic() < end
        time.sleep(0.05)


def test_no_base_model_and_no_rows_are_one_line(tiny_base: Path, tmp_path: Path) -> None:
    paths = paths_in(tmp_path, tmp_path / "nowhere")
    with pytest.raises(UserError, match="no base model"):
        train(settings(), paths, threads=1)
    paths = paths_in(tmp_path, tiny_base)
    write_rows(paths.rows, [])
    with pytest.raises(UserError, match="no row is left to train"):
        train(settings(), paths, threads=1)
    assert not paths.model.exists()


def test_a_diverging_run_is_one_line(tiny_base: Path, tmp_path: Path) -> None:
    paths = paths_in(tmp_path, tiny_base, rows=4, validation=0)
    with pytest.raises(UserError, match=r"(loss|grad_norm) is (nan|inf) at step"):
        train(settings(lr=1e30, epochs=4, warmup_ratio=0.0), paths, threads=1)
    assert not paths.model.exists()
