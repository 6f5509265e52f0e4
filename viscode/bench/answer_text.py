"""What of a model's text is its answer: without reasoning, without what chat templates add.

A model that is served without its stop token goes on after its answer, often with a next turn that
it makes up; one that reasons first writes drafts. Both are left out.
"""

import re
from dataclasses import dataclass

from viscode.core.textfile import MARK

ASSISTANT = r"<\|(?:im_start|start_header_id|start)\|>\s*assistant|<start_of_turn>model"
INNER = (
    r"(?:begin|start)_of_(?:solution|thought)|end_of_thought|(?:start|end)_thinking|start_response"
    r"|start|channel|message|constrain"
)
"""Tokens that part reasoning from an answer, or stand in the head of one."""
TOKEN = (
    rf"<(?P<bar>[|｜])(?!(?i:{INNER}|end)(?P=bar)>)/?[^\W\d][\w▁ ]{{0,40}}+(?P=bar)>"
    r"|<\|(?i:end)\|>(?!\s*+<\|start\|>\s*+assistant)|<\|start\|>(?!\s*+assistant)"
    r"|\[\|endofturn\|\]|<turn\|>|\[e~\[|\[/?INST\]|\[EOS\](?=\s|\[EOS\]|\Z)"
    r"|</[sS]>|<s>(?=\[INST\]|\s*+\Z)"
    r"|<(?:start|end)_of_(?:turn|text|sentence|utterance)>|<im_(?:start|end)>"
    r"|<(?:eo[sdt]|EO[SDT]|pad)>|<(?:unused|reserved_|extra_id_|SPECIAL_)\d+>"
)
STOP = re.compile(
    r"'(?:[^'\\\n]|\\.){0,200}+'|\"(?:[^\"\\\n]|\\.){0,200}+\""
    rf"|(?P<stop>{TOKEN})"
)
"""Where an answer ends: a special token of a chat template, none of which is Python. Not in a
string, where a title may have such a form. gpt-oss ends its reasoning by <|end|> and then begins
its answer."""
START = re.compile(
    rf"(?:\s*+(?:<s>|<bos>|<\|begin_of_text\|>|<｜begin▁of▁sentence｜>|<\|end_header_id\|>"
    rf"|<\|assistant\|>|{ASSISTANT}))*+"
)
REASONED = re.compile(
    r"</(?:\w+:)?(?i:think|thinking|thought|reasoning)>|\[/THINK\]|◁/think▷|<channel\|>"
    r"|<\|(?i:end_of_thought|end_thinking|begin_of_solution|start_response)\|>"
    r"|<\|channel\|>final<\|message\|>"
)
"""Where reasoning ends."""


@dataclass(frozen=True)
class AnswerText:
    """`text`: what was said. `final`: what of it follows the reasoning, the same without
    any. `stopped`: whether a stop token stood in it."""

    text: str
    final: str
    stopped: bool


def answer_text(answer: str) -> AnswerText:
    """The answer, without a byte order mark, up to its first stop token."""
    text = answer.removeprefix(MARK)
    started = START.match(text)
    text = text[started.end() :] if started else text
    stop = next((found for found in STOP.finditer(text) if found["stop"]), None)
    said = text[: stop.start()] if stop else text
    ends = [found.end() for found in REASONED.finditer(said)]
    return AnswerText(said, said[ends[-1] :] if ends else said, stop is not None)
