"""What a batch's result files say about each request, and what a failed batch says about itself.

Lines come in any order, may be missing, doubled or unreadable. What cannot be matched to a request
is skipped: the request then counts as unanswered.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openai.types import Batch
from openai.types.batch_error import BatchError
from pydantic import BaseModel, ValidationError

from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.replies import read_reply
from viscode.llm.request import Request
from viscode.llm.servers import CallAction, action_for

ENDED = ("completed", "expired", "cancelled", "failed")
PASSING_CODES = ("server_error", "internal_error", "timeout", "rate_limit")


class _Error(BaseModel):
    code: str | int | None = None
    message: str | None = None

    def __str__(self) -> str:
        return f"{self.code or 'error'}: {self.message or ''}"


class _Response(BaseModel):
    status_code: int
    body: Any = None


class ResultLine(BaseModel):
    """A line of an output or error file."""

    custom_id: str
    response: _Response | None = None
    error: _Error | None = None


@dataclass(frozen=True)
class Passing:
    """No result, for a reason that may not be there next time."""

    detail: str


def result_lines(content: bytes) -> Iterator[ResultLine]:
    """The lines of a file that name a request. `json` reads them because it lets lone surrogates
    through; pydantic would take the whole line for malformed."""
    for line in io.BytesIO(content):
        try:
            yield ResultLine.model_validate(json.loads(line))
        except (ValueError, ValidationError, RecursionError):
            continue


def read_line(request: Request, line: ResultLine) -> ModelOutcome | Passing:
    """The outcome that a line is for its request, or why it should be asked again."""
    response = line.response
    if response is not None and response.status_code < 400:
        return read_reply(request, json.dumps(response.body))
    status = response.status_code if response is not None else None  # never reached the model
    error = line.error or _error_in(response)
    match action_for(status, error.code):
        case CallAction.FILTERED:
            return Failure(kind=FailureKind.FILTERED, detail=str(error))
        case CallAction.STOP:
            return Failure(kind=FailureKind.FAILED, detail=f"status {status}, {error}")
    return Passing(str(error))


def _error_in(response: _Response | None) -> _Error:
    if response is None:
        return _Error(message="neither response nor error in the result")
    try:
        return _Error.model_validate(response.body["error"])
    except (TypeError, KeyError, ValidationError):
        return _Error(code=response.status_code, message=json.dumps(response.body)[:300])


def complaint(batch: Batch) -> str:
    """What the provider says about the batch as a whole, "" when nothing."""
    errors = _errors(batch)
    said = [
        f"{error.code}: {error.message}" + (f" (line {error.line})" if error.line else "")
        for error in errors[:3]
    ]
    return "; ".join(said) + (f"; and {len(errors) - 3} more" if len(errors) > 3 else "")


def queue_is_full(batch: Batch) -> bool:
    """Whether the batch was turned away because too many tokens wait already."""
    return batch.status == "failed" and any(
        error.code == "token_limit_exceeded" or "enqueued" in (error.message or "").lower()
        for error in _errors(batch)
    )


def is_invalid(batch: Batch) -> bool:
    """Whether the provider found fault with the file itself, which asking again would not help."""
    return batch.status == "failed" and any(
        not any(code in (error.code or "").lower() for code in PASSING_CODES)
        for error in _errors(batch)
    )


def _errors(batch: Batch) -> list[BatchError]:
    return (batch.errors and batch.errors.data) or []
