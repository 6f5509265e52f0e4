import random
from collections.abc import Sequence
from tempfile import TemporaryFile

import numpy as np
import pytest
from sample_examples import dialogue, sample

from viscode.core.records import Dialogue
from viscode.dataset.duplicates import (
    NONE,
    PERMUTATIONS,
    Fingerprint,
    exact_duplicates,
    fingerprint,
    near_duplicates,
    signature_of,
)
from viscode.dataset.normal import MAX_CHARS

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
    marks: Sequence[Fingerprint | None], threshold: float = THRESHOLD
) -> tuple[list[int], list[int]]:
    """Exact and near duplicates; None for a sample that is out already."""
    usable = np.array([one is not None for one in marks], np.bool_)
    nothing = Fingerprint(bytes(16), bytes(4 * PERMUTATIONS))
    known = [one or nothing for one in marks]
    exact = exact_duplicates(b"".join(one.key for one in known), usable)
    with TemporaryFile() as signatures:
        signatures.writelines(one.signature for one in known)
        near = near_duplicates(signatures, usable & (exact == NONE), threshold)
    return exact.tolist(), near.tolist()


def test_estimate_is_near_the_true_similarity() -> None:
    tokens = words(1, 400)
    other = tokens[:300] + words(2, 100)
    shingles = [{tuple(t[i : i + 5]) for i in range(396)} for t in (tokens, other)]
    true = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
    assert abs(likeness(mark(0, tokens), mark(1, other)) - true) < 0.12
    assert likeness(mark(0, tokens), mark(1, tokens)) == 1.0
    assert likeness(mark(0, tokens), mark(1, words(3, 400))) == 0.0


def test_of_equal_ones_the_first_stays() -> None:
    marks = [mark(7, words(1)), mark(5, words(2)), mark(7, words(3)), None, mark(5, words(4))]
    marks += [None, mark(7, words(5)), mark(9, words(6))]
    exact, near = found(marks)
    assert exact == [NONE, NONE, 0, NONE, 1, NONE, 0, NONE]
    assert near == [NONE] * 8


def test_what_is_out_already_pushes_nothing_out() -> None:
    tokens = words(1)
    assert found([None, mark(1, tokens), mark(2, tokens)])[1] == [NONE, NONE, 1]


def test_an_exact_duplicate_is_no_near_one_as_well() -> None:
    tokens = words(1)
    exact, near = found([mark(1, tokens), mark(1, tokens), mark(2, tokens)])
    assert (exact, near) == ([NONE, 0, NONE], [NONE, NONE, 0])


def test_a_chain_does_not_pull_its_far_end_out() -> None:
    first = words(1, 300)
    middle = [*words(2, 25), *first[25:]]
    last = [*words(2, 25), *words(3, 25), *first[50:]]
    marks = [mark(1, first), mark(2, middle), mark(3, last)]
    assert likeness(marks[0], marks[1]) >= THRESHOLD <= likeness(marks[1], marks[2])
    assert likeness(marks[0], marks[2]) < THRESHOLD
    assert found(marks)[1] == [NONE, 0, NONE]


def test_families_against_all_pairs() -> None:
    marks = []
    for family in range(40):
        base = words(family)
        marks += [mark(len(marks) + i, changed(base, 40 + 8 * i, i)) for i in range(15)]
    random.Random(5).shuffle(marks)
    _, near = found(marks)
    stays = [i for i, first in enumerate(near) if first == NONE]
    for one, first in enumerate(near):
        if first != NONE:
            assert first < one and first in stays and likeness(marks[one], marks[first]) >= 0.8
    pairs = [(a, b) for a in stays for b in stays if a < b]
    missed = sum(likeness(marks[a], marks[b]) >= THRESHOLD for a, b in pairs)
    assert missed <= 2
    assert 40 <= len(stays) < 400


def test_threshold_zero_looks_for_no_near_duplicates() -> None:
    tokens = words(1)
    assert found([mark(1, tokens), mark(2, tokens)], 0.0) == ([NONE] * 2, [NONE] * 2)


def test_nothing_at_all() -> None:
    assert found([]) == ([], [])
    assert found([None, mark(0, [])]) == ([NONE] * 2, [NONE] * 2)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9])
def test_bands_find_what_they_must(threshold: float) -> None:
    """Of simulated pairs whose signatures agree in each place with the threshold's probability,
    those whose estimate reaches it."""
    chosen = np.random.default_rng(3)
    ones = chosen.integers(0, 2**32, (1500, PERMUTATIONS), np.uint32)
    others = chosen.integers(0, 2**32, ones.shape, np.uint32)
    agree = chosen.random(ones.shape) < threshold
    others = np.where(agree, ones, others).astype("<u4")
    rows = [row for pair in zip(ones.astype("<u4"), others, strict=True) for row in pair]
    marks = [Fingerprint(i.to_bytes(16, "big"), row.tobytes()) for i, row in enumerate(rows)]
    reached = agree.sum(axis=1) >= threshold * PERMUTATIONS
    near = np.array(found(marks, threshold)[1])[1::2]
    assert (near[~reached] == NONE).all()
    assert reached.sum() > 500
    assert (near[reached] != NONE).mean() >= 0.985  # RECALL is that at the threshold itself


