"""Validated blocks -> instruction samples (paper 3.1), the step of stage write_instructions.

Method `facts` writes all components without a model. What it says of plot, style and data comes
from the figure facts, which were recorded when the script ran, and from the CSV (`charts`); the
libraries are the code's imports, and the data lines (`files`) are quoted from the code. Line
widths, fonts and exact positions stay unsaid. Method `model` (viscode/instruct/ask_model.py) has a
language model write them and fills the same template.

The three prompts of Appendix A stand word for word in prompts/. Restored from the extracted text of
the paper: the triple backticks around "python ..." in extract_code.txt, and there the line break in
front of "Code:". The lines "Model: ..." above the prompts (where the extraction reads GPT-40 for
GPT-4o) name the model and are not part of them.
"""

import ast
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from viscode.core.outcomes import Kept, Rejected, Tally
from viscode.core.progress import stage_line
from viscode.core.records import InstructionSample, ValidatedBlock
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import transform, write_outcomes
from viscode.execution.facts import FigureFacts, as_list
from viscode.instruct.ask_model import InstructionWriter
from viscode.instruct.axes_phrases import drawn_figures
from viscode.instruct.computed_words import Words
from viscode.instruct.csv_data import describe_csv, plotted_columns, preview_rows
from viscode.instruct.describe_data import describe_mock_data
from viscode.instruct.layout import describe_layout
from viscode.instruct.mockdata import mock_data
from viscode.instruct.sample import (
    MOCK_DATA,
    InstructReason,
    assemble,
    preview_sentence,
    sample_of,
    shown_image,
)
from viscode.instruct.setup import describe_setup
from viscode.instruct.style import describe_style
from viscode.libraries.origins import Origins
from viscode.llm.asking import model_line
from viscode.settings.instruct import InstructSettings
from viscode.text.python_text import ParseFailure, parse

if TYPE_CHECKING:
    from viscode.llm.clients import OpenedModel


def write_instructions(folder: Path, out: Path, settings: InstructSettings) -> Tally:
    """Read the validated blocks in `folder`, write the samples and outcomes to `out`.

    Raises:
        UserError: the model cannot be reached, costs too much, or failed; answers are kept.
    """
    if settings.method == "facts":
        blocks = read_table(folder, ValidatedBlock)
        line = stage_line("blocks", count_rows(folder), out.name)
        return transform(blocks, step_of(settings), InstructionSample, out, line)
    from viscode.llm.clients import open_client  # client libraries load only where one is asked

    with open_client(settings.client, settings.model, purpose="instruct") as opened:
        return write_by_model(folder, out, settings, opened)


def write_by_model(
    folder: Path, out: Path, settings: InstructSettings, opened: "OpenedModel"
) -> Tally:
    """Method `model`: ask for the instruction of each block.

    Raises:
        UserError: before anything is sent, when it would go over the budget; at the end, when
            calls failed. Nothing is written to `out` then.
    """
    writer = InstructionWriter(settings, opened.identity)
    opened.refuse_if_over_budget(
        writer.request_of(block, 0) for block in read_table(folder, ValidatedBlock)
    )
    verdicts = writer.verdicts(read_table(folder, ValidatedBlock), opened.client)
    name = f"write_instructions/{folder.name}"
    line = model_line(name, count_rows(folder), opened.budget, opened.client)
    return write_outcomes(verdicts, InstructionSample, out, line)


def step_of(
    settings: InstructSettings,
) -> Callable[[ValidatedBlock], Kept[InstructionSample] | Rejected]:
    """Method `facts`: the pure function from one block to its sample or its reason."""

    def step(block: ValidatedBlock) -> Kept[InstructionSample] | Rejected:
        try:
            known = as_list(block.facts)
        except ValueError:
            return Rejected(InstructReason.MALFORMED_FACTS, block.facts)
        figures = drawn_figures(known)
        if not figures:
            return Rejected(InstructReason.NO_FACTS, f"{len(block.images)} images")
        if block.source == "charts" and not block.data_csv.strip():
            return Rejected(InstructReason.NO_DATA, "the chart has no CSV")
        text = instruction_of(block, figures, settings)
        return Kept([sample_of(block, text, shown_image(known), settings.method)])

    return step


def instruction_of(
    block: ValidatedBlock, figures: Sequence[FigureFacts], settings: InstructSettings
) -> str:
    """The instruction from facts, imports and data."""
    key, tree, columns = block.id, parse(block.code), ""
    tree = ast.Module([], []) if isinstance(tree, ParseFailure) else tree
    origins = Origins(tree)
    if block.source == "charts":
        data, rows = preview_rows(block.data_csv, settings.preview_rows)
        introduction, about = preview_sentence(rows), describe_csv(key, block.data_csv)
        columns = plotted_columns(figures, block.data_csv)
    else:
        made = mock_data(block.code, tree)
        data, introduction = made.lines, MOCK_DATA
        computed = Words(tree, origins).entries(made.computed, made.drawn)
        about = describe_mock_data(key, figures, given=bool(data), computed=computed)
    return assemble(
        plot=describe_layout(key, figures, columns),
        setup=describe_setup(key, origins, block.libraries),
        about=about,
        introduction=introduction,
        data=data,
        style=describe_style(key, figures),
    )
