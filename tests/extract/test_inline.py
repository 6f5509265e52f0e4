"""Definitions of the file's own repository take the place of their import."""

import time
from pathlib import Path

import pytest

from viscode.core.records import Origin, Script, SourceFile
from viscode.execution.engine import RunOptions, run
from viscode.extract.inline import inlined
from viscode.extract.siblings import siblings_of

IMPORTABLE = frozenset(
    {"argparse", "math", "matplotlib", "numpy", "os", "pandas", "pylab", "sys", "test"}
)


def origin_of(path: str) -> Origin:
    return Origin(kind="folder", name="corpus", path=path)


def inline(main: str, path: str = "r/main.py", **texts: str) -> tuple[str, tuple[str, ...]]:
    """`main` with the modules `texts`: "pkg/io" is r/pkg/io.py."""
    files = [
        SourceFile(id=name, source="files", origin=origin_of(name), licence="MIT", text=text)
        for name, text in ((f"r/{module}.py", text) for module, text in texts.items())
    ]
    return inlined(main, origin_of(path), siblings_of(files), IMPORTABLE)


UTILS = '''\
"""Helpers."""
import argparse
import numpy as np

print("loaded")
# The lab's colours.
COLORS = {"a": "red"}  # by group
COLORS["b"] = "blue"
SIZE = 3
table = np.loadtxt("table.csv")


# Makes numbers.
def load(n):
    """n numbers."""
    table = np.arange(n)  # a local name
    return scale(table)


def scale(x):
    return x * SIZE


if __name__ == "__main__":
    load = argparse.ArgumentParser()
'''
LOAD = '''\
SIZE = 3


# Makes numbers.
def load(n):
    """n numbers."""
    table = np.arange(n)  # a local name
    return scale(table)


def scale(x):
    return x * SIZE


'''

