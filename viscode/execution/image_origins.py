"""Where an image came from, as far as that is known.

"foreign" is certain, and the program finds it without the script's help: the image was there before
the script ran, in its text, in a file beside it or in its environment. Either its very bytes stood
there (in base64 or hex too), or it shows, pixel for pixel, what an image file there shows: so it is
told through Pillow or numpy, and in another format that loses nothing.
"figure" is what the script's process reports (probe.py): a figure of a plotting library was
displayed, or saved to these very bytes. A script can forge that. It does not outweigh
the same bytes; it does outweigh the same pixels, as a figure may show a picture in full.
All else is "unknown": what is drawn pixel by pixel or by a library that nobody watches, and copies
that were changed. An SVG or a PDF in the script's text is a drawing of its own, no foreign image.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from threading import Lock

from viscode.core.hashing import digest
from viscode.core.records import Execution, Script
from viscode.execution import facts, forms
from viscode.execution.images import BadImage, Decoders, decoder_versions
from viscode.execution.inside.saved import BYTE_LIMIT, SUFFIXES
from viscode.execution.interpreter import Interpreter, remembered

# Between the parts of a literal that stands on several lines, and escaped line ends in it.
JOINTS = re.compile(rb"""["'][\s\\+,]*[bBrRuU]?["']|\\n|[\s\\]+""")
BASE64 = re.compile(rb"[A-Za-z0-9+/]{80,}")
FILES_LIMIT = 16  # image files beside a script, and in its text, that are compared pixel by pixel
LITERALS_LIMIT = 4


@dataclass
class Seen:
    """Images by the hash of their bytes, and by that of their pixels (images.Checked)."""

    files: set[str] = field(default_factory=set)
    pixels: set[str] = field(default_factory=set)


class EnvironmentImages:
    """The image files of an environment and its Python, looked at when they are first asked for and
    remembered under `.viscode/images/`."""

    def __init__(self, interpreter: Interpreter, lock_digest: str, decoders: Decoders) -> None:
        self.interpreter, self.decoders = interpreter, decoders
        prefixes = map(str, interpreter.prefixes)
        self._key = digest(lock_digest, *prefixes, *decoder_versions())[:32]
        self._lock = Lock()

    @property
    def seen(self) -> Seen:
        with self._lock:
            return self._seen

    @cached_property
    def _seen(self) -> Seen:
        found = remembered("images", self._key, self._look)
        assert found is not None
        files, pixels = found.decode().split("\n")
        return Seen(set(files.split()), set(pixels.split()))

    def _look(self) -> bytes:
        """A line of the files' hashes, one of those of their pixels."""
        found = Seen()
        for content in map(Path.read_bytes, _image_files(self.interpreter)):
            if _hash(content) not in found.files:
                found.files.add(_hash(content))
                found.pixels |= _pixels([content], self.decoders)
        return "\n".join(" ".join(sorted(one)) for one in (found.files, found.pixels)).encode()


def _image_files(interpreter: Interpreter) -> Iterator[Path]:
    for prefix in interpreter.prefixes:
        for library in sorted(prefix.glob("lib/python3*")):
            for folder, folders, names in os.walk(library):
                folders[:] = [name for name in folders if name != "__pycache__"]
                paths = (Path(folder, name) for name in names if name.lower().endswith(SUFFIXES))
                yield from (
                    one for one in paths if one.is_file() and one.stat().st_size <= BYTE_LIMIT
                )


@dataclass(frozen=True)
class Given:
    """What a script has before it draws."""

    script: Script
    environment: EnvironmentImages

    def holds(self, image: bytes) -> bool:
        """Whether these bytes were there: as they are, in base64 or in hex."""
        if _hash(image) in self.environment.seen.files:
            return True
        if any(_stands_in(content, image) for content in self.script.files.values()):
            return True
        return forms.is_raster(image) and _is_written_in(self._text, image)

    def shows(self, pixels: str) -> bool:
        """Whether an image file that was there has pixels of this hash."""
        return pixels in self.environment.seen.pixels or pixels in self._pixels

    @cached_property
    def _pixels(self) -> set[str]:
        files = (one for one in self.script.files.values() if one.startswith(forms.SIGNATURES))
        literals = islice(self._literals(), LITERALS_LIMIT)
        return _pixels(chain(islice(files, FILES_LIMIT), literals), self.environment.decoders)

    @cached_property
    def _text(self) -> bytes:
        """The script's text without what joins the parts of its literals."""
        return JOINTS.sub(b"", self.script.code.encode())

    def _literals(self) -> Iterator[bytes]:
        """Raster images that stand in the script's text in base64."""
        for match in BASE64.finditer(self._text):
            run = match.group()
            if len(run) % 4 != 1 and forms.is_raster(content := base64.b64decode(run + b"==")):
                yield content


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _pixels(images: Iterable[bytes], decoders: Decoders) -> set[str]:
    """Hashes of the images' pixels, without those of one colour and of what does not decode. After
    one that is costly no other is decoded."""
    found = set()
    for image in images:
        try:
            checked = decoders.check(image, [])
        except BadImage as error:
            if error.costly:
                break
        else:
            found |= set() if checked.one_colour else {checked.pixels}
    return found


def _stands_in(content: bytes, image: bytes) -> bool:
    if len(content) < len(image):
        return False
    return any(one in content for one in (image, *_encoded(image)))


def _is_written_in(text: bytes, image: bytes) -> bool:
    if len(text) < len(image):
        return False
    literal = JOINTS.sub(b"", repr(image)[2:-1].encode())
    return any(one in text for one in (literal, *_encoded(image)))


def _encoded(image: bytes) -> Iterator[bytes]:
    yield base64.b64encode(image).rstrip(b"=")
    yield base64.urlsafe_b64encode(image).rstrip(b"=")
    yield binascii.hexlify(image)


def drawn(execution: Execution) -> Execution:
    """An execution without the images that are known to be foreign."""
    kept = [place for place, origin in enumerate(execution.origins) if origin != "foreign"]
    if len(kept) == len(execution.origins):
        return execution
    entries = facts.as_list(execution.facts)
    return execution.model_copy(
        update={
            "images": tuple(execution.images[place] for place in kept),
            "blank": tuple(execution.blank[place] for place in kept),
            "origins": tuple(execution.origins[place] for place in kept),
            "facts": facts.as_text([entries[place] for place in kept]),
        }
    )
