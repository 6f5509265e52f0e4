"""Byte order marks: never part of a text, wherever in the project it is read."""

import codecs
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from viscode.bench.prompts import OURS, fixed_texts
from viscode.bench.scoring import read_answers, read_tasks
from viscode.core.jsonl import read_rows
from viscode.core.textfile import encoding_of, lines, read_text
from viscode.corpora.fields import text
from viscode.corpora.opt_out import read_opt_out
from viscode.settings.base import read_params

PROJECT = Path(__file__).parents[2]
TEXT = '{"a": "ä"}\n{"b": 2}'
ENCODED = {
    "plain": TEXT.encode(),
    "utf-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "utf-16, big end first": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "utf-32": codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_a_text_and_its_lines_are_the_same_in_every_encoding(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    assert read_text(path) == TEXT
    with path.open("rb") as stream:
        assert list(lines(stream, 100)) == [line.encode() for line in TEXT.split("\n")]
        assert not stream.closed
    assert list(read_rows(path)) == [("a.jsonl:1", {"a": "ä"}), ("a.jsonl:2", {"b": 2})]


def test_what_a_start_announces() -> None:
    assert encoding_of(b"") == encoding_of(b"\xef\xbb") == encoding_of(b"abc") == "utf-8"
    assert encoding_of(codecs.BOM_UTF16_LE + b"a\0") == "utf-16"
    assert encoding_of(codecs.BOM_UTF32_LE) == "utf-32"


MARK = codecs.BOM_UTF8
JOINED = {
    "two files": (MARK + b'{"x": 1}\n' + MARK + b'{"x": 2}\n', [1, 2]),
    "three, one of them empty": (MARK + MARK + b'{"x": 1}\n' + MARK + b"\n" + MARK, [1]),
    "behind blanks": (b' \t{"x": 1}\r\n ' + MARK + b' {"x": 2}', [1, 2]),
}


@pytest.mark.parametrize(("data", "found"), JOINED.values(), ids=JOINED)
def test_marks_within_a_file_that_was_put_together(
    tmp_path: Path, data: bytes, found: list[int]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(data)
    assert [row for _, row in read_rows(tmp_path / "a.jsonl")] == [{"x": x} for x in found]


def test_a_line_above_the_limit_is_skipped_in_utf_16_too(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a" * 50 + "\nb\n" + "c" * 10, encoding="utf-16")
    with (tmp_path / "a").open("rb") as stream:
        assert list(lines(stream, 10)) == [None, b"b", b"c" * 10]


def answers(path: Path) -> object:
    return read_answers(path)


def tasks(path: Path) -> object:
    return [task.number for task in read_tasks(path)]


INPUTS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "answers": ("a.jsonl", '{"id": 1, "response": "x = 1"}\n', answers),
    "tasks": ("t.jsonl", (PROJECT / "samples/tasks.jsonl").read_text("utf-8"), tasks),
    "instructs": (
        "i.json",
        json.dumps(dict.fromkeys(OURS, "text")),
        lambda path: fixed_texts(str(path), OURS, "bench.instructs"),
    ),
    "opt-outs": ("o.txt", "some/one\n", read_opt_out),
    "parameters": ("p.yaml", "report:\n  samples: 1\n", read_params),
}


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_every_input_may_have_a_mark(tmp_path: Path, name: str, encoding: str) -> None:
    file, content, read = INPUTS[name]
    found = {}
    for kind in ("utf-8", encoding):
        (tmp_path / file).write_text(content, encoding=kind)
        found[kind] = read(tmp_path / file)
    assert found["utf-8"] == found[encoding] and found["utf-8"]


def test_a_mark_that_was_copied_into_a_field_is_dropped(tmp_path: Path) -> None:
    assert text({"a": "\ufeffyear,value"}, "a") == "year,value"
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": 1, "response": "\ufeff```python\nx\n```"}))
    assert read_answers(path) == {"1": "```python\nx\n```"}
