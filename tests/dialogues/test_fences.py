import pytest

from viscode.dialogues.fences import Fence, label_of, split_fences

CASES = {
    "none": ("just `code` here", [], True),
    "labelled": ("a\n```python\nx = 1\n```\nb", [Fence("python", "x = 1")], True),
    "label in capitals": ("```Python\nx\n```", [Fence("python", "x")], True),
    "unlabelled": ("```\nx\n```", [Fence("", "x")], True),
    "space before the label": ("``` py\nx\n```", [Fence("py", "x")], True),
    "attributes": ('```python title="a"\nx\n```', [Fence("python", "x")], True),
    "in a list": ("1. ```js\n   x\n   ```", [Fence("js", "x")], True),
    "in a list, own indent kept": ("- a\n\n  ```py\n  if x:\n      y\n  ```", [
        Fence("py", "if x:\n    y")], True),
    "in a list, not indented": ("1. ```py\nif x:\n    y\n```", [
        Fence("py", "if x:\n    y")], True),
    "indented more than its list": ("  ```py\n      y\n  ```", [Fence("py", "    y")], True),
    "quoted": ("> ```py\n> if x:\n>     y\n>\n> ```\nb", [
        Fence("py", "if x:\n    y")], True),
    "quoted prompts": ("> ```py\n> >>> x\n> ```", [Fence("py", ">>> x")], True),
    "prompts": ("```py\n> >>> x\n```", [Fence("py", "> >>> x")], True),
    "quoted in a quoted list": ("> > 1. ```py\n> >    x\n> >    ```", [Fence("py", "x")], True),
    "tildes": ("~~~\n```\n~~~", [Fence("", "```")], True),
    "longer fence holds a shorter one": ("````\n```\n````", [Fence("", "```")], True),
    "closed at the end of a line": ("```python\nx = 1```\nb", [Fence("python", "x = 1")], True),
    "inline triple": ("use ```x``` and\n```x = 1```", [], True),
    "two": ("```a\n1\n```\n```b\n2\n```", [Fence("a", "1"), Fence("b", "2")], True),
    "windows line ends": ("```py\r\nx\r\n```\r\n", [Fence("py", "x\r")], True),
    "open": ("```python\nx = 1", [Fence("python", "x = 1")], False),
    "three marks": ("```\na\n```\n```\nb", [Fence("", "a"), Fence("", "b")], False),
}  # fmt: skip


@pytest.mark.parametrize(("content", "fences", "balanced"), CASES.values(), ids=CASES)
def test_split(content: str, fences: list[Fence], balanced: bool) -> None:
    parts = split_fences(content)
    assert ([Fence(f.label, f.text.rstrip("\n ")) for f in parts.fences], parts.balanced) == (
        fences,
        balanced,
    )


def test_text_outside() -> None:
    assert split_fences("before\n```\nx\n```\nafter").outside == "before\nafter"


@pytest.mark.parametrize(
    ("info", "label"),
    [
        ("Python", "python"),
        ("python3", "python3"),
        ("python3.11", "python3.11"),
        ("{python}", "python"),
        ("{.python", "python"),
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


def test_a_long_line_takes_linear_time() -> None:
    line = "```" + "x" * 300_000 + "`"
    assert split_fences(line).outside == line
