import time

import pytest

from viscode.dataset.normal import MAX_CHARS, normalize, text_tokens

PLOT = """import matplotlib.pyplot as plt
import numpy as np

def draw(values, width=2):
    for number, value in enumerate(values):
        plt.plot([number, value], lw=width, label="a")
    return [v * 2 for v in values if (w := v)]

x = np.arange(9)
draw(x, width=3)
plt.show()
"""


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("comments and layout", "f( 1,\n 2 )  # c", "f(1, 2)"),
        ("quotes", "f('a' 'b')", 'f("ab")'),
        ("variables", "a = 1\nb = a + 2", "x = 1\ny = x + 2"),
        ("functions and arguments", "def f(a, b=1): return a\nf(2, b=3)",
         "def g(c, d=1): return c\ng(2, d=3)"),
        ("lambda", "f = lambda a: a + 1", "g = lambda q: q + 1"),
        ("classes", "class A: pass\nA()", "class B: pass\nB()"),
        ("comprehension", "y = [a for a in range(3)]", "z = [b for b in range(3)]"),
        ("except", "try: f()\nexcept E as e: print(e)", "try: f()\nexcept E as q: print(q)"),
        ("with", "with open('f') as s: s.read()", "with open('f') as t: t.read()"),
        ("global", "a = 1\ndef f():\n global a\n a = 2", "b = 1\ndef f():\n global b\n b = 2"),
        ("nonlocal", "def f():\n a = 1\n def g():\n  nonlocal a\n  a = 2",
         "def f():\n b = 1\n def g():\n  nonlocal b\n  b = 2"),
        ("walrus", "if (a := f()): print(a)", "if (b := f()): print(b)"),
        ("match", "match x:\n case {'a': q, **r}: f(q, r)",
         "match x:\n case {'a': s, **t}: f(s, t)"),
        ("an alias", "import matplotlib.pyplot as plt\nplt.plot(1)",
         "import matplotlib.pyplot as p\np.plot(1)"),
        ("from-imports", "import matplotlib.pyplot as plt\nplt.plot(1)",
         "from matplotlib import pyplot\npyplot.plot(1)"),
        ("imported functions", "import matplotlib.pyplot as plt\nplt.plot(1)",
         "from matplotlib.pyplot import plot as q\nq(1)"),
        ("no alias", "import matplotlib.pyplot as plt\nplt.plot(1)",
         "import matplotlib.pyplot\nmatplotlib.pyplot.plot(1)"),
        ("star imports", "import matplotlib.pyplot as plt\nplt.plot(1)",
         "from matplotlib.pyplot import *\nplot(1)"),
        ("customary names", "import numpy as np\nf(np.pi)", "f(np.pi)"),
        ("order of imports", "import a\nimport b\na.f(b.c)", "import b\nimport a\na.f(b.c)"),
        ("a frame found ready", "df.plot()", "data.plot()"),
        ("docstring", '"""Doc."""\nf(1)', "f(1)"),
        ("show and close", "f(1)\nplt.show()\nplt.close()", "f(1)"),
        ("show alone", "f(1)\nplt.show(block=False)", "f(1)"),
        ("show of a figure", "fig = go.Figure(f(1))\nfig.show()", "fig = go.Figure(f(1))"),
        ("show and a word", "f(1)\nplt.show()\nprint(3)", "f(1)\nprint(3)"),
        ("a name for show", "from matplotlib.pyplot import show\nf(1)\nshow()", "f(1)"),
        ("the last of two", "f(1)\nplt.show()\ng(2)\nplt.show()", "f(1)\nplt.show()\ng(2)"),
        ("prompts", "f(1)\nfor i in g:\n    h(i)", ">>> f(1)\n2\n>>> for i in g:\n...     h(i)"),
        ("magic", "f(1)", "%matplotlib inline\n!pip install x\nf(1)"),
        ("magic after a prompt", "f(1)", ">>> %matplotlib inline\n>>> f(1)"),
        ("prompts of notebooks", "f(1)\nfor i in g:\n    h(i)",
         "In [1]: f(1)\nOut[1]: 2\n\nIn [2]: for i in g:\n   ...:     h(i)"),
        ("indent", "if a:\n  f(1)\ng(2)", "    if a:\n      f(1)\n    g(2)\n"),
        ("spaces of web pages", "if a:\n  f(1)", "if a:\n\u00a0\u00a0f(1)\n\u00a0"),
        ("order of keywords", "df.plot(a=1, b=2, **c)", "df.plot(b=2, a=1, **c)"),
        ("order of an import's keywords", "from a import f\nf(b=1, c=2)",
         "from a import f\nf(c=2, b=1)"),
        ("f-string of texts", "f(f'{x} ab')", "f(f'{x} a' 'b')"),
        ("two star imports", "import matplotlib.pyplot as plt\nimport numpy as np\nplt.plot(np.pi)",
         "from matplotlib.pyplot import *\nfrom numpy import *\nplot(pi)"),
        ("two star imports, in the other order", "plt.plot(np.pi)",
         "from numpy import *\nfrom matplotlib.pyplot import *\nplot(pi)"),
        ("a frame under a star import", "plt.plot(df)",
         "from numpy import *\nfrom matplotlib.pyplot import *\nplot(df)"),
        ("pylab", "import matplotlib.pyplot as plt\nplt.plot(1)", "import pylab\npylab.plot(1)"),
        ("matplotlib.pylab", "plt.plot(1)", "import matplotlib.pylab as p\np.plot(1)"),
        ("numpy of pylab", "plt.plot(np.pi)", "import pylab as p\np.plot(p.pi)"),
        ("all of pylab", "plt.plot(1)", "from pylab import *\nplot(1)"),
    ],
)  # fmt: skip
def test_equal(name: str, one: str, other: str) -> None:
    assert normalize(one).digest != ""
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("operands", "a = 1\nb = 2\na - b", "a = 1\nb = 2\nb - a"),
        ("grouping", "(1 + 2) * 3", "1 + 2 * 3"),
        ("attributes", "df.plot()", "df.hist()"),
        ("nested attributes", "f(a, b.c)", "f(a.c, b)"),
        ("keyword names", "f(color=1)", "f(colour=1)"),
        ("constants", "f(1)", "f(1.0)"),
        ("strings", "f('a')", "f('b')"),
        ("a text like a name", "f('_')", "f(_)"),
        ("long strings", f"f('{'a' * 999}')", f"f('{'a' * 998}')"),
        ("modules", "import a\na.f()", "import b\nb.f()"),
        ("which variable", "a = b = 1\nf(a, a)", "a = b = 1\nf(a, b)"),
        ("blocks", "if a:\n  f(1)\ng(2)", "if a:\n  f(1)\n  g(2)"),
        ("else", "if a:\n  f(1)\n  g(1)", "if a:\n  f(1)\nelse:\n  g(1)"),
        ("starred", "f(*a)", "f(a)"),
        ("kinds of parameters", "def f(a, b, /): pass", "def f(a, b): pass"),
        ("keyword-only", "def f(*a): pass", "def f(*, a): pass"),
        ("keywords", "df.plot(a=1, b=2)", "df.plot(a=2, b=1)"),
        (
            "keywords of an own function",
            "def f(a, b): pass\nf(a=1, b=2)",
            "def f(a, b): pass\nf(a=2, b=1)",
        ),
        ("f-strings", "f(f'{x}a')", "f(f'{x}b')"),
        ("formats", "f(f'{x:.1f}')", "f(f'{x:.2f}')"),
        ("conversions", "f(f'{x!r}')", "f(f'{x}')"),
        ("a text and a value", "f('{x}')", "f(f'{x}')"),
        ("one figure or two", "plt.plot(x)\nplt.show()\nplt.plot(y)\nplt.show()",
         "plt.plot(x)\nplt.plot(y)\nplt.show()"),
        ("another place between", "plt.plot(x)\nplt.show()\nplt.plot(y)\nplt.plot(x)",
         "plt.plot(x)\nplt.plot(y)\nplt.show()\nplt.plot(x)"),
        ("closed between", "plt.plot(x)\nplt.close()\nplt.plot(y)", "plt.plot(x)\nplt.plot(y)"),
        ("closed before it is shown", "plt.plot(x)\nplt.close()", "plt.plot(x)"),
        ("closed, then shown", "plt.plot(x)\nplt.close()\nplt.show()", "plt.plot(x)\nplt.show()"),
        ("a new figure between", "plt.plot(x)\nplt.figure()\nplt.plot(y)\nplt.show()",
         "plt.plot(x)\nplt.plot(y)\nplt.show()"),
        ("cleared between", "plt.plot(x)\nplt.clf()\nplt.plot(y)", "plt.plot(x)\nplt.plot(y)"),
        ("shown in a loop", "for v in x:\n  plt.plot(v)\n  plt.show()",
         "for v in x:\n  plt.plot(v)\nplt.show()"),
        ("shown by a function", "def f(v):\n  plt.plot(v)\n  plt.show()\nf(x)\nf(y)",
         "def f(v):\n  plt.plot(v)\nf(x)\nf(y)\nplt.show()"),
        ("two figures shown", "a = px.bar(x)\nb = px.bar(y)\na.show()\nb.show()",
         "a = px.bar(x)\nb = px.bar(y)\nb.show()"),
        ("an own show", "def show():\n  plt.plot(x)\nshow()", "def show():\n  plt.plot(x)"),
        ("what is printed", "f(1)\nprint(a)", "f(1)\nprint(a.b)"),
        ("what does not parse", "f(1)\nf(2)\nThe end", "f(1)\nf(2)\nAn end"),
        ("a method is an attribute", "class A:\n def f(self): 1", "class A:\n def g(self): 1"),
    ],
)  # fmt: skip
def test_different(name: str, one: str, other: str) -> None:
    assert normalize(one).digest != normalize(other).digest


