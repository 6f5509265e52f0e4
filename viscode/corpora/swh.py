"""Software Heritage's public S3 bucket: blob id -> stored bytes, or why there are none.

Unsigned requests through boto3. Endpoint, region and proxy come from the SDK's own variables and
files (AWS_ENDPOINT_URL_S3 for a mirror), never from us. The SDK's retries are off: how often and
how long to try again is decided here, in one place, with jitter, so that 64 requests that were
told to slow down do not come back together.
"""

import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import boto3
import botocore
import tenacity
import urllib3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from viscode.core.errors import UserError
from viscode.corpora.blobs import GZIP_MAGIC, BlobOutcome, download_limit

BUCKET = "softwareheritage"
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 15.0, 60.0
BODY_TIMEOUT_S = 120.0  # for all of it: a body that trickles keeps every single read in time
PIECE_BYTES = 64 << 10
NETWORK_ADVICE = (
    "check the network (the bucket is public and needs no account), or set AWS_ENDPOINT_URL_S3 "
    "to a mirror"
)


class NotGzip(Exception):
    """An answer of 200 with other bytes than those that the bucket holds: a proxy's page, say."""

    def __init__(self, body: bytes) -> None:
        super().__init__(f"no gzip data came, but {body[:60]!r}")
        self.body = body

    @property
    def is_page(self) -> bool:
        """Whether it is empty or looks like HTML or XML, which no blob is stored as."""
        return self.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"", b"<")


class FetchAction(Enum):
    """What an error leads to that is no outcome of the blob."""

    RETRY = auto()
    """Ask again after a growing, jittered pause, up to the number of attempts."""
    FAIL = auto()
    """Not foreseen: this blob stays open, and the stage says so at its end."""
    STOP = auto()
    """No blob can be fetched: the run ends."""


@dataclass(frozen=True)
class Patience:
    """How a request that failed is repeated: pauses are drawn from 0 to `first_pause_s`, doubled
    each time up to `longest_pause_s`."""

    attempts: int = 8
    first_pause_s: float = 0.5
    longest_pause_s: float = 20.0


@dataclass(frozen=True)
class Failed:
    """A blob that stays open: all attempts failed, or the answer was not foreseen. With `stop`
    no other blob can be fetched either."""

    blob_id: str
    problem: str
    stop: bool = False


def open_bucket(connections: int) -> Any:
    """A client for up to `connections` requests at once; it may be used from several threads.

    Raises:
        UserError: the SDK's variables or files are wrong.
    """
    try:
        return boto3.session.Session().client(
            "s3",
            config=Config(
                signature_version=botocore.UNSIGNED,
                retries={"total_max_attempts": 1},
                max_pool_connections=connections,
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                response_checksum_validation="when_required",
            ),
        )
    except (BotoCoreError, ValueError) as error:
        raise UserError(
            f"the S3 client cannot be set up: {error}",
            where="AWS_* variables, ~/.aws/config",
            todo="correct or unset them: the bucket is public and needs no account",
        ) from error


def fetch_action(error: Exception) -> FetchAction | BlobOutcome:
    """The action for an error of the SDK, or the outcome of the blob, where asking again gives the
    same.

    Raises:
        Exception: the error itself, when it is none of the SDK's.
    """
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "NoSuchBucket":  # 404, like a blob that is missing
            return FetchAction.STOP
        if code == "RequestTimeout" or status in (408, 429) or status >= 500:
            return FetchAction.RETRY
        outcomes = {403: BlobOutcome.FORBIDDEN, 404: BlobOutcome.MISSING}
        return outcomes.get(status, FetchAction.FAIL)
    if isinstance(error, IncompleteReadError | ConnectionError | HTTPClientError):
        return FetchAction.RETRY  # no connection, timeouts, broken off while the body came
    if isinstance(error, BotoCoreError):
        return FetchAction.STOP  # a wrong set-up
    raise error


def fetch(
    client: Any, blob_id: str, max_bytes: int, patience: Patience
) -> bytes | BlobOutcome | Failed:
    """The gzip form of a blob whose content may have `max_bytes` bytes, or what came instead:
    MISSING, FORBIDDEN, TOO_LARGE (nothing beyond the limit is read), or Failed. What does not
    begin like gzip is requested again, and is taken for the blob only in the last attempt, and not
    if it looks like a page."""
    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(patience.attempts),
        wait=tenacity.wait_random_exponential(patience.first_pause_s, patience.longest_pause_s),
        retry=tenacity.retry_if_exception(_is_transient),
        reraise=True,
    )
    try:
        return retrying(_get, client, blob_id, download_limit(max_bytes))
    except NotGzip as error:
        return Failed(blob_id, str(error)) if error.is_page else error.body
    except (BotoCoreError, ClientError) as error:
        action = fetch_action(error)
        if isinstance(action, BlobOutcome):
            return action
        problem = f"{type(error).__name__}: {error}"
        return Failed(blob_id, problem, stop=action is FetchAction.STOP)


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, BotoCoreError | ClientError):
        return fetch_action(error) is FetchAction.RETRY
    return isinstance(error, NotGzip)


def _get(client: Any, blob_id: str, limit: int) -> bytes | BlobOutcome:
    answer = client.get_object(Bucket=BUCKET, Key=f"content/{blob_id}")
    body, length = answer["Body"], answer.get("ContentLength")  # None: sent in chunks
    packed = None if length is not None and length > limit else _read(body, limit)
    if packed is None:
        body.close()  # the connection is given up: reading the rest would cost more
        return BlobOutcome.TOO_LARGE
    if length is not None and len(packed) != length:
        raise IncompleteReadError(actual_bytes=len(packed), expected_bytes=length)
    if not packed.startswith(GZIP_MAGIC):
        raise NotGzip(packed)
    return packed


def _read(body: Any, limit: int) -> bytes | None:
    """All of a body within BODY_TIMEOUT_S, None if it is longer than `limit` bytes.

    Not by the body's own `read`, which waits until all that it was asked for is there and so lets
    no deadline be kept: the stream under it hands out what has come.
    """
    stream = getattr(body, "_raw_stream", body)
    deadline = time.monotonic() + BODY_TIMEOUT_S
    pieces: list[bytes] = []
    left = limit
    try:
        while time.monotonic() < deadline:
            piece = stream.read1(PIECE_BYTES)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                return None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise ResponseStreamingError(error=error) from error
    body.close()
    raise ReadTimeoutError(endpoint_url=BUCKET)
