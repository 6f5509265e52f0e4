"""The chat form of every sample, and the words and the code in it.

An instruction sample becomes one user message and one assistant message, whose content is the
code in a ```python fence; a dialogue keeps its messages. The chat keeps the sample's id, and
points to the block (or is the dialogue) that it came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
from viscode.text.markdown import FencedBlock, read_blocks, read_document


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


@dataclass(frozen=True)
class SampleParts:
    """`codes`: the script, or the fenced blocks of a dialogue that are Python or may be
    (viscode.dialogues.language). `fences`: all other fenced blocks, in an instruction too: data,
    output, code under another label. `outside`: what stands outside of fences, by message."""

    codes: tuple[str, ...]
    fences: tuple[str, ...]
    outside: tuple[str, ...]


def parts_of(sample: SampleText) -> SampleParts:
    """A sample's texts, apart."""
    if isinstance(sample, Dialogue):
        codes: tuple[str, ...] = ()
        messages = [read_document(message.content) for message in sample.messages]
    else:
        codes, messages = (sample.code,), [read_document(sample.instruction)]
    others: list[str] = []
    for block in (block for message in messages for block in message.blocks):
        if isinstance(sample, Dialogue) and _may_be_python(block):
            codes += (block.code,)
        else:
            others.append(block.code)
    return SampleParts(codes, tuple(others), tuple(message.outside for message in messages))


def codes_of(sample: SampleText) -> Sequence[str]:
    """The code in a sample, as `SampleParts` has it."""
    return parts_of(sample).codes if isinstance(sample, Dialogue) else [sample.code]


def codes_in(content: str) -> Sequence[str]:
    """The fenced blocks of a message that are Python or may be."""
    return [block.code for block in read_blocks(content) if _may_be_python(block)]


def _may_be_python(block: FencedBlock) -> bool:
    return language_of(block) in (PYTHON, UNKNOWN)


def text_of(sample: SampleText) -> str:
    """What a user says in a sample, on whose words decontamination looks."""
    if not isinstance(sample, Dialogue):
        return sample.instruction
    return "\n".join(m.content for m in sample.messages if m.role == "user")
