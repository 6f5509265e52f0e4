"""What goes over the wire to an OpenAI-compatible server, and how its reply is read.

Pure functions over text, shared by whoever carries it: a call at a time, or files of a batch. The
SDK's own types take any JSON for a completion, so what we read of a reply has models here.
"""

import base64
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from viscode.core.errors import UserError
from viscode.llm.outcome import Answer, Failure, FailureKind, ModelOutcome, settled
from viscode.llm.request import Request, llama3

FINISHES: dict[str | None, Literal["stop", "length"]] = {"stop": "stop", "length": "length"}


class _Text(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    """A choice of a chat completion has a message, one of a text completion a text."""

    message: _Text = _Text()
    text: str | None = None
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Reply(BaseModel):
    choices: list[_Choice] = []
    usage: _Usage | None = None


def body(request: Request, model_name: str) -> dict[str, Any]:
    """The JSON body of POST /v1/chat/completions. Images are data URLs behind the last message's
    text."""
    messages: list[dict[str, Any]] = [message.model_dump() for message in request.messages]
    if request.images:
        parts: list[dict[str, Any]] = [{"type": "text", "text": messages[-1]["content"]}]
        for png in request.images:
            url = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
            parts.append({"type": "image_url", "image_url": {"url": url}})
        messages[-1]["content"] = parts
    return {
        "model": model_name,
        "messages": messages,
        "max_completion_tokens": request.sampling.max_new_tokens,
        **_drawing(request),
    }


def text_body(request: Request, model_name: str) -> dict[str, Any]:
    """The JSON body of POST /v1/completions, for a request with a template of its own.

    Raises:
        UserError: it has images, which a text cannot hold.
    """
    if request.images:
        raise UserError(
            "images cannot be sent with template llama3",
            where=f"model {model_name}",
            todo="set its template to native in params.yaml",
        )
    return {
        "model": model_name,
        "prompt": llama3(request.messages),
        "max_tokens": request.sampling.max_new_tokens,
        **_drawing(request),
    }


def _drawing(request: Request) -> dict[str, float]:
    top_p = {"top_p": request.sampling.top_p} if request.sampling.top_p < 1.0 else {}
    return {"temperature": request.sampling.temperature, **top_p}


def read_reply(request: Request, text: str) -> ModelOutcome:
    """The outcome that a server's reply (the JSON text of a completion) is."""
    try:
        reply = _Reply.model_validate_json(text)
    except ValidationError as error:
        return Failure(kind=FailureKind.MALFORMED, detail=str(error))
    if not reply.choices:
        return Failure(kind=FailureKind.MALFORMED, detail="no choices in the reply")
    choice, usage = reply.choices[0], reply.usage or _Usage()
    spent: dict[str, Any] = {
        "prompt_tokens": usage.prompt_tokens,
        "new_tokens": usage.completion_tokens,
    }
    if choice.message.refusal:
        return Failure(kind=FailureKind.REFUSED, detail=choice.message.refusal, **spent)
    if choice.finish_reason == "content_filter":
        return Failure(kind=FailureKind.FILTERED, **spent)
    finish = FINISHES.get(choice.finish_reason)
    answer = choice.text if choice.message.content is None else choice.message.content
    if finish is None or answer is None:
        detail = f"finish {choice.finish_reason!r}"
        return Failure(kind=FailureKind.MALFORMED, detail=detail, **spent)
    return settled(request, Answer(text=answer, finish=finish, **spent))
