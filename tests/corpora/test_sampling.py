"""Samples by hash rank."""

from viscode.core.hashing import content_id
from viscode.corpora.sampling import sample_ids

IDS = [content_id(str(number)) for number in range(500)]


def test_order_does_not_matter_and_the_seed_does() -> None:
    chosen = sample_ids(IDS, 50, 1)
    assert len(chosen) == 50
    assert sample_ids(reversed(IDS), 50, 1) == chosen
    assert sample_ids(IDS, 50, 2) != chosen


def test_a_new_id_displaces_at_most_one() -> None:
    before = sample_ids(IDS[:-1], 50, 1)
    assert len(before - sample_ids(IDS, 50, 1)) <= 1


def test_fewer_than_wanted_are_all_taken() -> None:
    assert sample_ids(IDS, 1000, 1) == set(IDS)
