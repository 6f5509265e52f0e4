"""What the prompt says of the data frame: the six descriptors of PandasPlotBench."""

from collections.abc import Callable

import pandas as pd

DESCRIPTOR_CHARS = 4000


def describe(frame: pd.DataFrame, descriptor: str) -> str:
    """What the prompt says of the data frame, cut to 4,000 characters."""
    return DESCRIPTORS[descriptor](frame)[:DESCRIPTOR_CHARS]


def _head(frame: pd.DataFrame) -> str:
    rows, columns = frame.shape
    kinds = ", ".join(f"{name} ({kind})" for name, kind in columns_and_types(frame))
    return "\n".join(
        [
            f"{rows} rows, {columns} columns",
            f"Columns and types: {kinds}",
            f"First rows: {frame.head().to_json()}",
        ]
    )


def columns_and_types(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Column names with the types that the answer's code will see: the environment of the
    plots has a pandas whose text columns are of type object, ours calls them str."""
    kinds = [str(kind) for kind in frame.dtypes]
    names = [str(name) for name in frame.columns]
    return [
        (name, "object" if kind == "str" else kind) for name, kind in zip(names, kinds, strict=True)
    ]


def _describe(frame: pd.DataFrame) -> str:
    if frame.shape[1] == 0:
        return "an empty data frame"
    return frame.describe(include="all").to_string()


def _empty(frame: pd.DataFrame) -> str:
    return ""


DESCRIPTORS: dict[str, Callable[[pd.DataFrame], str]] = {
    "head": _head,
    "describe": _describe,
    "empty": _empty,
}
