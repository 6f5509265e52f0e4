"""The one reader of fenced code: what it finds in texts as people and models write them."""

import json
import random
import time
from pathlib import Path

import pytest

from viscode.text.code_labels import label_of, names_python
from viscode.text.markdown import bare_code, python_block_end, read_blocks, read_document, unfenced

CASES = {
    "none": ("just `code` here", [], True),
    "labelled": ("a\n```python\nx = 1\n```\nb", [("python", "x = 1")], True),
    "label in capitals": ("```Python\nx\n```", [("python", "x")], True),
    "unlabelled": ("```\nx\n```", [("", "x")], True),
    "space before the label": ("``` py\nx\n```", [("py", "x")], True),
    "attributes": ('```python title="a"\nx\n```', [("python", "x")], True),
    "in a list": ("1. ```js\n   x\n   ```", [("js", "x")], True),
    "in a list, own indent kept": ("- a\n\n  ```py\n  if x:\n      y\n  ```", [
        ("py", "if x:\n    y")], True),
    "in a list, not indented": ("1. ```py\nif x:\n    y\n```", [
        ("py", "if x:\n    y")], True),
    "indented more than its list": ("  ```py\n      y\n  ```", [("py", "    y")], True),
    "quoted": ("> ```py\n> if x:\n>     y\n>\n> ```\nb", [
        ("py", "if x:\n    y")], True),
    "quoted prompts": ("> ```py\n> >>> x\n> ```", [("py", ">>> x")], True),
    "prompts": ("```py\n> >>> x\n```", [("py", "> >>> x")], True),
    "quoted in a quoted list": ("> > 1. ```py\n> >    x\n> >    ```", [("py", "x")], True),
    "tildes": ("~~~\n```\n~~~", [("", "```")], True),
    "longer fence holds a shorter one": ("````\n```\n````", [("", "```")], True),
    "closed at the end of a line": ("```python\nx = 1```\nb", [("python", "x = 1")], True),
    "inline triple": ("use ```x``` and\n```x = 1```", [], True),
    "two": ("```a\n1\n```\n```b\n2\n```", [("a", "1"), ("b", "2")], True),
    "windows line ends": ("```py\r\nx\r\n```\r\n", [("py", "x\r")], True),
    "open": ("```python\nx = 1", [("python", "x = 1")], False),
    "three marks": ("```\na\n```\n```\nb", [("", "a"), ("", "b")], False),
    # Python is told from its strings and comments
    "in a long string": ('```py\ns = """\n```\n"""\n```', [("py", 's = """\n```\n"""')], True),
    "in a docstring": ("```py\ndef f():\n    '''As in\n    ```py\n    f()\n    ```\n    '''\n```", [
        ("py", "def f():\n    '''As in\n    ```py\n    f()\n    ```\n    '''")], True),
    "in a raw string": ("```py\nr = r'''\n```\n'''\n```", [("py", "r = r'''\n```\n'''")], True),
    "in a short string": ("```py\ns = '```'\nt = \"```\"\n```", [
        ("py", "s = '```'\nt = \"```\"")], True),
    "a comment ends in it": ("```py\nx = 1  # drops ```\ny = 2\n```", [
        ("py", "x = 1  # drops ```\ny = 2")], True),
    "two comments end in it": ("```py\n# ```\nx = 1\n#```\ny = 2\n```\nb", [
        ("py", "# ```\nx = 1\n#```\ny = 2")], True),
    "a comment with a label": ("```python\n# from ```python to ```\nx = 1\n```", [
        ("python", "# from ```python to ```\nx = 1")], True),
    "a comment that closes": ("```py\nx = 1  # one```\nIt is one.\n```py\ny = 2\n```", [
        ("py", "x = 1  # one"), ("py", "y = 2")], True),
    "a string that never ends": ('```py\ns = """a\n```\nThen\n```py\nx = 1\n```', [
        ("py", 's = """a'), ("py", "x = 1")], True),
    "magics beside a string": ('```py\n%matplotlib inline\ns = """\n```\n"""\n```', [
        ("py", '%matplotlib inline\ns = """\n```\n"""')], True),
    # closing fences
    "behind code": ("```py\nx = f(\n  1)```\nb", [("py", "x = f(\n  1)")], True),
    "behind broken code": ("```py\nx = (\nplt.show()```", [("py", "x = (\nplt.show()")], True),
    "words behind it": ("```py\nx = 1\n``` That is all.\nb", [("py", "x = 1")], True),
    "longer than the opening": ("```py\nx\n`````\nb", [("py", "x")], True),
    "tildes with a label": ("~~~python\nx\n~~~", [("python", "x")], True),
    "tildes do not close backticks": ("```\n~~~\n```", [("", "~~~")], True),
    "longer tildes": ("~~~~py\n~~~\n~~~~", [("py", "~~~")], True),
    # blocks that nothing closes
    "a draft left open": ("```py\ndraft = (\nWait.\n```python\nx\n```", [
        ("py", "draft = (\nWait."), ("python", "x")], False),
    "a label in an open block": ("```bash\nls\n```python\nx\n```", [
        ("bash", "ls"), ("python", "x")], False),
    "other label in open Python": ("```py\nx\n```bash\nls\n```", [
        ("py", "x"), ("bash", "ls")], False),
    "other label in another block": ("```md\n```bash\n```", [("md", "```bash")], True),
    # opening fences
    "behind words": ("Here: ```py\nx\n```", [("py", "x")], True),
    "behind words, no label": ("Here: ```\nx\n```\nb", [("", "x")], True),
    "behind words, never closed": ("Use ```\nand ```py\nx\n```", [("py", "x")], True),
    "behind words in a list": ("- So: ```py\n  x\n  ```", [("py", "x")], True),
    "a mention": ("In a ```py block:\n```py\nx\n```", [("py", "x")], True),
    "a mention of both": ("Between ```python and ```\nstands code.", [], True),
    "deep indent": ("a\n        ```py\n        x\n        ```", [("py", "x")], True),
    "below HTML": ("<think>\n```py\nx\n```\n</think>", [("py", "x")], True),
    "in a list of steps": ("2. Do:\n\n    ```py\n    x\n    ```\n3. Done", [("py", "x")], True),
    "nested lists": ("- a\n  - b\n    ```py\n    if x:\n        y\n    ```", [
        ("py", "if x:\n    y")], True),
    "a text that ends within an indent": ("> > 1. ```py\n> >    x\n> >  ", [("py", "x")], False),
    "quotation that ends": ("> ```py\n> x\nb", [("py", "x")], False),
    "MyST": ("```{code-cell} ipython3\nx\n```", [("ipython3", "x")], True),
}  # fmt: skip


