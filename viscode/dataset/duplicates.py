"""Exact and near duplicates among millions of samples, in flat arrays and files.

Samples are told by their index in id order. Of equal ones the first stays. Then, again in that
order, a sample falls out when one that stays has an estimated Jaccard similarity of at least the
threshold: chains of ever less similar samples do not pull each other out, and the result
depends on the samples alone.

Candidates come from locality-sensitive hashing: the signature is cut into bands, and only samples
that share a band are compared: their sketches of 64 bytes in one step, then the signatures of the
closest. Where more than LISTED share a band, as texts of one template do, a sample is compared with
all that stay instead, which is faster than to gather them; so many texts of one template take
quadratic time (some 10 ns a pair) up to SCANNED, and from there on only the latest SCANNED are
looked at. Band hashes and signatures lie in files; memory holds one band at a time, 16 bytes a
sample for the keys, 16 bytes for each shared band and 64 bytes for each sample that shares one.
"""

import os
from itertools import pairwise
from math import ceil, sqrt
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from viscode.dataset.fingerprint import PERMUTATIONS, SIGNATURE_BYTES, Fingerprint

RECALL = 0.99  # of the pairs at the threshold that the bands must find
LISTED = 4096  # samples that share a band with one; of more, all that stay are compared
SCANNED = 1 << 18  # samples that one is compared with at most
COMPARED = 256  # samples, closest by sketch, whose signatures one is compared with at most
SKETCH_WORDS = PERMUTATIONS * 4 // 64  # 4 bits of each value
SKETCH_DEVIATIONS = 4.0
BUFFER_ROWS = 4096
NONE = -1
MIX = np.uint64(0x9E3779B97F4A7C15)

Indices = NDArray[np.int64]
Signature = NDArray[np.uint32]
Sketch = NDArray[np.uint64]


