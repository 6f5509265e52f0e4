"""Rows of published chat data sets: each form that is read, and each that is refused."""

import json
from typing import Any

import pytest

from viscode.corpora.chats import read_messages
from viscode.corpora.fields import BadField
from viscode.corpora.sampling import CollectReason

Row = dict[str, Any]
QUESTION, CODE = "Draw a line.", "```python\nplt.plot([1, 2])\n```"
SAID = [("user", QUESTION), ("assistant", CODE)]
OPEN = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": CODE}]
SHARED = [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": CODE}]


def part(text: str, **more: Any) -> Row:
    return {"type": "text", "text": text, **more}


READ: dict[str, tuple[Row, list[tuple[str, str]]]] = {
    "role and content": ({"messages": OPEN}, SAID),
    "with other fields": ({"messages": OPEN, "language": "python", "system": None}, SAID),
    "under another name": ({"dialogue": OPEN}, SAID),
    "empty in one column, filled in the next": ({"messages": [], "conversation": OPEN}, SAID),
    "null in one column": ({"messages": None, "items": SHARED}, SAID),
    "JSON text": ({"messages": json.dumps(OPEN)}, SAID),
    "an object of lists": (
        {"messages": {"role": ["user", "assistant"], "content": [QUESTION, CODE]}},
        SAID,
    ),
    "from and value": ({"conversations": SHARED}, SAID),
    "from: user": ({"conversations": [{"from": "user", "value": "x"}]}, [("user", "x")]),
    "from: bot": ({"conversations": [{"from": "Bot ", "value": "x"}]}, [("assistant", "x")]),
    "from: assistant": ({"chat": [{"from": "assistant", "value": "x"}]}, [("assistant", "x")]),
    "from: system": (
        {"conversations": [{"from": "system", "value": "Be brief."}, *SHARED]},
        [("system", "Be brief."), *SAID],
    ),
    "system beside the list": (
        {"system": "Be brief.", "conversations": SHARED},
        [("system", "Be brief."), *SAID],
    ),
    "system twice": (
        {"system": "A", "messages": [{"role": "system", "content": "B"}, *OPEN]},
        [("system", "B"), *SAID],
    ),
    "prompter and text": ({"messages": [{"role": "prompter", "text": "x"}]}, [("user", "x")]),
    "developer": ({"messages": [{"role": "developer", "content": "x"}]}, [("system", "x")]),
    "both pairs of names, one null": (
        {"messages": [{"role": None, "from": "human", "content": None, "value": "x"}]},
        [("user", "x")],
    ),
    "no tool is called": (
        {"messages": [{"role": "user", "content": "x", "tool_calls": [], "function_call": None}]},
        [("user", "x")],
    ),
    "one text part": ({"messages": [{"role": "user", "content": [part("x")]}]}, [("user", "x")]),
    "text parts": (
        {"messages": [{"role": "user", "content": [part("Mend it:"), part("```\n1\n```")]}]},
        [("user", "Mend it:\n```\n1\n```")],
    ),
    "text parts with line ends": (
        {"messages": [{"role": "user", "content": [part("a\n"), part("b\n")]}]},
        [("user", "a\nb\n")],
    ),
    "parts as parquet unites them": (
        {"messages": [{"role": "user", "content": [part("x", image_url=None, image=None)]}]},
        [("user", "x")],
    ),
    "input and output parts": (
        {
            "messages": [
                {"role": "user", "content": [{"type": "input_text", "text": "x"}]},
                {"role": "assistant", "content": [{"type": "output_text", "text": "y"}]},
            ]
        },
        [("user", "x"), ("assistant", "y")],
    ),
    "parts without a type, plain texts": (
        {"messages": [{"role": "user", "content": [{"text": "x"}, "y"]}]},
        [("user", "x\ny")],
    ),
    "a part that is no list": (
        {"messages": [{"role": "user", "content": part("x")}]},
        [("user", "x")],
    ),
    "answers of other models": (
        {"conversations": [{"from": "bing", "value": "x"}, {"from": "Claude", "value": "y"}]},
        [("assistant", "x"), ("assistant", "y")],
    ),
    "JSON text with a byte order mark": (
        {"conversations": '\ufeff[{"from": "bard", "value": "x"}]'},
        [("assistant", "x")],
    ),
    "parts in ShareGPT's form": (
        {"conversations": [{"from": "human", "value": [part("x")]}]},
        [("user", "x")],
    ),
    "a text that looks like parts": (
        {"messages": [{"role": "user", "content": '[{"type": "text"}]'}]},
        [("user", '[{"type": "text"}]')],
    ),
    "no parts": ({"messages": [{"role": "user", "content": []}]}, [("user", "")]),
}


@pytest.mark.parametrize(("row", "said"), READ.values(), ids=READ)
def test_forms_that_are_read(row: Row, said: list[tuple[str, str]]) -> None:
    assert [(message.role, message.content) for message in read_messages(row)] == said


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
CALL = [{"id": "1", "type": "function", "function": {"name": "plot", "arguments": "{}"}}]
REFUSED: list[tuple[CollectReason, list[Row], str]] = [
    (
        CollectReason.NOT_TEXT,
        [{"role": "user", "content": [part("x"), IMAGE]}],
        "messages[0].content[1]",
    ),
    (
        CollectReason.NOT_TEXT,
        [{"role": "user", "content": [{"type": "image"}]}],
        "image without text",
    ),
    (
        CollectReason.NOT_TEXT,
        [OPEN[0], {"role": "assistant", "content": [3]}],
        "messages[1].content[0]",
    ),
    (CollectReason.NOT_TEXT, [{"from": "human", "value": [{"type": "input_audio"}]}], "value[0]"),
    (
        CollectReason.NOT_TEXT,
        [{"role": "user", "content": [{"type": "text", "text": None}]}],
        "text without text",
    ),
    (CollectReason.TOOL_MESSAGES, [*OPEN, {"role": "tool", "content": "3"}], "messages[2].role"),
    (
        CollectReason.TOOL_MESSAGES,
        [*OPEN, {"role": "function", "content": "3"}],
        "messages[2].role",
    ),
    (CollectReason.TOOL_MESSAGES, [{"from": "observation", "value": "3"}], "messages[0].from"),
    (CollectReason.TOOL_MESSAGES, [{"from": "function_call", "value": "{}"}], "messages[0].from"),
    (
        CollectReason.TOOL_MESSAGES,
        [OPEN[0], {"role": "assistant", "content": None, "tool_calls": CALL}],
        "messages[1]: calls a tool",
    ),
    (
        CollectReason.TOOL_MESSAGES,
        [{"role": "assistant", "content": [part("x"), {"type": "tool_use", "name": "plot"}]}],
        "tool_use is a tool",
    ),
    (CollectReason.MALFORMED, [{"role": "alien", "content": "x"}], "messages[0].role: none of"),
    (
        CollectReason.MALFORMED,
        [{"role": 3, "content": "x"}],
        "messages[0].role: a string is needed",
    ),
    (CollectReason.MALFORMED, [{"role": "user", "content": None}], "messages[0].content: a string"),
    (
        CollectReason.MALFORMED,
        [{"role": "user", "content": "\ud800"}],
        "messages[0].content: not valid",
    ),
]


@pytest.mark.parametrize(("reason", "messages", "told"), REFUSED)
def test_forms_that_are_refused(reason: CollectReason, messages: list[Row], told: str) -> None:
    with pytest.raises(BadField) as caught:
        read_messages({"messages": messages})
    assert caught.value.reason is reason
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"messages": None},
        {"text": "hi"},
        {"messages": "no JSON"},
        {"messages": "{broken"},
        {"messages": {"role": ["user"], "content": ["x", "y"]}},
        {"conversations": ["hi", "ho"]},
    ],
)
def test_a_row_without_a_list_of_messages(row: Row) -> None:
    with pytest.raises(BadField) as caught:
        read_messages(row)
    assert caught.value.reason is CollectReason.MALFORMED
