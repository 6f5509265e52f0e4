"""Software Heritage's bucket on loopback: `python s3_server.py COUNT` prints its port when ready.

moto serves the blobs of blob_plan. A layer before it refuses some keys for a while, breaks some
answers off, and counts the GETs of every key: GET /counts returns {blob id: number}, GET /reset
begins anew. It ends with its parent.
"""

import json
import logging
import os
import sys
import threading
import time
from collections import Counter

import blob_plan
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import get_canned_acl, s3_backends
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "softwareheritage"
ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>please</Message></Error>"
REFUSAL = {"slow_down": ("503 Slow Down", "SlowDown"), "error_500": ("500 X", "InternalError")}


class Trouble:
    """Counts, refuses or passes on to moto."""

    def __init__(self, app, kinds):
        self.app, self.kinds, self.counts = app, kinds, Counter()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/reset":
            self.counts.clear()
        if path in ("/counts", "/reset"):
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.counts).encode()]
        key = path.rpartition("/")[2]
        self.counts[key] += 1
        kind = self.kinds.get(key, "")
        if self.counts[key] <= blob_plan.REFUSALS and kind in REFUSAL:
            status, code = REFUSAL[kind]
            body = ERROR.format(code).encode()
            start_response(status, [("Content-Length", str(len(body)))])
            return [body]
        if self.counts[key] <= blob_plan.REFUSALS and kind == "broken_off":
            start_response("200 OK", [("Content-Length", "500"), ("Connection", "close")])
            return [b"\x1f\x8b half of it"]
        return self.app(environ, start_response)


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True


def fill(count):
    """Put the blobs into moto's memory; returns the kinds of those that meet trouble."""
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket(BUCKET, "us-east-1")
    kinds = {}
    for number in range(count):
        blob = blob_plan.blob(number)
        if blob.kind in blob_plan.REFUSED:
            kinds[blob.blob_id] = blob.kind
        if blob.stored is not None:
            key = backend.put_object(
                BUCKET, f"content/{blob.blob_id}", blob.stored, disable_notification=True
            )
            forbidden = blob.kind == "forbidden"
            key.set_acl(get_canned_acl("private" if forbidden else "public-read"))
    return kinds


def main():
    kinds = fill(int(sys.argv[1]))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Trouble(create_backend_app("s3"), kinds)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.port, flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