def band_rows(threshold: float) -> int:
    """Rows per band: the most for which pairs at the threshold share a band with RECALL."""
    fitting = [
        rows
        for rows in range(1, PERMUTATIONS + 1)
        if 1 - (1 - threshold**rows) ** (PERMUTATIONS // rows) >= RECALL
    ]
    return max(fitting, default=1)


class DuplicateIndex:
    """Takes fingerprints in id order, then finds duplicates. `folder` holds its files meanwhile.

    Use as a context manager: leaving it removes the files.
    """

    def __init__(self, folder: Path, threshold: float) -> None:
        self.threshold = threshold
        self.rows = band_rows(threshold) if threshold else PERMUTATIONS
        self.bands = PERMUTATIONS // self.rows if threshold else 0
        self._folder = folder
        self._keys = bytearray()
        self._out = bytearray()
        self._buffer: list[bytes] = []
        self._sketched = bytearray()

    def __enter__(self) -> "DuplicateIndex":
        self._folder.mkdir(parents=True)
        self._signatures = (self._folder / "signatures").open("w+b")
        self._band_files = [(self._folder / f"band-{i}").open("w+b") for i in range(self.bands)]
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for stream in (self._signatures, *self._band_files):
            stream.close()
        for path in self._folder.iterdir():
            path.unlink()
        self._folder.rmdir()

    def add(self, fingerprint: Fingerprint | None) -> None:
        """The next sample; None for one that is out already and duplicates nothing."""
        self._keys += fingerprint.key if fingerprint else bytes(16)
        self._out.append(fingerprint is None)
        if not self.bands:
            return
        signature = fingerprint.signature if fingerprint else b""
        self._sketched.append(bool(signature))
        self._buffer.append(signature or bytes(SIGNATURE_BYTES))
        if len(self._buffer) == BUFFER_ROWS:
            self._flush()

    def _flush(self) -> None:
        block = np.frombuffer(b"".join(self._buffer), "<u4").reshape(-1, PERMUTATIONS)
        self._signatures.write(block.tobytes())
        for number, stream in enumerate(self._band_files):
            columns = block[:, number * self.rows : (number + 1) * self.rows]
            hashes = np.zeros(len(block), np.uint64)
            for column in range(self.rows):
                hashes = (hashes ^ columns[:, column]) * MIX
                hashes ^= hashes >> np.uint64(29)
            stream.write(hashes.tobytes())
        self._buffer = []

    def _is_out(self) -> NDArray[np.bool_]:
        return np.frombuffer(bytes(self._out), np.bool_)

    def exact(self) -> Indices:
        """For each sample the index of the first equal one, NONE where it is the first."""
        keys = np.frombuffer(bytes(self._keys), np.dtype("V16"))
        pairs = keys.view(np.uint64).reshape(-1, 2)
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))  # stable: equal keys stay in id order
        order = order[~self._is_out()[order]]
        first = np.full(len(pairs), NONE, np.int64)
        if len(order):
            new = np.ones(len(order), bool)
            new[1:] = (pairs[order[1:]] != pairs[order[:-1]]).any(axis=1)
            heads = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
            first[order[~new]] = heads[~new]
        return first

    def near(self, exact: Indices) -> Indices:
        """For each sample the index of one that stays and is near (the closest by sketch), NONE
        where it stays itself, was added as None or is an exact duplicate."""
        near = np.full(len(exact), NONE, np.int64)
        if not self.bands:
            return near
        if self._buffer:
            self._flush()
        self._signatures.flush()
        usable = (exact == NONE) & ~self._is_out()
        usable &= np.frombuffer(bytes(self._sketched), np.bool_)
        members, groups = self._shared_bands(usable)
        self._thin(near, members, groups)
        return near

    def _shared_bands(
        self, usable: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """(sample, group) of every sample that shares a band with another, by sample."""
        found_members, found_groups, count = [], [], 0
        for stream in self._band_files:
            stream.flush()
            stream.seek(0)
            hashes = np.fromfile(stream, np.uint64)
            order = np.flatnonzero(usable)
            order = order[np.argsort(hashes[order], kind="stable")]
            ordered = hashes[order]
            new = np.ones(len(ordered), bool)
            new[1:] = ordered[1:] != ordered[:-1]
            group = np.cumsum(new) - 1
            shared = np.bincount(group)[group] > 1
            found_members.append(order[shared].astype(np.int32))
            _, dense = np.unique(group[shared], return_inverse=True)
            found_groups.append((dense + count).astype(np.int32))
            count += int(dense.max()) + 1 if len(dense) else 0
        members, groups = np.concatenate(found_members), np.concatenate(found_groups)
        by_sample = np.argsort(members, kind="stable")
        return members[by_sample], groups[by_sample]

    def _thin(self, near: Indices, members: NDArray[np.int32], groups: NDArray[np.int32]) -> None:
        """Fill `near` by taking the samples in order; what stays is put into its groups."""
        sizes = np.bincount(groups) if len(groups) else np.zeros(0, np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        listed = np.zeros(len(members), np.int32)  # places of group g: from starts[g] on
        counts = np.zeros(len(sizes), np.int32)
        bounds = np.flatnonzero(np.diff(members, prepend=NONE)).tolist()
        stayed = _Stayed(len(bounds), self.threshold)
        for begin, end in pairwise([*bounds, len(members)]):
            sample, own = int(members[begin]), groups[begin:end]
            signature = self._signature(sample)
            rivals = None
            if counts[own].sum() <= LISTED:
                lists = [listed[starts[g] : starts[g] + counts[g]] for g in own.tolist()]
                rivals = np.unique(np.concatenate(lists))
            near[sample] = self._near(signature, stayed.closest(sketch(signature), rivals))
            if near[sample] == NONE:
                listed[starts[own] + counts[own]] = stayed.add(sample, sketch(signature))
                counts[own] += 1

    def _near(self, own: Signature, rivals: list[int]) -> int:
        for rival in rivals:
            if np.count_nonzero(own == self._signature(rival)) >= self.threshold * PERMUTATIONS:
                return rival
        return NONE

    def _signature(self, sample: int) -> Signature:
        raw = os.pread(self._signatures.fileno(), SIGNATURE_BYTES, sample * SIGNATURE_BYTES)
        return np.frombuffer(raw, "<u4")


class _Stayed:
    """The samples that stay, by place (the order in which they came), with their sketches."""

    def __init__(self, most: int, threshold: float) -> None:
        self._limit = sketch_limit(threshold)
        self._samples = np.zeros(most, np.int32)
        self._sketches = np.zeros((SKETCH_WORDS, most), np.uint64)
        self._count = 0

    def add(self, sample: int, own: Sketch) -> int:
        """Its place."""
        place = self._count
        self._samples[place] = sample
        self._sketches[:, place] = own
        self._count += 1
        return place

    def closest(self, own: Sketch, places: NDArray[np.int32] | None) -> list[int]:
        """The samples at `places`, or the latest SCANNED without any, that may be near, the closest
        first: at most COMPARED."""
        first = max(0, self._count - SCANNED)
        distances = np.zeros(self._count - first if places is None else len(places), np.uint16)
        for word in range(SKETCH_WORDS):
            row = self._sketches[word]
            column = row[first : self._count] if places is None else row[places]
            distances += np.bitwise_count(column ^ own[word])
        found = np.flatnonzero(distances <= self._limit)
        found = found[np.argsort(distances[found], kind="stable")[:COMPARED]]
        chosen: list[int] = self._samples[
            found + first if places is None else places[found]
        ].tolist()
        return chosen


def sketch(signature: Signature) -> Sketch:
    """4 bits of each value of a signature, mixed before, since a value's last bits hardly vary."""
    nibbles = ((signature.astype(np.uint64) * MIX) >> np.uint64(60)).astype(np.uint8)
    return ((nibbles[::2] << 4) | nibbles[1::2]).view(np.uint64)


def sketch_limit(threshold: float) -> float:
    """Bits in which sketches may differ: of each differing value of pairs at the threshold half of
    4 bits differ, and SKETCH_DEVIATIONS standard deviations more."""
    bits = 4 * (PERMUTATIONS - ceil(threshold * PERMUTATIONS))
    return min(bits, bits / 2 + SKETCH_DEVIATIONS * sqrt(bits) / 2)
