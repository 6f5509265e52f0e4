import re

import pytest
from figure_examples import axes, block, figure, series, settings

from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import InstructionSample, ValidatedBlock
from viscode.instruct.sample import InstructReason
from viscode.instruct.write import step_of

STEP = step_of(settings())

WAVES = """import numpy as np
import matplotlib.pyplot as plt

np.random.seed(3)
t = np.linspace(0, 10, 200)  # seconds

# what was measured
signal = np.sin(t) + 0.1 * np.random.randn(200)
fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 6))
top.plot(t, signal, "r--", label="noisy")
top.plot(t, np.sin(t), label="clean")
bottom.hist(signal, bins=20)
plt.show()
"""
WAVE_FACTS = figure(
    axes(
        series("line", "noisy", 200, "#ff0000", dash="dashed"),
        series("line", "clean", 200),
        title="Signal",
        legend=["noisy", "clean"],
        grid=True,
    ),
    axes(series("hist", points=20, x=[0, 1], y=[0, 9]), xlabel="value", ylabel="count"),
    suptitle="A signal",
    size_px=[800, 600],
    size_in=[8, 6],
    layout=[2, 1],
)
WAVE_INSTRUCTION = """\
Create a figure with two subplots stacked in one column. The overall title is "A signal". The \
first subplot shows a line plot with two lines, titled "Signal", with a legend with the entries \
"noisy" and "clean". The second subplot shows a histogram with 20 bins, with the x-axis label \
"value" and the y-axis label "count".
The programming language is Python; the plot is made with matplotlib, together with numpy.
The plotted data are one histogram and two lines of 200 points each. From these, compute the sine \
of `t`.
The mock data shows below:
np.random.seed(3)
t = np.linspace(0, 10, 200)  # seconds

# what was measured
signal = np.sin(t) + 0.1 * np.random.randn(200)
Use red for "noisy" and blue for "clean". The histogram bars are blue. Some of the lines are \
dashed. Some of the plots have grid lines. The figure is 8 inches wide and 6 inches high."""

CSV = '\ufeffcity,"temp, C",note\nOslo,-3.5,"two\nlines"\nRome,14,\nCairo,22.5,dry\n'
CHART = """# data.csv: city,"temp, C",note
import pandas as pd
import matplotlib.pyplot as plt
df = pd.read_csv("data.csv")
plt.bar(df["city"], df["temp, C"], color="teal")
plt.show()
"""
CHART_FACTS = figure(
    axes(
        series("bar", points=3, color="#008080", x=[0, 2], y=[-3.5, 22.5]),
        title="Cities",
        xlabel="City",
        ylabel="Temperature (°C)",
    )
)
CHART_INSTRUCTION = """\
Create a bar chart with three bars. Show "temp, C". Give the plot the \
title "Cities". Label the x-axis "City" and the y-axis "Temperature (°C)".
The programming language is Python; the plot is made with matplotlib, together with pandas.
The file data.csv holds three rows and three columns: city (text: Oslo, Rome and Cairo), "temp, \
C" (numbers from -3.5 to 22.5) and note (text: two lines and dry, some missing).
The first two rows of the data are shown below:
city,"temp, C",note
Oslo,-3.5,"two
lines"
Rome,14,
The bars are teal. There are no grid lines."""


def written(of: ValidatedBlock) -> InstructionSample:
    result = STEP(of)
    assert isinstance(result, Kept)
    return result.records[0]


def test_golden_files() -> None:
    assert written(block(WAVES, WAVE_FACTS)).instruction == WAVE_INSTRUCTION


def test_golden_charts() -> None:
    chart = block(CHART, CHART_FACTS, source="charts", data_csv=CSV)
    assert written(chart).instruction == CHART_INSTRUCTION


def test_sample_carries_its_block() -> None:
    of = block(WAVES, None, WAVE_FACTS, WAVE_FACTS)
    sample = written(of)
    assert (sample.parent_id, sample.code, sample.licence) == (of.id, of.code, of.licence)
    assert sample.image == b"png-1"  # the first image of which something is known
    assert sample.instruction == WAVE_INSTRUCTION  # shown and saved: one figure to the reader
    assert sample.id != written(block(WAVES, None, WAVE_FACTS, id="block-2")).id


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (block(WAVES, None, None), InstructReason.NO_FACTS),
        (block(WAVES, figure(axes())), InstructReason.NO_FACTS),
        (block(WAVES, facts="[]"), InstructReason.NO_FACTS),
        (block(WAVES, facts="{"), InstructReason.MALFORMED_FACTS),
        (block(WAVES, facts='[{"version": 4}]'), InstructReason.MALFORMED_FACTS),
        (block(CHART, CHART_FACTS, source="charts", data_csv=" \n"), InstructReason.NO_DATA),
    ],
)
def test_reasons(of: ValidatedBlock, reason: InstructReason) -> None:
    result = STEP(of)
    assert isinstance(result, Rejected)
    assert result.reason == reason


KINDS = (
    "line",
    "scatter",
    "bar",
    "hist",
    "box",
    "violin",
    "heatmap",
    "image",
    "pie",
    "contour",
    "surface",
    "wireframe",
    "polygon",
    "area",
    "errorbar",
    "step",
    "stem",
    "quiver",
    "text",
    "table",
    "other",
)
FORBIDDEN = re.compile(r"matplotlib|pyplot|seaborn|plotly|numpy|pandas|\bplt\b|\bsns\b|\bnp\b|\w\(")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(6))
def test_properties_of_every_kind_and_phrasing(kind: str, number: int) -> None:
    one = axes(series(kind, color="#ff0000"), colorbar=True, annotations=["peak"], yscale="log")
    two = axes(series(kind, "a"), series("line", "b", color="#00ff00"), title="T", legend=["a"])
    layouts = (figure(one), figure(two), figure(one, two), figure(one, two, one, layout=[2, 2]))
    for facts in layouts:
        lines = written(block(WAVES, facts, id=f"id-{number}")).instruction.split("\n")
        plot, setup, about, intro, *data, style = lines
        assert plot.startswith(("Create ", "Generate "))
        assert "Python" in setup and "matplotlib" in setup
        assert about and intro == "The mock data shows below:"
        assert "\n".join(data) in WAVES
        for text in (plot, style):
            assert not FORBIDDEN.search(re.sub(r'"[^"]*"', '""', text)), text
            assert text.endswith((".", "!", "?")) and ".." not in text and "  " not in text
            assert not re.search(r"\ba [aeio]|\ban [^aeiou]|\bone \w+s\b(?! of| shows)", text), text


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "The first row of the data is shown below:"),
        (2, "The first two rows of the data are shown below:"),
        (3, "The first three rows of the data are shown below:"),
        (9, "The first three rows of the data are shown below:"),  # the file has no more
    ],
)
def test_preview_sentence(count: int, sentence: str) -> None:
    step = step_of(settings(preview_rows=count))
    result = step(block(CHART, CHART_FACTS, source="charts", data_csv=CSV))
    assert isinstance(result, Kept)
    assert f"\n{sentence}\ncity," in result.records[0].instruction


def test_code_without_data_says_so_and_leaves_the_sentence_out() -> None:
    text = written(
        block("import matplotlib.pyplot as plt\nplt.plot(range)\n", figure(axes(series("line"))))
    ).instruction
    assert "below:" not in text
    assert "not given" in text or "No data are given" in text
