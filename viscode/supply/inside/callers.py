"""Who asks a recorder, and what for: read off the frame of the caller."""

from __future__ import annotations

import dis
import sys

from .states import SCRIPT, Pass

FLIP_AFTER = 100  # times that one place is told the same


def asked_by_script(depth: int = 2) -> bool:
    """Whether the script itself asks, not a library."""
    return sys._getframe(depth).f_code.co_filename == SCRIPT


def instruction(depth: int = 2) -> tuple[str, int]:
    """What the script is doing as it asks, with the number that belongs to it; ("", 0) where a
    library asks."""
    frame = sys._getframe(depth)
    if frame.f_code.co_filename != SCRIPT or frame.f_lasti < 0:
        return "", 0
    code = frame.f_code.co_code
    return dis.opname[code[frame.f_lasti]], code[frame.f_lasti + 1]


def flips(depth: int = 2) -> bool:
    """Whether this place was told the same so often that a loop may wait for another answer."""
    frame = sys._getframe(depth)
    place = (frame.f_code.co_filename, frame.f_lineno)
    Pass.told[place] = Pass.told.get(place, 0) + 1
    return Pass.told[place] > FLIP_AFTER
