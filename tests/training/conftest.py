"""A tiny model with the tokenizer of SmolLM2, built once."""

from pathlib import Path
from typing import Any

import pytest

from viscode.models.base_check import load_tokenizer
from viscode.models.base_model import collect


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "base_model"
    collect("tiny:2x64", "float32", folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer(tiny_base: Path) -> Any:
    return load_tokenizer(tiny_base)