@pytest.mark.parametrize(("content", "blocks", "balanced"), CASES.values(), ids=CASES)
def test_blocks(content: str, blocks: list[tuple[str, str]], balanced: bool) -> None:
    document = read_document(content)
    found = [(block.label, block.code.rstrip("\n ")) for block in document.blocks]
    assert (found, document.balanced) == (blocks, balanced)
    places = [place for block in document.blocks for place in (block.start, block.end)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("before\n```\nx\n```\nafter", "before\nafter"),
        ("Here: ```py\nx\n```", "Here: "),
        ("```py\nx\n``` Done.\nb", " Done.\nb"),
        ("a\n```py\nx\n```\n```py\ny", "a"),
        ("only text", "only text"),
    ],
)
def test_text_outside(text: str, outside: str) -> None:
    assert read_document(text).outside == outside


def test_code_is_left_as_it_is() -> None:
    (block,) = read_blocks("```py\r\nx = 1\t# a\r\n\r\n\tb\x00\r\n```\r\n")
    assert block.code == "x = 1\t# a\r\n\r\n\tb\x00\r\n"


@pytest.mark.parametrize(
    ("info", "label"),
    [
        ("Python", "python"),
        ("python3", "python3"),
        ("python3.11", "python3.11"),
        ("{python}", "python"),
        ("{.python", "python"),
        ("{.python .numberLines}", "python"),
        ("{python, echo=FALSE}", "python"),
        ("{code-block} python", "python"),
        ("language-python", "python"),
        ("python:src/app.py", "python"),
        ("python=", "python"),
        ("python{1,3}", "python"),
        ("python,linenos", "python"),
        ("c++", "c++"),
        ("C#", "c#"),
        ("objective-c", "objective-c"),
        ("#", ""),
        ("1.", ""),
        ("", ""),
    ],
)
def test_labels(info: str, label: str) -> None:
    assert label_of(info) == label


PYTHON = """python Python PYTHON python2 python3 python3.12 python-3 python_3 py py3 py3.11 ipython
    ipython3 jupyter jupyter-notebook jupyter-python pycon python-repl {python} {.python} {py}
    language-python lang-py cython pyspark ipynb"""
OTHER = "r js java bash text output json pip pyramid pythonic cpp c md html yaml sh"


@pytest.mark.parametrize("info", [*PYTHON.split(), "Python 3", 'python title="a.py"'])
def test_names_of_python(info: str) -> None:
    assert names_python(info)


@pytest.mark.parametrize("info", [*OTHER.split(), ""])
def test_other_names(info: str) -> None:
    assert not names_python(info)


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("```python\nx\n```\n", "x\n"),
        ("\n ```\nx\n```\n\n", "x\n"),
        ("~~~csv\na,b\n1,2\n~~~", "a,b\n1,2\n"),
        ("```\n1. a\n```python\nx\n```\n2. b\n```", "1. a\n```python\nx\n```\n2. b\n"),
        ("Here:\n```\nx\n```", "Here:\n```\nx\n```"),
        ("```\nx\n```\nand\n```\ny\n```", "```\nx\n```\nand\n```\ny\n```"),
        ("```\nnever closed", "```\nnever closed"),
        ('"""\n```\nx\n```\n"""', '"""\n```\nx\n```\n"""'),
        ("x", "x"),
        ("", ""),
    ],
)
def test_a_fence_around_all(text: str, inside: str) -> None:
    assert unfenced(text) == inside


