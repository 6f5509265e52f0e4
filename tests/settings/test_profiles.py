import shutil
from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.settings import profiles
from viscode.settings.base import load, read_params
from viscode.settings.bench import BenchSettings, ModelSettings
from viscode.settings.collect import CollectTasksSettings
from viscode.settings.train import TrainSettings

RECIPE = {  # paper, section 4; the public scripts; the defaults of ms-swift, which they call
    "method": "full",
    "lr": 5e-6,
    "epochs": 3,
    "max_steps": 0,
    "batch_size": 128,
    "per_device_batch": 4,
    "warmup_ratio": 0.05,
    "scheduler": "cosine",
    "weight_decay": 0.05,
    "adam_beta1": 0.9,
    "adam_beta2": 0.95,
    "max_grad_norm": 1.0,
    "max_length": 4096,
    "over_length": "drop",
    "packing": True,
    "max_per_source": 0,
    "max_samples": 0,
    "loss_on": "all",
    "dtype": "bfloat16",
    "gradient_checkpointing": True,
    "attention": "auto",
    "liger": False,
    "evaluations": 2,
    "zero_stage": 3,
    "seed": 42,
    "full_determinism": False,
    "log_to": [],
    "gguf": "none",
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "params.yaml").write_text("# head\ntrain:\n  lr: 1.0e-4 # rate\n  epochs: 1\n")
    return tmp_path


def use(project, text: str) -> list[str]:
    (project / "profiles" / "p.yaml").write_text("# @package _global_\n" + text)
    return profiles.use("p", project / "params.yaml", project / "profiles")


def test_a_profile_changes_what_differs_and_keeps_comments(project):
    assert use(project, "train: {lr: 5.0e-6, epochs: 1}\n") == ["train.lr"]
    text = (project / "params.yaml").read_text()
    assert text.startswith("# head\n") and "# rate" in text and "epochs: 1" in text
    assert "5.0e-6" in text


def test_an_unknown_key_changes_nothing(project):
    before = (project / "params.yaml").read_text()
    with pytest.raises(UserError, match=r"train\.rate"):
        use(project, "train: {lr: 3.0, rate: 1}\n")
    assert (project / "params.yaml").read_text() == before


def test_an_unknown_profile_lists_the_known_ones(project):
    use(project, "{}")
    with pytest.raises(UserError, match="profiles: p"):
        profiles.use("q", project / "params.yaml", project / "profiles")


@pytest.fixture
def params(tmp_path: Path) -> Path:
    return Path(shutil.copy("params.yaml", tmp_path))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("paper_3b", "Qwen/Qwen2.5-Coder-3B-Instruct"),
        ("paper_7b", "Qwen/Qwen2.5-Coder-7B-Instruct"),
    ],
)
def test_the_papers_runs_hold_exactly_the_papers_values(
    name: str, model: str, params: Path
) -> None:
    rank = read_params(params)["train"]["lora_rank"]
    profiles.use(name, params)
    settings = load(TrainSettings, params).model_dump(mode="json")
    assert settings == {**RECIPE, "base_model": model, "lora_rank": rank}
    bench = load(BenchSettings, params)
    assert (bench.tasks, bench.rounds) == (0, 3)
    for entry in ("base", "tuned"):
        asked = load(ModelSettings, params, at=f"models.{entry}")
        assert (asked.max_new_tokens, asked.context, asked.temperature) == (5000, 16384, 0.0)
        assert (asked.stop, asked.template) == ("end", "native")
    tasks = load(CollectTasksSettings, params)
    assert tasks.hub == ["JetBrains-Research/PandasPlotBench:default:test"]


def test_the_7b_run_after_the_3b_run_is_the_7b_run(params: Path) -> None:
    other = Path(shutil.copy(params, params.with_name("other.yaml")))
    profiles.use("paper_7b", params)
    profiles.use("paper_3b", other)
    assert profiles.use("paper_7b", other) == ["train.base_model"]
    assert read_params(other) == read_params(params)
