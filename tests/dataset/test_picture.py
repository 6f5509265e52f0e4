"""The funnel's picture: what it shows, that nothing is cut off, and that its bytes repeat."""

import io
import subprocess
import sys
from typing import Any

import pytest
from matplotlib.figure import Figure
from PIL import Image

from viscode.dataset.funnel import _share, draw, funnel_png


def step(arrived: int, records: int, paper: int | None = None, **rejected: int) -> dict[str, Any]:
    found = {"in": arrived, "kept": records, "records": records, "rejected": rejected}
    return found if paper is None else {**found, "paper": paper}


SMALL = {"dialogues": {"collect_dialogues": step(48, 48, 56_000), "assemble": step(48, 37, x=11)}}
LARGE = {
    "files": {
        "collect_files": {
            **step(25_318_432, 1_693_118, does_not_plot=23_000_000, missing=600_000, a=1, b=25_313),
            "paper_in": 25_300_000,
        },
        "validate/files": step(1_693_118, 105_333, 105_000, error=1_587_785),
        "assemble": step(
            105_333, 0, **{f"a_rather_long_reason_number_{i}": i + 1 for i in range(9)}
        ),
    },
    "charts": {"collect_charts": step(0, 0)},
}


def pixels(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


@pytest.mark.parametrize("funnel", [SMALL, LARGE], ids=["small", "large"])
def test_1200_pixels_with_a_white_margin(funnel: Any) -> None:
    image = pixels(funnel_png(funnel))
    width, height = image.size
    assert width == 1200
    assert 20 < height < 3000
    ink = image.point(lambda value: 255 if value < 250 else 0).getbbox()
    assert ink is not None
    left, top, right, bottom = ink
    assert left >= 20 and right <= width - 10 and top >= 10 and bottom <= height - 10


def test_each_stage_with_its_numbers_and_reasons() -> None:
    figure = Figure(figsize=(12, 8))
    draw(figure, LARGE)
    ours, papers = figure.axes[:2]
    names = [label.get_text() for label in ours.get_yticklabels()]
    assert names == ["found", "collect_files", "validate", "assemble"]
    assert texts(ours) == [
        "25,318,432  (100 %)",
        "1,693,118  (7 %)",
        "105,333  (0.4 %)",
        "0  (0 %)",
        "rejected: does_not_plot 23,000,000, missing 600,000, b 25,313, 1 more reasons 1",
        "rejected: error 1,587,785",
        "rejected: a_rather_long_reason_number_8 9, a_rather_long_reason_number_7 8, "
        "a_rather_long_reason_number_6 7, 6 more reasons 21",
    ]
    assert texts(papers) == ["25,300,000  (100 %)", "not given", "105,000  (0.4 %)", "not given"]


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(
    ("count", "whole", "text"),
    [
        (5, 5, "(100 %)"),
        (1, 3, "(33 %)"),
        (95, 1000, "(10 %)"),
        (94, 1000, "(9 %)"),
        (105_000, 25_300_000, "(0.4 %)"),
        (30, 116_814, "(0.03 %)"),
        (0, 7, "(0 %)"),
        (0, 0, ""),
    ],
)
def test_shares(count: int, whole: int, text: str) -> None:
    assert _share(count, whole) == text


def test_the_longest_bar_is_the_first_of_its_column() -> None:
    image = Image.open(io.BytesIO(funnel_png(SMALL))).convert("RGB")
    colour = (0xB3, 0x5C, 0x00)
    rows = [
        sum(image.getpixel((x, y)) == colour for x in range(1200)) for y in range(image.size[1])
    ]
    lengths = [n for n, before in zip(rows[1:], rows, strict=False) if n and not before]
    assert lengths[0] == lengths[1] > 200
    assert lengths[2] == pytest.approx(lengths[0] * 37 / 48, abs=2)


def test_same_bytes_in_another_process_and_whatever_the_style() -> None:
    program = (
        "import sys, matplotlib; matplotlib.rcParams.update({'font.size': 30, 'savefig.dpi': 50,"
        " 'font.family': 'serif', 'axes.facecolor': 'black'});"
        "from test_picture import LARGE; from viscode.dataset.funnel import funnel_png;"
        "sys.stdout.buffer.write(funnel_png(LARGE)); assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == funnel_png(LARGE)