@pytest.mark.parametrize(
    ("text", "code", "closed"),
    [
        ("x = 1\n```", "x = 1\n", True),
        ("x = 1```\nThat is it.", "x = 1", True),
        ("x = 1  # see ```\ny = 2\n```\nThen", "x = 1  # see ```\ny = 2\n", True),
        ('s = """\n```\n"""\n```', 's = """\n```\n"""\n', True),
        ("x = 1\n```python\ny\n```", "x = 1\n", False),
        ("x = 1", "x = 1", False),
        ("", "", False),
    ],
)
def test_bare_code(text: str, code: str, closed: bool) -> None:
    found = bare_code(text)
    assert (found.code, found.closed) == (code, closed)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("", None),
        ("```python", None),
        ("```python\n", None),
        ("```python\nx = 1\n", None),
        ("```python\nx = 1\n``", None),
        ("```python\nx = 1\n```", "```python\nx = 1\n```"),
        ("```python\nx = 1\n```\nmore", "```python\nx = 1\n```"),
        ("```python\nx = 1```", "```python\nx = 1```"),
        ("```\nx = 1\n```", None),
        ("```bash\npip\n```\n```py\nx\n```\n1", "```bash\npip\n```\n```py\nx\n```"),
        ("Here: ```py\nx\n  ```", "Here: ```py\nx\n  ```"),
        ("~~~python3.11\nx\n~~~\n", "~~~python3.11\nx\n~~~"),
        ("```python\nx = '```'\n", None),
        ('```python\nx = """\n```\n', None),
        ('```python\nx = """\n```\n"""\n```', '```python\nx = """\n```\n"""\n```'),
        ("```python\nx = 1  # ```\n", None),
        ("```python\ny\n```python\nz\n", None),
        ("```python title=a.py\r\nx\r\n```\r\n", "```python title=a.py\r\nx\r\n```"),
        ("inline ```x``` only\n", None),
    ],
)
def test_python_block_end(text: str, closed: str | None) -> None:
    end = python_block_end(text)
    assert (None if end is None else text[:end]) == closed


PIECES = [
    "```",
    "```python\n",
    "\n",
    "~~~",
    "~~~py\n",
    "x = 1",
    '"""',
    "'''",
    "'",
    "# ",
    "- ",
    "> ",
]
PIECES += ["(", "Here: ", "```\n", "```bash\n", "    ", "\\", "\x00", "\ud800", "1. "]


def mixtures(count: int) -> list[str]:
    rng = random.Random(1)
    return ["".join(rng.choices(PIECES, k=rng.randint(0, 14))) for _ in range(count)]


def test_generation_stops_where_the_reader_closes_the_block() -> None:
    """The text up to the end has the same first closed Python block as the whole text."""
    stopped = 0
    for text in mixtures(3000):
        end = python_block_end(text)
        if end is None:
            continue
        stopped += 1
        (block, *_) = [b for b in read_blocks(text) if b.is_python and b.closed]
        (cut, *_) = [b for b in read_blocks(text[:end]) if b.is_python and b.closed]
        assert (cut.code, cut.end) == (block.code, end)
    assert stopped > 50


def test_nothing_fails_and_nothing_is_lost() -> None:
    for text in mixtures(3000):
        last = 0
        for block in read_blocks(text):
            assert last <= block.start <= block.end <= len(text)
            last = block.end


FILLERS = [
    "a",
    "`",
    "\n",
    "```",
    "```\n",
    "``` \n",
    "\n ```",
    "```a\nx\n",
    "``` ```",
    "- ",
    "> ",
    ">",
]
FILLERS += [
    "> a\nb\n",
    "- > ",
    "```python\n\\'''\n```\n",
    "```py\nx # ```\n",
    "a ```sh\n",
    "a ```py ",
]
FILLERS += ['```\n"""\n', "```python\n(\n```\n", "1. ", "  - x ```\n", "> ```py\n> x\n", "\x00"]


@pytest.mark.parametrize("filler", FILLERS)
def test_time_is_linear(filler: str) -> None:
    """What grows with the square of 30 kB would take half a minute; all of it takes seconds."""
    began = time.process_time()
    for start in ("", "```python\n", "> " * 100, "- " * 100):
        text = start + filler * (30_000 // len(filler))
        read_blocks(text)
        bare_code(text)
    assert time.process_time() - began < 12


def test_deep_nesting_hides_nothing_behind_it() -> None:
    text = f"{'> ' * 500}deep\n\n{'- ' * 500}deep\n\n```python\nx\n```\n"
    assert [block.code for block in read_blocks(text)] == ["x\n"]


SHARED = Path(__file__).parents[2].parent / "shared" / "cases" / "dialogues.jsonl"


@pytest.mark.skipif(not SHARED.is_file(), reason="../shared/cases is not on this machine")
def test_dialogues_that_failed() -> None:
    """Row 8: comments and strings of a block of Python hold fences."""
    rows = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    (row,) = [row for row in rows if row.get("id") == 8]
    document = read_document(row["messages"][1]["content"])
    assert document.balanced and len(document.blocks) == 1
    assert document.blocks[0].code.startswith("import re\n")
    assert document.blocks[0].code.endswith('print(strip("```python\\n1\\n```"))\n')
