"""Figure facts, blocks and settings written out for the tests."""

import json
from typing import Any

from viscode.core.records import Origin, ValidatedBlock
from viscode.settings.instruct import InstructSettings

ORIGIN = Origin(kind="package", name="demo", version="1.0", path="demo/mod.py", locator="f")


def series(
    kind: str, label: str = "", points: int = 10, color: str = "#1f77b4", **changes: Any
) -> dict[str, Any]:
    marks = points if kind in ("scatter", "bar", "pie", "hist", "stem", "polygon") else 1
    plain = {"kind": kind, "label": label, "points": points, "color": color}
    return {**plain, "marks": marks, "colors": [color] if color else [], **changes}


def axes(*drawn: dict[str, Any], **changes: Any) -> dict[str, Any]:
    plain = {
        "kinds": sorted({one["kind"] for one in drawn}),
        "title": "",
        "xlabel": "",
        "ylabel": "",
        "zlabel": "",
        "xscale": "linear",
        "yscale": "linear",
        "projection": "rectilinear",
        "xlim": [0.0, 1.0],
        "ylim": [0.0, 1.0],
        "legend": [],
        "series": list(drawn),
        "grid": False,
        "colorbar": False,
        "annotations": [],
    }
    return plain | changes


def figure(*all_axes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    plain = {
        "version": 4,
        "library": "matplotlib",
        "size_px": [640, 480],
        "suptitle": "",
        "layout": [1, len(all_axes)],
        "axes": list(all_axes),
    }
    return plain | changes


def block(code: str, *figures: dict[str, Any] | None, **changes: Any) -> ValidatedBlock:
    plain: dict[str, Any] = {
        "id": "block-1",
        "source": "files",
        "origin": ORIGIN,
        "licence": "BSD-3-Clause",
        "parent_id": "file-1",
        "code": code,
        "libraries": ("matplotlib",),
        "data_csv": "",
        "images": tuple(b"png-%d" % i for i in range(len(figures))),
        "facts": json.dumps(list(figures)),
    }
    return ValidatedBlock(**(plain | changes))


def settings(**changes: Any) -> InstructSettings:
    plain: dict[str, Any] = {
        "method": "facts",
        "client": "openai",
        "model": "gpt-4o",
        "temperature": 0.0,
        "max_new_tokens": 1024,
        "samples": 2,
        "preview_rows": 2,
    }
    return InstructSettings(**(plain | changes))
