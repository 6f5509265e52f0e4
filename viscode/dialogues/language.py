"""Whether a dialogue is about Python: Code-Feedback has no language column (paper 3.2).

Code decides where there is any. A label names the language of its fence; without one, Python is
recognized by what other languages do not share: its statements, prompts (>>>, In [1]:), tracebacks,
notebooks. Where several languages are mixed the dialogue is Python when at least half of the lines
of code are; queries and markup beside Python do not count, shell commands and output never do.
Without any code the text decides, by how often it names Python and other languages.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable

from viscode.text.lines import split_lines
from viscode.text.markdown import Document, FencedBlock
from viscode.text.python_text import ParseFailure, parse

PYTHON = "python"
UNKNOWN = "unlabelled"
OTHER = "other"
NEUTRAL_WORDS = """
text txt plaintext plain output out console result results input stdin stdout example code
bash sh shell zsh fish shell-session shellsession terminal cmd bat batch powershell ps1
makefile make dockerfile docker nginx gitignore requirements env properties
json jsonc json5 jsonl yaml yml toml ini cfg conf config csv tsv table
markdown md rst latex tex math diff patch none log error errors traceback stacktrace
pseudocode pseudo algorithm tree mermaid graphviz dot uml http regex url bnf ebnf
"""
NEUTRAL_LABELS = frozenset(NEUTRAL_WORDS.split())
"""Labels that say nothing about the language of a program."""
BESIDE_LABELS = frozenset(
    {"sql", "mysql", "postgresql", "sqlite", "plsql", "graphql"}
    | {"html", "xml", "css", "scss", "svg", "jinja", "jinja2", "jinja-html"}
)
"""Labels of what programs in any language carry along."""
NOT_RIVALS = BESIDE_LABELS | {PYTHON, UNKNOWN}
LOOKS_PYTHON = re.compile(
    r"^[ \t]*(?:(?:async )?def \w+\(.{0,300}\)(?: *-> *[^\n:]{1,100})?:[ \t]*(?:#.*)?$"
    r"|class \w+(?:\([\w., =\[\]]*\))?:[ \t]*(?:#.*)?$"
    r"|from \.*[a-zA-Z_][\w.]* import (?:[(*]|\w+(?: as \w+)?(?:,|[ \t]*(?:#.*)?$))"
    r"|import (?!java|javax|scala|kotlin|android|std\b|react)[a-z_][\w.]*(?: as \w+)?[ \t]*$"
    r"|import PIL\b|elif .*:[ \t]*$|except(?: \(?\w*(?:Error|Exception)\b.*)?:[ \t]*$"
    r"|print\(.*\)$|if __name__ ==|%(?:matplotlib|timeit|time|load_ext)\b|!pip3? install"
    r"|File \".*\.py\", line \d+)",
    re.MULTILINE,
)
SESSION = re.compile(
    r"^[ \t]*(?:>>> |In \[\d+\]: |Traceback \(most recent call last\):)", re.MULTILINE
)
"""A Python session or traceback, whatever else the program prints."""
LOOKS_OTHER = re.compile(
    r";[ \t]*$|[\w)>][ \t]*\{[ \t]*$"
    r"|^[ \t]*(?:#include|package |public |private |using |function |const |let |var |SELECT |fn "
    r"|func |local |<\?php|<!DOCTYPE|<\w+[ >]|console\.log|println|puts |library\(|end$)",
    re.MULTILINE,
)
NOTEBOOK = re.compile(r'"cell_type"\s*:\s*"code"')
OTHER_KERNEL = re.compile(r'"language"\s*:\s*"(?!python)\w+"', re.IGNORECASE)
PROSE_PYTHON = re.compile(
    r"\b(?:python[\d.]*|pandas|numpy|matplotlib|seaborn|scipy|sklearn|scikit-learn|django|flask"
    r"|fastapi|pytorch|tensorflow|keras|jupyter|pytest|dataframes?)\b",
    re.IGNORECASE,
)
PROSE_OTHER = re.compile(
    r"\b(?:java|javascript|typescript|node\.js|react|php|ruby|rails|golang|kotlin|swift|scala"
    r"|haskell|perl|matlab|bash|sql|mysql|html|css)\b|\b(?:Go|Rust|R) (?:program|code|function)"
    r"|\bC\+\+|\bC#|(?<![\w-])C (?:program|code|language|function)",
    re.IGNORECASE,
)
TELLING = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.With,
    ast.If,
    ast.Try,
)
"""Statements that no other language writes so."""
ASSIGNING = (ast.Assign, ast.AugAssign, ast.AnnAssign)
"""Statements that other languages without semicolons write too."""


def is_python(messages: Iterable[Document]) -> bool:
    """Whether the messages of one dialogue hold, or without any code talk about, Python."""
    parts = list(messages)
    outside = "\n".join(part.outside for part in parts)
    lines = code_lines(parts)
    if not lines:
        return _talks_python(outside)
    python = lines[PYTHON] + (lines[UNKNOWN] if _talks_python(outside) else 0)
    others = sum(count for language, count in lines.items() if language not in NOT_RIVALS)
    return python > 0 and python >= others


def code_lines(messages: Iterable[Document]) -> Counter[str]:
    """Lines of code by language: PYTHON, a fence's label, OTHER, or UNKNOWN for assignments that
    several languages write alike. Blocks that hold no program are not counted."""
    lines: Counter[str] = Counter()
    for block in (block for part in messages for block in part.blocks):
        if language := language_of(block):
            lines[language] += sum(bool(line.strip()) for line in split_lines(block.code))
    return lines


def language_of(block: FencedBlock) -> str:
    """PYTHON, the label of another language, OTHER, UNKNOWN, or "" for what is no program."""
    if block.is_python:
        return PYTHON
    if NOTEBOOK.search(block.code):
        return "notebook" if OTHER_KERNEL.search(block.code) else PYTHON
    if block.label and block.label not in NEUTRAL_LABELS:
        return block.label
    guess = _guess(block.code)
    return guess if not block.label or guess == PYTHON else ""


def _guess(text: str) -> str:
    """The language of code that no label names."""
    if SESSION.search(text):
        return PYTHON
    tree = parse(text)
    if isinstance(tree, ParseFailure) or _mostly_semicolons(text):
        if LOOKS_OTHER.search(text):
            return OTHER
    elif any(isinstance(node, TELLING) for node in tree.body):
        return PYTHON
    elif any(isinstance(node, ASSIGNING) for node in tree.body):
        return UNKNOWN
    return PYTHON if LOOKS_PYTHON.search(text) else ""


def _mostly_semicolons(text: str) -> bool:
    lines = [line for line in split_lines(text) if line.strip()]
    return 2 * sum(line.rstrip().endswith(";") for line in lines) > len(lines)


def _talks_python(outside: str) -> bool:
    if LOOKS_PYTHON.search(outside) or SESSION.search(outside):
        return True
    python = len(PROSE_PYTHON.findall(outside))
    return python > 0 and python >= len(PROSE_OTHER.findall(outside))
