"""Scripts from files, and verdicts as JSON lines: what `viscode run` reads and prints."""

import io
import json
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from viscode.errors import UserError
from viscode.records import Execution, Script


def read_scripts(paths: Iterable[Path], data: Iterable[Path]) -> Iterator[Script]:
    """Scripts of .py files, of all .py files below a folder, and of .jsonl files with a line
    {"id", "code"} each; every file of `data` lies beside each of them.

    Raises:
        UserError: what is not there, not readable, or stands twice.
    """
    files = {path.name: _read(path) for path in data}
    seen: set[str] = set()
    for script_id, code, name in _all(paths):
        if script_id in seen:
            raise UserError(f"two scripts with the id {script_id!r}", todo="give each its own")
        seen.add(script_id)
        yield Script(id=script_id, code=code, files=files, name=name)


def _all(paths: Iterable[Path]) -> Iterator[tuple[str, str, str]]:
    """(id, code, name of the file that the code is, or "")."""
    for path in paths:
        if path.suffix == ".jsonl":
            for script_id, code in _lines(path):
                yield script_id, code, ""
        elif path.is_dir():
            for found in sorted(path.rglob("*.py")):
                yield str(found), decode(_read(found)), found.name
        else:
            yield str(path), decode(_read(path)), path.name


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read: {error.strerror}", where=str(path), todo="correct the path"
        ) from error


def decode(source: bytes) -> str:
    """Python source as text, as Python decodes it: by its BOM or coding line, else UTF-8. Bytes
    that no encoding explains become lone surrogates, which is a verdict of its own later."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except (SyntaxError, UnicodeDecodeError):
        encoding = "utf-8"
    try:
        return source.decode(encoding)
    except UnicodeDecodeError:
        return source.decode("utf-8", "surrogateescape")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield _entry(line, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read: {error}", where=str(path), todo="correct it") from error


def _entry(line: str, place: str) -> tuple[str, str]:
    try:
        entry = json.loads(line)
        return str(entry["id"]), _text(entry["code"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            "not a script", where=place, todo='write a line {"id": ..., "code": ...}'
        ) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def in_input_order(executions: Iterable[Execution], ids: list[str]) -> Iterator[Execution]:
    """`executions` in the order of `ids`, which grows while scripts are read."""
    waiting: dict[str, Execution] = {}
    position = 0
    for execution in executions:
        waiting[execution.id] = execution
        while position < len(ids) and ids[position] in waiting:
            yield waiting.pop(ids[position])
            position += 1


def write_images(execution: Execution, number: int, out: Path) -> list[str]:
    """Write an execution's images as OUT/NUMBER-NAME-INDEX.png; returns the paths."""
    stem = re.sub(r"[^\w.-]+", "_", Path(execution.id).stem)[:60] or "script"
    paths = []
    for index, image in enumerate(execution.images):
        path = out / f"{number:06d}-{stem}-{index}.png"
        path.write_bytes(image)
        paths.append(str(path))
    return paths


def as_line(execution: Execution, images: list[str]) -> str:
    """The JSON line of one execution."""
    entry: dict[str, Any] = {
        "id": execution.id,
        "status": execution.status,
        "error_type": execution.error_type,
        "error": execution.error or execution.error_message,
        "images": images,
        "blank": list(execution.blank),
        "facts": json.loads(execution.facts),
        "duration_s": round(execution.duration_s, 3),
        "isolation": execution.isolation,
    }
    return json.dumps(entry, ensure_ascii=True)
