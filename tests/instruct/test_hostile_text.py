"""Python text that was written to break who reads it: no reader fails, none takes seconds."""

import ast
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from figure_examples import axes, block, figure, series

from viscode.bench.answer_code import program_in
from viscode.charts.rebuilt import rebuild_chart
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import ChartSample, Origin, SelectedFile, SourceFile
from viscode.core.tables import write_table
from viscode.corpora.docstrings import plotting_examples
from viscode.dataset.normal import normalize
from viscode.dialogues.language import language_of
from viscode.execution.script_files import NoScript, ScriptText, items_of
from viscode.extract.static import extract_static
from viscode.instruct.naming import named
from viscode.instruct.write import step_of
from viscode.libraries.selection import select_file
from viscode.settings.base import load
from viscode.settings.instruct import InstructSettings
from viscode.settings.rebuild import RebuildSettings
from viscode.settings.select import SelectSettings
from viscode.text.markdown import read_blocks
from viscode.text.notebooks import BadNotebook, notebook_script
from viscode.text.python_text import DEEPEST, ParseFailure, parse, python_text
from viscode.text.source_text import Undecodable, decode_python

ROOT = Path(__file__).parents[2]
PARAMS = ROOT / "params.yaml"
SECONDS = 10.0  # of the processor, for all readers of one text
LONG = 30_000  # characters

REPEATED = {  # what stands around the middle, times
    "open brackets": ("x = ", "[", ""),
    "brackets": ("x = ", "[|]", ""),
    "parentheses": ("x = ", "(|)", ""),
    "minus": ("x = ", "-", "1"),
    "invert": ("x = ", "~", "1"),
    "not": ("x = ", "not ", "1"),
    "lambda": ("x = ", "lambda:", "1"),
    "attributes": ("a", ".b", ""),
    "spaced attributes": ("a", " . b", ""),
    "imported": ("import a", ".a", ""),
    "imported from": ("from a", ".a", " import b"),
    "decorated": ("@a", ".a", "\ndef f(): pass"),
    "decorators": ("", "@a\n", "def f(): pass"),
    "calls": ("f", "()", ""),
    "methods": ("f", ".a(1)", ""),
    "items": ("a", "[0]", ""),
    "sum": ("x = 1", "+1", ""),
    "power": ("x = 1", "**1", ""),
    "compared": ("x = 1", "<1", ""),
    "and, or": ("x = 1", " and 1 or 1", ""),
    "ternary": ("x = ", "1 if 1 else ", "1"),
    "elif": ("if 1:\n pass\n", "elif 1:\n pass\n", ""),
    "dicts": ("x = ", "{1:|}", ""),
    "fields": ("x = f'", "{a}", "'"),
    "nested fields": ("x = f'{1:", "{1:|}", "}'"),
    "generators": ("x = ", "(a for a in |)", ""),
    "clauses": ("x = [a ", "for a in b ", "]"),
    "walrus": ("x = ", "(a:=|)", ""),
    "patterns": ("match x:\n case ", "[|]", ": pass"),
    "alternatives": ("match x:\n case 1", "|1", ": pass"),
    "statements": ("", "a;", ""),
    "digits": ("x = ", "9", ""),
    "hex digits": ("x = 0x", "f", ""),
    "binary digits": ("x = 0b", "1", ""),
    "name": ("", "a", " = 1"),
    "strings": ("x = ''", " ''", ""),
    "continued": ("x = ", "\\\n", "1"),
    "magics": ("", "%a\n", "x = 1"),
    "quotes": ("x = ", "'''", ""),
    "with": ("with a", ", a", ": pass"),
    "globals": ("def f():\n global a", ", a", ""),
}
SINGLE = {
    "nul": "x = 1\0",
    "surrogate": "x = '\ud800'",
    "surrogate name": "\ud800 = 1",
    "bell": "\a = 1",
    "rot13": "# coding: rot13\nk = 1",
    "power of powers": "x = 10 ** 10 ** 10 ** 10",
    "inf": "x = 1e999",
    "escapes": "x = '\\N{NOSUCH}'",
    "escaped surrogate": "x = '\\ud83d'",
    "data of surrogates": "x = ['\\ud83d', 'b']\ny = {'\\udc00': [1, 2]}\nz = pd.DataFrame(y)",
    "labels of surrogates": "x = 1\nplt.title('\\ud83d')\nplt.xlabel('\\ud83d')",
}


def repeated(kind: str, length: int) -> str:
    start, middle, end = REPEATED[kind]
    opening, _, closing = middle.partition("|") if middle != "|1" else (middle, "", "")
    count = length // len(opening + closing)
    return start + opening * count + closing * count + end


def texts() -> dict[str, str]:
    """Short enough for the parser, and so long that it fails."""
    several = {
        f"{kind}, {length}": repeated(kind, length)
        for kind in REPEATED
        for length in (600, 2500, LONG)
    }
    return {**several, **SINGLE}


TEXTS = texts()
CASES = [
    pytest.param(name, marks=pytest.mark.slow) if name.endswith(f", {LONG}") else name
    for name in TEXTS
]
ORIGIN = Origin(kind="folder", name="f", path="a.py")
COMMON = {"id": "i", "source": "files", "origin": ORIGIN, "licence": "MIT"}
DRAWS = "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
FACTS = figure(axes(series("line")))
SELECT = load(SelectSettings, PARAMS).model_dump()
REBUILD = load(RebuildSettings, PARAMS)
INSTRUCT = step_of(load(InstructSettings, PARAMS))


