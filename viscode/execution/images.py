"""Images, turned into checked PNG in a sandbox of their own (inside/decode.py).

A script shares its process with whoever reports for it, so only what decodes elsewhere counts; and
a decoder that meets a stranger's bytes is confined like a script. It runs under the program's own
interpreter, so that scripts see none of its packages and another environment of scripts needs none.
"""

import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from math import ceil
from pathlib import Path

from viscode.execution import untrusted
from viscode.execution.cell_run import EngineFailure
from viscode.execution.inside.decode import CPU_S, MAGIC, BadImage
from viscode.execution.interpreter import interpreter
from viscode.execution.sandbox import Sandbox
from viscode.execution.service import Service, ServiceDown, Spares

__all__ = [
    "MAGIC",
    "Allowance",
    "BadImage",
    "Checked",
    "Decoders",
    "decoder_versions",
    "open_decoders",
]

PACKAGES = ("pillow", "pypdfium2", "resvg_py")
TIMEOUT_S = 60.0
ALLOWED_S = 10.0  # on the processor, for all images of a script; a large plot takes 0.1 s
ANSWER_BYTES = 1 << 20
Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class Checked:
    """A decodable image as PNG bytes. `plain[i]` says that area i has one colour only; `pixels` is
    a hash of what it looks like on white paper, "" where nobody asked for it."""

    png: bytes
    one_colour: bool
    plain: tuple[bool, ...]
    pixels: str


@dataclass
class Allowance:
    """What the images of one script may still take, in seconds on the processor."""

    left_s: float = ALLOWED_S


def answer(head: bytes, png: bytes, allowance: Allowance) -> Checked:
    """What a decoder says of an image, and of the time that it took; it has met a stranger's bytes
    and is not trusted either.

    Raises:
        BadImage: it is none, or what is said cannot be read.
    """
    try:
        reply = untrusted.parsed(head, ANSWER_BYTES)
    except untrusted.Unreadable as error:
        raise BadImage(f"the decoder's answer: {error}", costly=True) from error
    plain, spent = reply.get("plain"), reply.get("seconds")
    allowance.left_s -= spent if isinstance(spent, int | float) else ALLOWED_S
    if "problem" in reply or not isinstance(plain, list):
        raise BadImage(str(reply.get("problem", ""))[:1000], costly=bool(reply.get("costly")))
    one_colour, pixels = bool(reply.get("one_colour")), str(reply.get("pixels", ""))[:100]
    return Checked(png, one_colour, tuple(bool(one) for one in plain), pixels)


@lru_cache
def decoder_versions() -> list[str]:
    """What images depend on besides the scripts' environment: part of every verdict's key."""
    return [f"{name} {version(name)}" for name in PACKAGES]


def open_decoders(isolation: str) -> "Decoders":
    """Decoders behind the walls of mode `isolation`, as a Sandbox names it."""
    return Decoders(Sandbox(interpreter(Path(sys.executable)), isolation))


class Decoders:
    """As many decoder processes as are busy at once."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._spares = Spares(lambda: Service(sandbox, "decode", "no_sockets"))

    def begin(self) -> None:
        """Start a decoder, which comes up while the first script runs."""
        with self._spares.one() as service:
            service.start()

    def check(
        self,
        data: bytes,
        areas: list[Area],
        allowance: Allowance | None = None,
        *,
        pixels: bool = True,
    ) -> Checked:
        """Decode one image of any form that decode.py knows, out of its script's allowance.
        `pixels`: whether they are hashed, a seventh of the work.

        Raises:
            BadImage: it is not one, or is over a limit.
        """
        allowance = allowance or Allowance()
        if allowance.left_s <= 0:
            raise BadImage(f"the images before it took {ALLOWED_S:g} s", costly=True)
        cpu_s = min(CPU_S, ceil(allowance.left_s))
        request = json.dumps({"areas": areas, "cpu_s": cpu_s, "pixels": pixels}).encode()
        try:
            head, png = self._ask([request, data])
        except (ServiceDown, TimeoutError):
            try:
                head, png = self._ask([request, data])
            except (ServiceDown, TimeoutError) as error:
                self._check_alive(error)
                raise BadImage(f"the decoder ended over it: {error}", costly=True) from error
        return answer(head, png or data, allowance)

    def _ask(self, bodies: list[bytes]) -> tuple[bytes, bytes]:
        with self._spares.one() as service:
            head, png = service.ask(bodies, 2, TIMEOUT_S)
        return head, png

    def _check_alive(self, error: Exception) -> None:
        """Whether it was the image: a decoder that cannot decode a good one is our failure."""
        try:
            self._ask([b'{"areas": [], "cpu_s": 1, "pixels": false}', MAGIC])
        except (ServiceDown, TimeoutError):
            raise EngineFailure(f"images cannot be decoded: {error}") from error

    def close(self) -> None:
        self._spares.close()
