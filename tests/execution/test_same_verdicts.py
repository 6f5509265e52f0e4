"""Idioms that a bare exec or a process that is no fresh one gets wrong: both engines agree."""

from dataclasses import replace

import pytest

from viscode.core.records import Script
from viscode.execution.engine import run

pytestmark = pytest.mark.sandbox

PLT = "import matplotlib.pyplot as plt\n"
GO = "import plotly.graph_objects as go\nf = go.Figure(go.Bar(x=[1, 2], y=[3, 4]))\n"
DF = "import pandas as pd\nd = pd.DataFrame({'a': [1, 2, 3], 'g': ['x', 'y', 'x']})\n"
SNIPPETS = {
    "sys.exit": "import sys\nsys.exit(0)",
    "exit": "exit()",
    "quit": "quit()",
    "input": "input('?')",
    "argparse": "import argparse\nargparse.ArgumentParser().parse_args()",
    "__file__": "print(__file__)",
    "__name__": "assert __name__ == '__main__'",
    "asyncio.run": "import asyncio\nasync def f(): pass\nasyncio.run(f())",
    "top-level await": "import asyncio\nawait asyncio.sleep(0)",
    "stdout.buffer": "import sys\nsys.stdout.buffer.write(b'x')",
    "stdout.reconfigure": "import sys\nsys.stdout.reconfigure(encoding='utf-8')",
    "stdout.fileno": "import os, sys\nos.write(sys.stdout.fileno(), b'x')",
    "os._exit": "import os\nos._exit(0)",
    "abort": "import os\nos.abort()",
    "kill itself": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "bad mathtext": PLT + "plt.plot([1])\nplt.title('$\\\\frac{$')",
    "canvas without bounds": PLT + "plt.figure(figsize=(1000, 1000))\nplt.plot([1])",
    "Agg": "import matplotlib\nmatplotlib.use('Agg')\n" + PLT + "plt.plot([1])\nplt.show()",
    "savefig and close": PLT + "plt.plot([1])\nplt.savefig('a.png')\nplt.close('all')",
    "ioff": PLT + "plt.ioff()\nplt.plot([1])",
    "ion and draw": PLT + "plt.ion()\nplt.plot([1])\nplt.draw()",
    "last expression": PLT + "f, a = plt.subplots()\na.plot([1])\nf",
    "display": PLT + "f, a = plt.subplots()\na.plot([1])\nfrom IPython.display import display\n"
    "display(f)",
    "two figures": PLT + "plt.plot([1])\nplt.figure()\nplt.bar([1], [2])",
    "figure without pyplot": "from matplotlib.figure import Figure\nf = Figure()\n"
    "f.subplots().plot([1])\nf",
    "clear_output": PLT + "from IPython.display import clear_output\nplt.plot([1])\nplt.show()\n"
    "clear_output()",
    "clear_output wait": PLT + "from IPython.display import clear_output\nplt.plot([1])\n"
    "plt.show()\nclear_output(wait=True)\nprint(1)",
    "update display": PLT + "from IPython.display import display, update_display\n"
    "display('x', display_id='i')\nf, a = plt.subplots()\na.plot([1])\nplt.close()\n"
    "update_display(f, display_id='i')",
    "magic inline": "%matplotlib inline\n" + PLT + "plt.plot([1])",
    "magic time": "%%time\n" + PLT + "plt.plot([1])",
    "magic reset": PLT + "plt.plot([1])\n%reset -f\nplt",
    "unknown magic": "%no_such_magic",
    "shell": "!echo hello",
    "plt without import": "plt.plot([1])",
    "np without import": "np.zeros(3)",
    "PIL.Image without import": "import PIL\nPIL.Image",
    "pyplot without import": "import matplotlib\nmatplotlib.pyplot.plot([1])",
    "scipy is lazy": "import scipy\nscipy.stats.norm",
    "sklearn is not": "import sklearn\nsklearn.linear_model",
    "seaborn's colormap without seaborn": PLT + "plt.imshow([[1, 2]], cmap='rocket')",
    "seaborn's colormap": "import seaborn\n" + PLT + "plt.imshow([[1, 2]], cmap='rocket')",
    "seaborn reset_orig": PLT + "plt.rcParams['lines.linewidth'] = 7\nimport seaborn as sns\n"
    "sns.reset_orig()\nassert plt.rcParams['lines.linewidth'] == 7\nplt.plot([1, 2])",
    "modules of a fresh process": "import sys\nassert not {'numpy', 'pandas', 'matplotlib',"
    " 'scipy', 'plotly', 'PIL', 'forks', 'shell', 'probe'} & set(sys.modules)",
    "own module of our name": "import shell",
    "reload": "import importlib, numpy\nimportlib.reload(numpy.lib.format)",
    "resources": "import importlib.resources, matplotlib\n"
    "assert importlib.resources.files('matplotlib').joinpath('mpl-data').is_dir()",
    "plotly show": GO + "f.show()",
    "plotly expression": GO + "f",
    "plotly never shown": GO,
    "plotly write_image": GO + "f.write_image('a.png')",
    "plotly bad format": GO + "f.to_image(format='xyz')",
    "plotly renderer png": GO + "f.show(renderer='png')",
    "plotly backend of pandas": DF + "pd.options.plotting.backend = 'plotly'\nd.plot()",
    "pandas plot": DF + "d.plot()",
    "pandas hist by": DF + "d.hist(by='g')",
    "seaborn": DF + "import seaborn as sns\nsns.boxplot(d, x='g', y='a')",
    "seaborn objects": DF + "import seaborn.objects as so\nso.Plot(d, x='g', y='a').add(so.Dots())",
    "statsmodels": "import statsmodels.api as sm\nimport numpy as np\n"
    "sm.qqplot(np.random.default_rng().normal(size=50), line='45')",
    "networkx": "import networkx as nx\nnx.draw(nx.path_graph(4))",
    "constrained": PLT + "f, a = plt.subplots(2, layout='constrained')\na[0].set_title('t')",
    "animation": PLT + "from matplotlib.animation import FuncAnimation\nf, a = plt.subplots()\n"
    "l, = a.plot([], [])\nk = FuncAnimation(f, lambda i: l.set_data([0, 1], [0, i]), frames=3)",
    "unseeded": PLT
    + "import numpy as np, random\nplt.scatter(*np.random.default_rng().random((2, 9)))"
    "\nplt.plot(np.random.rand(5)); plt.plot([random.random() for _ in range(5)])",
    "warning as error": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('x')",
    "pickle": "import pickle\nclass A: pass\npickle.loads(pickle.dumps(A()))",
    "pool": "from multiprocessing import Pool\ndef f(x): return x\n"
    "with Pool(2) as p: assert p.map(f, [1, 2]) == [1, 2]",
    "thread": "import threading\nt = threading.Thread(target=print, args=('x',))\nt.start()\n"
    "t.join()",
    "logging": "import logging\nlogging.basicConfig(level='INFO')\nlogging.info('x')",
    "raise from": "try: 1 / 0\nexcept ZeroDivisionError as e: raise KeyError('x') from e",
    "exception group": "raise ExceptionGroup('g', [ValueError(1)])",
    "keyboard interrupt": "raise KeyboardInterrupt",
    "stop iteration": "next(iter([]))",
    "generator error": "list(1 / x for x in [0])",
    "error in repr": "class A:\n    def __repr__(self): raise ValueError('x')\nA()",
    "error in a thread": "import threading\nt = threading.Thread(target=lambda: 1 / 0)\n"
    "t.start(); t.join()",
    "error class of its own": "class E(Exception): pass\nraise E",
    "error with unicode": "raise ValueError('\\u00e9')",
    "indentation": "if True:\nx = 1",
    "error after drawing": PLT + "plt.plot([1])\n1 / 0",
    "print after close": "import sys\nsys.stdout.close()\nprint(1)",
}


