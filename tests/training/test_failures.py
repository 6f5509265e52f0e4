"""What torch raises becomes one line where its reason is known, and passes where it is not."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import paths_in, settings

from viscode.core.errors import UserError
from viscode.training import attention, distributed, logs
from viscode.training.distributed import LOST_PEER, readable_failures
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
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), "out of memory on"),
        (RuntimeError("HIP out of memory. Tried to allocate"), "out of memory on the GPU"),
        (RuntimeError("NCCL error in: ProcessGroupNCCL.cpp:1, unhandled system error"), LOST_PEER),
        (RuntimeError("[Rank 1] Watchdog caught collective operation timeout: Work"), LOST_PEER),
        (RuntimeError("[gloo/tcp/pair.cc] Connection closed by peer [127.0.0.1]:1"), LOST_PEER),
    ],
)
def test_known_reasons(error: Exception, expected: str) -> None:
    with pytest.raises(UserError, match=f"^{expected}") as caught, readable_failures():
        raise error
    assert "\n" not in str(caught.value)


def test_unknown_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="shapes"), readable_failures():
        raise RuntimeError("shapes do not match")


@pytest.mark.parametrize(
    ("gpu", "missing"), [(False, "needs a GPU"), (True, "needs the package flash-attn")]
)
def test_flash_attention_that_is_missing(gpu: bool, missing: str) -> None:
    assert attention.implementation(settings(attention="auto"), gpu=gpu) == "sdpa"
    with pytest.raises(UserError, match=missing):
        attention.implementation(settings(attention="flash_attention_2"), gpu=gpu)


def test_flash_attention_only_in_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "find_spec", lambda name: "there")
    for dtype, expected in (("bfloat16", "flash_attention_2"), ("float32", "sdpa")):
        assert attention.implementation(settings(dtype=dtype), gpu=True) == expected
    with pytest.raises(UserError, match=r"in bfloat16 only, train\.dtype is float32"):
        attention.implementation(settings(attention="flash_attention_2"), gpu=True)


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
    logs.check_loggers([], {})
    monkeypatch.setattr(logs, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"names wandb, which is not installed.*pip install wandb"):
        logs.check_loggers(["wandb"], {})


def test_a_logger_without_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(logs, "find_spec", lambda name: "there")
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password key\n")
    keys = {"NETRC": str(tmp_path / "netrc")}
    for environment in ({"WANDB_API_KEY": "key"}, {"WANDB_MODE": "offline"}, keys):
        logs.check_loggers(["wandb"], environment)
    for environment in ({"NETRC": str(tmp_path / "none")}, {**keys, "WANDB_BASE_URL": "http://o"}):
        with pytest.raises(UserError, match=r"no key for it.*wandb login"):
            logs.check_loggers(["wandb"], environment)


def without_weights(base: Path) -> None:
    (base / "model.safetensors").unlink()


def with_half_of_the_weights(base: Path) -> None:
    whole = (base / "model.safetensors").read_bytes()
    (base / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def without_a_tokenizer(base: Path) -> None:
    for path in base.glob("tokenizer*"):
        path.unlink()


def without_a_template(base: Path) -> None:
    (base / "chat_template.jinja").unlink()


def with_a_broken_configuration(base: Path) -> None:
    (base / "config.json").write_text("{")


def with_another_vocabulary(base: Path) -> None:
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "vocab_size": 60_000}))


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (without_weights, "no weights"),
        (with_half_of_the_weights, "not readable as a model"),
        (without_a_tokenizer, "not readable as a tokenizer"),
        (without_a_template, "no chat template"),
        (with_a_broken_configuration, "not readable as a model"),
        (with_another_vocabulary, r"config\.json says 60000 tokens, the weights have 49152"),
    ],
)
def test_a_broken_base_model_is_one_line(
    tiny_base: Path, tmp_path: Path, breaks: Any, message: str
) -> None:
    base = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    breaks(base)
    with pytest.raises(UserError, match=message) as caught:
        train(settings(), paths_in(tmp_path, base), threads=1)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "work").exists()  # before anything was tokenised


def test_a_scheduler_s_rank_is_not_torchrun_s(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RANK", "1"), ("WORLD_SIZE", "2"), ("LOCAL_WORLD_SIZE", "8")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    assert not distributed.under_torchrun()
    assert (distributed.rank(), distributed.world_size(), distributed.local_size()) == (0, 1, 1)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert distributed.under_torchrun()
    assert (distributed.rank(), distributed.world_size(), distributed.local_size()) == (1, 2, 8)


def test_a_vocabulary_smaller_than_the_tokenizers(tiny_base: Path, tmp_path: Path) -> None:
    base = tmp_path / "small"
    shutil.copytree(tiny_base, base)
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "vocab_size": 100}))
    with pytest.raises(UserError, match=r"the tokenizer knows 49152 tokens, the model only 100"):
        train(settings(), paths_in(tmp_path, base), threads=1)
