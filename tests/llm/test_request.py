"""The key of a model call: fixed for ever, and changed by exactly what determines the answer."""

import pytest

from viscode.llm.request import Request, Sampling, served_identity
from viscode.records import Message
from viscode.settings.llm import LlmSettings

SAMPLING = Sampling(temperature=0.0, max_new_tokens=320, stop="code_block")
REQUEST = Request(
    model=served_identity("a-model"),
    sampling=SAMPLING,
    purpose="bench",
    messages=(Message(role="system", content="Be short."), Message(role="user", content="Grüße")),
)
GOLDEN = "31b986094810e4e4e576bbd766485935109e2aa2bf6078543c6e35af589c0a4b"

GOLDEN_IMAGES = "b767068c9ce4edcc226f45d3a8b41ff042097efcc3df4f4d0a226e99c2d35021"


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
        {"images": (b"png",)},
    ],
)
def test_what_determines_the_answer_changes_the_key(change):
    assert REQUEST.model_copy(update=change).key != GOLDEN


def test_the_purpose_does_not():
    assert REQUEST.model_copy(update={"purpose": "extract"}).key == GOLDEN


def test_golden_key_with_images():
    with_images = REQUEST.model_copy(update={"images": (b"one", b"two")})
    assert with_images.key == GOLDEN_IMAGES
    assert with_images.model_copy(update={"images": (b"two", b"one")}).key != GOLDEN_IMAGES


def test_nothing_of_how_it_is_asked_is_in_a_request():
    """Concurrency, time limits, attempts and rates stand in settings that a key never sees."""
    assert not set(LlmSettings.model_fields) & {*Request.model_fields, *Sampling.model_fields}
