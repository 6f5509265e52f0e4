"""What each answer of the bucket leads to, and how often it is asked."""

import contextlib
import io
import socket
import threading
import time
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

from viscode.core.errors import UserError
from viscode.corpora import swh
from viscode.corpora.blobs import BlobOutcome
from viscode.corpora.swh import Failed, FetchAction, Patience

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
        (refused("NoSuchKey", 404), BlobOutcome.MISSING),
        (refused("404", 404), BlobOutcome.MISSING),
        (refused("AccessDenied", 403), BlobOutcome.FORBIDDEN),
        (refused("", 403), BlobOutcome.FORBIDDEN),
        (refused("InvalidObjectState", 403), BlobOutcome.FORBIDDEN),
        (refused("NoSuchBucket", 404), FetchAction.STOP),
        (refused("SlowDown", 503), FetchAction.RETRY),
        (refused("InternalError", 500), FetchAction.RETRY),
        (refused("RequestTimeout", 400), FetchAction.RETRY),
        (refused("502", 502), FetchAction.RETRY),
        (refused("504", 504), FetchAction.RETRY),
        (refused("InvalidRequest", 400), FetchAction.FAIL),
        (EndpointConnectionError(endpoint_url=URL), FetchAction.RETRY),
        (ConnectTimeoutError(endpoint_url=URL), FetchAction.RETRY),
        (ReadTimeoutError(endpoint_url=URL), FetchAction.RETRY),
        (ResponseStreamingError(error="reset"), FetchAction.RETRY),
        (NoRegionError(), FetchAction.STOP),
    ],
)
def test_policy(error: Exception, action: FetchAction | BlobOutcome) -> None:
    assert swh.fetch_action(error) is action


def test_errors_of_other_kinds_are_not_swallowed() -> None:
    with pytest.raises(KeyError):
        swh.fetch(Bucket(KeyError("a bug")), "ab", 100, PATIENCE)


SLOW = refused("SlowDown", 503)
BODY = b"\x1f\x8b and the rest"
PAGES = [b"", b" \n", b"<html><body>Log in</body></html>", b"\xef\xbb\xbf<?xml version='1.0'?><E/>"]


@pytest.mark.parametrize(
    ("answers", "length", "expected", "asked"),
    [
        ([BODY], None, BODY, 1),
        ([b"other data"] * 3, None, b"other data", 3),
        ([*PAGES[:2], BODY], None, BODY, 3),
        ([SLOW, ReadTimeoutError(endpoint_url=URL), BODY], None, BODY, 3),
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
    assert isinstance(found, Failed) and found.stop is stop
    assert type(error).__name__ in found.problem
    assert len(bucket.asked) == asked


def test_a_short_body_is_asked_for_again() -> None:
    bucket = Bucket(BODY[:5], BODY, length=len(BODY))
    assert swh.fetch(bucket, "ab", 100, PATIENCE) == BODY


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_the_place_of_a_blob_leaves_it_open(page: bytes) -> None:
    bucket = Bucket(*[page] * 3)
    found = swh.fetch(bucket, "ab", 100, PATIENCE)
    assert isinstance(found, Failed) and not found.stop
    assert "no gzip data came" in found.problem
    assert len(bucket.asked) == 3


class Loopback:
    """A server of one raw answer for every request; `pause_s` lies between its pieces."""

    def __init__(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        self.pieces, self.pause_s, self.asked = pieces, pause_s, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                connection, _ = self.socket.accept()
                self.asked += 1
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the client has given up
            connection.recv(65536)
            for piece in self.pieces:
                connection.sendall(piece)
                time.sleep(self.pause_s)


def test_a_body_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swh, "BODY_TIMEOUT_S", 0.3)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n\x1f\x8b"
    server = Loopback(head, *[b"x"] * 900, pause_s=0.05)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    started = time.monotonic()
    with contextlib.closing(server.socket):
        found = swh.fetch(swh.open_bucket(1), "ab", 100, PATIENCE)
    assert isinstance(found, Failed) and "ReadTimeoutError" in found.problem
    assert server.asked == PATIENCE.attempts
    assert time.monotonic() - started < 20  # the whole body would take 45 s, each time


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def test_a_body_without_a_stated_length(monkeypatch: pytest.MonkeyPatch) -> None:
    chunk = b"%x\r\n%s\r\n" % (len(BODY), BODY)
    server = Loopback(CHUNKED, chunk, b"0\r\n\r\n")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    with contextlib.closing(server.socket):
        client = swh.open_bucket(1)
        assert swh.fetch(client, "ab", 100, PATIENCE) == BODY
        server.pieces = (CHUNKED, *[b"1000\r\n" + bytes(0x1000) + b"\r\n"] * 100)
        assert swh.fetch(client, "ab", 100, PATIENCE) is BlobOutcome.TOO_LARGE
        server.pieces = (CHUNKED, chunk)  # cut off
        cut = swh.fetch(client, "ab", 100, PATIENCE)
    assert isinstance(cut, Failed) and "ResponseStreamingError" in cut.problem


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
