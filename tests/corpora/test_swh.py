"""What each answer of the bucket leads to, and how often it is asked."""

import io
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoRegionError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from viscode.corpora import swh
from viscode.corpora.blobs import BlobOutcome
from viscode.corpora.swh import Action, NotFetched, Patience
from viscode.errors import UserError

URL = "https://bucket"
PATIENCE = Patience(attempts=3, first_pause_s=0.001, longest_pause_s=0.002)


def refused(code: str, status: int) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "GetObject")


class Bucket:
    """Gives one of `answers` for each request; bytes are a body, whose length it may misstate."""

    def __init__(self, *answers: Exception | bytes, length: int | None = None) -> None:
        self.answers, self.length = list(answers), length
        self.asked: list[str] = []

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        self.asked.append(f"{Bucket}/{Key}")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        length = len(answer) if self.length is None else self.length
        return {"Body": io.BytesIO(answer), "ContentLength": length}


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (refused("NoSuchKey", 404), Action.MISSING),
        (refused("404", 404), Action.MISSING),
        (refused("AccessDenied", 403), Action.FORBIDDEN),
        (refused("", 403), Action.FORBIDDEN),
        (refused("InvalidObjectState", 403), Action.FORBIDDEN),
        (refused("NoSuchBucket", 404), Action.STOP),
        (refused("SlowDown", 503), Action.RETRY),
        (refused("InternalError", 500), Action.RETRY),
        (refused("RequestTimeout", 400), Action.RETRY),
        (refused("502", 502), Action.RETRY),
        (refused("504", 504), Action.RETRY),
        (refused("InvalidRequest", 400), Action.FAIL),
        (EndpointConnectionError(endpoint_url=URL), Action.RETRY),
        (ConnectTimeoutError(endpoint_url=URL), Action.RETRY),
        (ReadTimeoutError(endpoint_url=URL), Action.RETRY),
        (ResponseStreamingError(error="reset"), Action.RETRY),
        (NoRegionError(), Action.STOP),
    ],
)
def test_policy(error: Exception, action: Action) -> None:
    assert swh.action_for(error) is action


def test_errors_of_other_kinds_are_not_swallowed() -> None:
    with pytest.raises(KeyError):
        swh.fetch(Bucket(KeyError("a bug")), "ab", 100, PATIENCE)


SLOW = refused("SlowDown", 503)


@pytest.mark.parametrize(
    ("answers", "length", "expected", "asked"),
    [
        ([b"body"], None, b"body", 1),
        ([SLOW, ReadTimeoutError(endpoint_url=URL), b"body"], None, b"body", 3),
        ([refused("NoSuchKey", 404)], None, BlobOutcome.MISSING, 1),
        ([SLOW, refused("AccessDenied", 403)], None, BlobOutcome.FORBIDDEN, 2),
        ([b"far too long"], 5000, BlobOutcome.TOO_LARGE, 1),
    ],
)
def test_fetch(answers: list[Any], length: int | None, expected: object, asked: int) -> None:
    bucket = Bucket(*answers, length=length)
    assert swh.fetch(bucket, "ab", 100, PATIENCE) == expected
    assert bucket.asked == ["softwareheritage/content/ab"] * asked


@pytest.mark.parametrize(
    ("error", "asked", "stop"),
    [(SLOW, 3, False), (refused("InvalidRequest", 400), 1, False), (NoRegionError(), 1, True)],
)
def test_a_blob_that_stays_open(error: Exception, asked: int, stop: bool) -> None:
    bucket = Bucket(*[error] * asked)
    found = swh.fetch(bucket, "ab", 100, PATIENCE)
    assert isinstance(found, NotFetched) and found.stop is stop
    assert type(error).__name__ in found.problem
    assert len(bucket.asked) == asked


def test_a_short_body_is_asked_for_again() -> None:
    bucket = Bucket(b"half", b"half and half", length=13)
    assert swh.fetch(bucket, "ab", 100, PATIENCE) == b"half and half"


def test_the_client_does_not_sign_and_does_not_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    client = swh.open_bucket(7)
    assert client.meta.endpoint_url == "http://127.0.0.1:9"
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.max_pool_connections == 7


def test_a_wrong_set_up_is_a_readable_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    with pytest.raises(UserError, match="not-there"):
        swh.open_bucket(1)
