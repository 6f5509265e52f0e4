"""Dialogues as one string, for models that are asked to go on with a text.

`llama3` is the string that the published PandasPlotBench harness sends every open model, Qwen
included: Llama-3's headers, without its begin-of-text token (a Llama tokenizer puts that there
itself). Other models' tokenizers see the headers as ordinary text.
"""

from collections.abc import Sequence

from viscode.core.records import Message

LLAMA3_TURN = "<|start_header_id|>{role}<|end_header_id|>\n\n"
LLAMA3_END = "<|eot_id|>"


def llama3(messages: Sequence[Message]) -> str:
    """The dialogue, up to where the assistant's answer begins."""
    turns = [
        LLAMA3_TURN.format(role=message.role) + message.content + LLAMA3_END for message in messages
    ]
    return "".join([*turns, LLAMA3_TURN.format(role="assistant")])