FORMS = {
    "a function with what it needs": (
        "import numpy as np\nfrom utils import load\n\nx = load(3)\n",
        f"import numpy as np\n{LOAD}\nx = load(3)\n",
    ),
    "a constant with what changes it": (
        "from utils import COLORS\nprint(COLORS)\n",
        '# The lab\'s colours.\nCOLORS = {"a": "red"}  # by group\nCOLORS["b"] = "blue"\n'
        "print(COLORS)\n",
    ),
    "only what is used": ("from utils import SIZE, load\nprint(SIZE)\n", "SIZE = 3\nprint(SIZE)\n"),
    "not used at all": ("from utils import load\nprint(1)\n", "print(1)\n"),
    "under another name": (
        "from utils import SIZE as s\nprint(s, [s for _ in 'a'])\n",
        "s = 3\nprint(s, [s for _ in 'a'])\n",
    ),
    "another name within the definition": (
        "import numpy as np\nfrom utils import scale as by, SIZE as k\ny = by(k)\n",
        "import numpy as np\nk = 3\n\n\ndef by(x):\n    return x * k\n\n\ny = by(k)\n",
    ),
    "attributes of a module": (
        'import utils as u\nprint(u.SIZE, f"{u.SIZE} of {u.SIZE:>{u.SIZE}}")\n',
        'SIZE = 3\nprint(SIZE, f"{SIZE} of {SIZE:>{SIZE}}")\n',
    ),
    "a name that the file uses otherwise": (
        "import utils\nSIZE = 4\nprint(SIZE, utils.SIZE)\n",
        "UTILS_SIZE = 3\nSIZE = 4\nprint(SIZE, UTILS_SIZE)\n",
    ),
    "a name that a function of the file has": (
        "import utils\n\ndef f(SIZE):\n    return SIZE + utils.SIZE\n",
        "UTILS_SIZE = 3\n\ndef f(SIZE):\n    return SIZE + UTILS_SIZE\n",
    ),
    "a module that is passed on": ("import utils\nprint(vars(utils))\n", None),
    "a module of which one use stays": (
        "import utils\nprint(utils.SIZE, utils.nothing)\n",
        "SIZE = 3\nimport utils\nprint(SIZE, utils.nothing)\n",
    ),
    "an attribute that is set": ("import utils\nutils.SIZE = 4\nprint(utils.SIZE)\n", None),
    "a module that is removed": (
        "import utils\nprint(utils.SIZE)\ndel utils\n",
        "SIZE = 3\nimport utils\nprint(SIZE)\ndel utils\n",
    ),
    "a name that it does not have": ("from utils import nothing\nprint(nothing)\n", None),
    "one name stays": (
        "from utils import SIZE, nothing  # both\nprint(SIZE, nothing)\n",
        "SIZE = 3\nfrom utils import nothing  # both\nprint(SIZE, nothing)\n",
    ),
    "everything": ("from utils import *\nprint(SIZE)\n", "SIZE = 3\nprint(SIZE)\n"),
    "within a function": (
        "def f():\n    from utils import SIZE\n    return SIZE\n",
        "SIZE = 3\ndef f():\n    return SIZE\n",
    ),
    "alone in a function": (
        "def f():\n    from utils import SIZE\nprint(1)\n",
        "def f():\n    pass\nprint(1)\n",
    ),
    "with a way out": (
        "try:\n    from utils import SIZE\nexcept ImportError:\n    from .utils import SIZE\n"
        "print(SIZE)\n",
        "SIZE = 3\n\nprint(SIZE)\n",
    ),
    "with a value instead": (
        "try:\n    from utils import SIZE\nexcept ImportError:\n    SIZE = 1\nprint(SIZE)\n",
        "SIZE = 3\n\nprint(SIZE)\n",
    ),
    "bound anew": (
        "from utils import SIZE\nSIZE = SIZE + 1\nprint(SIZE)\n",
        "SIZE = 3\nSIZE = SIZE + 1\nprint(SIZE)\n",
    ),
    "on one line with others": (
        "import os; from utils import SIZE; print(SIZE)\n",
        "SIZE = 3\nimport os; pass; print(SIZE)\n",
    ),
    "a string and a keyword of its name": (
        "from utils import SIZE as s\nprint('s', dict(s=s).s)\n",
        "s = 3\nprint('s', dict(s=s).s)\n",
    ),
    "the environment's module": ("from math import pi\nprint(pi)\n", None),
    "a module of nobody": ("from nowhere import pi\nprint(pi)\n", None),
    "no Python": ("from utils import SIZE\nprint SIZE\n", None),
}


@pytest.mark.parametrize(("main", "expected"), FORMS.values(), ids=FORMS)
def test_forms_of_an_import(main, expected):
    text, edits = inline(main, utils=UTILS)
    assert text == (main if expected is None else expected)
    assert expected is not None or edits == ()


def test_the_edits_name_what_was_inlined():
    _, edits = inline("import utils as u\nfrom utils import load\nload(u.SIZE)\n", utils=UTILS)
    assert edits == ("inlined utils.SIZE", "inlined utils.load", "inlined utils.scale")


CHANGED = {
    "in a loop": "C = [(1, 2)]\nfor i in range(1):\n    r, g = C[i]\n    C[i] = (r / 2, g / 2)\n",
    "by a method": "C = []\nC.append(1)\n",
    "in a block": "import os\nC = {}\nif os.name:\n    C.update(a=1)\n",
    "in place": "import pandas as pd\nC = pd.DataFrame({'a': [1]})\nC.rename({}, inplace=True)\n",
    "arguments": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n')\n"
    "C = p.parse_args()\n",
    "style": "import matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 8\nC = plt.cm.jet\n",
    "either way": "try:\n    C = 1 / 0\nexcept ZeroDivisionError:\n    C = 2\n",
}


@pytest.mark.parametrize("module", CHANGED.values(), ids=CHANGED)
def test_what_makes_a_value_is_taken_and_nothing_else(module):
    others = "import sys\nsys.path.append('.')\nprint(C)\nD = [C]\nD.append(C)\n"
    text, edits = inline("from a import C\nprint(C)\n", a=module + others)
    assert text.replace("\n", "") == (module + "print(C)\n").replace("\n", "")
    assert "inlined a.C" in edits