def test_twins_among_many_texts_of_one_template() -> None:
    """Simulated signatures: any two texts agree in 64 % of the places, so most share bands; the
    last 200 have a twin that agrees in 81 %."""
    chosen, count = np.random.default_rng(3), 2000
    template = chosen.integers(0, 2**32, PERMUTATIONS, np.uint32)
    own = chosen.integers(0, 2**32, (count, PERMUTATIONS), np.uint32)
    texts = np.where(chosen.random(own.shape) < 0.8, template, own)
    twins = texts[-200:].copy()
    for twin in twins:
        twin[chosen.permutation(PERMUTATIONS)[:24]] ^= np.uint32(0x5BD1E995)
    rows = np.concatenate([texts, twins]).astype("<u4")
    marks = [Fingerprint(i.to_bytes(16, "big"), row.tobytes()) for i, row in enumerate(rows)]
    near = np.array(found(marks)[1])
    assert (near[:count] == NONE).mean() > 0.95  # by chance a few agree in 80 %
    stays = near[count - 200 : count] == NONE
    assert (near[count:][stays] != NONE).mean() >= 0.99


CODE = "import matplotlib.pyplot as plt\nxs = [1, 2]\nplt.plot(xs)\nplt.show()\n"
RENAMED = (
    'from matplotlib import pyplot\n# a plot\nvalues = [1,2]\npyplot.plot(values)\n"""end"""\n'
)


INDENTED = CODE.replace("\n", "\n   ").rstrip(" ")
LOOP = "for i in range(3):\n    print(i * 2, i + 1)\n"
BIG = "x = 1\n" * (MAX_CHARS // 5)


def asks(question: str, code: str) -> Dialogue:
    return dialogue("d", f"{question}\n```python\n{code}```", "Because it does so.")


def answers(question: str, code: str) -> Dialogue:
    return dialogue("d", question, f"So:\n```\n{code}\n```")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (sample(CODE), sample(RENAMED, instruction="Other", id="s-2"), True),
        (sample(CODE), sample(CODE.replace("2]", "3]")), False),
        (sample(CODE), dialogue("d", "Plot it", f"Sure:\n```python\n{CODE}```"), True),
        (sample(CODE), dialogue("d", "Plot it", f"```python\n{CODE}```", "Thanks", "."), False),
        (sample(CODE), dialogue("d", "Plot it", f"```py3\n{CODE}```"), True),
        (sample(CODE), dialogue("d", "Plot it", f"1. So:\n   ```py\n   {INDENTED}   ```"), True),
        (sample(CODE), dialogue("d", f"What is it?\n```python\n{CODE}```", "A plot"), False),
        (asks("What does it print?", LOOP), asks("Why no while?", LOOP), False),
        (answers("Which tool formats?", "black"), answers("Which tool lints?", "ruff"), False),
        (answers("Where?", "setup.cfg"), answers("And there?", "mine.cfg"), False),
        (answers("A maximum", "a = f(b)"), answers("A model", "model = fit(data)"), False),
        (answers("Sort a list", "a.sort()"), answers("Sort an array", "b.sort()"), False),
        (sample(BIG + "plt.plot(1)"), sample(BIG + "plt.bar(2)"), False),
        (sample(BIG + "plt.plot(1)"), sample(BIG + "plt.plot(1)", id="s-2"), True),
        (sample(CODE + "print(1)"), sample(CODE + "print(2)"), False),
        (dialogue("d", "Plot  it", "No"), dialogue("e", "Plot it\n", "No"), True),
        (dialogue("d", "Plot it", "No"), dialogue("e", "Plot it", "Yes"), False),
        (sample("x = ("), sample("x  = ("), True),
        (sample("x = ("), sample("x = ["), False),
    ],
)
def test_keys(one: object, other: object, equal: bool) -> None:
    assert (fingerprint(one).key == fingerprint(other).key) is equal  # type: ignore[arg-type]


def test_a_dialogue_is_near_the_script_that_it_answers_with() -> None:
    long = CODE + "".join(f"plt.plot([{i}, {i * i}], label='line {i}')\n" for i in range(40))
    marks = [
        fingerprint(one)
        for one in (
            sample(long),
            dialogue("d", "Plot it", f"```python\n{long.replace('[7, 49]', '[7, 50]')}```"),
            dialogue("e", f"Plot it\n```python\n{long}```", "No"),
        )
    ]
    assert likeness(marks[0], marks[1]) >= THRESHOLD
    assert likeness(marks[0], marks[2]) < 0.5
