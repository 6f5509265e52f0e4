from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Origin, SelectedFile
from viscode.extract.static import ExtractReason, extract_static, importable_modules
from viscode.validate.blocks import script_of

IMPORTABLE = frozenset(
    {
        "PIL",
        "argparse",
        "io",
        "matplotlib",
        "mpl_toolkits",
        "numpy",
        "os",
        "pandas",
        "pylab",
        "scipy",
        "seaborn",
        "sklearn",
        "sys",
        "urllib",
    }
)
HEAD = "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
DRAW = "plt.plot([1, 2])\n"

STANDALONE = {
    "module level": DRAW,
    "called function": "def f(x):\n    plt.plot(x)\nf([1])",
    "main guard": "def main():\n    plt.plot([1])\nif __name__ == '__main__':\n    main()",
    "method": "class A:\n    def __init__(self):\n        self.draw()\n"
    "    def draw(self):\n        plt.plot([1])\nA()",
    "closes its figure": DRAW + "plt.close()",
    "function never called may miss names": "def f():\n    return nowhere\n" + DRAW,
    "comprehension, lambda, class body": "a = [i for i in range(3)]\nb = lambda q: q + a[0]\n"
    "class C:\n    k = 1\n    m = k + 1\n" + DRAW,
    "bound by global": "def f():\n    global g\n    g = 1\nf()\nplt.plot([g])",
    "bound by with, except, walrus, for, match": (
        "with np.errstate() as w: w\ntry: pass\nexcept ValueError as e: e\n"
        "if (n := 2): n\nfor i, (j, *k) in []: i, j, k\nmatch n:\n    case [p]: p\n" + DRAW
    ),
    "unpacked": "fig, (a, b) = plt.subplots(1, 2)\na.plot(b)",
    "decorated": "def deco(f): return f\n@deco\ndef g():\n    plt.plot([1])\ng()",
    "notebook names": DRAW + "display(plt.gcf())",
    "text buffer": "import io\npd.read_csv(io.StringIO('a,b'))\n" + DRAW,
    "reads what it wrote": "np.save('a.npy', [1])\nplt.plot(np.load('a.npy'))",
    "writes a file": "open('out.txt', 'w').write('x')\nplt.savefig('a.png')\n" + DRAW,
    "writes by keyword": "with open('out.txt', mode='w') as f: f.write('x')\n" + DRAW,
    "writes by keywords, then reads": (
        "with open(file='o.txt', mode='w') as f: f.write('1')\nplt.plot(np.loadtxt(fname='o.txt'))"
    ),
    "frame by keyword": (
        "pd.DataFrame({'a': [1]}).to_csv(path_or_buf='a.csv')\nplt.plot(pd.read_csv('a.csv'))"
    ),
    "frame by position": (
        "pd.DataFrame({'a': [1]}).to_json('a.json')\nplt.plot(pd.read_json(path_or_buf='a.json'))"
    ),
    "figure by keyword": DRAW + "plt.savefig(fname='a.png')\nplt.imshow(plt.imread('a.png'))",
    "arrays by keyword": "np.savez(file='a.npz', x=[1])\nplt.plot(np.load(file='a.npz')['x'])",
    "a suffix is added": "np.save('a', [1])\nplt.plot(np.load('a.npy'))",
    "picture by keyword": "from PIL import Image\nImage.new('L', (2, 2)).save(fp='a.png')\n"
    "plt.imshow(Image.open(fp='a.png'))",
    "written by an own function": (
        "def keep(path):\n    np.save(path, [1])\nkeep(path='a.npy')\nplt.plot(np.load('a.npy'))"
    ),
    "read in a function that is called later": (
        "def show():\n    plt.plot(np.loadtxt('a.txt'))\nnp.savetxt('a.txt', [1])\nshow()"
    ),
    "input is a variable": "input = np.arange(3)\nplt.plot(input)",
    "input is a parameter": "def f(input):\n    plt.plot(input)\nf([1])",
    "input is an own function": "def input(text): return 3\nplt.plot([input('n')])",
    "input is a loop's": "for input in [[1], [2]]:\n    plt.plot(input)",
    "input is named, not called": "print(input)\nplt.plot([1])",
    "workbook by keyword": (
        "with pd.ExcelWriter(path='a.xlsx') as w: pd.DataFrame({'a': [1]}).to_excel(w)\n"
        "plt.plot(pd.read_excel('a.xlsx'))"
    ),
    "store by position": "s = pd.HDFStore('a.h5')\nplt.plot(pd.read_hdf('a.h5', 'k'))",
    "pages, then read": (
        "from matplotlib.backends.backend_pdf import PdfPages\n"
        "with PdfPages('a.pdf') as p: p.savefig()\nopen('a.pdf', 'rb').read()\n" + DRAW
    ),
    "input is an attribute": "class A: input = 3\nplt.plot([A.input])",
    "computed path": "import sys, os\np = os.environ.get('HOME')\nopen(p)\n" + DRAW,
    "guarded import": "try:\n    import cupy\nexcept ImportError:\n    cupy = None\n" + DRAW,
    "unreached import": "def f():\n    import cupy\n" + DRAW,
    "address in a text": DRAW + "plt.text(0, 0, 'https://a.example/b.csv')",
    "star import hides names": "from pylab import *\nplot(sin(linspace(0, 1)))",
    "agg backend": "import matplotlib\nmatplotlib.use('Agg')\n" + DRAW,
    "animation without a save": "from matplotlib.animation import FuncAnimation\n"
    "fig = plt.figure()\nanim = FuncAnimation(fig, lambda i: None)\n",
}

