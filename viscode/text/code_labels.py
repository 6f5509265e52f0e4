"""Which language the info string of a fence names."""

import re
from functools import lru_cache

DIRECTIVE = re.compile(r"\{(?:code(?:-cell|-block)?|sourcecode)\}\s*+")
"""MyST's and Sphinx's: the language follows."""
LABEL = re.compile(r"(?:lang(?:uage)?[-=:])?([a-z][\w.+#-]*)")
PYTHON_LABEL = re.compile(
    r"(?:[ci]|micro|circuit|jupyter-?)?python[-_]?[\d.]*"
    r"(?:[-_]?(?:repl|console|traceback|code|script|notebook|interactive|exec))?"
    r"|i?py[\d.]*|pyi|pyw|pyx|pycon\d?|pytb|py(?:spark|test|torch|game|odide|script)|cython"
    r"|jupyter(?:[-_]?(?:notebook|lab))?|ipynb|numpy|pandas|matplotlib|seaborn|plotly|django|flask"
)
LONGEST = 200  # characters of an info string that are looked at


def label_of(info: str) -> str:
    """The language in an info string: "python" of "Python", "{.python", "language-python",
    "python:app.py", "python=" or "python{1,3}"; "" where no word stands there ("#", "1.")."""
    text = DIRECTIVE.sub("", info[:LONGEST].strip().lower(), count=1).lstrip("{. ")
    found = LABEL.match(text)
    return found[1].rstrip(".-") if found else ""


@lru_cache(maxsize=256)
def names_python(info: str) -> bool:
    """Whether an info string names Python, in any of the ways in use."""
    return PYTHON_LABEL.fullmatch(label_of(info)) is not None
