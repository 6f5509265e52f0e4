"""What all scripts of one environment share in this process: the sandbox, the font list, the
plotly renderer, the image decoders, the images that come with the environment. Made once, whoever
asks, and closed when the process ends.
"""

import atexit
import threading
from dataclasses import dataclass
from pathlib import Path

from viscode.execution.fonts import FontList, font_list
from viscode.execution.image_origins import EnvironmentImages
from viscode.execution.images import Decoders, open_decoders
from viscode.execution.render import FigureRenderer
from viscode.execution.sandbox import Sandbox, open_sandbox
from viscode.execution.scratch import sweep

_opened: dict[tuple[Path, str, str], "Services"] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Services:
    sandbox: Sandbox
    fonts: FontList | None
    renderer: FigureRenderer
    decoders: Decoders
    environment_images: EnvironmentImages

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
                font_list(sandbox, lock_digest),
                FigureRenderer(sandbox),
                decoders,
                EnvironmentImages(sandbox.interpreter, lock_digest, decoders),
            )
            atexit.register(_opened[key].close)
            _opened[key].decoders.begin()
        return _opened[key]
