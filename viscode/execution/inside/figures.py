"""What is looked for in a plotly figure before it is drawn: addresses, and sizes that cannot be
drawn. Standard library only; runs in the renderer's sandbox.

plotly.js fetches what stands under a few names: images of a layout and of a trace, shapes of a map,
a map's style with its sources, tiles, sprites and glyphs. Below `INERT` names it fetches nothing,
and texts may say and link what they like.
"""

import re

PIXEL_LIMIT = 50_000_000
REFUSED = 525  # kaleido's code for a figure that it cannot draw
FETCHED = {"source", "geojson", "style", "url", "urls", "tiles", "sprite", "glyphs", "data"}
INERT = {"meta", "customdata", "properties"}
INLINE = {"source", "geojson"}  # where they are no address, they hold shapes, with what they like
STYLE_NAME = re.compile(r"[\w -]*")


def refusal(request: object) -> str:
    """Why a request for an image is not even tried, or ""."""
    if not isinstance(request, dict) or not isinstance(request.get("figure"), dict):
        return "not a figure"
    if source := foreign_source(request["figure"]):
        return f"image source that is not data: {source[:100]}"
    sizes = [request.get(key) for key in ("width", "height", "scale")]
    numbers = [float(size) for size in sizes if isinstance(size, int | float) and 0 < size < 1e5]
    if len(numbers) < len(sizes):
        return f"width, height and scale are no sizes: {sizes}"
    width, height, scale = numbers
    if width * height * scale**2 > PIXEL_LIMIT:
        return f"{width:g} x {height:g} pixels, scaled by {scale:g}, are too many"
    return ""


def foreign_source(value: object, name: str = "") -> str:
    """The first address in a figure that would be fetched and is not a data: URL, or "". `name`:
    what the value stands under."""
    if isinstance(value, str):
        return value if name in FETCHED and _lies_elsewhere(name, value) else ""
    if isinstance(value, list):
        held = dict | list | str if name in FETCHED else dict | list
        items = ((name, item) for item in value if isinstance(item, held))
        return next((found for key, item in items if (found := foreign_source(item, key))), "")
    if isinstance(value, dict) and name not in INLINE:
        parts = ((key, item) for key, item in value.items() if key not in INERT)
        return next((found for key, item in parts if (found := foreign_source(item, key))), "")
    return ""


def _lies_elsewhere(name: str, text: str) -> bool:
    if name == "style":  # of a map, or of letters: "open-street-map", "italic"
        return STYLE_NAME.fullmatch(text) is None
    return bool(text) and not text.startswith("data:")


def without_addresses(figure: dict[str, object]) -> dict[str, object]:
    """The figure without what its `config` says on addresses: plotly.js has its own, and what is
    displayed names one always."""
    config = figure.get("config")
    if not isinstance(config, dict):
        return figure
    kept = {k: v for k, v in config.items() if not (isinstance(v, str) and "/" in v)}
    return {**figure, "config": kept}
