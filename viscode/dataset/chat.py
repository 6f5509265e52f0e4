"""The chat form of every sample, and the code in it.

An instruction sample becomes one user message and one assistant message, whose content is the
code in a ```python fence; a dialogue keeps its messages. The chat keeps the sample's id, and
points to the block (or is the dialogue) that it came from.
"""

from typing import Literal

from viscode.core.records import (
    ChatSample,
    Dialogue,
    Identified,
    InstructionSample,
    Message,
    SourceName,
)
from viscode.dialogues.language import PYTHON, UNKNOWN, language_of
from viscode.text.markdown import read_blocks


class InstructionText(Identified):
    """The columns of an InstructionSample that say what it teaches; spares reading its image."""

    source: SourceName
    instruction: str
    code: str


Sample = InstructionSample | Dialogue
SampleText = Sample | InstructionText


def messages_of(sample: Sample) -> tuple[Message, ...]:
    """What the model sees and says."""
    if isinstance(sample, Dialogue):
        return sample.messages
    answer = f"```python\n{sample.code.strip(chr(10))}\n```"
    return (
        Message(role="user", content=sample.instruction),
        Message(role="assistant", content=answer),
    )


def chat_of(sample: Sample, tokens: int, split: Literal["train", "validation"]) -> ChatSample:
    """The line of the data set that a sample becomes."""
    written = sample if isinstance(sample, InstructionSample) else None
    return ChatSample(
        id=sample.id,
        **sample.provenance(),
        parent_id=written.parent_id if written else sample.id,
        messages=messages_of(sample),
        libraries=written.libraries if written else (),
        image=written.image if written else b"",
        facts=written.facts if written else "",
        method=written.method if written else "",
        prompt_hash=written.prompt_hash if written else "",
        tokens=tokens,
        split=split,
    )


def codes_of(sample: SampleText) -> list[str]:
    """The script of a sample, or the Python in all messages of a dialogue."""
    if not isinstance(sample, Dialogue):
        return [sample.code]
    return [code for message in sample.messages for code in codes_in(message.content)]


def codes_in(content: str) -> list[str]:
    """The fenced blocks of a message that are Python or may be."""
    return [b.code for b in read_blocks(content) if language_of(b) in (PYTHON, UNKNOWN)]
