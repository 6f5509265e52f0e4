"""What a script needs from outside itself: modules, files, the network, a person, a screen.

Told from reached code alone, by the paths of the calls and their literal arguments. A path that
is computed, or that the script itself names elsewhere (because it writes it, say), passes: the
execution will tell.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from viscode.mining.names import dotted, imported_modules, text_constants

READERS = re.compile(
    r"""^(?:pandas\.read_(?!sql|clipboard|html)\w+
    | numpy\.(?:load|loadtxt|genfromtxt|fromfile|memmap)
    | (?:matplotlib\.(?:pyplot|image)|pylab|cv2|imageio(?:\.v\d)?|skimage\.io|scipy\.misc
        |scipy\.ndimage)\.(?:imread|loadtxt)
    | PIL\.Image\.open | scipy\.io\.(?:loadmat|wavfile\.read) | joblib\.load
    | (?:io\.|codecs\.|gzip\.|bz2\.|lzma\.|tarfile\.)?open | zipfile\.ZipFile | os\.listdir
    | os\.chdir | xarray\.open_dataset | h5py\.File | netCDF4\.Dataset | geopandas\.read_file
    )$""",
    re.VERBOSE,
)
NETWORK = re.compile(
    r"""^(?:seaborn\.load_dataset | urllib\.(?:request\.)?(?:urlopen|urlretrieve)
    | (?:requests|httpx)\.(?:get|post) | sklearn\.datasets\.fetch_\w+ | scipy\.datasets\.\w+
    | statsmodels\.(?:\w+\.)*get_rdataset | pandas\.read_html | nltk\.download )$""",
    re.VERBOSE,
)
INPUTS = re.compile(
    r"""^(?:input | raw_input | getpass\.getpass | sys\.argv | sys\.stdin(?:\.\w+)*
    | argparse\.ArgumentParser | optparse\.OptionParser | getopt\.getopt | click\.command
    | fire\.Fire )$""",
    re.VERBOSE,
)
SCREEN_MODULES = frozenset(
    {
        "tkinter",
        "Tkinter",
        "turtle",
        "PyQt4",
        "PyQt5",
        "PyQt6",
        "PySide",
        "PySide2",
        "PySide6",
        "wx",
        "gtk",
        "gi",
        "pygame",
        "kivy",
    }
)
SCREEN_CALLS = re.compile(r"\.(?:ginput|waitforbuttonpress)$")
SCREEN_BACKENDS = re.compile(r"^(?:tk|qt\d?|gtk\d?|wx|mac|nb|web)\w*$", re.IGNORECASE)
BACKEND_CALLS = ("matplotlib.use", "matplotlib.pyplot.switch_backend")
ANIMATIONS = re.compile(r"(?:^|\.)\w+Animation$")
URL = re.compile(r"^(?:https?|ftp|s3|gs)://", re.IGNORECASE)
PATH_KEYWORDS = frozenset(
    {
        "filepath_or_buffer",
        "path",
        "file",
        "fname",
        "filename",
        "io",
        "name",
    }
)
WRITE_MODE = re.compile(r"[wax+]")


def missing_modules(nodes: list[ast.AST], importable: frozenset[str]) -> tuple[str, ...]:
    """Top-level modules that the nodes import and `importable` lacks, sorted; relative imports
    count as missing. An import inside `try` with a handler is let pass."""
    guarded = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.Try) and node.handlers
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found: set[str] = set()
    for node in nodes:
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            found.update(name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").partition(".")[0]
            found.add("." * node.level + module if node.level else module)
    return tuple(sorted(found - importable))


def screen_need(nodes: list[ast.AST], bound: dict[str, str]) -> str:
    """What asks for a window or a person at it (or an encoder, for animations), or ""."""
    if screens := {path.partition(".")[0] for path in imported_modules(nodes)} & SCREEN_MODULES:
        return min(screens)
    animations = _assigned_from(nodes, bound, ANIMATIONS)
    for call, path in _calls(nodes, bound):
        backend = _literal(_first_argument(call), {}) if path in BACKEND_CALLS else None
        if SCREEN_CALLS.search(path) or (backend and SCREEN_BACKENDS.match(backend)):
            return path
        root, _, method = path.rpartition(".")
        if method in ("save", "to_html5_video", "to_jshtml") and root in animations:
            return f"animation {path}"
    return ""


def input_need(nodes: list[ast.AST], bound: dict[str, str]) -> str:
    """The first use of standard input or the command line, or ""."""
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            path = dotted(node, bound)
            if INPUTS.match(path):
                return path
    return ""


def network_need(nodes: list[ast.AST], bound: dict[str, str]) -> str:
    """The first call that fetches something, or ""."""
    constants = text_constants(nodes)
    for call, path in _calls(nodes, bound):
        if NETWORK.match(path):
            return path
        text = _literal(_first_argument(call), constants) if READERS.match(path) else None
        if text and URL.match(text):
            return f"{path} {text}"
    return ""


def file_need(nodes: list[ast.AST], bound: dict[str, str]) -> str:
    """The first local file that is read and that no other call of the script names, or ""."""
    constants = text_constants(nodes)
    read: list[tuple[str, str]] = []
    named: set[str] = set()
    for call, path in _calls(nodes, bound):
        texts = [_literal(argument, constants) for argument in call.args]
        first = _literal(_first_argument(call), constants)
        if first and READERS.match(path) and not _writes(call, path):
            read.append((path, first))
        else:
            named.update(text for text in texts if text)
    for path, text in read:
        if text not in named and not URL.match(text) and text not in (".", "./"):
            return f"{path} {text}"
    return ""


def _calls(nodes: Iterable[ast.AST], bound: dict[str, str]) -> Iterator[tuple[ast.Call, str]]:
    for node in nodes:
        if isinstance(node, ast.Call):
            yield node, dotted(node.func, bound)


def _assigned_from(nodes: list[ast.AST], bound: dict[str, str], maker: re.Pattern[str]) -> set[str]:
    return {
        dotted(target, {})
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and maker.search(dotted(node.value.func, bound))
        for target in node.targets
    }


def _first_argument(call: ast.Call) -> ast.expr | None:
    if call.args:
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg in PATH_KEYWORDS), None)


def _writes(call: ast.Call, path: str) -> bool:
    if path.rpartition(".")[2] not in ("open", "ZipFile", "File", "memmap"):
        return False
    modes = [k.value for k in call.keywords if k.arg == "mode"] or call.args[1:2]
    text = _literal(modes[0], {}) if modes else None
    return bool(text and WRITE_MODE.search(text))


def _literal(node: ast.expr | None, constants: dict[str, str]) -> str | None:
    """The text that a path argument surely begins with, or None: a string, a variable bound
    once to one, `"data/" + x`, an f-string's head, or os.path.join and Path of such."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
        return _literal(node.left, constants)
    if isinstance(node, ast.JoinedStr) and node.values:
        return _literal(node.values[0], {})
    if (
        isinstance(node, ast.Call)
        and node.args
        and (dotted(node.func, {}).rpartition(".")[2] in ("join", "Path"))
    ):
        parts = [_literal(argument, constants) for argument in node.args]
        return "/".join(part for part in parts if part) if parts[0] else None
    return None
