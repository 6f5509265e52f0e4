"""Plotting examples in the docstrings of Python source, as text.

Nothing is imported or run: `ast` finds the docstrings, `doctest` the examples in them. What is
not a docstring in the source (templates filled in at import, strings assigned to `__doc__`) is
not seen, and neither is code without prompts (`.. plot::` blocks).
"""

import ast
import doctest
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from viscode.libraries.names import reached
from viscode.libraries.registry import CUSTOMARY, LIBRARIES, ROOTS
from viscode.libraries.scopes import undefined_names
from viscode.text.python_text import ParseFailure, parse
from viscode.text.source_text import decode_python

MODULE_CHARS = 8 << 20  # of an installed package; plotly's figures have over a million
PROMPT = ">>>"
NAMES = "|".join(one.name for one in LIBRARIES if one.roots)
ALIASES = "|".join(name for name, path in CUSTOMARY.items() if path.split(".")[0] in ROOTS)
PLOTTING = re.compile(  # the calls: boxplot(, qqplot(, plot_tree(; df.plot.bar(, nx.draw_planar(
    rf"{NAMES}|\b(?:{ALIASES})\.\w+\(|plot\w*\(|\.(?:plot\.\w+|hist|draw\w*)\("
)
DIRECTIVE = re.compile(r"[^\S\n]*#[^\S\n]*doctest:[^\S\n]*([^\n'\"]*)$", re.MULTILINE)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
DOCUMENTED = (ast.Module, *DEFINITIONS)
INNER = (ast.stmt, ast.excepthandler, ast.match_case)  # nodes that definitions may lie in

# Names that the packages' own documentation runs put into the namespace, so that their docstrings
# use them without an import: numpy, scipy, pandas and matplotlib np, pd and plt; networkx nx.
CONVENTIONAL_IMPORTS = {
    "np": "import numpy as np",
    "nx": "import networkx as nx",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
}


@dataclass(frozen=True)
class Example:
    """The joined examples of one object. `problem` says why `text` is not Python, "" if it is."""

    locator: str
    text: str
    problem: str


class _Parser(doctest.DocTestParser):
    """Keeps prompts that hold only a comment, which doctest itself drops: they explain code."""

    _IS_BLANK_OR_COMMENT = staticmethod(re.compile(r"^[ ]*$").match)


def plotting_examples(source: bytes, module: str) -> Iterator[Example]:
    """The examples of every object in a module whose docstring plots, outermost object first.

    Raises:
        ValueError: `source` does not parse.
    """
    if not _may_plot(source.decode("latin-1")):  # most files: not worth a parse
        return
    for locator, docstring in docstrings(source, module):
        if _may_plot(docstring):
            example = _example(locator, docstring)
            if PLOTTING.search(example.text):
                yield example


def _may_plot(text: str) -> bool:
    return PROMPT in text and PLOTTING.search(text) is not None


def docstrings(source: bytes, module: str) -> Iterator[tuple[str, str]]:
    """(dotted name, cleaned docstring) of the module, its classes and functions at any depth."""
    pending: list[tuple[str, ast.AST]] = [(module, _parsed(decode_python(source)))]
    while pending:
        locator, node = pending.pop()
        if isinstance(node, DOCUMENTED) and (found := ast.get_docstring(node)):
            yield locator, found
        inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, INNER)]
        pending.extend(
            (f"{locator}.{child.name}" if isinstance(child, DEFINITIONS) else locator, child)
            for child in reversed(inner)
        )


def _parsed(source: str) -> ast.Module:
    """
    Raises:
        ValueError: it is not Python, or too long or too deep to tell.
    """
    tree = parse(source, most=MODULE_CHARS)
    if isinstance(tree, ParseFailure):
        raise ValueError(tree.message)
    return tree


def _example(locator: str, docstring: str) -> Example:
    text = docstring
    try:
        text = examples_text(docstring)
        return Example(locator, with_conventional_imports(text), "")
    except ValueError as error:
        return Example(locator, text, str(error))


def examples_text(docstring: str) -> str:
    """The sources of a docstring's examples, joined in order; "" when nothing is left.

    Left out: examples marked +SKIP, and those whose expected output is a traceback.

    Raises:
        ValueError: the docstring breaks the rules of doctest.
    """
    return "".join(
        textwrap.dedent(example.source)
        for example in _Parser().get_examples(DIRECTIVE.sub(_skip_only, docstring))
        if doctest.SKIP not in example.options and example.exc_msg is None
    )


def _skip_only(directive: re.Match[str]) -> str:
    # Other options say how to compare output; doctest refuses those that packages define.
    return "  # doctest: +SKIP" if "+SKIP" in directive[1] else ""


def with_conventional_imports(text: str) -> str:
    """`text` after the imports of the conventional names that it uses but never binds.

    Raises:
        ValueError: `text` does not parse.
    """
    tree = _parsed(text)
    needed = undefined_names(text, tree, reached(tree).functions)
    missing = (line for name, line in CONVENTIONAL_IMPORTS.items() if name in needed)
    return "".join(f"{line}\n" for line in missing) + text