def test_a_module_hides_one_of_python_that_scripts_do_not_mean():
    main = "from test import score\nimport math\nprint(score, math.pi)\n"
    text, _ = inline(main, test="score = 1\n", math="pi = 3\n")
    assert text == "score = 1\nimport math\nprint(score, math.pi)\n"
    assert inline(main, other="score = 1\n") == (main, ())


PACKAGES = {
    "handed on by the package": (
        "from pkg import load\nload()\n",
        {"pkg/__init__": "from .io import load\n", "pkg/io": "def load(): pass\n"},
    ),
    "a star of the package": (
        "import pkg\npkg.load()\n",
        {
            "pkg/__init__": "from .io import *\n",
            "pkg/io": "__all__ = ['load']\ndef load(): pass\n",
        },
    ),
    "a submodule": ("from pkg import io\nio.load()\n", {"pkg/io": "def load(): pass\n"}),
    "a dotted module": ("import pkg.io\npkg.io.load()\n", {"pkg/io": "def load(): pass\n"}),
    "two dotted modules": (
        "import pkg.io\nimport pkg.b\npkg.io.load(pkg.b.B)\n",
        {"pkg/io": "def load(b): pass\n", "pkg/b": "B = 1\n"},
    ),
    "a module within a module": (
        "import pkg as p\np.io.load()\n",
        {"pkg/__init__": "from . import io\n", "pkg/io": "def load(): pass\n"},
    ),
    "a cycle": (
        "from a import f\nf(1)\n",
        {
            "a": "from b import g\ndef f(x): return g(x)\nBASE = 1\n",
            "b": "import a\ndef g(x): return a.BASE + x\n",
        },
    ),
    "a class with its bases": (
        "from models import Net\nNet().draw()\n",
        {
            "models": "from base import Base\nSIZE = 1\nclass Net(Base):\n    size = SIZE\n",
            "base": "class Base:\n    size = 0\n    def draw(self): return self.size\n",
        },
    ),
    "a library through a star": (
        "from common import *\nprint(np.pi, pi)\n",
        {"common": "import numpy as np\nfrom math import *\n"},
    ),
    "what several modules import": (
        "from a import f\nfrom b import g\nf(g(1))\n",
        {
            "a": "import numpy as np\ndef f(x): return np.sin(x)\n",
            "b": "import numpy as np\ndef g(x): return np.cos(x)\n",
        },
    ),
    "two of one name": (
        "import a\nimport b\nprint(a.SIZE, b.SIZE, a.f(), b.f())\n",
        {
            "a": "SIZE = 1\ndef f(): return SIZE\n",
            "b": "SIZE = 2\ndef f():\n    global SIZE\n    SIZE += 1\n    return SIZE\n",
        },
    ),
    "the same name from elsewhere": (
        "from numpy import sin\nimport a\nprint(sin(1), a.f())\n",
        {"a": "from math import sin\ndef f(): return sin(1)\n"},
    ),
    "depends on the order": (
        "from a import B\nprint(B)\n",
        {"a": "from c import ONE\nB = ONE + 1\n", "c": "ONE = 1\nONE += 1\n"},
    ),
    "imports within the definitions": (
        "from a import f\nf()\n",
        {"a": "def f():\n    from c import ONE\n    import math\n    return ONE + math.pi\n"}
        | {"c": "ONE = 1\n"},
    ),
}


