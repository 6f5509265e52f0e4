"""From what came out of a kernel to the execution record.

Status and images are two facts: a script may fail after it drew, and may end well without an
image. A script that ended well but whose only images could not be had keeps status "ok" with the
error type "RenderError" (a plotly figure that does not render) or "BadImage" (bytes that are no
decodable PNG); its `images` are empty.

Every text is freed of what differs between two runs or two machines: scratch paths, folders of
the interpreter, addresses, terminal colours.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Any

from viscode.execution import facts, plotly_facts
from viscode.execution.facts import FigureFacts
from viscode.execution.images import BadImage, as_png, check_png, one_colour
from viscode.execution.notebook import CellRun
from viscode.execution.render import Renderer, RenderError
from viscode.execution.sandbox import BOX_AT, Interpreter
from viscode.records import Execution, RunStatus

FACTS_MIME = "application/vnd.viscode.facts+json"
PLOTLY_MIME = "application/vnd.plotly.v1+json"
IMAGES_LIMIT = 32
TRACEBACK_HEAD, TRACEBACK_TAIL = 1000, 3000
MESSAGE_LIMIT = 1000
STDOUT_LIMIT = 2000
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
CELL_FILE = re.compile(r"\S*/ipykernel_\d+/\d+\.py")
HIDDEN_FRAMES = re.compile(r"^\s*\[\.\.\. skipping hidden \d+ frame\]\n?", re.MULTILINE)


@dataclass
class Shown:
    """One image with what is known of it, in the order of display."""

    png: bytes
    facts: FigureFacts | None


@dataclass
class Found:
    """What the outputs of a script hold."""

    shown: list[Shown]
    saved: list[dict[str, Any]]
    stdout: str
    problem: tuple[str, str]


def execution(
    script_id: str,
    run: CellRun,
    *,
    interpreter: Interpreter,
    renderer: Renderer,
    isolation: str,
    engine: str,
    timeout_s: float,
    duration_s: float,
) -> Execution:
    """Judge one run; renders plotly figures and checks every image."""
    found = _read_outputs(run, renderer)
    if not found.shown:
        found.shown = _saved_images(run, found)
    _pair(found)
    status, kind, message, trace = _failure(run, timeout_s)
    if status == "ok" and not found.shown:
        kind, message = found.problem
    clean = Cleaner(run.box, interpreter)
    return Execution(
        id=script_id,
        status=status,
        error_type=kind[:100],
        error_message=clean(message)[:MESSAGE_LIMIT],
        error=shorten(clean(trace)),
        images=tuple(one.png for one in found.shown),
        blank=tuple(_is_blank(one) for one in found.shown),
        facts=facts.as_text([one.facts for one in found.shown]),
        stdout_head=clean(found.stdout[: 2 * STDOUT_LIMIT])[:STDOUT_LIMIT],
        engine=engine,
        isolation=isolation,
        duration_s=duration_s,
    )


def _failure(run: CellRun, timeout_s: float) -> tuple[RunStatus, str, str, str]:
    """(status, error type, message, traceback)."""
    name, message = run.failure or ("", "")
    trace = "\n".join(
        line
        for output in run.outputs
        if output["output_type"] == "error"
        for line in output["traceback"]
    )
    if run.killed_for:
        return "killed", run.killed_for, f"over its limit: {run.killed_for}", ""
    if run.interrupted:
        return "timeout", "KeyboardInterrupt", f"interrupted after {timeout_s:g} s", trace
    if run.died is not None:
        return "died", "KernelDied", f"the process ended with status {run.died}", ""
    return ("error" if run.failure else "ok"), name, message, trace


def _read_outputs(run: CellRun, renderer: Renderer) -> Found:
    found = Found([], [], "", ("", ""))
    for output in run.outputs:
        if output["output_type"] == "stream" and output["name"] == "stdout":
            found.stdout += output["text"]
        data = output.get("data", {})
        reported = data.get(FACTS_MIME)
        if isinstance(reported, dict) and isinstance(reported.get("saved"), list):
            found.saved += [entry for entry in reported["saved"] if isinstance(entry, dict)]
        elif len(found.shown) < IMAGES_LIMIT:
            _read_image(data, reported, renderer, found)
    return found


def _read_image(data: dict[str, Any], reported: object, renderer: Renderer, found: Found) -> None:
    try:
        if "image/png" in data:
            png = base64.b64decode(data["image/png"])
            check_png(png)
            found.shown.append(Shown(png, facts.checked(reported)))
        elif PLOTLY_MIME in data:
            png = renderer.render(data[PLOTLY_MIME])
            check_png(png)
            found.shown.append(Shown(png, plotly_facts.read(data[PLOTLY_MIME])))
    except (BadImage, binascii.Error, TypeError) as error:
        found.problem = ("BadImage", str(error))
    except RenderError as error:
        found.problem = ("RenderError", str(error))


def _saved_images(run: CellRun, found: Found) -> list[Shown]:
    shown = []
    for data in run.saved:
        try:
            shown.append(Shown(as_png(data), None))
        except BadImage as error:
            found.problem = ("BadImage", str(error))
    return shown[:IMAGES_LIMIT]


def _pair(found: Found) -> None:
    """Give images without facts those of figures that were saved: by the hash of the file, else
    by size, else in order when there are as many of the one as of the other."""
    unknown = [one for one in found.shown if one.facts is None]
    spare = list(found.saved)
    for matches in (_same_bytes, _same_size):
        for one in [u for u in unknown if u.facts is None]:
            entry = next((e for e in spare if matches(one.png, e)), None)
            if entry is not None:
                spare.remove(entry)
                one.facts = _facts_of(entry)
    rest = [one for one in unknown if one.facts is None]
    if len(rest) == len(spare):
        for one, entry in zip(rest, spare, strict=True):
            one.facts = _facts_of(entry)


def _same_bytes(png: bytes, entry: dict[str, Any]) -> bool:
    return bool(entry.get("sha256") == hashlib.sha256(png).hexdigest())


def _same_size(png: bytes, entry: dict[str, Any]) -> bool:
    size = [int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")]
    return bool(entry.get("size") == size)


def _facts_of(entry: dict[str, Any]) -> FigureFacts | None:
    if "plotly" in entry:
        return plotly_facts.read(entry["plotly"])
    return facts.checked(entry.get("facts"))


def _is_blank(one: Shown) -> bool:
    if one.facts is not None and one.facts.shows_nothing():
        return True
    return one_colour(check_png(one.png))


class Cleaner:
    """Replaces what is particular to one run or one machine."""

    def __init__(self, box: str, interpreter: Interpreter) -> None:
        self.box = box
        self.site = re.compile(
            "|".join(
                rf"{re.escape(str(p))}/lib/python[\d.]+/(?:site-packages/)?"
                for p in interpreter.prefixes
            )
        )

    def __call__(self, text: str) -> str:
        text = HIDDEN_FRAMES.sub("", ANSI.sub("", text))
        text = CELL_FILE.sub("script.py", text)
        text = self.site.sub("", text)
        if self.box:
            text = text.replace(self.box, BOX_AT)
        return ADDRESS.sub("0x0", text)


def shorten(trace: str) -> str:
    """The head and the tail of a long traceback."""
    if len(trace) <= TRACEBACK_HEAD + TRACEBACK_TAIL:
        return trace
    return f"{trace[:TRACEBACK_HEAD]}\n...\n{trace[-TRACEBACK_TAIL:]}"
