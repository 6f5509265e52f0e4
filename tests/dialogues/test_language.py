"""What counts as a Python dialogue, by messages as Code-Feedback has them."""

import pytest

from viscode.dialogues.language import code_lines, is_python
from viscode.text.markdown import read_document

JS = "```javascript\nconst a = 1;\nlet b = 2;\nconsole.log(a + b);\n```"
NOTEBOOK = '{"cells": [{"cell_type": "code", "source": ["x = 1"]}], "metadata": {"kernelspec": %s}}'
PYTHON = {
    "label in capitals": ["```Python\nx\n```"],
    "label with version": ["```python3.10\nx\n```"],
    "label with file name": ["```python:main.py\nx\n```"],
    "label py": ["```py\nx\n```"],
    "console label": ["```pycon\n>>> 1\n1\n```"],
    "doctest prompts": ["```\n>>> d = {}\n>>> d['a'] = 1;\n{'a': 1}\n```"],
    "notebook prompts": ["```\nIn [1]: x = 1\nOut[1]: 1\n```"],
    "traceback alone": ["```\nTraceback (most recent call last):\nNameError: x\n```"],
    "traceback in a text fence": [
        '```text\nTraceback (most recent call last):\n  File "a.py"\n```'
    ],
    "dictionary over lines": ["```\nimport os\ndata = {\n    'a': 1,\n}\nos.stat(data)\n```"],
    "broken dictionary": ["```\nimport os\ndata = {\n    'a': 1\n    'b': 2\n}\n```"],
    "python 2": ["```\ndef f(x):\n    print x\n```"],
    "notebook magics": ["```\n%matplotlib inline\nimport numpy as np\n```"],
    "notebook as JSON": ["```json\n" + NOTEBOOK % '{"language": "python"}' + "\n```"],
    "assignment, text says so": ["Use Python:", "```\nx = [1, 2]\n```"],
    "beside markup and queries": [
        "```python\nrender(query)\n```\n```html\n<p>\n<b>\n</p>\n```\n```sql\nSELECT 1\n```"
    ],
    "more Python than JavaScript": [JS, "```python\na = 1\nb = 2\nprint(a + b)\n```"],
    "pandas without code": ["How do I merge two pandas DataFrames?", "By a common column."],
    "code outside of a fence": ["def f(x):\n    return 2 * x\nWhy does it fail?", "It does not."],
    "unlabelled output, text says so": ["Why does numpy say so?", "```\narray([1, 2])\n```"],
}
NOT_PYTHON = {
    "another label": ["```ruby\nputs 1\n```"],
    "another label, text says Python": ["Like Python and numpy:", "```rust\nfn main() {}\n```"],
    "mostly JavaScript": [JS, "```python\nprint(3)\n```"],
    "semicolons that parse": ["```\nx = 1;\ny = 2;\n```", "In Python too?"],
    "braces": ["```\nif (x) {\n  y()\n}\n```"],
    "c include": ["```\n#include <stdio.h>\nint main() { return 0; }\n```"],
    "go": ['```\npackage main\nimport "fmt"\n```'],
    "kotlin import": ["```\nimport java.util.List\nfun f() = 1\n```"],
    "assignment, text names another": ["In Ruby:", "```\nx = [1, 2]\n```"],
    "queries alone": ["How?", "```sql\nSELECT a FROM b\n```"],
    "julia notebook": ["```json\n" + NOTEBOOK % '{"language": "julia"}' + "\n```"],
    "text names others more": ["In Java or C++, not Python?", "Java code compiles."],
    "prose that begins like code": ["from China import taxes rise\nexcept for these:", "So."],
    "nothing at all": ["Hello", "Hello."],
}


@pytest.mark.parametrize("messages", PYTHON.values(), ids=PYTHON)
def test_python(messages: list[str]) -> None:
    assert is_python(map(read_document, messages))


@pytest.mark.parametrize("messages", NOT_PYTHON.values(), ids=NOT_PYTHON)
def test_not_python(messages: list[str]) -> None:
    assert not is_python(map(read_document, messages))


def test_lines_are_counted_by_language() -> None:
    text = f"{JS}\n```py\na\n\nb\n```\n```bash\nls\n```\n```\nx = f()\n```"
    lines = code_lines([read_document(text)])
    assert lines == {"javascript": 3, "python": 2, "unlabelled": 1}


def test_time_is_linear() -> None:
    for text in ("\n" * 200_000 + "x", "def f(" + ")" * 200_000, "a " * 200_000 + "{ {"):
        assert not is_python([read_document(f"```\n{text}\n```")])