@pytest.mark.sandbox
def test_what_was_inlined_runs():
    """Each of the packages, in one script each, without the modules beside it."""
    options = RunOptions(
        python=Path(".venv-plots/bin/python"),
        lock=Path("envs/plots.lock"),
        timeout_s=60,
        memory_mb=4096,
        workers=1,
        isolation="auto",
        saved_files=False,
    )
    drawing = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n"
    scripts = []
    for name, (main, files) in PACKAGES.items():
        text, edits = inline(main + drawing, **files)
        assert edits or "library" in name
        assert not any(f"import {k.partition('/')[0]}\n" in text for k in files), text
        scripts.append(Script(id=name, code=text))
    outcomes = {one.id: (one.status, one.drew, one.error) for one in run(scripts, options)}
    assert outcomes == dict.fromkeys(PACKAGES, ("ok", True, ""))


def test_values_stay_those_of_their_modules():
    main, files = PACKAGES["two of one name"]
    text, _ = inline(main, **files)
    assert "print(SIZE, b_SIZE, f(), b_f())" in text.replace("B_SIZE", "b_SIZE")


MISSING = "import torch\nimport matplotlib.pyplot as plt\n"
REFUSED = {
    "needs a package that is missing": "import torch\ndef f(): return torch.zeros(3)\n",
    "too long": "def f():\n" + "    x = 1\n" * 401,
    "broken": "def f(:\n    pass\n",
    "nested too deeply": "def f(): return " + "(" * 500 + "1" + ")" * 500 + "\n",
    "deep in functions": "".join(f"{' ' * i}def f{i}():\n" for i in range(99)) + " " * 99 + "f()\n",
    "too large": "def f(): pass\n" + "#" * 10_000_000,
    "not its own": "from elsewhere import f\n",
}


@pytest.mark.parametrize("module", REFUSED.values(), ids=REFUSED)
def test_an_import_stays(module):
    main = "from a import f\nf()\n"
    assert inline(main, a=module) == (main, ())


def test_what_draws_is_taken_although_a_package_is_missing():
    module = MISSING + "def f(x): plt.plot(torch.as_tensor(x))\ndef g(): return torch.zeros(3)\n"
    text, edits = inline("from a import f, g\nf(g())\n", a=module)
    assert edits == ("inlined a.f",)
    assert "from a import g\n" in text


def test_at_most_twenty_modules():
    chain = {f"m{i}": f"from m{i + 1} import N\n" for i in range(30)} | {"m30": "N = 1\n"}
    assert inline("from m0 import N\nprint(N)\n", **chain)[1] == ("inlined m30.N",)
    chain = {f"m{i}": f"import m{i + 1}\nN = m{i + 1}.N + 1\n" for i in range(30)}
    assert inline("from m0 import N\nprint(N)\n", **chain, m30="N = 1\n")[1] == ()


HOSTILE = {
    "ten megabytes": "from a import f\nf()\n" + "x = 1\n" * 2_000_000,
    "a thousand functions": "from a import f\n"
    + "".join(f"{' ' * i}def g{i}():\n" for i in range(1000))
    + " " * 1000
    + "f()\n",
    "deep expression": "from a import f\nx = " + "-" * 90_000 + "1\n",
    "many imports": "".join(f"from m{i} import f\n" for i in range(5000)),
    "many stars": "from a import *\n" * 5000 + "f()\n",
    "one name a thousand times": "from a import f\n" * 3000 + "f()\n",
}


@pytest.mark.parametrize("main", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_end(main):
    start = time.process_time()
    inline(main, a="from a import *\nfrom b import *\ndef f(): pass\n", b="from a import *\n")
    assert time.process_time() - start < 4


def test_modules_that_import_each_other_many_times_end():
    layers = {
        f"m{i}_{j}": "".join(f"from m{i + 1}_{k} import *\n" for k in range(3)) + f"N{i}{j} = 1\n"
        for i in range(12)
        for j in range(3)
    }
    start = time.process_time()
    text, _ = inline("from m0_0 import *\nprint(N112, nothing)\n", **layers)
    assert time.process_time() - start < 4
    assert text == "N112 = 1\nprint(N112, nothing)\n"


def test_the_same_text_each_time():
    main = "from utils import *\nimport utils as u\nprint(load(SIZE), COLORS, u.table)\n"
    assert inline(main, utils=UTILS) == inline(main, utils=UTILS)
