"""What all scripts of one environment share in this process: the sandbox, the font list, the
plotly renderer, the image decoders, the images that come with the environment. Made once, whoever
asks, and closed when the process ends.

The font list is matplotlib's own cache, which a fresh kernel would take seconds to make. It is
built inside the sandbox by matplotlib itself, kept under `.viscode/fonts/`, and never needed.
"""

import atexit
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from viscode.core.hashing import digest
from viscode.execution.image_origins import EnvironmentImages
from viscode.execution.images import Decoders, open_decoders
from viscode.execution.interpreter import remembered
from viscode.execution.render import FigureRenderer
from viscode.execution.sandbox import Sandbox, open_sandbox
from viscode.execution.scratch import Scratch, sweep

FONTS_BUILD_S = 120
_opened: dict[tuple[Path, str, str], "Services"] = {}
_lock = threading.Lock()


class FontList(NamedTuple):
    """matplotlib's cache file."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Services:
    sandbox: Sandbox
    fonts: FontList | None
    renderer: FigureRenderer
    decoders: Decoders
    environment_images: EnvironmentImages

    def place_fonts(self, scratch: Scratch) -> None:
        """Lay the font list where matplotlib looks for it."""
        if self.fonts is not None:
            (scratch.box / "config" / self.fonts.name).write_bytes(self.fonts.content)

    def close(self) -> None:
        """End the helper processes; the next request starts others."""
        self.renderer.close()
        self.decoders.close()


def services(python: Path, isolation: str, lock_digest: str) -> Services:
    """The services for scripts under `python`.

    Raises:
        UserError: no interpreter, or no isolation as asked for.
    """
    key = (python, isolation, lock_digest)
    with _lock:
        if key not in _opened:
            if not _opened:
                sweep()
            sandbox = open_sandbox(python, isolation)
            decoders = open_decoders(sandbox.isolation)
            _opened[key] = Services(
                sandbox,
                _font_list(sandbox, lock_digest),
                FigureRenderer(sandbox),
                decoders,
                EnvironmentImages(sandbox.interpreter, lock_digest, decoders),
            )
            atexit.register(_opened[key].close)
            _opened[key].decoders.begin()
        return _opened[key]


def _font_list(sandbox: Sandbox, lock_digest: str) -> FontList | None:
    """The font list of an environment; None where there is none to be had."""
    prefixes = [str(p) for p in sandbox.interpreter.prefixes]
    key = digest(lock_digest, sandbox.isolation, *prefixes)[:32]
    found = remembered("fonts", key, lambda: _build_font_list(sandbox))
    if found is None:
        return None
    name, _, content = found.partition(b"\n")
    return FontList(name.decode(), content)


def _build_font_list(sandbox: Sandbox) -> bytes | None:
    """The file's name in a line, then what it holds."""
    with Scratch() as scratch:
        argv = ["-P", "-c", "import matplotlib.font_manager"]
        command = sandbox.command(scratch, argv, sandbox.limits(FONTS_BUILD_S), "no_sockets")
        done = subprocess.run(
            command, capture_output=True, timeout=FONTS_BUILD_S, env={}, check=False
        )
        found = sorted(Path(scratch.box / "config").glob("fontlist-*.json"))
        if done.returncode != 0 or not found:
            return None
        return found[0].name.encode() + b"\n" + found[0].read_bytes()
