"""From what came out of a kernel to the execution record.

Status and images are two facts: a script may fail after it drew, and may end well without an
image. A script that ended well but whose only images could not be had keeps status "ok" with the
error type "RenderError" (a plotly figure that does not render), "NeedsNetwork" (a map that would
have to be fetched) or "BadImage" (no image that can be decoded); its `images` are empty.

A display is one image, whatever forms it has (execution/forms.py). A traceback that a script's cell
shows although the kernel calls it well ended is a failure: a figure that could not be drawn when
the cell was over, or when it was displayed.

An image is blank when it has one colour, when its axes hold nothing, or when no axes area has two
colours.

Texts are cleaned (clean_text.py).
"""

import base64
import binascii
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from viscode.core.hashing import canonical_json, digest
from viscode.core.records import Execution, ImageOrigin, RunStatus, Script
from viscode.execution import facts, forms, plotly_facts, untrusted
from viscode.execution.cell_run import CellRun
from viscode.execution.clean_text import Cleaner, shorten
from viscode.execution.facts import FigureFacts
from viscode.execution.image_origins import Given
from viscode.execution.images import MAGIC, Allowance, BadImage, Checked, Decoders
from viscode.execution.render import NeedsNetwork, RenderError, Renders
from viscode.execution.services import Services
from viscode.libraries.registry import FIGURE_MIMES

FACTS_READERS = {"plotly": plotly_facts.read}
"""Who reads the facts of a figure off its data, by `PlottingLibrary.facts`."""
IMAGES_LIMIT = 32
IMAGE_BYTES = 72 << 20  # of all images of a script
SAVED_LIMIT = 100  # figures that a script says it saved
ERRORS_LIMIT = 50  # tracebacks that a script shows
FAILED_RENDERS_LIMIT = 3  # each starts the renderer anew
MESSAGE_LIMIT = 1000
STDOUT_LIMIT = 2000


@dataclass
class ShownImage:
    """One image with what is known of it, in the order of display. `source` is the hash of the
    bytes that it was made from."""

    image: Checked
    facts: FigureFacts | None
    source: str
    origin: ImageOrigin

    @property
    def png(self) -> bytes:
        return self.image.png

    @property
    def blank(self) -> bool:
        if self.facts is not None and self.facts.shows_nothing():
            return True
        return self.image.one_colour or (bool(self.image.plain) and all(self.image.plain))


@dataclass
class Displayed:
    """What the outputs of a script hold. `tried` counts the images that were looked at, drawn or
    not, and `failed_renders` the plotly figures that could not be drawn: each costs time. After a
    `costly` image no other is decoded."""

    shown: list[ShownImage]
    saved: list[dict[str, Any]]
    stdout: str
    problem: tuple[str, str]
    given: Given
    tried: int = 0
    failed_renders: int = 0
    costly: bool = False
    allowance: Allowance = field(default_factory=Allowance)


def execution(
    script: Script, run: CellRun, services: Services, *, engine: str, timeout_s: float
) -> Execution:
    """Judge one run; renders plotly figures and checks every image."""
    decoders, given = services.decoders, Given(script, services.environment_images)
    found = _read_outputs(run, given, Renders(services.renderer), decoders)
    _trace(found)
    if all(one.origin == "foreign" for one in found.shown):
        _read_saved(run, found, decoders)
        _trace(found)
    _identify(found, decoders)
    status, kind, message, trace = _failure(run, timeout_s)
    if status == "ok" and not found.shown:
        kind, message = found.problem
    clean = Cleaner(run.box, services.sandbox.interpreter)
    return Execution(
        id=script.id,
        status=status,
        error_type=kind and untrusted.word(kind),
        error_message=clean(message)[:MESSAGE_LIMIT],
        error=shorten(clean(trace)),
        images=tuple(one.png for one in found.shown),
        blank=tuple(one.blank for one in found.shown),
        origins=tuple(one.origin for one in found.shown),
        facts=facts.as_text([one.facts for one in found.shown]),
        stdout_head=clean(found.stdout[: 2 * STDOUT_LIMIT])[:STDOUT_LIMIT],
        engine=engine,
        isolation=services.sandbox.isolation,
        duration_s=run.seconds,
    )


