"""Whether a dialogue is about Python: Code-Feedback has no language column (paper 3.2).

Labels of fences decide where there are any. Unlabelled fences count as Python when they parse as
such with a statement that prose and other languages do not share, or look like it. Without
code the text decides.
"""

import ast
import re
from collections.abc import Iterable

from viscode.dialogues.fences import Fence, Fenced
from viscode.mining.syntax import ParseFailure, parse

PYTHON_LABEL = re.compile(r"^(?:i?python[\d.]*|py[\d.]*|pycon|python-repl|sage)$")
NEUTRAL_LABELS = frozenset(
    {
        "text",
        "txt",
        "plaintext",
        "plain",
        "output",
        "console",
        "bash",
        "sh",
        "shell",
        "zsh",
        "shell-session",
        "json",
        "yaml",
        "yml",
        "toml",
        "ini",
        "csv",
        "markdown",
        "md",
        "diff",
        "latex",
        "math",
        "none",
        "log",
    }
)
"""Labels that say nothing about the language of a program."""
LOOKS_PYTHON = re.compile(
    r"^\s*(?:def \w+\(.*\).*:|class \w+.*:|from [\w.]+ import |import \w+(?:\.\w+)*(?: as \w+)?$"
    r"|elif .*:|except.*:|print\(.*\)$|>>> )",
    re.MULTILINE,
)
LOOKS_OTHER = re.compile(
    r"[;{]\s*$"
    r"|^\s*(?:#include|package |public |using |function |const |let |var |SELECT |fn |func )",
    re.MULTILINE,
)
PROSE_PYTHON = re.compile(r"\b(?:python\d?|pandas|numpy|matplotlib|django|flask)\b", re.IGNORECASE)
STATEMENTS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AugAssign,
    ast.For,
    ast.While,
    ast.With,
    ast.If,
    ast.Try,
)


def is_python(messages: Iterable[Fenced]) -> bool:
    """Whether the messages of one dialogue hold, or without any code talk about, Python."""
    parts = list(messages)
    fences = [fence for part in parts for fence in part.fences]
    if any(_is_python_fence(fence) for fence in fences):
        return True
    if any(fence.label and fence.label not in NEUTRAL_LABELS for fence in fences):
        return False
    outside = "\n".join(part.outside for part in parts)
    return bool(PROSE_PYTHON.search(outside) or LOOKS_PYTHON.search(outside))


def _is_python_fence(fence: Fence) -> bool:
    if fence.label:
        return bool(PYTHON_LABEL.match(fence.label))
    if LOOKS_OTHER.search(fence.text):
        return False
    if LOOKS_PYTHON.search(fence.text):
        return True
    tree = parse(fence.text)
    return not isinstance(tree, ParseFailure) and any(
        isinstance(node, STATEMENTS) for node in tree.body
    )
