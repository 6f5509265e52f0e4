"""What of a sample decides whether another one repeats it.

Of a script: its normalized syntax tree (viscode.dataset.normal), so that names, comments and
layout do not count. Of a dialogue: its roles and words, whatever the white space. A dialogue of
one exchange, in which only the answer has Python, in one block that does something, is a script
with an instruction and compared as such, so that samples are found across sources. The MinHash
signature estimates how many 5-token shingles two samples share (Broder 1997); it comes from
datasketch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
from datasketch import MinHash

from viscode.core.hashing import content_id
from viscode.core.records import Dialogue
from viscode.dataset.chat import SampleText, codes_in, codes_of
from viscode.dataset.normal import VARIABLE, NormalCode, normalize

PERMUTATIONS = 128
SHINGLE = 5  # tokens
SEED = 1
SIGNATURE_BYTES = 4 * PERMUTATIONS
LEAST_TOKENS = 12  # of a block that imports nothing, to be a script
IMPORTED = re.compile(r"[^\W\d]\w*\.\w")  # a dotted path that does not begin with a variable
WORD = re.compile(r"\w+|[^\w\s]")
MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing


@dataclass(frozen=True)
class Fingerprint:
    """`key`: 16 bytes, equal exactly for exact duplicates. `signature`: PERMUTATIONS values of
    uint32 as bytes, or b"" where there is nothing to compare."""

    key: bytes
    signature: bytes


def fingerprint(sample: SampleText, normal: Sequence[NormalCode] | None = None) -> Fingerprint:
    """`normal` are the sample's `codes_of`, normalized, when the caller has them already."""
    codes = [normalize(code) for code in codes_of(sample)] if normal is None else normal
    if not isinstance(sample, Dialogue):
        return Fingerprint(_code_key(codes[0]), signature_of(codes[0].tokens))
    if _is_script(sample, codes):
        return Fingerprint(_code_key(codes[0]), signature_of(codes[0].tokens))
    parts = [p for m in sample.messages for p in (m.role, " ".join(m.content.split()))]
    return Fingerprint(bytes.fromhex(content_id("dialogue", *parts)), signature_of(_words(sample)))


def _is_script(dialogue: Dialogue, codes: Sequence[NormalCode]) -> bool:
    if [message.role for message in dialogue.messages] != ["user", "assistant"]:
        return False
    if len(codes) != 1 or not codes_in(dialogue.messages[1].content):
        return False
    tokens = codes[0].tokens
    return len(tokens) >= LEAST_TOKENS or any(
        IMPORTED.match(token) and not token.startswith(f"{VARIABLE}.") for token in tokens
    )


def _code_key(code: NormalCode) -> bytes:
    return bytes.fromhex(content_id("code", code.digest))


def _words(dialogue: Dialogue) -> list[str]:
    return [word for m in dialogue.messages for word in WORD.findall(m.content.lower())]


def signature_of(tokens: Sequence[str]) -> bytes:
    """MinHash of the distinct shingles of `tokens`; fewer than SHINGLE are one shingle."""
    if not tokens:
        return b""
    hashes = np.fromiter(
        (crc32(token.encode("utf-8", "surrogatepass")) for token in tokens), np.uint64
    )
    size = min(SHINGLE, len(hashes))
    windows = np.zeros(len(hashes) - size + 1, np.uint64)
    for offset in range(size):
        windows = (windows ^ hashes[offset : offset + len(windows)]) * MIX
    sketch = _sketch()
    sketch.update_batch(np.unique((windows >> np.uint64(32)).astype(np.uint32)))
    return bytes(sketch.hashvalues.astype("<u4").tobytes())


def _sketch() -> Any:
    return MinHash(
        PERMUTATIONS,
        seed=SEED,
        hashfunc=_as_it_is,
        permutations=_permutations(),
        scheme="affine32",
    )


@lru_cache
def _permutations() -> Any:
    return MinHash(PERMUTATIONS, seed=SEED, scheme="affine32").permutations


def _as_it_is(shingle: Any) -> Any:
    return shingle