LACKING = {
    ExtractReason.UNDEFINED_NAMES: {
        "plt.plot(x)": "x",
        "plt.plot(y, x)": "x, y",
        "def f():\n    plt.plot(z)\nf()": "z",
        "plt.plot([k for _ in range(3)])": "k",
        "class A:\n    b = c\n" + DRAW: "c",
        "open(__file__)\n" + DRAW: "__file__",
    },
    ExtractReason.NEEDS_FILES: {
        "d = pd.read_csv('data/a.csv')\nplt.plot(d)": "pandas.read_csv data/a.csv",
        "path = 'a.txt'\nplt.plot(np.loadtxt(path))": "numpy.loadtxt a.txt",
        "with open('a.txt') as f: f\n" + DRAW: "open a.txt",
        "plt.imshow(plt.imread('a.png'))": "matplotlib.pyplot.imread a.png",
        "from PIL import Image\nplt.imshow(Image.open('a.jpg'))": "PIL.Image.open a.jpg",
        "pd.read_csv(filepath_or_buffer='a.csv').plot()": "pandas.read_csv a.csv",
        "import os\npd.read_csv(os.path.join('a', 'b.csv')).plot()": "pandas.read_csv a/b.csv",
        "n = 1\nplt.plot(np.load('run' + str(n)))": "numpy.load run",
        "d = np.loadtxt('a.txt')\nplt.plot(d)\nnp.savetxt('a.txt', d)": "numpy.loadtxt a.txt",
        "print('a.txt')\nplt.plot(np.loadtxt('a.txt'))": "numpy.loadtxt a.txt",
        "plt.title(label='a.txt')\nplt.plot(np.loadtxt('a.txt'))": "numpy.loadtxt a.txt",
        "open(file='a.txt', mode='r')\n" + DRAW: "open a.txt",
        "open('a.txt', 'r+').write('x')\n" + DRAW: "open a.txt",
        "import imageio\nplt.imshow(imageio.imread(uri='a.png'))": "imageio.imread a.png",
        "plt.imshow(plt.imread(fname='a.png'))": "matplotlib.pyplot.imread a.png",
        "n = 1\nplt.plot(np.load(f'run{n}'))": "numpy.load run",
    },
    ExtractReason.NEEDS_NETWORK: {
        "pd.read_csv('https://a.example/b.csv').plot()": "pandas.read_csv https://a.example/b.csv",
        "u = 'http://a.example/'\npd.read_csv(u + 'b.csv').plot()": "pandas.read_csv http://a.example/",
        "import seaborn as sns\nsns.boxplot(sns.load_dataset('tips'))": "seaborn.load_dataset",
        "from urllib.request import urlopen\nurlopen(q)\n" + DRAW: "urllib.request.urlopen",
        "from sklearn.datasets import fetch_openml\nfetch_openml('a')\n"
        + DRAW: "sklearn.datasets.fetch_openml",
    },
    ExtractReason.NEEDS_INPUT: {
        "n = int(input('n'))\n" + DRAW: "input",
        "def f():\n    return [input() for _ in range(2)]\nplt.plot(f())": "input",
        "import builtins\nplt.plot([int(builtins.input())])": "builtins.input",
        "input = input('n')\nplt.plot([int(input)])": "input",
        "x = input()\nplt.plot([int(x)])\ninput = 3": "input",
        "plt.plot(list(map(float, iter(input, ''))))": "input",
        "plt.plot([float(v) for v in map(input, 'ab')])": "input",
        "from sys import argv as given\nprint(given[1])\n" + DRAW: "sys.argv",
        "import sys\nprint(sys.argv[1])\n" + DRAW: "sys.argv",
        "import argparse\np = argparse.ArgumentParser()\n" + DRAW: "argparse.ArgumentParser",
        "import sys\nfor line in sys.stdin: line\n" + DRAW: "sys.stdin",
    },
    ExtractReason.NEEDS_MODULE: {
        "import cupy\n" + DRAW: "cupy",
        "from mylib.tools import a\nimport cv2\n" + DRAW: "cv2, mylib",
        "from .tools import a\n" + DRAW: ".tools",
        "def f():\n    import cupy\nf()\n" + DRAW: "cupy",
    },
    ExtractReason.ONLY_DEFINES: {
        "def f(x):\n    plt.plot(x)": "",
        "class A:\n    def draw(self):\n        plt.plot([1])": "",
        "class A:\n    def __init__(self):\n        plt.plot([1])": "",
        "class A(plt.Axes):\n    pass": "",
        "def f(ax: plt.Axes = None):\n    ax.plot()\nf": "",
        "def f():\n    g()\ndef g():\n    plt.plot([1])": "",
    },
    ExtractReason.INTERACTIVE: {
        DRAW + "plt.ginput(2)": "matplotlib.pyplot.ginput",
        "import tkinter as tk\n" + DRAW: "tkinter",
        "from PyQt5 import QtWidgets\n" + DRAW: "PyQt5",
        "import matplotlib\nmatplotlib.use('TkAgg')\n" + DRAW: "matplotlib.use",
        "from matplotlib import animation\nf = plt.figure()\n"
        "a = animation.FuncAnimation(f, print)\na.save('a.mp4')": "animation a.save",
    },
    ExtractReason.SYNTAX_ERROR: {"plt.plot(": "line 4: '(' was never closed"},
}
CASES = [
    (reason, code, detail) for reason, codes in LACKING.items() for code, detail in codes.items()
]


