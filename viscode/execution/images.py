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
from queue import Empty, LifoQueue

from viscode.execution.cell_run import EngineFailure
from viscode.execution.inside.decode import CPU_S, MAGIC, BadImage
from viscode.execution.sandbox import Sandbox, interpreter
from viscode.execution.service import Service, ServiceDown

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
Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class Checked:
    """A decodable image as PNG bytes. `plain[i]` says that area i has one colour only; `pixels` is
    a hash of what it looks like on white paper."""

    png: bytes
    one_colour: bool
    plain: tuple[bool, ...]
    pixels: str


@dataclass
class Allowance:
    """What the images of one script may still take, in seconds on the processor."""

    left_s: float = ALLOWED_S


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
        self.sandbox = sandbox
        self._idle: LifoQueue[Service] = LifoQueue()

    def begin(self) -> None:
        """Start a decoder, which comes up while the first script runs."""
        service = self._new()
        service.start()
        self._idle.put(service)

    def _new(self) -> Service:
        return Service(self.sandbox, "decode.py", "no_sockets")

    def check(self, data: bytes, areas: list[Area], allowance: Allowance | None = None) -> Checked:
        """Decode one image of any form that decode.py knows, out of its script's allowance.

        Raises:
            BadImage: it is not one, or is over a limit.
        """
        allowance = allowance or Allowance()
        if allowance.left_s <= 0:
            raise BadImage(f"the images before it took {ALLOWED_S:g} s", costly=True)
        cpu_s = min(CPU_S, ceil(allowance.left_s))
        request = json.dumps({"areas": areas, "cpu_s": cpu_s}).encode()
        try:
            head, png = self._ask([request, data])
        except (ServiceDown, TimeoutError):
            try:
                head, png = self._ask([request, data])
            except (ServiceDown, TimeoutError) as error:
                self._check_alive(error)
                raise BadImage(f"the decoder ended over it: {error}", costly=True) from error
        reply = json.loads(head)
        allowance.left_s -= reply["seconds"]
        if "problem" in reply:
            raise BadImage(str(reply["problem"]), costly=bool(reply["costly"]))
        plain = tuple(bool(one) for one in reply["plain"])
        return Checked(png or data, bool(reply["one_colour"]), plain, str(reply["pixels"]))

    def _ask(self, bodies: list[bytes]) -> tuple[bytes, bytes]:
        try:
            service = self._idle.get_nowait()
        except Empty:
            service = self._new()
        try:
            head, png = service.ask(bodies, 2, TIMEOUT_S)
        finally:
            self._idle.put(service)
        return head, png

    def _check_alive(self, error: Exception) -> None:
        """Whether it was the image: a decoder that cannot decode a good one is our failure."""
        try:
            self._ask([b'{"areas": [], "cpu_s": 1}', MAGIC])
        except (ServiceDown, TimeoutError):
            raise EngineFailure(f"images cannot be decoded: {error}") from error

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get().close()
