"""Benchmark tasks in the columns that PandasPlotBench has on the hub (paper 4).

Ground truth (`code_plot`, `plots_gt`) and set-up code (`code_data`) may be null: such a task has
no visual score, which is not a score of 0.
"""

import base64
import binascii
import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from viscode.core.hashing import content_id
from viscode.core.jsonl import Row
from viscode.core.outcomes import Tally
from viscode.core.records import Task
from viscode.corpora import fields
from viscode.corpora.corpus import Corpus
from viscode.corpora.rows import collect_rows
from viscode.settings.collect import CollectTasksSettings

DESCRIPTION, STYLE = "task__plot_description", "task__plot_style"
TASK_COLUMNS = (
    *fields.ID_NAMES,
    "code_plot",
    "code_data",
    "data_csv",
    DESCRIPTION,
    STYLE,
    "plots_gt",
)
BAD_IMAGE = (  # what Pillow raises
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def collect_tasks(settings: CollectTasksSettings, out: Path) -> Tally:
    """Write the tasks; see `rows.collect_rows`."""
    return collect_rows(settings, TASK_COLUMNS, task_of, Task, out)


def task_of(row: Row, corpus: Corpus, place: str) -> tuple[str, Task]:
    """One row as a record. Its id covers what a model and its script see, not the ground truth:
    a task that gains one stays the same task.

    Raises:
        BadField: a missing or unusable field.
    """
    number = fields.number(row, fields.id_name(row) or "id")
    description = fields.filled_text(row, DESCRIPTION)
    style = fields.optional_text(row, STYLE) or ""
    data_csv = fields.filled_text(row, "data_csv")
    code_data = fields.optional_text(row, "code_data")
    return str(number), Task(
        id=content_id("tasks", str(number), data_csv, code_data or "", description, style),
        number=number,
        licence=corpus.licence,
        data_csv=data_csv,
        code_data=code_data,
        code_plot=fields.optional_text(row, "code_plot"),
        plot_description=description,
        plot_style=style,
        plots_gt=images_of(row),
    )


def images_of(row: Row) -> tuple[bytes, ...]:
    """The PNG images of `plots_gt`, () for null or no such field.

    Raises:
        BadField: something that is not base64 of an undamaged PNG.
    """
    if row.get("plots_gt") is None:
        return ()
    found = fields.items(row, "plots_gt")
    return tuple(_png(image, f"plots_gt[{i}]") for i, image in enumerate(found))


def _png(image: Any, field: str) -> bytes:
    encoded = fields.text({field: image}, field)
    try:
        # Notebooks break base64 into lines.
        raw = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise fields.BadField(field, f"not base64: {error}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of animations, which are PNG images too
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.open(io.BytesIO(raw), formats=("PNG",)).verify()
            Image.open(io.BytesIO(raw), formats=("PNG",)).load()
    except BAD_IMAGE as error:
        raise fields.BadField(field, "not a PNG image, a damaged or a huge one") from error
    return raw
