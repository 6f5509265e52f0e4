"""What of a model's text is its answer: without reasoning, without what chat templates add.

A model that is served without its stop token goes on behind its answer, often with a next turn that
it makes up; one that reasons first writes drafts. Both are left out.
"""

import re
from dataclasses import dataclass

BOM = "\ufeff"
STOPS = (
    *("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|endoftext|>", "<|end_of_text|>", "<|end|>"),
    *(
        "<|return|>",
        "<|call|>",
        "<|eot|>",
        "<|EOT|>",
        "<|eos|>",
        "<|endofturn|>",
        "<|end_of_turn|>",
    ),
    *("<|end_of_sentence|>", "<|END_OF_TURN_TOKEN|>", "<|eo_turn|>", "<｜end▁of▁sentence｜>"),
    *("<|end▁of▁sentence|>", "<|endofmessage|>", "<|message_end|>", "<|end_of_message|>"),
    *("<|file_separator|>", "<|im_user|>", "<|user|>", "<|im_start|>user"),
    *("<|start_header_id|>user", "<start_of_turn>user", "</s>", "<eos>", "<EOS>", "<eot>", "<EOT>"),
    *("<eod>", "<EOD>", "[/INST]", "[INST]", "<end_of_turn>", "<end_of_utterance>"),
    *("<end_of_text>", "<pad>"),
)
"""Tokens of chat templates that end an answer or begin the next turn."""
ASSISTANT = r"<\|(?:im_start|start_header_id|start)\|>\s*assistant|<start_of_turn>model"
STOP = re.compile(
    r"'(?:[^'\\\n]|\\.){0,200}+'|\"(?:[^\"\\\n]|\\.){0,200}+\""
    rf"|(?P<stop>{'|'.join(map(re.escape, STOPS))})(?!\s*+(?:{ASSISTANT}))"
)
"""Where an answer ends: not in a string, where a title may have such a form. gpt-oss ends its
reasoning by <|end|> and then begins its answer."""
START = re.compile(
    rf"(?:\s*+(?:<s>|<bos>|<\|begin_of_text\|>|<｜begin▁of▁sentence｜>|<\|end_header_id\|>"
    rf"|<\|assistant\|>|{ASSISTANT}))*+"
)
REASONED = re.compile(
    r"</(?:think|thinking|thought|reasoning)>|\[/THINK\]|◁/think▷|<\|channel\|>final<\|message\|>"
)
"""Where reasoning ends."""


@dataclass(frozen=True)
class AnswerText:
    """`text`: what was said. `final`: what of it stands behind the reasoning, the same without
    any. `stopped`: whether a stop token stood in it."""

    text: str
    final: str
    stopped: bool


def answer_text(answer: str) -> AnswerText:
    """The answer, without a byte order mark, up to its first stop token."""
    text = answer.removeprefix(BOM)
    stop = next((found for found in STOP.finditer(text) if found["stop"]), None)
    said = text[: stop.start()] if stop else text
    if started := START.match(said):
        said = said[started.end() :]
    ends = [found.end() for found in REASONED.finditer(said)]
    return AnswerText(said, said[ends[-1] :] if ends else said, stop is not None)
