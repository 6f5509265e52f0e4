"""What stood in a script's text or in its files, told from what did not."""

import base64
import time
from types import SimpleNamespace

import pytest

from viscode.core.records import Execution, Script
from viscode.execution.image_origins import Given, Seen, drawn

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3 + b"'\"\\\n" * 3
TEXT = base64.b64encode(PNG).decode()
OTHER = PNG[:-1] + b"\0"
NOWHERE = SimpleNamespace(seen=Seen())


def given(code="", **files):
    return Given(Script(id="a", code=code, files=files), NOWHERE)


def rows(text, width=76):
    return [text[at : at + width] for at in range(0, len(text), width)]


WRITTEN = {
    "one literal": f"x = b64decode('{TEXT}')",
    "a data address": f"x = 'data:image/png;base64,{TEXT}'.split(',')[1]",
    "without padding": f"x = '{TEXT.rstrip('=')}' + '=='",
    "a block": '"""\n' + "\n".join(rows(TEXT)) + '\n"""',
    "an indented block": '"""\n' + "\n".join(f"    {row}" for row in rows(TEXT)) + '\n"""',
    "parts": "(" + "\n".join(f"    '{row}'" for row in rows(TEXT)) + ")",
    "parts of bytes": "(" + "\n".join(f'  b"{row}"' for row in rows(TEXT)) + ")",
    "parts with plus": " +\n".join(f"'{row}'" for row in rows(TEXT)),
    "parts with line ends": "(" + "\n".join(f"'{row}\\n'" for row in rows(TEXT)) + ")",
    "a list": "''.join([" + ",\n".join(f"'{row}'" for row in rows(TEXT)) + "])",
    "continued": "'" + "\\\n".join(rows(TEXT)) + "'",
    "for addresses": base64.urlsafe_b64encode(PNG).decode(),
    "hex": f"bytes.fromhex('{PNG.hex()}')",
    "bytes": f"x = {PNG!r}",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_in_the_text(name):
    assert given(WRITTEN[name]).holds(PNG)
    assert not given(WRITTEN[name]).holds(OTHER)


FILES = {
    "the file": PNG,
    "in an archive": b"PK\x03\x04" + PNG + b"PK",
    "a cell": b"id,png\n1," + TEXT.encode() + b"\n2,\n",
}


@pytest.mark.parametrize("name", FILES)
def test_in_a_file(name):
    assert given(**{"data.csv": FILES[name]}).holds(PNG)
    assert not given(**{"data.csv": FILES[name]}).holds(OTHER)


def test_not_there():
    assert not given().holds(PNG)
    assert not given(f"'{TEXT[: len(TEXT) // 2]}'").holds(PNG)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><circle r='9'/></svg>"
    assert not given(f'SVG("{svg.decode()}")').holds(svg)  # who writes a drawing draws it


@pytest.mark.parametrize("text", ['" ', '"' + " " * 9999, "\\n+,", '"b', "A" * 99 + "="])
def test_long_texts_take_no_long_time(text):
    began = time.process_time()
    assert not given(text * (2_000_000 // len(text))).holds(PNG)
    assert time.process_time() - began < 2


def test_drawn_leaves_out_what_is_foreign():
    execution = Execution(
        id="a",
        status="ok",
        error_type="",
        error_message="",
        error="",
        images=(b"1", b"2", b"3"),
        blank=(False, True, False),
        origins=("foreign", "figure", "unknown"),
        facts="[null,null,null]",
        stdout_head="",
        engine="warm",
        isolation="A",
        duration_s=0.0,
    )
    left = drawn(execution)
    assert (left.images, left.blank, left.origins, left.facts) == (
        (b"2", b"3"),
        (True, False),
        ("figure", "unknown"),
        "[null,null]",
    )
    assert drawn(left) == left
    assert execution.drew
    assert not execution.model_copy(update={"origins": ("foreign",) * 3}).drew
