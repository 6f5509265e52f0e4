"""The key of a model call: fixed for ever, and changed by exactly what determines the answer."""

import pytest

from viscode.core.records import Message
from viscode.llm.request import Request, Sampling, served_identity
from viscode.settings.llm import LlmSettings

SAMPLING = Sampling(temperature=0.0, max_new_tokens=320, stop="python_block")
REQUEST = Request(
    model=served_identity("a-model"),
    sampling=SAMPLING,
    purpose="bench",
    messages=(Message(role="system", content="Be short."), Message(role="user", content="Grüße")),
)
GOLDEN = "04e99ccfa9d062539ee3b8c404643d20ecb39bd83e2c7d58307127922e3f9b87"

GOLDEN_IMAGES = "e84787474232265813f6a6f28e63cff677efd2ee36a0c1ae1a26cf04fb1bb745"


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
        {"sampling": Sampling(temperature=0.1, max_new_tokens=320, stop="python_block")},
        {"sampling": Sampling(temperature=0.0, max_new_tokens=321, stop="python_block")},
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
