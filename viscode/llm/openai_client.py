"""A model behind an OpenAI-compatible server: hosted, vLLM, llama.cpp.

Key and base URL come from the SDK's own environment variables (OPENAI_API_KEY, OPENAI_BASE_URL),
never from parameters. The SDK's retries are off; ours follow the error's class: too many
requests, server errors and lost connections are tried again with growing, jittered pauses; what
no repetition can mend (key, model name, quota, prompt too long) ends the run with one line.
"""

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Literal

import openai
import tenacity
from pydantic import BaseModel, ValidationError
from tenacity.wait import wait_base

from viscode.errors import UserError
from viscode.llm.client import estimated_tokens
from viscode.llm.outcome import Answer, Failure, FailureKind, ModelOutcome, settled
from viscode.llm.request import Request
from viscode.records import Message

ATTEMPTS = 6
TIMEOUT_S = 300.0
RETRIED = (openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError)
FINISHES: dict[str, Literal["stop", "length"]] = {"stop": "stop", "length": "length"}
WAIT = tenacity.wait_random_exponential(multiplier=1, max=60)


class _Text(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Text
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Reply(BaseModel):
    """What we read of a reply. The SDK's own types take any JSON for a completion."""

    choices: list[_Choice] = []
    usage: _Usage | None = None


class OpenAIClient:
    """Chat completions of one model, `concurrency` at a time."""

    def __init__(self, model: str, concurrency: int, wait: wait_base = WAIT) -> None:
        self.model = model
        self.concurrency = concurrency
        self._ask = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_retrying),
            wait=wait,
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            reraise=True,
        ).wraps(self._ask_once)

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return estimated_tokens(messages)

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
        if not requests:
            return
        _ = self._sdk  # a missing key is an error before the first thread starts
        pool = ThreadPoolExecutor(self.concurrency)
        try:
            asked = {pool.submit(self._outcome, request): request for request in requests}
            for future in as_completed(asked):
                yield asked[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    @functools.cached_property
    def _sdk(self) -> openai.OpenAI:
        try:
            return openai.OpenAI(max_retries=0, timeout=TIMEOUT_S)
        except openai.OpenAIError as error:
            raise UserError(
                f"no API key for model {self.model}",
                where="models in params.yaml",
                todo="set OPENAI_API_KEY (and OPENAI_BASE_URL for a server of your own), or use"
                " client: transformers with a local model",
            ) from error

    def _ask_once(self, request: Request) -> str:
        response = self._sdk.chat.completions.with_raw_response.create(
            model=self.model,
            messages=[_wire(message) for message in request.messages],
            temperature=request.sampling.temperature,
            max_completion_tokens=request.sampling.max_new_tokens,
        )
        return response.text

    def _outcome(self, request: Request) -> ModelOutcome:
        try:
            reply = self._ask(request)
        except RETRIED as error:
            if _quota_spent(error):
                raise _hopeless(self.model, error) from error
            return Failure(kind=FailureKind.FAILED, detail=f"{type(error).__name__}: {error}")
        except openai.APIStatusError as error:
            if error.code == "content_filter":
                return Failure(kind=FailureKind.FILTERED, detail=str(error))
            raise _hopeless(self.model, error) from error
        return _read(request, reply)


def _wire(message: Message) -> openai.types.chat.ChatCompletionMessageParam:
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}


def _worth_retrying(error: BaseException) -> bool:
    return isinstance(error, RETRIED) and not _quota_spent(error)


def _quota_spent(error: BaseException) -> bool:
    return isinstance(error, openai.RateLimitError) and error.code == "insufficient_quota"


def _hopeless(model: str, error: openai.APIError) -> UserError:
    return UserError(
        f"the model server rejected the request: {error}",
        where=f"model {model}",
        todo="correct key, model name, quota or bench.context, then run again",
    )


def _read(request: Request, reply: str) -> ModelOutcome:
    """The outcome that a server's reply is."""
    try:
        parsed = _Reply.model_validate_json(reply)
    except ValidationError as error:
        return Failure(kind=FailureKind.MALFORMED, detail=str(error))
    if not parsed.choices:
        return Failure(kind=FailureKind.MALFORMED, detail="no choices in the reply")
    choice, usage = parsed.choices[0], parsed.usage or _Usage()
    if choice.message.refusal:
        return Failure(kind=FailureKind.REFUSED, detail=choice.message.refusal)
    if choice.finish_reason == "content_filter":
        return Failure(kind=FailureKind.FILTERED)
    finish, text = FINISHES.get(choice.finish_reason or ""), choice.message.content
    if finish is None or text is None:
        return Failure(kind=FailureKind.MALFORMED, detail=f"finish {choice.finish_reason!r}")
    return settled(
        request,
        Answer(
            text=text,
            finish=finish,
            prompt_tokens=usage.prompt_tokens,
            new_tokens=usage.completion_tokens,
        ),
    )
