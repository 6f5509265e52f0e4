"""Which server a model is behind, and whether it can be asked at all."""

import ipaddress
import os
from typing import Any
from urllib.parse import urlsplit

import openai

from viscode.core.errors import UserError

NO_KEY = (
    "set OPENAI_API_KEY (and OPENAI_BASE_URL for a server of your own); extract.method: static,"
    " instruct.method: facts and a model with client: transformers need none"
)


def server(base_url: str) -> dict[str, Any]:
    """The SDK's arguments that name the server; {} for the one of its environment variables. A
    server on this machine or a private network may do without a key."""
    if not base_url:
        return {}
    no_key = not os.environ.get("OPENAI_API_KEY") and is_own(base_url)
    return {"base_url": base_url, **({"api_key": "none"} if no_key else {})}


def is_own(base_url: str) -> bool:
    """Whether a server is on this machine or a private network, so that it costs nothing."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host


def require_key(model: str, base_url: str = "") -> None:
    """Say at once what is missing, before a stage reads its input.

    Raises:
        UserError: the SDK finds no key.
    """
    try:
        openai.OpenAI(max_retries=0, **server(base_url)).close()
    except openai.OpenAIError as error:
        raise UserError(
            f"no API key for model {model}", where="params.yaml", todo=NO_KEY
        ) from error
