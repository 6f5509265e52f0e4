"""docs/full-size.md shows what the script prints; its configurations are the published models'."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT, DOCUMENT = Path("bench/full_size.py"), Path("docs/full-size.md")


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("full_size", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_document_holds_what_the_script_prints(
    script: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "full-size.md"
    text = DOCUMENT.read_text(encoding="utf-8")
    copy.write_text(text.replace("| train 7B |", "| train 9B |"), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["full_size", "--write", str(copy)])
    script.main()
    remedy = "run: python bench/full_size.py --write docs/full-size.md"
    assert copy.read_text(encoding="utf-8") == text, remedy


def test_parameters_are_those_of_the_published_configurations(script: Any) -> None:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    for model in script.MODELS:
        config = Qwen2Config(
            vocab_size=model.vocabulary,
            hidden_size=model.width,
            intermediate_size=model.inner,
            num_hidden_layers=model.layers,
            num_attention_heads=model.heads,
            num_key_value_heads=model.key_heads,
            tie_word_embeddings=model.name == "3B",
        )
        with torch.device("meta"):
            built = Qwen2ForCausalLM(config)
        assert built.num_parameters() == model.parameters


def test_known_figures_by_hand(script: Any) -> None:
    """7B: 6 x 7.6156e9 x 0.6e9 / (8 x 312e12 x 0.45) / 3600 h; 16 bytes a parameter, shared."""
    small, large = script.MODELS
    assert script.training_hours(large, "NVIDIA A100 80GB", 8) == pytest.approx(6.78, abs=0.01)
    assert script.training_hours(small, "NVIDIA A100 80GB", 8) == pytest.approx(2.75, abs=0.01)
    for stage in (1, 2, 3):
        alone = sum(script.states(large, stage, 1).values())
        assert alone == pytest.approx(7_615_616_512 * 16 / 2**30)
    shared = script.states(large, 2, 8)
    assert shared["weights"] == pytest.approx(7_615_616_512 * 2 / 2**30)
    assert shared["gradients"] == pytest.approx(7_615_616_512 * 2 / 8 / 2**30)
    assert shared["optimizer"] == pytest.approx(7_615_616_512 * 12 / 8 / 2**30)
    assert script.logits(large, 1) * 2**30 == pytest.approx(3 * 0.608e6, rel=0.01)
