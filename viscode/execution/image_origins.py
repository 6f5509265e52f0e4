"""Where an image came from, as far as that is known.

"foreign" is certain, and the program finds it without the script's help: the image's bytes stood in
the script's text, in a file beside it or in its environment before it ran. "figure" is the word of
whoever reports from the script's process (probe.py): a figure was displayed, or saved to these very
bytes. A script can forge that, but no word of it outweighs the former. All else is "unknown": what
is drawn pixel by pixel or by a library that nobody watches, and copies with other bytes.

An SVG or a PDF in the script's text is a drawing of its own; a raster image in it is not.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from viscode.execution import facts
from viscode.execution.inside import forms
from viscode.execution.inside.saved import SUFFIXES
from viscode.execution.sandbox import Interpreter
from viscode.hashing import canonical_json, digest, file_digest
from viscode.project import project_root
from viscode.records import Execution, Script

# Between the parts of a literal that stands on several lines, and escaped line ends in it.
JOINTS = re.compile(rb"""["'][\s\\+,]*[bBrRuU]?["']|\\n|[\s\\]+""")


@dataclass(frozen=True)
class Given:
    """What a script has before it draws. `environment` are the hashes of its image files."""

    script: Script
    environment: Set[str] = frozenset()

    def holds(self, image: bytes) -> bool:
        """Whether these bytes were there before the script ran: as they are, in base64 or hex."""
        if hashlib.sha256(image).hexdigest() in self.environment:
            return True
        if any(_stands_in(content, image) for content in self.script.files.values()):
            return True
        return forms.is_raster(image) and _is_written_in(self._text, image)

    @cached_property
    def _text(self) -> bytes:
        return JOINTS.sub(b"", self.script.code.encode())


def _stands_in(content: bytes, image: bytes) -> bool:
    return len(content) >= len(image) and any(one in content for one in (image, *_encoded(image)))


def _is_written_in(text: bytes, image: bytes) -> bool:
    """Whether a program's text, without what joins the parts of its literals, holds the image."""
    if len(text) < len(image):
        return False
    literal = JOINTS.sub(b"", repr(image)[2:-1].encode())
    return any(one in text for one in (*_encoded(image), literal))


def _encoded(image: bytes) -> Iterator[bytes]:
    yield base64.b64encode(image).rstrip(b"=")
    yield base64.urlsafe_b64encode(image).rstrip(b"=")
    yield binascii.hexlify(image)


def copied_file(reported: object) -> bytes | None:
    """The file that a display is a copy of, by the word of the script's process (copies.py)."""
    copy = reported.get("copy") if isinstance(reported, dict) else None
    try:
        return base64.b64decode(copy) if isinstance(copy, str) else None
    except ValueError:
        return None


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


def environment_images(interpreter: Interpreter, lock_digest: str) -> frozenset[str]:
    """Hashes of the image files that come with an environment and its Python, looked for once and
    kept under `.viscode/images/`."""
    key = digest(lock_digest, canonical_json([str(p) for p in interpreter.prefixes]))[:32]
    cached = project_root() / ".viscode" / "images" / key
    if not cached.exists():
        found = sorted({file_digest(path) for path in _image_files(interpreter)})
        cached.parent.mkdir(parents=True, exist_ok=True)
        partial = cached.with_name(f".{key}.{os.getpid()}")
        partial.write_text("\n".join(found))
        partial.rename(cached)
    return frozenset(cached.read_text().split())


def _image_files(interpreter: Interpreter) -> Iterator[Path]:
    for prefix in interpreter.prefixes:
        for library in sorted(prefix.glob("lib/python3*")):
            for folder, folders, names in os.walk(library):
                folders[:] = [name for name in folders if name != "__pycache__"]
                paths = (Path(folder, name) for name in names if name.lower().endswith(SUFFIXES))
                yield from (path for path in paths if path.is_file())
