"""Where the first code block of a growing text is closed."""

import pytest

from viscode.llm.fences import first_block_end


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
        ("```\nx = 1\n```", "```\nx = 1\n```"),
        ("Here: ```py\nx\n  ```", "Here: ```py\nx\n  ```"),
        ("```python\nx = '```'\n", None),
        ("```python\ny\n```python\nz\n", None),
        ("```python title=a.py\r\nx\r\n```\r\n", "```python title=a.py\r\nx\r\n```"),
        ("inline ```x``` only\n", None),
    ],
)
def test_first_block_end(text, closed):
    end = first_block_end(text)
    assert (None if end is None else text[:end]) == closed


@pytest.mark.timeout(5)
@pytest.mark.parametrize("filler", ["a", " ", "`", "\n", "``` \n", "\n ```"])
def test_a_megabyte_takes_no_time(filler):
    first_block_end("```" + filler * (1_000_000 // len(filler)))
