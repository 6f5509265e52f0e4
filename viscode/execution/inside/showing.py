"""Plotly figures are shown to the program, whatever renderer a script chooses, and their image
export is done by the program.

A renderer makes a page or a picture, or opens a browser, of which there is none. Two rules hold for
all of them: a display that shows a figure also carries its JSON, which the program draws
(render.py); and where plotly itself would open a browser, the JSON is displayed instead. So a call
that shows a figure is one display of one figure. Renderer `json` alone prints data and shows none.
A renderer of the script's own runs as it is.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
from collections.abc import Callable
from typing import Any

FIGURE_MIME = "application/vnd.plotly.v1+json"
NO_PICTURE = {"application/json"}
READ_CHARS = 8 << 20  # of the JSON of a figure that was exported


def watch_renderers(module: Any) -> None:
    """Hook `plotly.io._renderers`."""
    config = type(module.renderers)
    build, perform = config._build_mime_bundle, config._perform_external_rendering

    @functools.wraps(build)
    def _build_mime_bundle(
        self: Any, fig_dict: Any, renderers_string: str | None = None, **kwargs: Any
    ) -> Any:
        __tracebackhide__ = True
        bundle = build(self, fig_dict, renderers_string, **kwargs)
        if set(bundle) - NO_PICTURE and FIGURE_MIME not in bundle:
            bundle |= as_display(fig_dict)
        return bundle

    @functools.wraps(perform)
    def _perform_external_rendering(
        self: Any, fig_dict: Any, renderers_string: str | None = None, **kwargs: Any
    ) -> None:
        __tracebackhide__ = True
        names = [name for name in (renderers_string or self.default or "").split("+") if name]
        plotlys_own = {name for name in names if opens_browser(self[name])}
        others = "+".join(name for name in names if name not in plotlys_own)
        if others:
            perform(self, fig_dict, others, **kwargs)
        if plotlys_own and not any(shows_inline(self[name]) for name in names):
            display(fig_dict)

    def opens_browser(renderer: Any) -> bool:
        base = module.ExternalRenderer
        return isinstance(renderer, base) and type(renderer).__module__ == base.__module__

    def shows_inline(renderer: Any) -> bool:
        inline = isinstance(renderer, module.MimetypeRenderer)
        return inline and not isinstance(renderer, module.JsonRenderer)

    config._build_mime_bundle = _build_mime_bundle
    config._perform_external_rendering = _perform_external_rendering


def watch_pages(module: Any) -> None:
    """Hook `plotly.io._html`: a page that would be opened in a browser is written and its figure
    displayed."""
    original = module.write_html
    signature = inspect.signature(original)

    @functools.wraps(original)
    def write_html(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return original(*args, **kwargs)  # which says what is wrong in its own words
        given.apply_defaults()
        asked = given.arguments
        is_path = isinstance(asked["file"], (str, os.PathLike))
        opened = asked["auto_open"] and asked["full_html"] and is_path
        asked["auto_open"] = False
        original(*given.args, **given.kwargs)
        if opened:
            display(asked["fig"])

    module.write_html = write_html


def export_hooks(
    ask: Callable[[bytes], bytes], note: Callable[[Callable[[], dict[str, Any]], bytes], None]
) -> dict[str, Callable[[Any], None]]:
    """Hooks for image export. `ask` has the program's renderer draw: kaleido's own process needs a
    browser. `note` is told what each exported image shows."""

    def replace_export(module: Any) -> None:
        def perform_transform(scope: Any, data: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            request = scope._json_dumps({"figure": data, **kwargs})
            return json.loads(ask(request.encode()))

        module.BaseScope._perform_transform = perform_transform

    def watch_to_image(module: Any) -> None:
        original = module.to_image

        @functools.wraps(original)
        def to_image(fig: Any, *args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            image = original(fig, *args, **kwargs)
            note(lambda: {"plotly": short_json(fig)}, image)
            return image

        module.to_image = to_image

    return {"kaleido.scopes.base": replace_export, "plotly.io._kaleido": watch_to_image}


def short_json(figure: Any) -> Any:
    """A figure's JSON, None where it is too long to be read."""
    import plotly.io

    text = plotly.io.to_json(figure, validate=False)
    return json.loads(text) if len(text) <= READ_CHARS else None


def as_display(figure: Any) -> dict[str, Any]:
    """A figure's JSON as part of a display; nothing where it has none."""
    import plotly.io

    try:
        return {FIGURE_MIME: json.loads(plotly.io.to_json(figure, validate=False))}
    except Exception:  # noqa: BLE001 - the renderer has had its say on what is wrong with a figure
        return {}


def display(figure: Any) -> None:
    import IPython.display

    IPython.display.display(as_display(figure), raw=True)


HOOKS = {"plotly.io._renderers": watch_renderers, "plotly.io._html": watch_pages}
