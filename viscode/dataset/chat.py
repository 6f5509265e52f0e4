"""The chat form of every sample, and the code in it.

An instruction sample becomes one user message and one assistant message, whose content is the
code in a ```python fence; a dialogue keeps its messages. The chat keeps the sample's id, and
points to the block (or is the dialogue) that it came from.
"""

from collections.abc import Sequence

from viscode.dialogues.fences import split_fences
from viscode.hashing import content_id
from viscode.records import ChatSample, Dialogue, InstructionSample, Message

Sample = InstructionSample | Dialogue
PYTHON = frozenset({"", "python", "python3", "py"})  # labels of fences that may hold Python


def chat_of(sample: Sample) -> ChatSample:
    """The line of the data set that a sample becomes."""
    if isinstance(sample, Dialogue):
        return ChatSample(
            id=sample.id,
            source=sample.source,
            origin=sample.origin,
            licence=sample.licence,
            parent_id=sample.id,
            messages=sample.messages,
            libraries=(),
            image=b"",
            facts="",
        )
    answer = f"```python\n{sample.code.strip(chr(10))}\n```"
    return ChatSample(
        id=sample.id,
        source=sample.source,
        origin=sample.origin,
        licence=sample.licence,
        parent_id=sample.parent_id,
        messages=(
            Message(role="user", content=sample.instruction),
            Message(role="assistant", content=answer),
        ),
        libraries=sample.libraries,
        image=sample.image,
        facts=sample.facts,
    )


def codes_of(sample: Sample) -> Sequence[str]:
    """The code in a sample: its script, or every fenced Python block of a dialogue."""
    if isinstance(sample, InstructionSample):
        return [sample.code]
    fences = (fence for m in sample.messages for fence in split_fences(m.content).fences)
    return [fence.text for fence in fences if fence.label in PYTHON]


def text_of(sample: Sample) -> str:
    """What a user says in a sample, on whose words decontamination looks."""
    if isinstance(sample, InstructionSample):
        return sample.instruction
    return "\n".join(m.content for m in sample.messages if m.role == "user")


def identity(sample: Sample) -> bytes:
    """16 bytes that are equal exactly for duplicates: the script without trailing spaces and
    empty lines, or a dialogue's roles and words whatever the white space."""
    if isinstance(sample, Dialogue):
        parts = [p for m in sample.messages for p in (m.role, " ".join(m.content.split()))]
        return bytes.fromhex(content_id("dialogue", *parts))
    lines = (line.rstrip() for line in sample.code.splitlines())
    return bytes.fromhex(content_id("code", "\n".join(line for line in lines if line)))
