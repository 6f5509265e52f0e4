"""Seeds the random generators and reads figure facts, from inside the kernel of one script.

Nothing is put into the user's namespace and nothing is imported on the script's behalf: hooks
wait until the script imports numpy, matplotlib, seaborn or plotly. Facts of a displayed figure
travel in the display message of its image; facts of figures that were only saved (savefig,
to_image) are published at the end of the cell, with the hash and size of the image they became,
so that the program can pair them. A failure in here must never change the script's verdict,
which is why the outermost functions swallow everything.
"""

# The fewer modules are loaded before the script, the less it can differ from a notebook:
# ruff: noqa: PTH110, PTH113, PTH123, PTH202
import functools
import hashlib
import importlib.machinery
import io
import json
import os
import random
import sys

FACTS_MIME = "application/vnd.viscode.facts+json"
SAVED_LIMIT = 40
READ_LIMIT = 32 << 20
PLOTLY_LIMIT = 8 << 20

saved = []


class ImportHooks:
    """A meta-path finder that calls a function with a module right after its first import."""

    def __init__(self, hooks):
        self.hooks = hooks

    def find_spec(self, name, path=None, target=None):
        hook = self.hooks.pop(name, None)
        if hook is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = self.after(spec.loader.exec_module, hook)
        return spec

    @staticmethod
    def after(execute, hook):
        def exec_module(module):
            execute(module)
            quietly(hook, module)

        return exec_module


def quietly(function, *arguments):
    """Call; None when it fails. Whatever goes wrong here is ours, not the script's."""
    try:
        return function(*arguments)
    except Exception:  # noqa: BLE001 - nothing of the probe may reach the script
        return None


def install(shell, seed, mpl_facts):
    generator = random.Random(seed)
    hooks = {
        "numpy.random.bit_generator": lambda m: setattr(m, "randbits", generator.getrandbits),
        "numpy.random.mtrand": lambda m: m.seed(seed % 2**32),
        "matplotlib.figure": lambda m: watch_figure(m.Figure, mpl_facts),
        "plotly.io._kaleido": watch_to_image,
    }
    for name, methods in mpl_facts.TAGGED.items():
        hooks[name] = functools.partial(mpl_facts.tag_methods, methods=methods)
    sys.meta_path.insert(0, ImportHooks(hooks))
    add_formatter(shell)
    # Not now: threads of the kernel that still start up draw from the same generator.
    shell.events.register("pre_run_cell", lambda *_: random.seed(seed))
    shell.events.register("post_run_cell", lambda *_: quietly(publish_saved, shell))


def add_formatter(shell):
    """One more representation of whatever is displayed; only figures have it. A method, not a
    registered type: the inline backend unregisters Figure when it chooses image formats."""
    from IPython.core.formatters import BaseFormatter
    from traitlets import ObjectName, Unicode

    class FactsFormatter(BaseFormatter):
        format_type = Unicode(FACTS_MIME)
        print_method = ObjectName("_viscode_facts_")
        _return_type = dict

    shell.display_formatter.formatters[FACTS_MIME] = FactsFormatter(parent=shell.display_formatter)


def watch_figure(figure_class, mpl_facts):
    figure_class._viscode_facts_ = lambda self: quietly(mpl_facts.read, self)
    original = figure_class.savefig

    @functools.wraps(original)
    def savefig(self, fname, *args, **kwargs):
        __tracebackhide__ = True
        result = original(self, fname, *args, **kwargs)
        quietly(lambda: remember({"facts": mpl_facts.read(self)}, written(fname)))
        return result

    figure_class.savefig = savefig


def watch_to_image(module):
    original = module.to_image

    @functools.wraps(original)
    def to_image(fig, *args, **kwargs):
        __tracebackhide__ = True
        image = original(fig, *args, **kwargs)
        quietly(lambda: remember({"plotly": plotly_json(fig)}, image))
        return image

    module.to_image = to_image


def plotly_json(figure):
    import plotly.io

    text = plotly.io.to_json(figure, validate=False)
    return json.loads(text) if len(text) <= PLOTLY_LIMIT else None


def written(target):
    """The bytes that savefig wrote, where they can be read back."""
    if isinstance(target, io.BytesIO):
        return target.getvalue()
    if isinstance(target, (str, os.PathLike)):
        path = os.fspath(target)
        path = path if os.path.exists(path) else path + ".png"
        if os.path.isfile(path) and os.path.getsize(path) <= READ_LIMIT:
            with open(path, "rb") as stream:
                return stream.read()
    return b""


def remember(facts, image):
    """Keep facts for the end of the cell, with what identifies the image they belong to."""
    size = None
    if image[:8] == b"\x89PNG\r\n\x1a\n":
        size = [int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")]
    if len(saved) < SAVED_LIMIT:
        saved.append({**facts, "sha256": hashlib.sha256(image).hexdigest(), "size": size})


def publish_saved(shell):
    if saved:
        shell.display_pub.publish({FACTS_MIME: {"saved": list(saved)}})
        saved.clear()
