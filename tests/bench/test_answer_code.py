"""The program in an answer: every malformed kind has a defined result and none is an error."""

import random

import pytest

from viscode.bench.answer_code import PARSED_CHARS, answer_code

IN_STRING = 'x = """\n```python\nprint(1)\n```\n"""\nprint(x)\n'


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("```python\nx = 1\n```", "x = 1\n"),
        ("Sure!\n```py\nx = 1\n```\nDone.", "x = 1\n"),
        ("```python3\nx = 1\n```", "x = 1\n"),
        ("```Python\nx = 1\n```", "x = 1\n"),
        ("```\nx = 1\n```", "x = 1\n"),
        ("Here: ```python\nx = 1\n```", "x = 1\n"),
        ("```python\r\nx = 1\r\n```", "x = 1\r\n"),
        # drafts first, the last complete block counts
        ("```python\ndraft\n```\nBetter:\n```python\nfinal\n```", "final\n"),
        ("```python\ncode\n```\nOutput:\n```\n1 2 3 apples\n```", "code\n"),
        ("```bash\npip install x\n```\n```python\ncode\n```", "code\n"),
        ("```python\ncode\n```\n```bash\npython a.py\n```", "code\n"),
        ("```python\ncomplete\n```\n```python\nunclosed", "complete\n"),
        ("```python\ncode\n```\n```python\n\n```", "code\n"),
        # a block that does not parse is still the answer
        ("```python\nx = (\n```", "x = (\n"),
        # unclosed: cut at the length limit
        ("```python\nx = 1\nplt.plot(", "x = 1\nplt.plot("),
        ("```\nx = 1", "x = 1"),
        # a fence inside a string
        (f"```python\n{IN_STRING}```", IN_STRING),
        (f"```python\n{IN_STRING}```\nThen:\n```python\nlast\n```", "last\n"),
        ("```python\ns = '```'\nt = 1\n```", "s = '```'\nt = 1\n"),
        # the fence behind the last line of code
        ("```python\nx = 1\nplt.show()```", "x = 1\nplt.show()"),
        ("```python\nx = 1\nplt.show()```\nThat is all.\n```\nnone\n```", "x = 1\nplt.show()"),
        ("```python\nx = (\nplt.show()```", "x = (\nplt.show()"),
        ('```python\ns = """\n```a```\n"""\n```', 's = """\n```a```\n"""\n'),
        # a stop token behind the fence
        ("```python\nx = 1\n```<|im_end|>", "x = 1\n"),
        ("```python\nx = 1\n```</s>", "x = 1\n"),
        # a draft that was never closed, a label that prose mentions
        ("```python\ndraft = (\nWait.\n```python\nx = 1\n```", "x = 1\n"),
        ("<think>\n```python\nplt.\n</think>\nSo:\n```py\nx = 1\n```\nDone.", "x = 1\n"),
        ("In a ```python block:\n```python\nx = 1\n```", "x = 1\n"),
        ("Say ```pip install x```\nfirst.\n```python\nx = 1\n```", "x = 1\n"),
        ("```markdown\n# Plot\n```python\nx = 1\n```\n```", "x = 1\n"),
        ("```bash\npip install x\n```python\nx = 1\n```", "x = 1\n"),
        ('1. ```python title="plot.py"\nx = 1\n```', "x = 1\n"),
        # no fence
        ("x = 1\nprint(x)", "x = 1\nprint(x)"),
        ("I am sorry, but I cannot help with that.", ""),
        ("Sorry", "Sorry"),
        ("", ""),
        ("   \n\n", ""),
        ("```", ""),
        ("```python", ""),
        ("```python\n", ""),
        ("``````", ""),
        ("\x00\x01\x02", ""),
        ("```python\nx = 1\x00\n```", "x = 1\x00\n"),
        ("\ud800", ""),
        ('```json\n{"a": 1}\n```', ""),
    ],
)
def test_answer_code(answer, code):
    assert answer_code(answer) == code


FILLERS = [
    "a",
    "x = 1\n",
    "(",
    "```",
    "```\n",
    "```python\n(\n```\n",
    "```python\n",
    "```python ",
    "- ",
    "\x00",
    '```\n"""\n',
    "[" * 50 + "\n",
    "```python\n(",
    "(```\n",
    "```python\n(```\n",
    "a ```python ",
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("filler", FILLERS)
def test_the_longest_answers_that_are_parsed_are_no_trouble(filler):
    for text in ("```python\n", ""):
        answer_code(text + filler * ((PARSED_CHARS - 20) // len(filler)))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("filler", ["a", "```", "```\n", "```python\n", "(```\n", "a ```python "])
def test_huge_answers_are_no_trouble(filler):
    """A megabyte: what grows with the square of it would take hours."""
    for text in ("```python\n", ""):
        answer_code(text + filler * (1_000_000 // len(filler)))


def test_random_mixtures_never_fail():
    rng = random.Random(1)
    pieces = ["```", "```python\n", "\n", "`", "x = 1", '"""', "'", "(", " ", "\x00", "\ud800", "é"]
    for _ in range(2000):
        assert isinstance(answer_code("".join(rng.choices(pieces, k=rng.randint(0, 12)))), str)
