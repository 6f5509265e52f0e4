"""The instruction's fixed template (paper 3.1), the same for every method and both sources.

    [Plot Description]
    [Setup]
    [Data Description]
    The mock data shows below:   or   The first two rows of the data are shown below:
    [Data]
    [Plot Style Description]

Each part starts on a new line. Without data the sentence and the part are left out. The two
sentences are the paper's, its English included: models meet them in this form.
"""

from dataclasses import dataclass

from viscode.instruct.words import number

MOCK_DATA = "The mock data shows below:"


@dataclass(frozen=True)
class InstructionParts:
    """The five components; `introduction` is the sentence above `data`, "" without data."""

    plot: str
    setup: str
    data_description: str
    introduction: str
    data: str
    style: str


def preview_sentence(rows: int) -> str:
    """The charts' sentence; with two rows exactly the paper's."""
    if rows == 0:
        return "The header of the data is shown below:"
    if rows == 1:
        return "The first row of the data is shown below:"
    return f"The first {number(rows)} rows of the data are shown below:"


def assemble(parts: InstructionParts) -> str:
    """The instruction's text.

    Raises:
        ValueError: a part is empty that the template needs.
    """
    for name in ("plot", "setup", "data_description", "style"):
        if not getattr(parts, name).strip():
            raise ValueError(f"the template has no {name}")
    data = [parts.introduction, parts.data] if parts.data else []
    return "\n".join([parts.plot, parts.setup, parts.data_description, *data, parts.style])
