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

FINISHES: dict[str, Literal["stop", "length"]] = {"stop": "stop", "length": "length"}


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


def wire_messages(request: Request) -> list[dict[str, Any]]:
    """The chat messages. Images are data URLs behind the last message's text."""
    messages: list[dict[str, Any]] = [message.model_dump() for message in request.messages]
    if request.images:
        text = {"type": "text", "text": messages[-1]["content"]}
        messages[-1]["content"] = [text, *map(_image_part, request.images)]
    return messages


def _image_part(png: bytes) -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    return {"type": "image_url", "image_url": {"url": url}}


def body(request: Request, model_name: str) -> dict[str, Any]:
    """The JSON body of POST /v1/chat/completions."""
    return {
        "model": model_name,
        "messages": wire_messages(request),
        "temperature": request.sampling.temperature,
        "max_completion_tokens": request.sampling.max_new_tokens,
        **_top_p(request),
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
        "temperature": request.sampling.temperature,
        "max_tokens": request.sampling.max_new_tokens,
        **_top_p(request),
    }


def _top_p(request: Request) -> dict[str, float]:
    return {"top_p": request.sampling.top_p} if request.sampling.top_p < 1.0 else {}


def read_reply(request: Request, text: str) -> ModelOutcome:
    """The outcome that a server's reply (the JSON text of a completion) is."""
    try:
        parsed = _Reply.model_validate_json(text)
    except ValidationError as error:
        return Failure(kind=FailureKind.MALFORMED, detail=str(error))
    if not parsed.choices:
        return Failure(kind=FailureKind.MALFORMED, detail="no choices in the reply")
    choice, usage = parsed.choices[0], parsed.usage or _Usage()
    none = Failure(
        kind=FailureKind.MALFORMED,
        detail=f"finish {choice.finish_reason!r}",
        prompt_tokens=usage.prompt_tokens,
        new_tokens=usage.completion_tokens,
    )
    if choice.message.refusal:
        refused = {"kind": FailureKind.REFUSED, "detail": choice.message.refusal}
        return none.model_copy(update=refused)
    if choice.finish_reason == "content_filter":
        return none.model_copy(update={"kind": FailureKind.FILTERED, "detail": ""})
    finish, answer = FINISHES.get(choice.finish_reason or ""), choice.message.content
    answer = choice.text if answer is None else answer
    if finish is None or answer is None:
        return none
    return settled(
        request,
        Answer(
            text=answer,
            finish=finish,
            prompt_tokens=usage.prompt_tokens,
            new_tokens=usage.completion_tokens,
        ),
    )