def test_tokens_show_no_local_name() -> None:
    tokens = normalize(PLOT).tokens
    assert "matplotlib.pyplot.plot" in tokens
    assert "_=" in tokens and "lw=" in tokens  # a keyword of its own function, and a foreign one
    assert not {"draw", "values", "x", "plt", "width="} & set(tokens)


@pytest.mark.parametrize("code", ["", "\n# nothing\n", "import os\n", "plt.show()", '"""Doc."""'])
def test_code_that_does_nothing(code: str) -> None:
    assert normalize(code) == normalize("")
    assert normalize(code).digest == "" and normalize(code).tokens == ()


def test_text_that_is_no_python() -> None:
    one = normalize("total = 1  # a\nprint 'the', total\nplot.bar(total)")
    other = normalize('n = 1\nprint "the", n  # b\nplot.bar(n)')
    assert one == other and one.digest != ""
    assert "plot.bar" in one.tokens


def test_keywords_and_targets_of_text() -> None:
    one = text_tokens("fig, ax = f(\n)\nfor i, (a, b) in z:\n  ax.plot(a, b, lw=2)\nn=1\ng(n)")
    other = text_tokens("p, q = f(\n)\nfor x, (v, w) in z:\n  q.plot(v, w, lw=2)\nk=1\ng(k)")
    assert one == other
    assert {"lw=", "_="} <= set(one) and "lw" not in one


