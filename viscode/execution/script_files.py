"""Scripts in somebody's files: told by what a file holds, and by its suffix in any case.

Python is what ends in .py or .pyw, or has no suffix. JSON is what ends in .json, .jsonl, .ndjson or
.ipynb, or begins as JSON: a notebook, an object {"id", "code"}, a list of these, or one a line.
What is not a script is never run: it comes as an error beside the scripts, in its place.
"""

import io
import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.textfile import MARK, encoding_of, lines, readable
from viscode.text.notebooks import BadNotebook, script_of_object
from viscode.text.source_text import UnknownEncoding, source_encoding

PYTHON = frozenset({".py", ".pyw", ""})
NOTEBOOK = ".ipynb"
LINES = frozenset({".jsonl", ".ndjson"})
JSON = frozenset({".json", NOTEBOOK, *LINES})
IN_FOLDERS = JSON | PYTHON - {""}
"""Suffixes of the files of a folder that are looked into."""
SCRIPT_BYTES = 128 << 20  # bytes of a file that is read as a whole, or of a line
ERRORS_TOLD = 5  # errors of one file that are told one by one
FORMS_READ = 'write {"id": ..., "code": ...}, a list of these, one a line, or a notebook'


@dataclass(frozen=True)
class ScriptText:
    """A script as it was found. `name` is that of the .py file that it is, "" where it is none;
    `left_out` counts cells of a notebook that are meant to fail."""

    id: str
    code: str
    name: str = ""
    left_out: int = 0


@dataclass(frozen=True)
class NoScript:
    """What is there instead of a script. `data`: it is sound, but something else, so that a folder
    may hold it."""

    error: UserError
    data: bool = False


ScriptItem = ScriptText | NoScript


def _refused(
    what: str, where: Path | str, todo: str = FORMS_READ, *, data: bool = False
) -> NoScript:
    return NoScript(UserError(what, where=str(where), todo=todo), data)


def items_of(path: Path) -> Iterator[ScriptItem]:
    """What a file holds, in its order: at least one item."""
    try:
        with _opened(path) as stream:
            yield from _shortened(_items(stream, path), path)
    except OSError as error:
        yield NoScript(_cannot_read(path, str(error.strerror)))
    except UnicodeDecodeError as error:
        yield NoScript(_cannot_read(path, str(error)))


def read_bytes(path: Path) -> bytes:
    """
    Raises:
        UserError: no file, or not readable.
    """
    try:
        with _opened(path) as stream:
            return stream.read()
    except OSError as error:
        raise _cannot_read(path, str(error.strerror)) from error


def _cannot_read(path: Path, why: str) -> UserError:
    return UserError(f"cannot read: {why}", where=str(path), todo="correct the path or the file")


