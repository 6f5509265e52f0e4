"""The Setup: programming language and libraries (paper 3.1, component 1), from the imports."""

import sys
from collections.abc import Sequence

from viscode.instruct.words import join, pick
from viscode.libraries.names import imported_modules
from viscode.libraries.origins import Origins
from viscode.libraries.registry import ROOTS

DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "PIL": "Pillow",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "skimage": "scikit-image",
    "cv2": "opencv-python",
}
NAMED_LIBRARIES = frozenset(library.name for library in ROOTS.values())
NOT_NAMED = frozenset({"IPython", "__future__"})


def describe_setup(key: str, origins: Origins, libraries: Sequence[str]) -> str:
    """One sentence; `libraries` are the plotting libraries known of the block, used first."""
    used = [DISTRIBUTIONS.get(name, name) for name in libraries]
    named = list(dict.fromkeys([*used, *_imported(origins)]))
    plotting = [name for name in named if name in NAMED_LIBRARIES or name in used]
    others = [name for name in named if name not in plotting]
    if not plotting:
        return f"Use Python with {join(others)}." if others else "Use Python."
    text = pick(
        key,
        "setup",
        (
            "Use Python with {plots} for plotting{others}.",
            "Write the code in Python and plot with {plots}{others}.",
            "The programming language is Python; the plot is made with {plots}{others}.",
        ),
    )
    verb = "is" if len(others) == 1 else "are"
    rest = pick(key, "setup-others", (f"; {{}} {verb} needed as well", ", together with {}"))
    return text.format(plots=join(plotting), others=rest.format(join(others)) if others else "")


def _imported(origins: Origins) -> list[str]:
    modules = imported_modules(origins.imports)
    roots = {module.partition(".")[0] for module in modules if not module.startswith(".")}
    known = roots - sys.stdlib_module_names - NOT_NAMED
    if "PIL" in known and _only_hands_on(origins):
        known = known - {"PIL"}
    return sorted({DISTRIBUTIONS.get(root, root) for root in known})


def _only_hands_on(origins: Origins) -> bool:
    """Whether Pillow only reads back the finished image from memory."""
    path = origins.path
    calls = [call for call in origins.calls if path(call.func).startswith("PIL.")]
    opened = [call for call in calls if path(call.func) == "PIL.Image.open"]
    buffers = [call.args and path(call.args[0]).startswith("io.BytesIO") for call in opened]
    return bool(buffers) and all(buffers)
