"""Examples in docstrings: which are found, what is left out, what is put before them."""

import pytest

from viscode.corpora.docstrings import (
    docstrings,
    examples_text,
    plotting_examples,
    with_conventional_imports,
)

PLOT = ">>> plt.plot([1])"


def test_docstrings_are_found_at_any_depth_and_nothing_else_is() -> None:
    source = b'''"""module"""
class Outer:
    """class"""
    def method(self):
        """method"""
        async def inner():
            """inner"""
    "a string that is no docstring"
try:
    if True:
        def guarded():
            """guarded"""
except ImportError:
    def fallback(): """fallback"""
NOT = """assigned"""
'''
    assert list(docstrings(source, "pkg.mod")) == [
        ("pkg.mod", "module"),
        ("pkg.mod.Outer", "class"),
        ("pkg.mod.Outer.method", "method"),
        ("pkg.mod.Outer.method.inner", "inner"),
        ("pkg.mod.guarded", "guarded"),
        ("pkg.mod.fallback", "fallback"),
    ]


@pytest.mark.parametrize(
    ("docstring", "text"),
    [
        ("Text.\n\n    >>> a = 1\n    >>> a\n    1\n", "a = 1\na\n"),
        (">>> for i in x:\n...     f(i)\n...\n>>> g()", "for i in x:\n    f(i)\ng()\n"),
        (">>> # why\n>>> f()", "# why\nf()\n"),
        (">>>     f()", "f()\n"),
        (">>> f()  # doctest: +SKIP\n>>> g()", "g()\n"),
        (">>> f()  # doctest: +ELLIPSIS, +SKIP\n>>> g()", "g()\n"),
        (">>> f()  # doctest: +NORMALIZE_WHITESPACE\n1", "f()\n"),
        (">>> f()  # doctest: +OPTION_OF_A_PACKAGE", "f()\n"),
        (">>> # doctest: +ELLIPSIS\n>>> f()", "f()\n"),
        (
            ">>> f()\nTraceback (most recent call last):\n  ...\nValueError: bad\n\n>>> g()",
            "g()\n",
        ),
        ("no prompt", ""),
    ],
)
def test_examples_are_joined_without_prompts_outputs_and_skipped_ones(
    docstring: str, text: str
) -> None:
    assert examples_text(docstring) == text


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("plt.plot(np.ones(3))\n", ["numpy as np", "matplotlib.pyplot as plt"]),
        ("pd.Series([1]).plot()\n", ["pandas as pd"]),
        ("nx.draw(g)\n", ["networkx as nx"]),
        ("import numpy as np\nnp.ones(3)\n", []),
        ("import matplotlib.pyplot as plt\nplt.show()\n", []),
        ("np = load()\nnp.ones(3)\n", []),
        ("def f(np):\n    return np.x\n", []),
        ("from a import pd\npd.x\n", []),
        ("sns.boxplot(df)\n", []),
        ("f('np.ones(3)')  # plt\n", []),
    ],
)
def test_imports_are_put_before_conventional_names_that_nothing_binds(
    text: str, added: list[str]
) -> None:
    head = "".join(f"import {name}\n" for name in added)
    assert with_conventional_imports(text) == head + text


@pytest.mark.parametrize(
    ("example", "plots"),
    [
        ("plt.plot([1])", True),
        ("df.plot.bar()", True),
        ("s.hist()", True),
        ("sm.qqplot(x)", True),
        ("px.line(df)", True),
        ("display = RocCurveDisplay.plot()", True),
        ("import seaborn", True),
        ("import altair", True),  # by its entry in the registry alone
        ("x = 1", False),
        ("np.histogram(x)", False),
        ("plt.plot([1])  # doctest: +SKIP", False),
    ],
)
def test_only_examples_that_plot_are_inputs(example: str, plots: bool) -> None:
    source = f'def f():\n    """Mentions plt.plot(x).\n\n    >>> {example}\n    """\n'
    assert bool(list(plotting_examples(source.encode(), "m"))) is plots


@pytest.mark.parametrize(
    "docstring", [f"{PLOT}\n>>> (", f"{PLOT}\n>>>no_space", f"{PLOT}\n>>> %time f()"]
)
def test_an_example_that_is_no_python_says_why(docstring: str) -> None:
    source = f'"""\n{docstring}\n"""\n'
    (example,) = plotting_examples(source.encode(), "m")
    assert example.problem and "plt.plot" in example.text


def test_other_encodings_are_decoded_and_escapes_do_not_warn(
    recwarn: pytest.WarningsRecorder,
) -> None:
    source = f"# coding: latin-1\n'''Größe \\d\n{PLOT}\n'''\n".encode("latin-1")
    (example,) = plotting_examples(source, "m")
    assert example.text == "import matplotlib.pyplot as plt\nplt.plot([1])\n"
    assert not recwarn.list
