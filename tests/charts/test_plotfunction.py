"""Which callable of a module is the likeliest to draw."""

import ast

import pytest

from viscode.charts.plotfunction import plotters

PLT = "import matplotlib.pyplot as plt\n"
DRAW = "    plt.plot(df)\n"
ORDERS = {
    "the usual name first": (
        f"def generate_plot(df):\n{DRAW}def late(df):\n{DRAW}",
        "generate_plot",
    ),
    "no helper of another": (f"def a(df):\n    b(df)\ndef b(df):\n{DRAW}", "a"),
    "what draws": (f"def a(df):\n{DRAW}def b(df):\n    return df\n", "a"),
    "what draws through another": (
        f"def draws(df):\n{DRAW}def a(df):\n    draws(df)\ndef b(df):\n    return df\n",
        "a",
    ),
    "the later": (f"def a(df):\n{DRAW}def b(df):\n{DRAW}", "b"),
    "in a branch": (f"try:\n    import x\nexcept ImportError:\n    def a(df):\n    {DRAW}", "a"),
    "a lambda": ("a = lambda df: plt.plot(df)\n", "a"),
    "an annotated lambda": ("a: object = lambda df: plt.plot(df)\n", "a"),
    "itself is no caller": (f"def a(df):\n    a(df)\n{DRAW}", "a"),
}


def first(code: str) -> str:
    found = plotters(ast.parse(PLT + code))
    return ".".join(step.name for step in found[0].steps) if found else ""


@pytest.mark.parametrize(("code", "name"), ORDERS.values(), ids=ORDERS)
def test_the_order(code: str, name: str) -> None:
    assert first(code) == name


CLASSES = {
    "one method": ("class A:\n    def draw(self, df):\n        pass\n", "A.draw"),
    "helpers of its own": (
        "class A:\n    def draw(self, df):\n        self.bars(df)\n    def bars(self, df):\n"
        "        pass\n",
        "A.draw",
    ),
    "private ones": (
        "class A:\n    def _bars(self):\n        pass\n    def draw(self, df):\n        pass\n",
        "A.draw",
    ),
    "two methods": (
        "class A:\n    def a(self, df):\n        pass\n    def b(self, df):\n        pass\n",
        "",
    ),
    "a static one": ("class A:\n    @staticmethod\n    def draw(df):\n        pass\n", "A.draw"),
    "no method": ("class A:\n    x = 1\n", ""),
}


@pytest.mark.parametrize(("code", "name"), CLASSES.values(), ids=CLASSES)
def test_a_class_with_one_method(code: str, name: str) -> None:
    assert first(code) == name


def test_functions_in_functions_are_out_of_reach() -> None:
    tree = ast.parse("def a():\n    def b(df):\n        pass\n")
    assert [plotter.name for plotter in plotters(tree)] == ["a"]
