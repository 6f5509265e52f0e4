"""What torch raises becomes one line where its reason is known, and passes where it is not."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import paths_in, settings

from viscode.errors import UserError
from viscode.settings.train import Attention
from viscode.training import attention, logs
from viscode.training.failures import LOST, explain, readable_failures
from viscode.training.trainer import train


def allocate() -> None:
    """A tensor larger than any memory: the allocator's own error."""
    import torch

    torch.empty(1 << 60, dtype=torch.uint8).fill_(1)


def test_no_memory_for_a_tensor() -> None:
    with pytest.raises(UserError, match=r"^out of memory.*per_device_batch"), readable_failures():
        allocate()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), "out of memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "out of memory on the GPU"),
        (RuntimeError("CUDA error: out of memory"), "out of memory on the GPU"),
        (RuntimeError("[gloo/tcp/pair.cc] Connection closed by peer [127.0.0.1]:1"), LOST),
    ],
)
def test_known_reasons(error: Exception, expected: str) -> None:
    told = str(explain(error))
    assert told.startswith(expected) and "\n" not in told


def test_unknown_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="shapes"), readable_failures():
        raise RuntimeError("shapes do not match")


@pytest.mark.parametrize(
    ("gpu", "missing"), [(False, "needs a GPU"), (True, "needs the package flash-attn")]
)
def test_flash_attention_that_is_missing(gpu: bool, missing: str) -> None:
    assert attention.implementation(Attention.AUTO, gpu=gpu) == "sdpa"
    with pytest.raises(UserError, match=missing):
        attention.implementation(Attention.FLASH, gpu=gpu)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"liger": True}, r"train\.liger needs a GPU"),
        ({"attention": "flash_attention_2"}, "flash_attention_2 needs a GPU"),
        ({"batch_size": 3}, r"train\.batch_size 3 is not a multiple"),
        ({"max_length": 16}, "no row is left to train"),
    ],
)
def test_wrong_parameters_are_one_line(
    tiny_base: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    paths = paths_in(tmp_path, tiny_base)
    with pytest.raises(UserError, match=message) as caught:
        train(settings(**changes), paths, threads=1)
    assert "\n" not in str(caught.value) and not paths.model.exists()


def test_a_logger_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.check_loggers([])
    monkeypatch.setattr(logs, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"names wandb, which is not installed.*pip install wandb"):
        logs.check_loggers(["wandb"])


def test_a_vocabulary_smaller_than_the_tokenizers(tiny_base: Path, tmp_path: Path) -> None:
    base = tmp_path / "small"
    shutil.copytree(tiny_base, base)
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "vocab_size": 100}))
    with pytest.raises(UserError, match=r"the tokenizer knows 49152 tokens, the model only 100"):
        train(settings(), paths_in(tmp_path, base), threads=1)
