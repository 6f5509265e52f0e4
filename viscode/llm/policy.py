"""What to do about each error of a model server, in one table.

The SDK's own retries are off: they know nothing of budgets, count being told to slow down as a
failure, and give up after two. Classes and codes are those of the openai SDK and API.
"""

import email.utils
import random
import time
from enum import Enum, auto

import openai
import tenacity


class CallAction(Enum):
    SLOW_DOWN = auto()
    """Wait as long as the server says, ask fewer at once, then again; no attempt is used up."""
    RETRY = auto()
    """Ask again after a growing, jittered pause, up to the number of attempts."""
    FILTERED = auto()
    """The outcome of this request: the provider's filter stood against it."""
    STOP = auto()
    """Asking again would not help: the run ends with a message."""


ERROR_TABLE: tuple[tuple[type[Exception], frozenset[str], CallAction], ...] = (
    # error class, codes (none: any), action; the first row that fits counts
    (
        openai.RateLimitError,
        frozenset({"insufficient_quota", "billing_hard_limit_reached"}),
        CallAction.STOP,
    ),
    (openai.RateLimitError, frozenset(), CallAction.SLOW_DOWN),
    (
        openai.BadRequestError,
        frozenset({"content_filter", "content_policy_violation"}),
        CallAction.FILTERED,
    ),
    (openai.APIConnectionError, frozenset(), CallAction.RETRY),  # timeouts too
    (openai.InternalServerError, frozenset(), CallAction.RETRY),
    (openai.ConflictError, frozenset(), CallAction.RETRY),
    (openai.APIError, frozenset(), CallAction.STOP),
)
RETRIED_STATUS = frozenset({408, 425})  # statuses without a class of their own
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0  # where the server does not say how long
LONGEST_WAIT_S = 600.0
RETRY_WAIT = tenacity.wait_random_exponential(multiplier=1, max=60)
ADVICE_BY_CODE = {
    "insufficient_quota": "top up the account, or wait for the next period",
    "context_length_exceeded": "shorten what is sent (select.max_chars), or take another model",
    "model_not_found": "correct the model's name in params.yaml",
}
ADVICE_BY_STATUS = {
    400: "the request is not what this server takes: compare model and parameters",
    401: "correct OPENAI_API_KEY",
    403: "the key may not use this model: ask for access, or take another model",
    404: "correct the model's name in params.yaml, or OPENAI_BASE_URL",
}


def action_for(error: Exception) -> CallAction:
    """The action for an error of the SDK.

    Raises:
        Exception: the error itself, when it is none of the SDK's.
    """
    if getattr(error, "status_code", None) in RETRIED_STATUS:
        return CallAction.RETRY
    code = str(getattr(error, "code", None))
    for kind, codes, action in ERROR_TABLE:
        if isinstance(error, kind) and (not codes or code in codes):
            return action
    raise error


def advice_for(error: Exception) -> str:
    """What the user can do about an error that ends the run."""
    code, status = str(getattr(error, "code", None)), getattr(error, "status_code", 0)
    known = ADVICE_BY_CODE.get(code) or ADVICE_BY_STATUS.get(status)
    return known or "look at the server's message, then run again: answers are kept"


def own_pause_s(refusals: int) -> float:
    """How long a request waits that was refused without a time, `refusals` times before: twice as
    long each time, with jitter so that not all come back at once."""
    return min(FIRST_PAUSE_S * 2.0**refusals, LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)


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
            parsed = email.utils.parsedate_to_datetime(value) if value.endswith("GMT") else None
            if parsed is None:
                continue
            seconds = parsed.timestamp() - time.time()
        if seconds == seconds:
            return min(max(seconds, 0.0), LONGEST_WAIT_S)
    return None
