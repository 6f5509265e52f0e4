"""Seeds the random generators and reads figure facts, from inside the kernel of one script. Both
engines use it: a warm process makes the probe before it imports anything and starts it in the fork
that becomes a script. What is particular to plotly: showing.py.

Nothing is put into the user's namespace and nothing is imported on the script's behalf: hooks
wait until the script imports numpy, matplotlib and so on. Facts of a displayed figure
travel in the display message of its image; facts of figures that were only saved (savefig,
to_image) are published at the end of the cell, with the hash and size of the image they became,
so that the program can pair them. A failure in here must never change the script's verdict,
which is why the outermost functions swallow everything.
"""

# The fewer modules are loaded before the script, the less it can differ from a notebook:
# ruff: noqa: PTH110, PTH113, PTH123, PTH202
from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.machinery
import io
import itertools
import os
import random
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any

from . import mpl_facts, mpl_tags, showing
from .frames import FACTS

Hook = Callable[[Any], object]
AskRenderer = Callable[[bytes], bytes]

SAVED_LIMIT = 40
READ_LIMIT = 32 << 20

saved: list[dict[str, Any]] = []
numbers = itertools.count()  # of the figures that a script saves


class ImportHooks:
    """A meta-path finder that calls a function with a module right after its first import."""

    def __init__(self, hooks: dict[str, Hook]) -> None:
        self.hooks = hooks

    def find_spec(self, name: str, path: Any = None, target: object = None) -> ModuleSpec | None:
        hook = self.hooks.pop(name, None)
        if hook is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: Any) -> None:
                execute(module)
                quietly(hook, module)

            loader.exec_module = exec_module
        return spec


def quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call; None when it fails. Whatever goes wrong here is ours, not the script's."""
    try:
        return function(*arguments)
    except Exception:  # noqa: BLE001 - nothing of the probe may reach the script
        return None


class Probe:
    """Installed once per process; `start` begins a script. `sessions`: cells of a notebook, with
    plotly's renderers as they are."""

    def __init__(self, shell: Any, *, sessions: bool = False, warm: bool = False) -> None:
        self.seed = 0
        self.generator = random.Random(0)
        self.importing: dict[str, random.Random] = {}  # of modules that draw while imported
        self.ask_renderer: AskRenderer
        hooks: dict[str, Hook] = {
            "numpy.random.bit_generator": lambda m: setattr(m, "randbits", self.draw),
            "numpy.random.mtrand": self.seed_numpy,
            "matplotlib.figure": lambda m: watch_figure(m.Figure),
            "matplotlib._tight_bbox": watch_cropping,
            "PIL.ImageShow": show_in_notebook,
            **showing.export_hooks(lambda request: self.ask_renderer(request), note),
            **mpl_tags.hooks(),
        }
        if not sessions:
            hooks |= showing.HOOKS
        if warm:
            hooks["matplotlib.pyplot"] = skip_wasted_drawing
        sys.meta_path.insert(0, ImportHooks(hooks))
        self.numpy_random: Any = None
        add_formatter(shell)
        # IPython would keep all that is printed, in case that someone exports the session.
        shell._tee = lambda channel: contextlib.nullcontext()
        # Not now: threads of the kernel that still start up draw from the same generator.
        shell.events.register("pre_run_cell", lambda *_: random.seed(self.seed))
        shell.events.register("post_run_cell", lambda *_: quietly(publish_saved, shell))

    def start(self, seed: int, ask_renderer: AskRenderer) -> None:
        """A script begins: generators start anew. What modules drew while they were imported, in a
        warm process before this, leaves no trace in them."""
        self.seed, self.ask_renderer = seed, ask_renderer
        saved.clear()  # what was saved while warming up
        self.generator.seed(seed)
        if self.numpy_random is not None:
            self.numpy_random.seed(seed % 2**32)

    def draw(self, bits: int) -> int:
        """Entropy for a generator without a seed: from the script's hash, or, while a module is
        being imported, from the module's name."""
        name = module_in_import()
        if name is None:
            return self.generator.getrandbits(bits)
        return self.importing.setdefault(name, random.Random(name)).getrandbits(bits)

    def seed_numpy(self, module: Any) -> None:
        self.numpy_random = module
        module.seed(self.seed % 2**32)


def show_in_notebook(module: Any) -> None:
    """Pillow shows an image in the first viewer that the machine has (xdg-open comes with many
    packages) and in the notebook only if there is none. Here it is always the notebook."""
    module._viewers[:] = [one for one in module._viewers if isinstance(one, module.IPythonViewer)]


