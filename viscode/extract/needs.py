"""What a script needs from outside itself: modules, files, the network, a person, a screen.

Only reached code counts; what matters is where its functions come from (`Origins`) and their
literal arguments. A path that is computed, or that the script writes itself or passes to a function
that may write it, is accepted: execution will show whether it exists.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator

from viscode.libraries.names import chain, imported_modules, text_constants
from viscode.libraries.origins import (
    CALLING,
    FUNCTION,
    UNKNOWN_ORIGIN,
    WITHOUT_IMPORT,
    Origins,
    root_of,
)
from viscode.libraries.registry import FETCHES, ROOTS

FILE_READERS = re.compile(
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
    rf"""^(?:{"|".join(map(re.escape, FETCHES))} | urllib\.(?:request\.)?(?:urlopen|urlretrieve)
    | (?:requests|httpx)\.(?:get|post) | sklearn\.datasets\.fetch_\w+ | scipy\.datasets\.\w+
    | statsmodels\.(?:\w+\.)*get_rdataset | pandas\.read_html | nltk\.download )$""",
    re.VERBOSE,
)
INPUT_CALLS = re.compile(
    r"""^(?:(?:builtins\.)?input | raw_input | getpass\.getpass | argparse\.ArgumentParser
    | optparse\.OptionParser | getopt\.getopt | click\.command | fire\.Fire )$""",
    re.VERBOSE,
)
INPUTS = re.compile(r"^sys\.(?:argv|stdin(?:\.\w+)*)$")
SCREEN_MODULES = frozenset(
    """tkinter Tkinter turtle PyQt4 PyQt5 PyQt6 PySide PySide2 PySide6 wx gtk gi pygame
    kivy""".split()  # noqa: SIM905 - one name a line would take a page
)
SCREEN_CALLS = re.compile(r"\.(?:ginput|waitforbuttonpress)$")
SCREEN_BACKENDS = re.compile(r"^(?:tk|qt\d?|gtk\d?|wx|mac|nb|web)\w*$", re.IGNORECASE)
BACKEND_CALLS = ("matplotlib.use", "matplotlib.pyplot.switch_backend")
ANIMATIONS = re.compile(r"\w+Animation\(\)\.(?:save|to_html5_video|to_jshtml)$")
URL = re.compile(r"^(?:https?|ftp|s3|gs)://", re.IGNORECASE)
READ_KEYWORDS = frozenset(
    {
        *("filepath_or_buffer", "path", "file", "fname", "fp", "filename", "io", "name"),
        *("file_name", "uri"),
    }
)
"""What a function calls its path, as a rule; reading functions take it first."""
WRITERS = re.compile(
    r"(?:to_?|save|im|write|copy|dump|move|mkdir|makedirs|open)\w*"
    r"|ExcelWriter|HDFStore|PdfPages"
)
"""Names of what may write the files that it is given the names of."""
WRITE_MODE = re.compile(r"[bt]*[wax][bt+]*")
NUMPY_SUFFIXES = ("", ".npy", ".npz")  # numpy adds them
HARMLESS = frozenset(
    {*ROOTS, *dir(builtins), "numpy", "pandas", *WITHOUT_IMPORT} - {UNKNOWN_ORIGIN, FUNCTION}
)
"""Where functions come from that write no file but by the names in WRITERS."""


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
    paths = imported_modules(node for node in nodes if id(node) not in guarded)
    roots = {path if path.startswith(".") else path.partition(".")[0] for path in paths}
    return tuple(sorted(roots - importable))


def screen_need(nodes: list[ast.AST], origins: Origins) -> str:
    """What asks for a window or a person at it (or an encoder, for animations), or ""."""
    if screens := {path.partition(".")[0] for path in imported_modules(nodes)} & SCREEN_MODULES:
        return min(screens)
    for call, path in _calls(nodes, origins):
        backend = _literal(path_argument(call), {}) if path in BACKEND_CALLS else None
        if SCREEN_CALLS.search(path) or (backend and SCREEN_BACKENDS.match(backend)):
            return path
        if ANIMATIONS.search(path):
            return f"animation {ast.unparse(call.func)}"
    return ""


def input_need(nodes: list[ast.AST], origins: Origins) -> str:
    """The first use of standard input or the command line, or "". A variable may be called
    `input`: only a call of the builtin asks for something."""
    for node in nodes:
        if isinstance(node, ast.Call):
            called = [path := origins.path(node.func)]
            called += map(origins.path, node.args[:1] if path in CALLING else ())
            if asking := next((one for one in called if INPUT_CALLS.match(one)), ""):
                return asking
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            path = origins.path(node)
            if INPUTS.match(path):
                return path
    return ""


def network_need(nodes: list[ast.AST], origins: Origins) -> str:
    """The first call that fetches something, or ""."""
    constants = text_constants(nodes)
    for call, path in _calls(nodes, origins):
        if NETWORK.match(path):
            return path
        text = _literal(path_argument(call), constants) if FILE_READERS.match(path) else None
        if text and URL.match(text):
            return f"{path} {text}"
    return ""


def file_need(nodes: list[ast.AST], origins: Origins) -> str:
    """The first local file that is read and that the script does not write before, or ""."""
    constants = text_constants(nodes)
    later = _inside_functions(nodes)
    written: dict[str, int] = {}  # path -> the line from which on it may be there
    read: list[tuple[str, str, ast.Call]] = []
    for call, path in _calls(nodes, origins):
        text = _literal(path_argument(call), constants)
        if text and FILE_READERS.match(path) and not _opens_to_write(call):
            read.append((path, text, call))
            continue
        line = 0 if id(call) in later else call.lineno
        for name in _written(call, path, constants):
            written[name] = min(line, written.get(name, line))
    for path, text, call in read:
        there = text in written and (id(call) in later or written[text] <= call.lineno)
        if not there and not URL.match(text) and text not in (".", "./"):
            return f"{path} {text}"
    return ""


def _calls(nodes: Iterable[ast.AST], origins: Origins) -> Iterator[tuple[ast.Call, str]]:
    for node in nodes:
        if isinstance(node, ast.Call):
            yield node, origins.path(node.func)


def _inside_functions(nodes: Iterable[ast.AST]) -> set[int]:
    """Ids of the nodes inside functions, which run at an unknown time."""
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {id(inner) for function in functions for inner in ast.walk(function)}


def path_argument(call: ast.Call) -> ast.expr | None:
    """The path that a reading function gets."""
    if call.args:
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg in READ_KEYWORDS), None)


def _written(call: ast.Call, path: str, constants: dict[str, str]) -> Iterator[str]:
    """The paths that a call writes, or may write for all that is known of it."""
    writes = WRITERS.fullmatch(path.rpartition(".")[2]) and not FILE_READERS.match(path)
    if writes or _opens_to_write(call) or root_of(path) not in HARMLESS:
        for given in (*call.args, *(keyword.value for keyword in call.keywords)):
            if text := _literal(given, constants):
                yield from (text + suffix for suffix in NUMPY_SUFFIXES)


def _opens_to_write(call: ast.Call) -> bool:
    """Whether a call is given a mode in which files are written."""
    modes = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "mode")]
    texts = [text for mode in modes if (text := _literal(mode, {}))]
    return any(WRITE_MODE.fullmatch(text) for text in texts)


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
    if isinstance(node, ast.Call) and node.args and chain(node.func)[-1] in ("join", "Path"):
        parts = [_literal(argument, constants) for argument in node.args]
        return "/".join(part for part in parts if part) if parts[0] else None
    return None
