"""The preview shows each row as training sees it, trained tokens marked."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from tiny_runs import chat, settings, write_rows

from viscode.cli import preview as preview_cli
from viscode.core.errors import UserError
from viscode.training.masking import Masker
from viscode.training.row_preview import preview


@pytest.fixture
def path(tmp_path: Path) -> Path:
    mute = {**chat(1), "id": "mute", "messages": [{"role": "user", "content": "x"}]}
    evil = {
        **chat(1),
        "id": "evil",
        "messages": [
            {"role": "user", "content": "Hi\x1b[2J"},
            {"role": "assistant", "content": "x=1"},
            {"role": "user", "content": "y " * 400},
            {"role": "assistant", "content": "z"},
        ],
    }
    write_rows(tmp_path / "rows.jsonl", [chat(0), mute, evil, chat(3)])
    return tmp_path / "rows.jsonl"


def shown(path: Path, tokenizer: Any, rows: int = 3, row_id: str | None = None, **more: Any) -> str:
    masker = Masker(tokenizer, 256, "all", "truncate")
    return "\n".join(preview(path, masker, rows, row_id, **{"colour": False, **more}))


def test_trained_tokens_are_marked(path: Path, tokenizer: Any) -> None:
    text = shown(path, tokenizer, rows=1)
    assert "<|im_start|>user\nDraw chart 0 of kind bar.<|im_end|>\n" in text
    assert text.endswith("<|im_start|>assistant\n⟦```python\nplt.bar(range(0))\n```<|im_end|>⟧\n")
    assert text.count("⟦") == 1
    # ``` python ⏎ plt . bar ( range ( 0 )) ⏎ ``` <|im_end|>
    assert text.splitlines()[0] == "row row-00 (charts): 53 tokens, 14 trained"


def test_colour_instead_of_marks(path: Path, tokenizer: Any) -> None:
    text = shown(path, tokenizer, rows=1, colour=True)
    assert "⟦" not in text
    assert click.unstyle(text) == shown(path, tokenizer, rows=1).translate({0x27E6: "", 0x27E7: ""})
    assert text.count("\x1b[32m") == 1


def test_rejected_and_cut_rows_say_so(path: Path, tokenizer: Any) -> None:
    text = shown(path, tokenizer)
    assert "row mute (charts): rejected: nothing_to_train (no assistant turn with content)" in text
    assert "2 last messages left out" in text
    assert "Draw chart 3" not in text


def test_control_characters_do_not_reach_the_terminal(path: Path, tokenizer: Any) -> None:
    text = shown(path, tokenizer, row_id="evil")
    assert "Hi\\x1b[2J<|im_end|>" in text
    assert "\x1b" not in text


def test_one_row_by_id(path: Path, tokenizer: Any) -> None:
    assert shown(path, tokenizer, row_id="row-03").startswith("row row-03 ")
    with pytest.raises(UserError, match="no row nowhere"):
        shown(path, tokenizer, row_id="nowhere")


def test_command(
    path: Path,
    tiny_base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    params = {"train": settings().model_dump(mode="json")}
    (tmp_path / "params.yaml").write_text(json.dumps(params), encoding="utf-8")  # JSON is YAML
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(preview_cli, "ROWS", path)
    monkeypatch.setattr(preview_cli, "TOKENIZER", tiny_base)
    preview_cli.preview_command(2, None)
    out = capsys.readouterr().out
    assert out.count("row ") >= 2
    assert "⟦```python" in out
    monkeypatch.setattr(preview_cli, "TOKENIZER", tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"not readable as a tokenizer.*collect_tokenizer"):
        preview_cli.preview_command(2, None)
