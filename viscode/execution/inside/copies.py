"""Says of what is displayed which file it is a copy of, where the display has other bytes than the
file: Pillow encodes anew what it opened, IPython writes an SVG anew. Standard library only.

Such a display carries {"copy": base64 of the file} beside its image; whose file that is, the
program decides (image_origins.py). A picture that was changed after it was opened is no copy.
"""

import base64
import functools
import io
import os

FILE_LIMIT = 1 << 20
PIXEL_LIMIT = 8_000_000


class Kept:
    """What pictures were opened from: a path, or the content where it lies in memory. Of contents,
    `FILE_LIMIT` bytes in all, which takes nothing from a script's memory that matters."""

    def __init__(self):
        self.room = FILE_LIMIT

    def of(self, file):
        if isinstance(file, io.BytesIO):
            content = file.getvalue()
            if len(content) > self.room:
                return b""
            self.room -= len(content)
            return content
        return os.path.abspath(file) if isinstance(file, (str, os.PathLike)) else b""  # noqa: PTH100


def watch_pillow(module):
    """Hook `PIL.Image`."""
    original, files = module.open, Kept()

    @functools.wraps(original)
    def open(fp, *args, **kwargs):
        __tracebackhide__ = True
        image = original(fp, *args, **kwargs)
        image._viscode_file = quiet(files.of)(fp)
        return image

    def copied(image):
        if image.width * image.height > PIXEL_LIMIT:
            return None
        content = content_of(image._viscode_file)
        again = original(io.BytesIO(content))
        return as_copy(content) if pixels(again) == pixels(image) else None

    module.open = open
    module.Image._viscode_facts_ = quiet(copied)


def watch_drawings(module):
    """Hook `IPython.core.display`."""
    data = module.SVG.data

    def keep(drawing, text):
        __tracebackhide__ = True
        data.fset(drawing, text)
        drawing._viscode_file = text.encode() if isinstance(text, str) else text

    module.SVG.data = property(data.fget, keep)
    module.SVG._viscode_facts_ = quiet(lambda drawing: as_copy(drawing._viscode_file))


def content_of(file):
    """The content of what was kept; b"" where it is longer than the limit, or no regular file."""
    if isinstance(file, bytes):
        return file
    if not os.path.isfile(file) or os.path.getsize(file) > FILE_LIMIT:  # noqa: PTH113, PTH202
        return b""
    with open(file, "rb") as stream:  # noqa: PTH123
        return stream.read(FILE_LIMIT)


def pixels(image):
    return image.size, image.convert("RGBA").tobytes()


def as_copy(content):
    within = 0 < len(content) <= FILE_LIMIT
    return {"copy": base64.b64encode(content).decode()} if within else None


def quiet(function):
    """`function`, which gives None where it fails: what is wrong with a picture, others say."""

    @functools.wraps(function)
    def method(argument):
        try:
            return function(argument)
        except Exception:  # noqa: BLE001 - nothing of ours may reach the script
            return None

    return method


HOOKS = {"PIL.Image": watch_pillow, "IPython.core.display": watch_drawings}