def module_in_import() -> str | None:
    """The name of the module whose import is under way in this thread, None outside of imports."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_name == "_load_unlocked" and code.co_filename == "<frozen importlib._bootstrap>":
            return str(frame.f_locals["spec"].name)
        frame = frame.f_back
    return None


def add_formatter(shell: Any) -> None:
    """One more representation of whatever is displayed; only figures have it. A method, not a
    registered type: the inline backend unregisters Figure when it chooses image formats."""
    from IPython.core.formatters import BaseFormatter
    from traitlets import ObjectName, Unicode

    class FactsFormatter(BaseFormatter):  # type: ignore[misc]
        format_type = Unicode(FACTS)
        print_method = ObjectName("_viscode_facts_")
        _return_type = dict

    shell.display_formatter.formatters[FACTS] = FactsFormatter(parent=shell.display_formatter)


def watch_figure(figure_class: Any) -> None:
    figure_class._viscode_facts_ = lambda self: quietly(mpl_facts.read, self)
    original = figure_class.savefig

    @functools.wraps(original)
    def savefig(self: Any, fname: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        self._viscode_crop = None
        result = original(self, fname, *args, **kwargs)
        quietly(remember_figure, self, fname)
        return result

    figure_class.savefig = savefig


def remember_figure(figure: Any, target: object) -> None:
    number = figure.__dict__.setdefault("_viscode_number", next(numbers))
    remember({"figure": number, "facts": mpl_facts.read(figure)}, written(target))


def watch_cropping(module: Any) -> None:
    """Note which part of a figure, in inches, its image shows: the inline backend crops."""
    original = module.adjust_bbox

    @functools.wraps(original)
    def adjust_bbox(fig: Any, bbox_inches: Any, *args: Any, **kwargs: Any) -> Any:
        quietly(setattr, fig, "_viscode_crop", tuple(bbox_inches.extents))
        return original(fig, bbox_inches, *args, **kwargs)

    module.adjust_bbox = adjust_bbox


def skip_wasted_drawing(pyplot: Any) -> None:
    """At the end of a cell pyplot draws every figure, and right after it the inline backend draws
    them again for their images; the first picture is never seen. It is left out where it cannot
    matter: a layout engine may move things at each drawing, and whoever listens to drawings (an
    animation starts at the first) hears of them. A fifth of what a small figure costs."""

    original = pyplot._draw_all_if_interactive

    def _draw_all_if_interactive() -> Any:
        if "inline" not in str(pyplot.matplotlib.get_backend(auto_select=False)):
            return original()
        if pyplot.matplotlib.is_interactive():
            for manager in pyplot._pylab_helpers.Gcf.get_all_fig_managers():
                figure = manager.canvas.figure
                listeners = figure.canvas.callbacks.callbacks.get("draw_event")
                if figure.stale and (figure.get_layout_engine() is not None or listeners):
                    manager.canvas.draw_idle()

    pyplot._draw_all_if_interactive = _draw_all_if_interactive


def written(target: object) -> bytes:
    """The bytes that savefig wrote, where they can be read back."""
    if isinstance(target, io.BytesIO):
        return target.getvalue()
    if isinstance(target, io.StringIO):
        return target.getvalue().encode()
    if isinstance(target, (str, os.PathLike)):
        path = os.fspath(target)
        if not os.path.exists(path):
            path = path.rstrip(".") + "." + sys.modules["matplotlib"].rcParams["savefig.format"]
        if os.path.isfile(path) and os.path.getsize(path) <= READ_LIMIT:
            with open(path, "rb") as stream:
                return stream.read()
    return b""


def note(facts: Callable[[], dict[str, Any]], image: bytes) -> None:
    """`remember` facts that may fail to be read."""
    quietly(lambda: remember(facts(), image))


def remember(facts: dict[str, Any], image: bytes) -> None:
    """Keep facts for the end of the cell, with what identifies the image they belong to."""
    size = None
    if image[:8] == b"\x89PNG\r\n\x1a\n":
        size = [int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")]
    if len(saved) < SAVED_LIMIT:
        saved.append({**facts, "sha256": hashlib.sha256(image).hexdigest(), "size": size})


def publish_saved(shell: Any) -> None:
    if saved:
        shell.display_pub.publish({FACTS: {"saved": list(saved)}})
        saved.clear()
