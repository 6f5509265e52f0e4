"""Exact and near duplicates among millions of samples, in flat arrays and files.

Samples are told by their index in id order. Of equal ones the first stays. Then, again in that
order, a sample is out when one that stays has an estimated Jaccard similarity of at least the
threshold: chains of ever less similar samples do not pull each other out, and the result
depends on the samples alone.

Candidates come from locality-sensitive hashing: the signature is cut into bands, and only samples
that share a band are compared, by their whole signatures. Where many share one, as texts of one
template do, a sample is compared with the latest COMPARED of them, so that time stays linear. Band
hashes and signatures lie in files; memory holds one band at a time, 16 bytes a sample for the keys,
16 bytes for each shared band and 520 bytes for each sample that shares one.
"""

import os
from itertools import pairwise
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from viscode.dataset.fingerprint import PERMUTATIONS, SIGNATURE_BYTES, Fingerprint

RECALL = 0.99  # of the pairs at the threshold that the bands must find
COMPARED = 1024  # samples that one is compared with at most
BUFFER_ROWS = 4096
NONE = -1
MIX = np.uint64(0x9E3779B97F4A7C15)

Indices = NDArray[np.int64]
Signature = NDArray[np.uint32]


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
        """For each sample the index of one that stays and is near (the closest), NONE
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
        stayed = np.zeros(len(bounds), np.int64)
        signatures = np.zeros((len(bounds), PERMUTATIONS), np.uint32)
        place, least = 0, self.threshold * PERMUTATIONS
        for begin, end in pairwise([*bounds, len(members)]):
            sample, own = int(members[begin]), groups[begin:end]
            signature = self._signature(sample)
            lists = [listed[starts[g] : starts[g] + counts[g]][-COMPARED:] for g in own.tolist()]
            rivals = np.unique(np.concatenate(lists))[-COMPARED:]
            alike = np.count_nonzero(signatures[rivals] == signature, axis=1)
            if len(rivals) and alike.max() >= least:
                near[sample] = stayed[rivals[alike.argmax()]]
                continue
            stayed[place], signatures[place] = sample, signature
            listed[starts[own] + counts[own]] = place
            counts[own] += 1
            place += 1

    def _signature(self, sample: int) -> Signature:
        raw = os.pread(self._signatures.fileno(), SIGNATURE_BYTES, sample * SIGNATURE_BYTES)
        return np.frombuffer(raw, "<u4")
