"""The forms in which a figure is displayed, by MIME type.

A display may hold several: it is one image, made from the first of `FORMS` that is there. PNG comes
first because it is kept as it is; the data of a figure (`FIGURE_MIMES`) come before what its
library makes of them, as the program draws them itself; a drawing (SVG, PDF) comes last, as it has
to be rasterized.
"""

from collections.abc import Collection

from viscode.execution.inside.frames import FACTS as FACTS
from viscode.libraries.registry import FIGURE_MIMES

PNG = "image/png"
SVG = "image/svg+xml"
FORMS = (PNG, *FIGURE_MIMES, "image/jpeg", "image/webp", "image/gif", SVG, "application/pdf")
RASTERS = (b"\x89PNG", b"\xff\xd8", b"RIFF", b"GIF8", b"II*\0", b"MM\0*", b"BM")
SIGNATURES = (*RASTERS, b"<", b"\x1f\x8b", b"%PDF-")  # of files, those to be preferred first
READ = {"text/plain", FACTS, *FORMS}  # all of a display that anyone looks at


def form_of(bundle: Collection[str]) -> str | None:
    """The MIME type that a display's image is made from; None where it shows no figure."""
    return next((form for form in FORMS if form in bundle), None)


def figure_in(bundle: Collection[str]) -> str | None:
    """The MIME type of the figure's data in a display; None where it holds at most an image."""
    return next((mime for mime in FIGURE_MIMES if mime in bundle), None)


def is_raster(image: bytes) -> bool:
    """Whether a file holds pixels, and no drawing."""
    return image.startswith(RASTERS)


def rank(image: bytes) -> int:
    """The place of a file's form among `SIGNATURES`."""
    matches = (number for number, start in enumerate(SIGNATURES) if image.startswith(start))
    return next(matches, len(SIGNATURES))
