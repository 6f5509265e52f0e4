"""Where the first Python block of a growing text is closed."""

import pytest

from viscode.llm.fences import FencedBlock, fenced_blocks, python_block_end


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
        ("```\nx = 1\n```", None),
        ("```bash\npip\n```\n```py\nx\n```\n1", "```bash\npip\n```\n```py\nx\n```"),
        ("Here: ```py\nx\n  ```", "Here: ```py\nx\n  ```"),
        ("```python\nx = '```'\n", None),
        ("```python\ny\n```python\nz\n", None),
        ("```python title=a.py\r\nx\r\n```\r\n", "```python title=a.py\r\nx\r\n```"),
        ("inline ```x``` only\n", None),
    ],
)
def test_python_block_end(text, closed):
    end = python_block_end(text)
    assert (None if end is None else text[:end]) == closed


@pytest.mark.timeout(5)
@pytest.mark.parametrize("filler", ["a", " ", "`", "\n", "``` \n", "\n ```"])
def test_a_megabyte_takes_no_time(filler):
    python_block_end("```" + filler * (1_000_000 // len(filler)))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("no ```inline``` block\n", []),
        ("an ```inline``` one\n```\nx\n```", [("", "x\n")]),
        ("an ```inline``` one ```py\nx\n```", [("py", "x\n")]),
        ("```python\nx = 1\n```\n", [("python", "x = 1\n")]),
        ("a ```py\nx\n```\nb\n```\ny\n```", [("py", "x\n"), ("", "y\n")]),
        ("```\n```\n", [("", "")]),
        ("```\nx\n```\n```sh\ny\n", [("", "x\n"), ("sh", "y")]),
        ("```python\nx = 1```\n", [("python", "x = 1")]),
        ("````python\nx\n````\n", [("python", "x\n")]),
    ],
)
def test_fenced_blocks(text, blocks):
    assert fenced_blocks(text) == [FencedBlock(label, body) for label, body in blocks]


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "filler", ["a", "`", "``` \n", "\n ```", "```a\n```\n", "```a\nx\n", "``` ```"]
)
def test_blocks_of_a_megabyte_take_no_time(filler):
    fenced_blocks("```" + filler * (1_000_000 // len(filler)))