HOSTILE = {
    "nul": "a = 1\0",
    "surrogate": 'f("\ud800")',
    "bare surrogate": "a = \ud800",
    "parentheses": "(" * 90_000 + ")" * 90_000,
    "sum": "x = " + "+".join(["1"] * 20_000),
    "attributes": "x" + ".a" * 50_000,
    "calls": "x" + ".a()" * 20_000,
    "branches": "if a:\n pass\n" + "elif b:\n pass\n" * 3_000,
    "lambdas": "lambda:" * 5_000 + "0",
    "negations": "not " * 20_000 + "x",
    "functions": "".join(f"def f{i}(): return f{i - 1}()\n" for i in range(6_000)),
    "digits": "x = 0x" + "f" * 10_000,
    "names": "a, " * 60_000,
    "loops of text": "for a, " * 28_000,
    "failing lines": "f(1)\n" * 20_000 + "a b\n" + "f(1)\n" * 19_000,
    "prompts": ">>> x = (\n" * 19_000,
    "spaces": " " * 50_000_000,
    "one word of 50 MB": "a" * 50_000_000,
    "quotes": '"' * 50_000_000,
    "statements of 54 MB": "x = 1\n" * 9_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_harmless(name: str) -> None:
    begin = time.process_time()
    result = normalize(HOSTILE[name])
    assert time.process_time() - begin < 5  # seconds; linear takes under one
    assert len(result.tokens) <= 2 * MAX_CHARS
    assert len(normalize(HOSTILE[name][:1000]).tokens) <= 2 * 1000


def test_long_code_is_cut_not_parsed() -> None:
    code = "x = 1\n" * MAX_CHARS
    assert normalize(code).digest not in ("", normalize(f"{code}y").digest)
    assert normalize(code).tokens == text_tokens(code[:MAX_CHARS])