KNOWN = {
    "sys.exit": ("ok", "", 0), "exit": ("ok", "", 0), "Agg": ("ok", "", 0),
    "input": ("error", "StdinNotImplementedError", 0), "__file__": ("error", "NameError", 0),
    "asyncio.run": ("error", "RuntimeError", 0), "display": ("ok", "", 2),
    "last expression": ("ok", "", 2), "ioff": ("ok", "", 1),
    "bad mathtext": ("error", "ValueError", 0),
    "os._exit": ("died", "KernelDied", 0), "plotly show": ("ok", "", 1),
    "modules of a fresh process": ("ok", "", 0), "seaborn reset_orig": ("ok", "", 1),
    "own module of our name": ("error", "ModuleNotFoundError", 0), "animation": ("ok", "", 1),
    "PIL.Image without import": ("error", "AttributeError", 0),
}  # fmt: skip
SAME_IMAGE = ("unseeded", "pandas plot", "seaborn", "plotly show", "constrained")
SAME_TRACEBACK = ("generator error", "raise from", "pandas plot", "np without import")


@pytest.fixture(scope="module")
def verdicts(options, asked):
    """The snippets that are asked for, through each engine in one run."""
    both = asked("notebook").union(SAME_IMAGE, SAME_TRACEBACK)
    names = {"warm": both.union(KNOWN), "notebook": both}
    return {
        engine: {
            e.id: e
            for e in run(
                [
                    Script(id=name, code=SNIPPETS[name])
                    for name in SNIPPETS
                    if name in names[engine]
                ],
                replace(options, engine=engine, workers=2),
            )
        }
        for engine in names
    }


@pytest.mark.parametrize("name", SNIPPETS)
def test_both_engines_agree(verdicts, name):
    warm, notebook = verdicts["warm"][name], verdicts["notebook"][name]
    assert (warm.status, warm.error_type, len(warm.images), warm.blank) == (
        notebook.status,
        notebook.error_type,
        len(notebook.images),
        notebook.blank,
    ), (warm.error or warm.error_message, notebook.error or notebook.error_message)


def test_what_the_expectations_of_a_notebook_are(verdicts):
    """The comparison would pass if both engines failed at everything."""
    found = {name: verdicts["warm"][name] for name in KNOWN}
    assert {n: (e.status, e.error_type, len(e.images)) for n, e in found.items()} == KNOWN


@pytest.mark.parametrize("name", SAME_IMAGE)
def test_the_same_image_to_the_byte(verdicts, name):
    assert verdicts["warm"][name].images == verdicts["notebook"][name].images


def test_tracebacks_are_the_same(verdicts):
    for name in SAME_TRACEBACK:
        assert verdicts["warm"][name].error == verdicts["notebook"][name].error