def _opened(path: Path) -> io.BufferedReader:
    """The file for reading; never waits for somebody to write into a pipe.

    Raises:
        OSError: not there, not readable, or neither a file nor a link to one.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "no regular file")
    return io.BufferedReader(io.FileIO(descriptor))


def _shortened(items: Iterable[ScriptItem], path: Path) -> Iterator[ScriptItem]:
    """The items of a file; of many errors only the first, of a file without any script one."""
    waiting: list[NoScript] = []
    errors, scripts, data = 0, 0, True
    for item in items:
        if isinstance(item, ScriptText):
            scripts += 1
            yield from _among_scripts(waiting)
            waiting.clear()
            yield item
        else:
            errors, data = errors + 1, data and item.data
            waiting += [item] if errors <= ERRORS_TOLD else []
    if not scripts and errors == 1:
        yield waiting[0]
        return
    if not scripts:
        what = f"none of its {errors} entries is a script" if errors else "no script in it"
        yield _refused(what, path, data=data)
        return
    yield from _among_scripts(waiting)
    if errors > ERRORS_TOLD:
        yield NoScript(
            UserError(f"{errors - ERRORS_TOLD} more that are not scripts", where=str(path))
        )


def _among_scripts(items: Iterable[NoScript]) -> Iterator[NoScript]:
    return (replace(item, data=False) for item in items)


def _items(stream: io.BufferedReader, path: Path) -> Iterable[ScriptItem]:
    suffix, json_like = path.suffix.lower(), _begins_as_json(stream)
    if suffix in JSON or (json_like and suffix not in PYTHON):
        return _json(stream, path)
    if suffix not in PYTHON:
        return [_refused("neither Python nor JSON", path, "name it .py if it is a Python script")]
    held = list(_json(stream, path)) if json_like else []
    if any(isinstance(item, ScriptText) for item in held):
        return held
    stream.seek(0)
    return [_python(stream, path)]


def _begins_as_json(stream: io.BufferedReader) -> bool:
    start = stream.peek(1)
    text = start.decode(encoding_of(start), "ignore").removeprefix(MARK).lstrip()
    return text.startswith(("{", "["))


def _python(stream: io.BufferedReader, path: Path) -> ScriptItem:
    data = stream.read(SCRIPT_BYTES + 1)
    if len(data) > SCRIPT_BYTES:
        return _too_large(path)
    try:
        return ScriptText(readable(str(path)), decode(data), path.name)
    except UnknownEncoding as error:
        return NoScript(_cannot_read(path, str(error)))


def _too_large(where: Path | str) -> NoScript:
    return _refused(f"above {SCRIPT_BYTES >> 20} MiB", where, "split it")


def decode(source: bytes) -> str:
    """Python source as text: by its byte order mark or coding line, else UTF-8. Bytes that the
    encoding does not explain become lone surrogates, which is a verdict of its own later.

    Raises:
        UnknownEncoding: the coding line names none.
    """
    encoding = encoding_of(source)
    try:
        if encoding == "utf-8":
            encoding = source_encoding(source)
        return source.decode(encoding).lstrip(MARK)
    except UnknownEncoding:
        raise
    except ValueError:  # Undecodable and UnicodeDecodeError
        return source.decode("utf-8", "surrogateescape")


def _json(stream: io.BufferedReader, path: Path) -> Iterator[ScriptItem]:
    """Values in lines, unless the first line alone is not JSON: then one value, if it is one."""
    if not _first_line_is_json(stream):
        whole = _value(stream.read(SCRIPT_BYTES + 1), path)
        if path.suffix.lower() not in LINES or not isinstance(whole, NoScript):
            yield from _in_value(whole, path, path)
            return
        stream.seek(0)
    for number, line in enumerate(lines(stream, SCRIPT_BYTES), start=1):
        place = f"{path}:{number}"
        if line is None:
            yield _too_large(place)
        elif line:
            yield from _in_value(_value(line, place), place, path)


def _first_line_is_json(stream: io.BufferedReader) -> bool:
    """True as well where there is no line, or one that is too long to say."""
    with closing(lines(stream, SCRIPT_BYTES)) as found:
        line = next((line for line in found if line != b""), None)
    stream.seek(0)
    return line is None or not isinstance(_value(line, ""), NoScript)


def _value(data: bytes, place: Path | str) -> Any:
    """What JSON text says, a NoScript where it is none."""
    if len(data) > SCRIPT_BYTES:
        return _too_large(place)
    try:
        return json.loads(data)
    except ValueError as error:
        return _refused(f"not JSON: {error}", place)
    except RecursionError:
        return _refused("not JSON: nested too deeply", place)


def _in_value(value: Any, place: Path | str, path: Path) -> Iterator[ScriptItem]:
    """The scripts of one JSON value, which stands at `place` in the file."""
    if isinstance(value, NoScript):
        yield value
    elif isinstance(value, list):
        for number, entry in enumerate(value, start=1):
            yield _entry(entry, f"{place}[{number}]")
    elif _is_notebook(value, path):
        yield _notebook(value, path)
    else:
        yield _entry(value, place)


def _is_notebook(value: Any, path: Path) -> bool:
    if not isinstance(value, dict) or "code" in value:
        return False
    return "cells" in value or "worksheets" in value or path.suffix.lower() == NOTEBOOK


def _notebook(value: Any, path: Path) -> ScriptItem:
    try:
        script = script_of_object(value, SCRIPT_BYTES)
    except BadNotebook as error:
        todo = "save it from Jupyter, with a Python kernel"
        return _refused(f"not a Python notebook: {error}", path, todo)
    if not script.code:
        return NoScript(UserError("a notebook without code", where=str(path)), data=True)
    return ScriptText(readable(str(path)), script.code, left_out=script.meant_to_fail)


def _entry(value: Any, place: Path | str) -> ScriptItem:
    known = value if isinstance(value, dict) else {}
    script_id, code = known.get("id"), known.get("code")
    if isinstance(script_id, int) and not isinstance(script_id, bool):
        script_id = str(script_id)
    if isinstance(script_id, str) and not _is_text(script_id):
        return _refused("an id that is no text", place)
    if isinstance(script_id, str) and script_id and isinstance(code, str):
        return ScriptText(script_id, code.lstrip(MARK))
    return _refused("not a script", place, data=True)


def _is_text(name: str) -> bool:
    """False for lone surrogates, which JSON can write and nothing else can hold."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