def selected(body: str, head: str = HEAD) -> SelectedFile:
    text = head + body
    return SelectedFile(
        id=content_id(text),
        source="files",
        licence="BSD-3-Clause",
        text=text,
        origin=Origin(kind="package", name="scipy", version="1", path="a.py", locator="a.f"),
        libraries=("matplotlib",),
    )


HERE = [
    "import os\nhere = os.path.dirname(os.path.abspath(__file__))\nplt.savefig(here + '/a.png')\n",
    "from pathlib import Path\nplt.title(Path(__file__).stem)\n",
    "def where():\n    return __file__\nplt.title(where())\n",
]


@pytest.mark.parametrize("body", HERE)
@pytest.mark.parametrize(
    ("kind", "path", "locator", "is_file"),
    [
        ("folder", "a/b.py", "", True),
        ("repository", "/src/b.py", "blob", True),
        ("folder", "a/b.ipynb", "", False),
        ("package", "a/b.py", "", True),
        ("package", "a/b.py", "a.b.docstring", False),
    ],
)
def test_only_a_file_knows_where_it_lies(
    body: str, kind: str, path: str, locator: str, is_file: bool
) -> None:
    file = selected(body + DRAW)
    origin = Origin(kind=kind, name="n", path=path, locator=locator)
    result = extract_static(file.model_copy(update={"origin": origin}), IMPORTABLE | {"pathlib"})
    if is_file:
        assert isinstance(result, Kept)
        (block,) = result.records
        assert script_of(block).name == "b.py"
    else:
        assert result == Rejected(ExtractReason.UNDEFINED_NAMES, "__file__")


@pytest.mark.parametrize("body", STANDALONE.values(), ids=STANDALONE)
def test_standalone_code_passes_unchanged(body: str) -> None:
    file = selected(body)
    result = extract_static(file, IMPORTABLE)
    assert isinstance(result, Kept), result
    (block,) = result.records
    assert (block.code, block.method, block.parent_id) == (file.text, "as_is", file.id)
    assert (block.origin, block.licence, block.source) == (file.origin, file.licence, "files")
    assert "matplotlib" in block.libraries


@pytest.mark.parametrize(("reason", "code", "detail"), CASES, ids=[c[1][:40] for c in CASES])
def test_each_lack_has_its_reason(reason: ExtractReason, code: str, detail: str) -> None:
    result = extract_static(selected(code), IMPORTABLE)
    assert isinstance(result, Rejected)
    assert (result.reason, result.detail) == (reason, detail)


def test_every_reason_is_tested() -> None:
    assert set(LACKING) == set(ExtractReason)


def test_a_byte_order_mark_is_dropped() -> None:
    result = extract_static(selected(DRAW, "\ufeff" + HEAD), IMPORTABLE)
    assert isinstance(result, Kept)
    assert result.records[0].code == HEAD + DRAW


def test_libraries_are_those_reached() -> None:
    body = "import seaborn as sns\ndef f():\n    sns.histplot([1])\n" + DRAW
    result = extract_static(selected(body), IMPORTABLE)
    assert isinstance(result, Kept)
    assert result.records[0].libraries == ("matplotlib",)


def test_importable_modules_are_read_from_folder_names(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for folder in ("seaborn", "numpy-1.26.4.dist-info", "numpy.libs"):
        (packages / folder).mkdir(parents=True)
    (packages / "six.py").touch()
    (packages / "fast.cpython-311-x86_64-linux-gnu.so").touch()
    (packages / "readme.txt").touch()
    found = importable_modules(tmp_path / "bin" / "python")
    assert {"seaborn", "six", "fast", "json"} <= found
    assert not {"numpy", "numpy-1", "readme"} & found


def test_a_missing_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no environment"):
        importable_modules(tmp_path / "bin" / "python")