def unreadable(script: Script, engine: str) -> Execution | None:
    """The verdict on code that is no text of Unicode characters and so can not be handed to any
    interpreter (lone surrogates stand for bytes that no one could decode); None for all other."""
    try:
        script.code.encode()
    except UnicodeEncodeError as error:
        return Execution(
            id=script.id,
            status="error",
            error_type="SyntaxError",
            error_message=f"(unicode error) character {error.start} cannot be encoded",
            error="",
            images=(),
            blank=(),
            origins=(),
            facts="[]",
            stdout_head="",
            engine=engine,
            isolation="none",
            duration_s=0.0,
        )
    return None


def _failure(run: CellRun, timeout_s: float) -> tuple[RunStatus, str, str, str]:
    """(status, error type, message, traceback)."""
    errors = [output for output in run.outputs if output["output_type"] == "error"][:ERRORS_LIMIT]
    trace = "\n".join(line for output in errors for line in output["traceback"])
    failure = run.failure or next(((one["ename"], one["evalue"]) for one in errors), None)
    name, message = failure or ("", "")
    if run.killed_for:
        return "killed", run.killed_for, f"over its limit: {run.killed_for}", ""
    if run.interrupted:
        return "timeout", "KeyboardInterrupt", f"interrupted after {timeout_s:g} s", trace
    if run.unreadable:
        return "died", "KernelDied", run.unreadable, ""
    if run.died is not None:
        return "died", "KernelDied", f"the process ended with status {run.died}", ""
    return ("error", name or "_", message, trace) if failure else ("ok", "", "", trace)


def _read_outputs(run: CellRun, given: Given, renders: Renders, decoders: Decoders) -> Displayed:
    found = Displayed([], [], "", ("", ""), given)
    for output in run.outputs:
        if output["output_type"] == "stream" and output["name"] == "stdout":
            found.stdout += output["text"] if len(found.stdout) < 2 * STDOUT_LIMIT else ""
        data = output.get("data", {})
        reported = data.get(forms.FACTS)
        if isinstance(reported, dict) and isinstance(reported.get("saved"), list):
            found.saved += _entries(reported["saved"])[: SAVED_LIMIT - len(found.saved)]
        elif found.tried < IMAGES_LIMIT and (form := forms.form_of(data)):
            found.tried += 1
            _read_image(form, data, renders, decoders, found)
    found.stdout += run.raw.decode("utf-8", "replace")
    return found


def _entries(saved: list[Any]) -> list[dict[str, Any]]:
    """Figures that a script says it saved, each with what identifies its drawing: the figure, and
    what it showed then. Those nested too deeply to tell are left out."""
    found = []
    for entry in saved[:SAVED_LIMIT]:
        if isinstance(entry, dict):
            with suppress(RecursionError):
                shown = canonical_json(
                    [entry.get(key) for key in ("figure", "facts", *FACTS_READERS)]
                )
                found.append({**entry, "drawing": digest(shown)})
    return found


def _read_image(
    form: str, data: dict[str, Any], renders: Renders, decoders: Decoders, found: Displayed
) -> None:
    """The image that a display is to be made from in this form."""
    drawn = form in FIGURE_MIMES
    if found.costly or (drawn and found.failed_renders >= FAILED_RENDERS_LIMIT):
        return  # `problem` says what was wrong with the last one
    try:
        if mime := forms.figure_in(data):
            reader = FACTS_READERS.get(FIGURE_MIMES[mime].facts)
            known = reader(data[mime]) if reader else None
        else:
            known = facts.checked(data.get(forms.FACTS))
        image = renders.render(data[form]) if drawn else _bytes(form, data[form])
        figure = mime is not None or forms.FACTS in data
        _show(image, known, decoders, found, "figure" if figure else "unknown")
    except (
        binascii.Error,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
    ) as error:
        found.problem = ("BadImage", str(error))
    except RenderError as error:
        found.failed_renders += 1
        kind = "NeedsNetwork" if isinstance(error, NeedsNetwork) else "RenderError"
        found.problem = (kind, str(error))


def _bytes(form: str, shown: Any) -> bytes:
    """The image in a display: base64, or an SVG's text."""
    if form == forms.SVG:
        return str(shown).encode()
    image = base64.b64decode(shown)
    if form == forms.PNG and not image.startswith(MAGIC):
        raise ValueError("no PNG signature")
    return image


