"""Servers of models: who needs a key, what follows each of their errors, how long to wait.

The SDK's own retries are off: they know nothing of budgets, count being told to slow down as a
failure, and give up after two.
"""

import email.utils
import ipaddress
import os
import random
import time
from enum import Enum, auto
from urllib.parse import urlsplit

import openai

from viscode.core.errors import UserError


class CallAction(Enum):
    SLOW_DOWN = auto()
    """Wait as long as the server says, ask fewer at once, then again; no attempt is used up."""
    RETRY = auto()
    """Ask again after a growing, jittered pause, up to the number of attempts."""
    FILTERED = auto()
    """The outcome of this request: the provider's filter stood against it."""
    STOP = auto()
    """Asking again would not help: the run ends with a message."""


FILTER_CODES = ("content_filter", "content_policy_violation")
QUOTA_CODES = ("insufficient_quota", "billing_hard_limit_reached")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0  # where the server does not say how long
LONGEST_WAIT_S = 600.0  # where it does
ADVICE: dict[object, str] = {  # by the API's code, else by the HTTP status
    "insufficient_quota": "top up the account, or wait for the next period",
    "context_length_exceeded": "shorten what is sent (select.max_chars), or take another model",
    "model_not_found": "correct the model's name in params.yaml",
    400: "the request is not what this server takes: compare model and parameters",
    401: "correct OPENAI_API_KEY",
    403: "the key may not use this model: ask for access, or take another model",
    404: "correct the model's name in params.yaml, or OPENAI_BASE_URL",
}


def api_key(model: str, base_url: str) -> str:
    """The key to send; `base_url` "" stands for OPENAI_BASE_URL, else OpenAI.

    Raises:
        UserError: none. Only a server on this machine or a private network may do without.
    """
    key = os.environ.get("OPENAI_API_KEY") or ("none" if base_url and is_own(base_url) else "")
    if not key:
        raise UserError(
            f"no API key for model {model}",
            where="params.yaml",
            todo="set OPENAI_API_KEY (and OPENAI_BASE_URL for a server of your own);"
            " extract.method: static, instruct.method: facts and a model with"
            " client: transformers need none",
        )
    return key


def is_own(base_url: str) -> bool:
    """Whether a server is on this machine or a private network, so that it costs nothing."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host


def action_for(status: int | None, code: object) -> CallAction:
    """What to do about an error with this HTTP status (None: there was no answer) and this code of
    the API."""
    if code in FILTER_CODES:
        return CallAction.FILTERED
    if status is None or status >= 500 or status in (408, 409, 425):
        return CallAction.RETRY
    if status == 429 and code not in QUOTA_CODES:
        return CallAction.SLOW_DOWN
    return CallAction.STOP


def action_for_error(error: openai.APIError) -> CallAction:
    return action_for(getattr(error, "status_code", None), error.code)


def advice_for(error: Exception) -> str:
    """What the user can do about an error that ends the run."""
    code, status = getattr(error, "code", None), getattr(error, "status_code", None)
    known = ADVICE.get(code) or ADVICE.get(status)
    return known or "look at the server's message, then run again: answers are kept"


def pause_s(failures: int, first_s: float = FIRST_PAUSE_S) -> float:
    """How long to wait after so many failures where the server does not say: each time twice as
    long, with jitter so that not all requests come back at once."""
    return min(first_s * 2.0 ** (failures - 1), LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)


def seconds_to_wait(error: Exception) -> float | None:
    """How long a server asks to be left alone: Retry-After in seconds or as a date, or the
    millisecond form that OpenAI sends besides; None where it does not say."""
    response = getattr(error, "response", None)
    headers = response.headers if response is not None else {}
    for name, factor in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            seconds = float(value) * factor
        except ValueError:
            if not value.endswith("GMT"):
                continue
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        if seconds == seconds:
            return min(max(seconds, 0.0), LONGEST_WAIT_S)
    return None
