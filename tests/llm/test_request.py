"""The key of a model call: fixed for ever, and changed by exactly what determines the answer."""

import pytest

from viscode.llm.request import Request, Sampling, served_identity
from viscode.records import Message

SAMPLING = Sampling(temperature=0.0, max_new_tokens=320, stop="code_block")
REQUEST = Request(
    model=served_identity("a-model"),
    sampling=SAMPLING,
    purpose="bench",
    messages=(Message(role="system", content="Be short."), Message(role="user", content="Grüße")),
)
GOLDEN = "31b986094810e4e4e576bbd766485935109e2aa2bf6078543c6e35af589c0a4b"


def test_golden_key():
    assert REQUEST.key == GOLDEN


def test_key_parts_name_everything_that_counts():
    assert sorted(REQUEST.key_parts()) == ["messages", "model", "sample", "sampling", "version"]


@pytest.mark.parametrize(
    "change",
    [
        {"model": served_identity("another-model")},
        {"messages": REQUEST.messages[::-1]},
        {"messages": REQUEST.messages[:1]},
        {"sampling": Sampling(temperature=0.1, max_new_tokens=320, stop="code_block")},
        {"sampling": Sampling(temperature=0.0, max_new_tokens=321, stop="code_block")},
        {"sampling": Sampling(temperature=0.0, max_new_tokens=320, stop="end")},
        {"sample": 1},
    ],
)
def test_what_determines_the_answer_changes_the_key(change):
    assert REQUEST.model_copy(update=change).key != GOLDEN


def test_the_purpose_does_not():
    assert REQUEST.model_copy(update={"purpose": "extract"}).key == GOLDEN
