"""Charts take the page's colors, say what they show, and hold nothing that could run or clash."""

import re
from pathlib import Path

import pytest

from viscode.core.drawing import COLORS, png, svg, tag

CSS = Path(__file__).parents[2] / "viscode/report/templates/style.css"


def paint(figure):
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    (line,) = axes.plot([1, 2, 3], color=COLORS["m1"])
    tag(line, css="paper")
    (point,) = axes.plot(2, 2, "o", color=COLORS["m0"])
    tag(point, title="<b>2</b> & more")


def test_colors_are_those_of_the_page():
    light = CSS.read_text().partition("@media")[0]
    assert {name: re.search(rf"--{name}: (#\w+)", light)[1] for name in COLORS} == COLORS


def test_a_chart_in_a_page():
    found = svg(300, 200, paint, 'a "line" < 4')
    assert found.startswith(
        '<svg viewBox="0 0 300 200" role="img" aria-label="a &quot;line&quot; &lt; 4">'
    )
    assert "stroke: var(--m1)" in found and COLORS["m1"] not in found
    assert '<g class="paper">' in found
    assert "<title>&lt;b&gt;2&lt;/b&gt; &amp; more</title>" in found
    assert not re.search(r"<g id=|<style|<metadata|<script|url\(", found)


@pytest.mark.parametrize("form", [png, lambda *size: svg(*size, "x")])
def test_same_bytes_whatever_the_users_settings(form):
    import matplotlib

    before = form(4, 3, paint)
    with matplotlib.rc_context({"font.size": 30, "savefig.dpi": 50, "axes.facecolor": "black"}):
        assert form(4, 3, paint) == before
