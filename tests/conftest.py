"""A tiny model with the tokenizer of SmolLM2, built once for the rooms that train or read it."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from viscode.models.base_model import collect

    folder = tmp_path_factory.mktemp("tiny") / "base_model"
    collect("tiny:2x64", "float32", folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer(tiny_base: Path) -> Any:
    from viscode.models.base_check import load_tokenizer

    return load_tokenizer(tiny_base)
