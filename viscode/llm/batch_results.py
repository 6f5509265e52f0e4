"""What a batch's result files say about each request, and what a failed batch says about itself.

Lines come in any order, may be missing, doubled or unreadable. What cannot be matched to a request
is skipped: the request then counts as unanswered.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openai.types import Batch
from pydantic import BaseModel, ValidationError

from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.replies import read_reply
from viscode.llm.request import Request

ENDED = ("completed", "expired", "cancelled", "failed")
PASSING_STATUS = (408, 409, 425, 429)  # and all from 500 on
FILTER_CODES = ("content_filter", "content_policy_violation")
PASSING_CODES = ("server_error", "internal_error", "timeout", "rate_limit")


class _Error(BaseModel):
    code: str | int | None = None
    message: str | None = None

    def __str__(self) -> str:
        return f"{self.code or 'error'}: {self.message or ''}"


class _ErrorBody(BaseModel):
    error: _Error


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


def result_lines(lines: Iterable[bytes]) -> Iterator[ResultLine]:
    """The lines that name a request. `json` reads them because it lets lone surrogates through;
    pydantic would take the whole line for malformed."""
    for line in lines:
        try:
            yield ResultLine.model_validate(json.loads(line))
        except (ValueError, ValidationError, RecursionError):
            continue


def read_line(request: Request, line: ResultLine) -> ModelOutcome | Passing:
    """The outcome that a line is for its request, or why it should be asked again."""
    response = line.response
    if response is not None and response.status_code < 400:
        return read_reply(request, json.dumps(response.body))
    error = line.error or _error_in(response)
    if error.code in FILTER_CODES:
        return Failure(kind=FailureKind.FILTERED, detail=str(error))
    status = response.status_code if response else 500  # never reached the model
    if status >= 500 or status in PASSING_STATUS:
        return Passing(str(error))
    return Failure(kind=FailureKind.FAILED, detail=f"status {status}, {error}")


def _error_in(response: _Response | None) -> _Error:
    if response is None:
        return _Error(message="neither response nor error in the result")
    try:
        return _ErrorBody.model_validate(response.body).error
    except ValidationError:
        return _Error(code=response.status_code, message=json.dumps(response.body)[:300])


def complaint(batch: Batch) -> str:
    """What the provider says about the batch as a whole, "" when nothing."""
    errors = (batch.errors and batch.errors.data) or []
    said = [
        f"{error.code}: {error.message}" + (f" (line {error.line})" if error.line else "")
        for error in errors[:3]
    ]
    return "; ".join(said) + (f"; and {len(errors) - 3} more" if len(errors) > 3 else "")


def queue_is_full(batch: Batch) -> bool:
    """Whether the batch was turned away because too many tokens wait already."""
    errors = (batch.errors and batch.errors.data) or []
    return batch.status == "failed" and any(
        error.code == "token_limit_exceeded" or "enqueued" in (error.message or "").lower()
        for error in errors
    )


def is_invalid(batch: Batch) -> bool:
    """Whether the provider found fault with the file itself, which asking again would not help."""
    errors = (batch.errors and batch.errors.data) or []
    return batch.status == "failed" and any(
        not any(code in (error.code or "").lower() for code in PASSING_CODES) for error in errors
    )
