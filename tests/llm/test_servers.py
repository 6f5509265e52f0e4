"""One action for each error, and how long to wait."""

import time
from email.utils import formatdate

import httpx2
import openai
import pytest

from viscode.llm.servers import LONGEST_WAIT_S, CallAction, action_for_error, seconds_to_wait

URL = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def error(kind, status, code=None, headers=None):
    response = httpx2.Response(status, request=URL, headers=headers or {})
    return kind("no", response=response, body={"code": code})


@pytest.mark.parametrize(
    ("raised", "action"),
    [
        (error(openai.RateLimitError, 429, "rate_limit_exceeded"), CallAction.SLOW_DOWN),
        (error(openai.RateLimitError, 429, "insufficient_quota"), CallAction.STOP),
        (error(openai.InternalServerError, 500), CallAction.RETRY),
        (error(openai.InternalServerError, 503), CallAction.RETRY),
        (error(openai.APIStatusError, 408), CallAction.RETRY),
        (error(openai.ConflictError, 409), CallAction.RETRY),
        (openai.APITimeoutError(URL), CallAction.RETRY),
        (openai.APIConnectionError(request=URL), CallAction.RETRY),
        (error(openai.BadRequestError, 400, "content_filter"), CallAction.FILTERED),
        (error(openai.BadRequestError, 400, "context_length_exceeded"), CallAction.STOP),
        (error(openai.AuthenticationError, 401), CallAction.STOP),
        (error(openai.PermissionDeniedError, 403), CallAction.STOP),
        (error(openai.NotFoundError, 404), CallAction.STOP),
    ],
)
def test_each_error_has_its_action(raised, action):
    assert action_for_error(raised) is action


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "99999"}, LONGEST_WAIT_S),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_server_says_how_long_to_wait(headers, seconds):
    assert seconds_to_wait(error(openai.RateLimitError, 429, headers=headers)) == seconds


def test_it_may_say_so_as_a_date():
    headers = {"retry-after": formatdate(time.time() + 30, usegmt=True)}
    waited = seconds_to_wait(error(openai.RateLimitError, 429, headers=headers))
    assert 25 < waited <= 30
