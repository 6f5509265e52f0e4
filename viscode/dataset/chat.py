"""The chat form of every sample, and the words and the code in it.

An instruction sample becomes one user message and one assistant message, whose content is the
code in a ```python fence; a dialogue keeps its messages. The chat keeps the sample's id, and
points to the block (or is the dialogue) that it came from.
"""

from collections.abc import Sequence
from typing import Literal

from viscode.dialogues.fences import split_fences
from viscode.records import ChatSample, Dialogue, Identified, InstructionSample, Message, SourceName

PYTHON = frozenset({"", "python", "python3", "py"})  # labels of fences that may hold Python


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
        source=sample.source,
        origin=sample.origin,
        licence=sample.licence,
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


def codes_of(sample: SampleText) -> Sequence[str]:
    """The code in a sample: its script, or every fenced Python block of a dialogue."""
    if not isinstance(sample, Dialogue):
        return [sample.code]
    fences = (fence for m in sample.messages for fence in split_fences(m.content).fences)
    return [fence.text for fence in fences if fence.label in PYTHON]


def text_of(sample: SampleText) -> str:
    """What a user says in a sample, on whose words decontamination looks."""
    if not isinstance(sample, Dialogue):
        return sample.instruction
    return "\n".join(m.content for m in sample.messages if m.role == "user")