def _show(
    image: bytes,
    known: FigureFacts | None,
    decoders: Decoders,
    found: Displayed,
    origin: ImageOrigin = "unknown",
) -> None:
    """Add an image, or note why it is none. `origin` is what the script's process says of it."""
    try:
        unknown = origin == "unknown"
        checked = decoders.check(image, _areas(known), found.allowance, pixels=unknown)
        if sum(len(one.png) for one in found.shown) + len(checked.png) > IMAGE_BYTES:
            raise BadImage("the images of a script are too large")
    except BadImage as error:
        found.problem = ("BadImage", str(error))
        found.costly = found.costly or error.costly
    else:
        if found.given.holds(image):
            known, origin = None, "foreign"
        found.shown.append(ShownImage(checked, known, hashlib.sha256(image).hexdigest(), origin))


def _areas(known: FigureFacts | None) -> list[tuple[float, float, float, float]]:
    """The areas of a figure's axes; none where one of them is not known."""
    areas = [one.area for one in known.axes] if known is not None else []
    return [area for area in areas if area is not None] if None not in areas else []


def _read_saved(run: CellRun, found: Displayed, decoders: Decoders) -> None:
    """The images that the script saved."""
    for image in _one_of_each(run.saved, found.saved)[:IMAGES_LIMIT]:
        if not found.costly:
            _show(image, None, decoders, found)


def _one_of_each(images: list[bytes], entries: list[dict[str, Any]]) -> list[bytes]:
    """Images without those that show, by the probe's word, a figure that another one of them shows
    in a form to be preferred: a plot saved as PNG and as PDF is one."""
    names = [(entry.get("sha256"), entry["drawing"]) for entry in entries]
    drawings = {name: drawing for name, drawing in names if isinstance(name, str)}
    kept: dict[str, int] = {}
    known = [(drawings.get(hashlib.sha256(image).hexdigest()), image) for image in images]
    for drawing, image in known:
        if drawing is not None:
            kept[drawing] = min(kept.get(drawing, forms.rank(image)), forms.rank(image))
    return [
        image for drawing, image in known if drawing is None or forms.rank(image) == kept[drawing]
    ]


def _trace(found: Displayed) -> None:
    """Find where images came from that their displays say nothing about."""
    saved = {str(entry.get("sha256")) for entry in found.saved}
    for one in found.shown:
        if one.origin == "unknown" and one.source in saved:
            one.origin = "figure"
        elif one.origin == "unknown" and not one.image.one_colour and not found.costly:
            one.origin = "foreign" if found.given.shows(one.image.pixels) else "unknown"


def _identify(found: Displayed, decoders: Decoders) -> None:
    """Give images that came without facts those of the figures that the script saved."""
    unknown = [one for one in found.shown if one.facts is None and one.origin != "foreign"]
    for one, known in zip(unknown, _pair(unknown, found.saved), strict=True):
        one.facts = known
        if areas := _areas(known):
            with suppress(BadImage):  # it is an image; only areas of it cannot be looked at
                one.image = decoders.check(one.image.png, areas, found.allowance, pixels=False)


def _pair(images: list[ShownImage], entries: list[dict[str, Any]]) -> list[FigureFacts | None]:
    """Facts for images that were saved: by the hash of the file, else by size, else in order when
    there are as many of the one as of the other."""
    chosen: dict[int, dict[str, Any]] = {}
    spare = list(entries)
    for matches in (_same_bytes, _same_size):
        for index, image in enumerate(images):
            entry = next((e for e in spare if matches(image, e)), None)
            if index not in chosen and entry is not None:
                spare.remove(entry)
                chosen[index] = entry
    rest = [index for index in range(len(images)) if index not in chosen]
    if len(rest) == len(spare):
        chosen |= zip(rest, spare, strict=True)
    return [_facts_of(chosen[i]) if i in chosen else None for i in range(len(images))]


def _same_bytes(image: ShownImage, entry: dict[str, Any]) -> bool:
    return bool(entry.get("sha256") == image.source)


def _same_size(image: ShownImage, entry: dict[str, Any]) -> bool:
    size = [int.from_bytes(image.png[at : at + 4], "big") for at in (16, 20)]
    return bool(entry.get("size") == size)


def _facts_of(entry: dict[str, Any]) -> FigureFacts | None:
    """Facts of a saved figure."""
    for name, reader in FACTS_READERS.items():
        if name in entry:
            return reader(entry[name])
    return facts.checked(entry.get("facts"))
