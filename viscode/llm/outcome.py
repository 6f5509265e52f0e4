"""What becomes of a model call: an answer, or one kind of failure."""

import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from viscode.core.records import Record
from viscode.llm.request import Request
from viscode.text.markdown import python_block_end


class FailureKind(StrEnum):
    """Why there is no answer. FAILED is the infrastructure's fault, the rest the model's."""

    REFUSED = "refused"
    CUT_OFF = "cut_off"
    FILTERED = "filtered"
    MALFORMED = "malformed"
    FAILED = "failed"


class Answer(Record):
    """The model's text. `finish` "length" means that it was cut at `max_new_tokens`."""

    type: Literal["answer"] = "answer"
    text: str
    finish: Literal["stop", "length"]
    prompt_tokens: int
    new_tokens: int


class Failure(Record):
    """No answer, why, and what the other side said; the tokens that were spent all the same."""

    type: Literal["failure"] = "failure"
    kind: FailureKind
    detail: str = ""
    prompt_tokens: int = 0
    new_tokens: int = 0


ModelOutcome = Answer | Failure
_ADAPTER: TypeAdapter[ModelOutcome] = TypeAdapter(
    Annotated[Answer | Failure, Field(discriminator="type")]
)


def settled(request: Request, answer: Answer) -> ModelOutcome:
    """The outcome that an answer is for this request: cut at its stop rule, free of surrogates
    that no file can hold. A benchmark scores whatever came, so there an answer cut by length is
    final; elsewhere it is a failure to be asked again with more room."""
    text, finish = answer.text.encode("utf-8", "replace").decode("utf-8"), answer.finish
    end = python_block_end(text) if request.sampling.stop == "python_block" else None
    if end is not None:
        text, finish = text[:end], "stop"
    if finish == "length" and request.purpose != "bench":
        return Failure(
            kind=FailureKind.CUT_OFF,
            detail=f"cut at {request.sampling.max_new_tokens} tokens",
            prompt_tokens=answer.prompt_tokens,
            new_tokens=answer.new_tokens,
        )
    return answer.model_copy(update={"text": text, "finish": finish})


def from_bytes(value: bytes) -> ModelOutcome:
    """The outcome in a stored row; what the row says besides it is left out."""
    known = {*Answer.model_fields, *Failure.model_fields}
    row = {name: part for name, part in json.loads(value).items() if name in known}
    return _ADAPTER.validate_json(json.dumps(row))
