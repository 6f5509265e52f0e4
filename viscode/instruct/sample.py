"""What both methods of write_instructions share: reasons, the fixed template (paper 3.1), the
image, and the sample's fields. The template:

    [Plot Description]
    [Setup]
    [Data Description]
    The mock data shows below:   or   The first two rows of the data are shown below:
    [Data]
    [Plot Style Description]

Each part starts on a new line. Without data the sentence and the part are left out. The two
sentences are the paper's, its English included: models meet them in this form.
"""

from collections.abc import Sequence
from enum import StrEnum

from viscode.core.hashing import content_id
from viscode.core.records import InstructionSample, ValidatedBlock
from viscode.execution.facts import FigureFacts
from viscode.instruct.axes_phrases import drawn_axes
from viscode.instruct.words import number

MOCK_DATA = "The mock data shows below:"


class InstructReason(StrEnum):
    NO_FACTS = "no_facts"
    """Nothing is known of any image, or no image shows anything that the facts know."""
    MALFORMED_FACTS = "malformed_facts"
    NO_DATA = "no_data"
    """A chart without a CSV: the template cannot be filled."""
    NO_IMAGE = "no_image"
    """There is nothing that a model could look at."""
    HOLDS_SECRETS = "holds_secrets"
    """The code holds keys, addresses or other things that must not leave the machine."""
    WRONG_PARTS = "wrong_parts"
    """The model's parts are not those asked for: missing, doubled, out of order or empty."""
    WRONG_BEGINNING = "wrong_beginning"
    """The model's plot description begins neither with "Generate" nor with "Create"."""
    NAMES_LIBRARY = "names_library"
    """The model's plot or style description names a library or a function."""
    DATA_NOT_VERBATIM = "data_not_verbatim"
    """The model's data-generation lines do not stand in the code."""
    DATA_IS_WHOLE_CODE = "data_is_whole_code"
    """The model copied the whole script as data: the instruction would hold its own solution."""


def preview_sentence(rows: int) -> str:
    """The charts' sentence; with two rows exactly the paper's."""
    if rows == 0:
        return "The header of the data is shown below:"
    if rows == 1:
        return "The first row of the data is shown below:"
    return f"The first {number(rows)} rows of the data are shown below:"


def assemble(*, plot: str, setup: str, about: str, introduction: str, data: str, style: str) -> str:
    """The instruction's text from its components; `introduction` is the sentence above `data`, and
    left out without data."""
    parts = (plot, setup, about, introduction if data else "", data, style)
    return "\n".join(filter(None, parts))


def shown_image(known: Sequence[FigureFacts | None]) -> int:
    """Index of the image that stands for the sample: the first whose figure is known to show
    something, else the first (validated images are not blank)."""
    return next((i for i, figure in enumerate(known) if drawn_axes(figure)), 0)


def sample_of(
    block: ValidatedBlock, instruction: str, image: int, method: str, prompt_hash: str = ""
) -> InstructionSample:
    """The block's sample with this instruction and the image of this index."""
    return InstructionSample(
        id=content_id("instruction", block.id, method, instruction),
        **block.descent(),
        instruction=instruction,
        code=block.code,
        libraries=block.libraries,
        image=block.images[image] if image < len(block.images) else b"",
        facts=block.facts,
        method=method,
        prompt_hash=prompt_hash,
    )
