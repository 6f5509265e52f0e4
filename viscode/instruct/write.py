"""Validated blocks -> instruction samples (paper 3.1), the step of stage write_instructions.

Method `facts` writes all components without a model: plot and style from the figure facts, the
data from the code (`files`) or the CSV (`charts`). It sees what the facts hold and no more; line
widths, fonts and exact positions stay unsaid. A method that asks a model returns the same `Parts`
(Appendix A's prompts are prompts/instruct_files.txt and prompts/instruct_charts.txt).

The three prompts of Appendix A stand word for word in prompts/. Restored from the extracted text of
the paper: the triple backticks around "python ..." in extract_code.txt, and there the line break in
front of "Code:". The lines "Model: ..." above the prompts (where the extraction reads GPT-40 for
GPT-4o) name the model and are not part of them.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from viscode.execution.facts import FigureFacts, as_list
from viscode.hashing import content_id
from viscode.instruct.bindings import shown_data
from viscode.instruct.describe_data import describe_csv, describe_mock_data
from viscode.instruct.figures import drawn_axes, drawn_figures
from viscode.instruct.layout import describe_layout
from viscode.instruct.mockdata import find_mock_data, names_in
from viscode.instruct.preview import header_of, preview_rows
from viscode.instruct.setup import describe_setup
from viscode.instruct.style import describe_style
from viscode.instruct.template import MOCK_DATA, Parts, assemble, preview_sentence
from viscode.outcomes import Kept, Rejected, Tally
from viscode.records import InstructionSample, ValidatedBlock
from viscode.settings.instruct import InstructSettings
from viscode.tables import read_table
from viscode.transform import transform


class Reason(StrEnum):
    NO_FACTS = "no_facts"
    """Nothing is known of any image, or no image shows anything that the facts know."""
    MALFORMED_FACTS = "malformed_facts"
    NO_DATA = "no_data"
    """A chart without a CSV: the template cannot be filled."""


def write_instructions(folder: Path, out: Path, settings: InstructSettings) -> Tally:
    """Read the validated blocks in `folder`, write the samples and outcomes to `out`."""
    return transform(read_table(folder, ValidatedBlock), step_of(settings), InstructionSample, out)


def step_of(
    settings: InstructSettings,
) -> Callable[[ValidatedBlock], Kept[InstructionSample] | Rejected]:
    """The pure function from one block to its sample or its reason."""

    def step(block: ValidatedBlock) -> Kept[InstructionSample] | Rejected:
        try:
            known = as_list(block.facts)
        except ValueError:
            return Rejected(Reason.MALFORMED_FACTS, block.facts)
        figures = drawn_figures(known)
        if not figures:
            return Rejected(Reason.NO_FACTS, f"{len(block.images)} images")
        if block.source == "charts" and not block.data_csv.strip():
            return Rejected(Reason.NO_DATA, "the chart has no CSV")
        text = assemble(parts_of(block, figures, settings))
        return Kept([_sample(block, text, _shown(known), settings)])

    return step


def parts_of(
    block: ValidatedBlock, figures: Sequence[FigureFacts], settings: InstructSettings
) -> Parts:
    """The five components from facts and code."""
    key = block.id
    if block.source == "charts":
        data, rows = preview_rows(block.data_csv, settings.preview_rows)
        introduction, about = preview_sentence(rows), describe_csv(key, block.data_csv)
        names, columns = frozenset[str](), frozenset(header_of(block.data_csv))
    else:
        mock = find_mock_data(block.code)
        data, introduction, about = mock.text, MOCK_DATA, describe_mock_data(key, mock)
        names, columns = names_in(mock), frozenset[str]()
    return Parts(
        plot=describe_layout(key, figures, block.code, shown_data(block.code, names, columns)),
        setup=describe_setup(key, block.code, block.libraries),
        data_description=about,
        introduction=introduction if data else "",
        data=data,
        style=describe_style(key, figures, block.code),
    )


def _shown(known: Sequence[FigureFacts | None]) -> int:
    """Index of the image that stands for the sample: the first whose figure shows something."""
    return next(i for i, figure in enumerate(known) if drawn_axes(figure))


def _sample(
    block: ValidatedBlock, instruction: str, image: int, settings: InstructSettings
) -> InstructionSample:
    return InstructionSample(
        id=content_id("instruction", block.id, settings.method, instruction),
        source=block.source,
        origin=block.origin,
        licence=block.licence,
        parent_id=block.id,
        instruction=instruction,
        code=block.code,
        libraries=block.libraries,
        image=block.images[image] if image < len(block.images) else b"",
        facts=block.facts,
        method=settings.method,
    )
