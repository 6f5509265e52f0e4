import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sample_examples import dialogue, sample

from viscode.dataset.duplicates import NONE, DuplicateIndex, band_rows
from viscode.dataset.fingerprint import PERMUTATIONS, Fingerprint, fingerprint, signature_of

THRESHOLD = 0.8


def words(seed: int, count: int = 120) -> list[str]:
    chosen = random.Random(seed)
    return [f"w{chosen.randrange(10**6)}" for _ in range(count)]


def changed(tokens: list[str], every: int, seed: int) -> list[str]:
    """`tokens` with about one in `every` replaced."""
    chosen = random.Random(seed)
    return [f"new{seed}-{i}" if chosen.random() < 1 / every else t for i, t in enumerate(tokens)]


def mark(number: int, tokens: Sequence[str]) -> Fingerprint:
    return Fingerprint(number.to_bytes(16, "big"), signature_of(tokens))


def likeness(one: Fingerprint, other: Fingerprint) -> float:
    a, b = (np.frombuffer(mark.signature, "<u4") for mark in (one, other))
    return float((a == b).mean())


def found(
    folder: Path, marks: Sequence[Fingerprint | None], threshold: float = THRESHOLD
) -> tuple[list[int], list[int]]:
    with DuplicateIndex(folder / "scratch", threshold) as index:
        for one in marks:
            index.add(one)
        exact = index.exact()
        near = index.near(exact)
    assert not (folder / "scratch").exists()
    return exact.tolist(), near.tolist()


def test_estimate_is_near_the_true_similarity() -> None:
    tokens = words(1, 400)
    other = tokens[:300] + words(2, 100)
    shingles = [{tuple(t[i : i + 5]) for i in range(396)} for t in (tokens, other)]
    true = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
    assert abs(likeness(mark(0, tokens), mark(1, other)) - true) < 0.12
    assert likeness(mark(0, tokens), mark(1, tokens)) == 1.0
    assert likeness(mark(0, tokens), mark(1, words(3, 400))) == 0.0


def test_of_equal_ones_the_first_stays(tmp_path: Path) -> None:
    marks = [mark(7, words(1)), mark(5, words(2)), mark(7, words(3)), None, mark(5, words(4))]
    marks += [None, mark(7, words(5)), mark(9, words(6))]
    exact, near = found(tmp_path, marks)
    assert exact == [NONE, NONE, 0, NONE, 1, NONE, 0, NONE]
    assert near == [NONE] * 8


def test_what_is_out_already_pushes_nothing_out(tmp_path: Path) -> None:
    tokens = words(1)
    assert found(tmp_path, [None, mark(1, tokens), mark(2, tokens)])[1] == [NONE, NONE, 1]


def test_an_exact_duplicate_is_no_near_one_as_well(tmp_path: Path) -> None:
    tokens = words(1)
    exact, near = found(tmp_path, [mark(1, tokens), mark(1, tokens), mark(2, tokens)])
    assert (exact, near) == ([NONE, 0, NONE], [NONE, NONE, 0])


def test_a_chain_does_not_pull_its_far_end_out(tmp_path: Path) -> None:
    first = words(1, 300)
    middle = [*words(2, 25), *first[25:]]
    last = [*words(2, 25), *words(3, 25), *first[50:]]
    marks = [mark(1, first), mark(2, middle), mark(3, last)]
    assert likeness(marks[0], marks[1]) >= THRESHOLD <= likeness(marks[1], marks[2])
    assert likeness(marks[0], marks[2]) < THRESHOLD
    assert found(tmp_path, marks)[1] == [NONE, 0, NONE]


def test_families_against_all_pairs(tmp_path: Path) -> None:
    marks = []
    for family in range(40):
        base = words(family)
        marks += [mark(len(marks) + i, changed(base, 40 + 8 * i, i)) for i in range(15)]
    random.Random(5).shuffle(marks)
    _, near = found(tmp_path, marks)
    stays = [i for i, first in enumerate(near) if first == NONE]
    for one, first in enumerate(near):
        if first != NONE:
            assert first < one and first in stays and likeness(marks[one], marks[first]) >= 0.8
    pairs = [(a, b) for a in stays for b in stays if a < b]
    missed = sum(likeness(marks[a], marks[b]) >= THRESHOLD for a, b in pairs)
    assert missed <= 2
    assert 40 <= len(stays) < 400


def test_threshold_zero_looks_for_no_near_duplicates(tmp_path: Path) -> None:
    tokens = words(1)
    assert found(tmp_path, [mark(1, tokens), mark(2, tokens)], 0.0) == ([NONE] * 2, [NONE] * 2)


def test_nothing_at_all(tmp_path: Path) -> None:
    assert found(tmp_path, []) == ([], [])
    assert found(tmp_path, [None, Fingerprint(bytes(16), b"")]) == ([NONE] * 2, [NONE] * 2)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 0.99])
def test_bands_find_what_they_must(threshold: float) -> None:
    rows = band_rows(threshold)
    assert 1 - (1 - threshold**rows) ** (PERMUTATIONS // rows) >= 0.99


CODE = "import matplotlib.pyplot as plt\nxs = [1, 2]\nplt.plot(xs)\nplt.show()\n"
RENAMED = (
    'from matplotlib import pyplot\n# a plot\nvalues = [1,2]\npyplot.plot(values)\n"""end"""\n'
)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (sample(CODE), sample(RENAMED, instruction="Other", id="s-2"), True),
        (sample(CODE), sample(CODE.replace("2]", "3]")), False),
        (sample(CODE), dialogue("d", "Plot it", f"Sure:\n```python\n{CODE}```"), True),
        (sample(CODE), dialogue("d", "Plot it", f"```python\n{CODE}```", "Thanks", "."), False),
        (dialogue("d", "Plot  it", "No"), dialogue("e", "Plot it\n", "No"), True),
        (dialogue("d", "Plot it", "No"), dialogue("e", "Plot it", "Yes"), False),
        (sample("x = ("), sample("x  = ("), True),
        (sample("x = ("), sample("x = ["), False),
    ],
)
def test_keys(one: object, other: object, equal: bool) -> None:
    assert (fingerprint(one).key == fingerprint(other).key) is equal  # type: ignore[arg-type]