def drawing(text: str) -> str:
    return f"{DRAWS}{text}\nplt.plot(x)\nplt.show()\n"


def charted(text: str) -> str:
    inner = text.replace("\n", "\n    ")
    return f"{DRAWS}def generate_plot(df, y={text!r}):\n    {inner}\n    plt.plot(df.a)\n{text}\n"


def selected(text: str) -> Kept[SelectedFile] | Rejected:
    return select_file(SourceFile(**COMMON, text=text), **SELECT)


def extracted(text: str) -> object:
    file = SelectedFile(**COMMON, text=text, libraries=("matplotlib",))
    return extract_static(file, frozenset({"matplotlib", "numpy", "pandas"}))


def rebuilt(text: str) -> object:
    sample = ChartSample(
        **COMMON, figure_type="line", topic="t", data_csv="a,b\n1,2\n3,4\n", code=text
    )
    return rebuild_chart(sample, REBUILD)


def notebook(text: str) -> object:
    cells = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []}]
    metadata = {"kernelspec": {"language": "python", "name": "python3", "display_name": "P"}}
    whole = {"cells": cells * 2, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return notebook_script(json.dumps(whole).encode(), 10**7)


def docstring(text: str) -> object:
    example = "\n".join(f">>> {line}" for line in f"plt.plot(1)\n{text}".split("\n"))
    return list(plotting_examples(f"'''\n{example}\n'''\n{text}".encode("utf-8", "replace"), "m"))


READERS: dict[str, Callable[[str], object]] = {
    "tree": parse,
    "text": python_text,
    "select": lambda text: selected(drawing(text)),
    "extract": lambda text: extracted(drawing(text)),
    "rebuild": lambda text: rebuilt(charted(text)),
    "rebuild beside": lambda text: rebuilt(f"{charted('x = 1')}{text}\n"),
    "instruct": lambda text: INSTRUCT(block(drawing(text), FACTS)),
    "names": lambda text: named("a plot of `x`", text),
    "normal form": normalize,
    "language": lambda text: [language_of(one) for one in read_blocks(f"```\n{text}\n```")],
    "answer": lambda text: program_in(f"Here:\n```python\n{drawing(text)}\n```\n"),
    "bare answer": lambda text: program_in(drawing(text)),
    "notebook": notebook,
    "docstring": docstring,
}
EXPECTED = {"docstring": ValueError, "notebook": BadNotebook}  # which stages count


@pytest.mark.parametrize("name", CASES)
def test_no_reader_fails_or_takes_long(name: str, tmp_path: Path) -> None:
    text, began = TEXTS[name], time.process_time()
    for reader, read in READERS.items():
        try:
            result = read(text)
            if isinstance(result, Kept) and "\ud800" not in text:  # which no table has held
                write_table(tmp_path / "t", type(result.records[0]), result.records)
        except EXPECTED.get(reader, ()):
            continue
    assert time.process_time() - began < SECONDS


QUADRATIC = {  # 17 s and 10 GB, and a minute, for the parser alone
    "imported": repeated("imported", 200_000),
    "spaced": "import a" + " . \\\n a" * 30_000,
    "fields": repeated("fields", 1_000_000),
}


@pytest.mark.parametrize("kind", QUADRATIC)
def test_what_takes_the_parser_long_is_not_given_to_it(kind: str) -> None:
    began = time.process_time()
    assert isinstance(parse(QUADRATIC[kind], most=2_000_000), ParseFailure)
    assert time.process_time() - began < 1


def test_a_tree_is_as_deep_as_everything_can_follow() -> None:
    """Dicts take `ast.unparse` the most calls for a level; here from within 100 more."""

    def unparsed(tree: ast.AST, calls: int) -> str:
        return unparsed(tree, calls - 1) if calls else ast.unparse(tree)

    deepest = parse("x = " + "{1:" * (DEEPEST - 3) + "1" + "}" * (DEEPEST - 3))
    assert isinstance(deepest, ast.Module)
    assert unparsed(deepest, 100).startswith("x = {1: {1:")
    deeper = parse("x = " + "-" * DEEPEST + "1")
    assert deeper == ParseFailure("nested too deeply")


CODECS = """
rot13 hex base64 zlib bz2 uu quopri idna punycode utf-7 utf-16 unicode-escape raw_unicode_escape
undefined nosuch mbcs string_escape ../x
"""


@pytest.mark.parametrize("codec", CODECS.split())
def test_a_script_in_what_no_python_reads_is_refused_in_one_line(
    tmp_path: Path, codec: str
) -> None:
    source = f"# coding: {codec}\nprint('h\u00e9')\n".encode()
    (tmp_path / "a.py").write_bytes(source)
    (item,) = items_of(tmp_path / "a.py")
    assert isinstance(item, NoScript)
    assert "a.py" in str(item.error) and "encoding" in str(item.error)
    with pytest.raises(Undecodable, match="encoding"):
        decode_python(source)


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "shift_jis", "gbk", "koi8-r", "euc_jp"])
def test_a_script_in_another_encoding_is_read(tmp_path: Path, codec: str) -> None:
    (tmp_path / "a.py").write_bytes(f"# coding: {codec}\nprint('a')\n".encode(codec))
    (item,) = items_of(tmp_path / "a.py")
    assert isinstance(item, ScriptText) and "print('a')" in item.code
