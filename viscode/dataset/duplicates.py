"""What makes one sample repeat another, and the search for it among millions.

Of a script its normalized syntax tree counts (viscode.dataset.normal): not names, comments or
layout. Of a dialogue, roles and words count, whatever the white space. A dialogue of one exchange,
in which only the answer has Python, in one block that does something, is a script with an
instruction and compared as such, so that samples are found across sources.

Samples are told by their index in id order. Of equal ones the first stays. Then, again in that
order, a sample is out when one that stays has an estimated Jaccard similarity of at least the
threshold: chains of ever less similar samples do not pull each other out, and the result
depends on the samples alone.

The MinHash signature, which comes from datasketch, estimates how many 5-token shingles two samples
share (Broder 1997). Candidates come from locality-sensitive hashing: the signature is cut into
bands, and only samples that share a band are compared, by their whole signatures. Where many share
one, as texts of one template do, a sample is compared with the latest COMPARED of them, so that
time stays linear. Signatures lie in a file; memory holds one band at a time, 16 bytes a sample for
the keys and 20 bytes for each shared band.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import IO, Any
from zlib import crc32

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from viscode.core.hashing import content_id
from viscode.core.records import Dialogue
from viscode.dataset.chat import SampleText, codes_in, codes_of
from viscode.dataset.normal import VARIABLE, normalize

PERMUTATIONS = 128
SHINGLE = 5  # tokens
SEED = 1
LEAST_TOKENS = 12  # of a block that imports nothing, to be a script
IMPORTED = re.compile(r"[^\W\d]\w*\.\w")  # a dotted path that does not begin with a variable
WORD = re.compile(r"\w+|[^\w\s]")
MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing
RECALL = 0.99  # of the pairs at the threshold that the bands must find
COMPARED = 1024  # samples that one is compared with at most
NONE = -1

Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Fingerprint:
    """`key`: 16 bytes, equal exactly for exact duplicates. `signature`: PERMUTATIONS values of
    uint32 as bytes."""

    key: bytes
    signature: bytes


def fingerprint(sample: SampleText) -> Fingerprint:
    """What of a sample decides whether another one repeats it."""
    codes = [normalize(code) for code in codes_of(sample)]
    if not isinstance(sample, Dialogue) or _is_script(sample, [code.tokens for code in codes]):
        key, tokens = content_id("code", codes[0].digest), codes[0].tokens
    else:
        parts = [p for m in sample.messages for p in (m.role, " ".join(m.content.split()))]
        words = (word for m in sample.messages for word in WORD.findall(m.content.lower()))
        key, tokens = content_id("dialogue", *parts), tuple(words)
    return Fingerprint(bytes.fromhex(key), signature_of(tokens))


def _is_script(dialogue: Dialogue, codes: Sequence[Sequence[str]]) -> bool:
    """`codes`: the tokens of each of its blocks of Python."""
    if [message.role for message in dialogue.messages] != ["user", "assistant"]:
        return False
    if len(codes) != 1 or not codes_in(dialogue.messages[1].content):
        return False
    return len(codes[0]) >= LEAST_TOKENS or any(
        IMPORTED.match(token) and not token.startswith(f"{VARIABLE}.") for token in codes[0]
    )


def signature_of(tokens: Sequence[str]) -> bytes:
    """MinHash of the distinct shingles of `tokens`; fewer than SHINGLE are one shingle."""
    hashes = np.fromiter(
        (crc32(token.encode("utf-8", "surrogatepass")) for token in tokens), np.uint64
    )
    size = min(SHINGLE, len(hashes))
    windows = np.zeros(len(hashes) - size + 1, np.uint64)
    for offset in range(size):
        windows = (windows ^ hashes[offset : offset + len(windows)]) * MIX
    sketch = _sketch().copy()
    sketch.update_batch(np.unique(windows >> np.uint64(32)))
    return bytes(sketch.hashvalues.astype("<u4").tobytes())


@cache
def _sketch() -> Any:
    return MinHash(PERMUTATIONS, seed=SEED, hashfunc=int, scheme="affine32")


def exact_duplicates(keys: bytes | bytearray, usable: Flags) -> Indices:
    """For each sample the index of the first equal one, NONE where it is the first or is not
    usable. `keys`: 16 bytes a sample."""
    places = np.flatnonzero(usable)
    pairs = np.frombuffer(keys, np.uint64).reshape(-1, 2)[places]
    _, first, which = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    heads = places[first[which.ravel()]]
    exact = np.full(len(usable), NONE, np.int64)
    exact[places] = np.where(heads == places, NONE, heads)
    return exact


def near_duplicates(signatures: IO[bytes], usable: Flags, threshold: float) -> Indices:
    """For each sample the index of one that stays and is near (the closest), NONE where it stays
    itself or is not usable. `signatures`: a file with those of all samples; a threshold of 0 turns
    it off."""
    near = np.full(len(usable), NONE, np.int64)
    if not threshold or not usable.any():
        return near
    signatures.flush()
    rows = np.asarray(np.memmap(signatures, "<u4", "r")).reshape(-1, PERMUTATIONS)
    members, groups = _shared_bands(rows, np.flatnonzero(usable), band_rows(threshold))
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    listed = np.zeros(len(members), np.int64)  # what stays of group g: from starts[g] on,
    counts = np.zeros(len(sizes), np.int64)  # counts[g] of them
    bounds = np.flatnonzero(np.diff(members, prepend=NONE)).tolist()
    for begin, end in pairwise([*bounds, len(members)]):
        sample, own = int(members[begin]), groups[begin:end]
        lists = [listed[starts[g] : starts[g] + counts[g]][-COMPARED:] for g in own.tolist()]
        rivals = np.unique(np.concatenate(lists))[-COMPARED:]
        alike = np.count_nonzero(rows[rivals] == rows[sample], axis=1)
        if len(rivals) and alike.max() >= threshold * PERMUTATIONS:
            near[sample] = rivals[alike.argmax()]
        else:
            listed[starts[own] + counts[own]] = sample
            counts[own] += 1
    return near


def band_rows(threshold: float) -> int:
    """Rows per band: the most for which pairs at the threshold share a band with RECALL."""
    fitting = [
        rows
        for rows in range(1, PERMUTATIONS + 1)
        if 1 - (1 - threshold**rows) ** (PERMUTATIONS // rows) >= RECALL
    ]
    return max(fitting, default=1)


def _shared_bands(
    signatures: NDArray[np.uint32], usable: Indices, rows: int
) -> tuple[Indices, NDArray[np.int32]]:
    """(sample, group) of every usable sample that shares a band with another, by sample."""
    found_members, found_groups, count = [], [], 0
    for start in range(0, PERMUTATIONS - rows + 1, rows):
        band = np.ascontiguousarray(signatures[:, start : start + rows])[usable]
        hashes = np.zeros(len(usable), np.uint64)
        for column in band.T:
            hashes = (hashes ^ column) * MIX
            hashes ^= hashes >> np.uint64(29)
        _, group, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
        shared = sizes[group] > 1
        found_members.append(usable[shared])
        found_groups.append(np.unique(group[shared], return_inverse=True)[1] + count)
        count += int((sizes > 1).sum())
    members, groups = np.concatenate(found_members), np.concatenate(found_groups)
    by_sample = np.argsort(members, kind="stable")
    return members[by_sample], groups[by_sample].astype(np.int32)
