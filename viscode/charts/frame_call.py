"""The call that draws a chart sample's data: what each parameter of a function gets.

The frame goes to the parameter that is annotated as one, named like one, or used as only a frame is
used; a parameter that the code loads from gets the file's name, one that it parses the CSV text.
For all others see supplied; a required parameter that nothing can be given for is `Missing`.
"""

import ast
import json
import re
from dataclasses import dataclass
from typing import Literal

from viscode.charts.plotfunction import Plotter, Step
from viscode.charts.supplied import (
    IMAGE_FILE,
    Facts,
    Parameter,
    nodes,
    parameters,
    receivers,
    supplied,
)

DATA_FILE, TEXT_NAME = "data.csv", "csv_text"
Data = Literal["frame", "path", "text"]
DATA_VALUES: dict[Data, str] = {"frame": "df", "path": f'"{DATA_FILE}"', "text": TEXT_NAME}

FRAME_PARAMETER = re.compile(
    r"(?:\w+_)?(?:df|dataframe|data_?frame|frame|data|table|csv)\d?", re.IGNORECASE
)
FRAME_ANNOTATION = re.compile(
    r"['\"]?(?:Optional\[)?(?:(?P<root>\w+)\.)?(?:\w+\.)*DataFrame\]?(?: \| None)?['\"]?"
)
VAGUE_ANNOTATIONS = frozenset({"", "Any", "typing.Any", "object"})
FRAME_ATTRIBUTES = frozenset(
    {
        "columns",
        "groupby",
        "iloc",
        "loc",
        "iterrows",
        "itertuples",
        "pivot",
        "pivot_table",
        "set_index",
        "melt",
        "dropna",
        "to_dict",
        "sort_values",
        "value_counts",
    }
)
LOADERS = frozenset({"pandas.read_csv", "pandas.read_table"})


@dataclass(frozen=True)
class Call:
    """`text` is the expression. What it needs: `frame` is the variable that must hold the frame
    ("" for none), `reads_text` that TEXT_NAME holds the CSV text, `axes` are the new figure and
    axes among its arguments ("fig", "ax"); `saves` says that it is told to write IMAGE_FILE."""

    text: str
    frame: str
    reads_text: bool = False
    axes: tuple[str, ...] = ()
    saves: bool = False


@dataclass(frozen=True)
class Missing:
    """A required parameter that nothing can be given for."""

    parameter: str


def frame_call(plotter: Plotter, facts: Facts) -> Call | Missing | None:
    """The call by which the plotter draws the data; None when it takes none."""
    chosen = _data_parameter(plotter, facts)
    if chosen is None:
        wants = any(parameter.required for step in plotter.steps for parameter in parameters(step))
        own = None if wants else _own_frame(plotter, facts)
        return None if own is None else Call(_text(plotter, [[] for _ in plotter.steps]), own)
    place, parameter, data = chosen
    given: list[list[tuple[str, str]]] = []
    for position, step in enumerate(plotter.steps):
        held = (parameter, DATA_VALUES[data]) if position == place else None
        arguments = _arguments(step, held, facts)
        if isinstance(arguments, Missing):
            return arguments
        given.append(arguments)
    values = {value for arguments in given for _, value in arguments}
    return Call(
        _text(plotter, given),
        frame="df" if data == "frame" else "",
        reads_text=data == "text",
        axes=tuple(name for name in ("fig", "ax") if name in values),
        saves=json.dumps(IMAGE_FILE) in values,
    )


def _text(plotter: Plotter, given: list[list[tuple[str, str]]]) -> str:
    return ".".join(
        f"{step.name}({', '.join(keyword + value for keyword, value in arguments)})"
        for step, arguments in zip(plotter.steps, given, strict=True)
    )


def _data_parameter(plotter: Plotter, facts: Facts) -> tuple[int, Parameter, Data] | None:
    """(step, parameter, what it gets): a required one before an optional one, then the first."""
    found = [
        (place, parameter, data)
        for place, step in enumerate(plotter.steps)
        for parameter in parameters(step)
        if parameter.kind != "rest" and (data := _data_of(parameter, step, facts.bound))
    ]
    if found:
        return min(found, key=lambda entry: not entry[1].required)
    if not plotter.usual:
        return None
    unknown = [
        parameter
        for parameter in parameters(plotter.steps[0])
        if (parameter.required or parameter.kind == "rest")
        and parameter.annotation in VAGUE_ANNOTATIONS
        and supplied(parameter, plotter.steps[0], facts) is None
    ]
    return (0, unknown[0], "frame") if unknown else None


def _data_of(parameter: Parameter, step: Step, bound: dict[str, str]) -> Data | None:
    given_to = receivers(parameter.name, step, bound)
    if not LOADERS.isdisjoint(given_to):
        return "path"
    if "io.StringIO" in given_to:
        return "text"
    return "frame" if _is_frame(parameter, step, bound) else None


def _is_frame(parameter: Parameter, step: Step, bound: dict[str, str]) -> bool:
    if parameter.annotation not in VAGUE_ANNOTATIONS:
        named = FRAME_ANNOTATION.fullmatch(parameter.annotation)
        root = named["root"] if named else None
        return named is not None and bound.get(root or "", "pandas").startswith("pandas")
    if FRAME_PARAMETER.fullmatch(parameter.name):
        return True
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == parameter.name
        and node.attr in FRAME_ATTRIBUTES
        for node in nodes(step)
    )


def _own_frame(plotter: Plotter, facts: Facts) -> str | None:
    """For a call without data: the unbound variable that it reads as a frame, "" where the code
    loads the file itself, None where it does neither."""
    used = [node for step in plotter.steps for node in nodes(step)]
    names = [node for node in used if isinstance(node, ast.Name)]
    stored = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    arguments = {node.arg for node in used if isinstance(node, ast.arg)}
    free = {name.id for name in names} - stored - arguments - facts.names
    frames = sorted(name for name in free if FRAME_PARAMETER.fullmatch(name))
    return frames[0] if frames else "" if facts.loads_file else None


def _arguments(
    step: Step, held: tuple[Parameter, str] | None, facts: Facts
) -> list[tuple[str, str]] | Missing:
    """(keyword with its "=" or "", value) of each argument; optional parameters keep their
    defaults."""
    given: list[tuple[str, str]] = []
    skipped = False
    for parameter in parameters(step):
        value = held[1] if held and parameter == held[0] else None
        if value is None and not parameter.required:
            skipped = skipped or parameter.kind != "keyword"
            continue
        value = value or supplied(parameter, step, facts)
        by_name = parameter.kind == "keyword" or skipped
        if value is None or (by_name and parameter.kind in ("positional_only", "rest")):
            return Missing(parameter.name)
        given.append((f"{parameter.name}=" if by_name else "", value))
    return given
