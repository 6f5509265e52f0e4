"""Blobs of every kind for the tests of stack-edu: what the bucket holds and what must come of it.

The same number gives the same blob in every process, so that server, collector and test agree.
"""

import gzip
import hashlib
from dataclasses import dataclass

MAX_BYTES = 20_000
REFUSALS = 2  # times that a refused key is refused before it is served
BOMB = gzip.compress(bytes(20_000_000))
PLOT = "import matplotlib.pyplot as plt\nplt.plot([{0}, 1])\nplt.title('{1}')\nplt.show()\n"
PLAIN = "import os\n\ndef number_{0}():\n    return os.sep * {0}  # {1}\n"
PADDING = "".join(
    f"# line {number} of some ninety that any real file has\n" for number in range(90)
)

# kind -> how many of 200 blobs; the rest does not plot
KINDS = {
    "plots": 16, "plots_latin1": 2, "plots_utf16": 2, "plots_misnamed": 2, "latin1": 2,
    "undecodable": 2, "missing": 6, "forbidden": 4, "truncated": 2, "not_gzip": 2,
    "wrong_hash": 2, "wrong_length": 2, "too_large": 2, "huge_download": 1,
    "slow_down": 4, "error_500": 2, "broken_off": 1,
}  # fmt: skip
ORDER = [kind for kind, count in KINDS.items() for _ in range(count)]
REFUSED = ("slow_down", "error_500", "broken_off")
OUTCOMES = {  # where it is not the kind's own name; "" is kept
    "plots": "", "plots_latin1": "", "plots_utf16": "", "plots_misnamed": "",
    "latin1": "no_plotting", "huge_download": "too_large", "plain": "no_plotting",
    "slow_down": "no_plotting", "error_500": "no_plotting", "broken_off": "no_plotting",
}  # fmt: skip


@dataclass(frozen=True)
class Blob:
    """`stored` is None for a missing blob; `text` what a kept record must hold."""

    blob_id: str
    kind: str
    stored: bytes | None
    row: dict
    outcome: str
    text: str


def blob(number):
    """Blob `number`; kinds are spread by a fixed stride so that none of them comes in a block."""
    place = number * 67 % 200
    kind = ORDER[place] if place < len(ORDER) else "plain"
    text = (PLOT if kind.startswith("plots") else PLAIN).format(number, "né") + PADDING
    encoding = {"plots_latin1": "latin-1", "latin1": "ISO-8859-1", "plots_utf16": "utf-16"}
    content = text.encode(encoding.get(kind, "utf-8"))
    if kind == "undecodable":
        content = b"# \xff\xfe\xfa %d\n" % number
    if kind == "huge_download":
        text = content = b"%d" % number
    blob_id = hashlib.sha1(content).hexdigest()
    row = {
        "blob_id": blob_id, "language": "Python", "repo_name": f"owner/repo{number % 97}",
        "path": f"src/file_{number}.py", "src_encoding": encoding.get(kind, "UTF-8"),
        "length_bytes": len(content) + (kind == "wrong_length"), "score": 3.5, "int_score": 3,
        "detected_licenses": ["MIT"], "license_type": "permissive",
    }  # fmt: skip
    if kind == "plots_misnamed":
        row["src_encoding"] = "ascii"
    outcome = OUTCOMES.get(kind, kind)
    return Blob(blob_id, kind, stored(kind, content), row, outcome, "" if outcome else text)


def stored(kind, content):
    """What the bucket holds for content of this kind."""
    packed = gzip.compress(content, 1, mtime=0)
    return {
        "missing": None,
        "truncated": packed[:-20],
        "not_gzip": content,
        "wrong_hash": gzip.compress(content + b"#"),
        "too_large": BOMB,
        "huge_download": packed + bytes(2 * MAX_BYTES),
    }.get(kind, packed)
