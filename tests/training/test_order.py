"""The order of an epoch: a permutation by seed and epoch alone, similar lengths together."""

from viscode.training.micro_batches import step_rows


def flat(steps: list[list[int]]) -> list[int]:
    return [row for step in steps for row in step]


def test_order_is_a_permutation_that_depends_on_seed_and_epoch() -> None:
    lengths = [i * 7 % 50 for i in range(50)]
    first = step_rows(lengths, 4, 1, 0)
    assert sorted(flat(first)) == list(range(50))
    assert [len(rows) for rows in first] == [4] * 12 + [2]
    assert step_rows(lengths, 4, 1, 0) == first
    assert step_rows(lengths, 4, 2, 0) != first
    assert step_rows(lengths, 4, 1, 1) != first


def test_batches_pad_less_than_chance() -> None:
    lengths = [i * 37 % 211 for i in range(64)]

    def padded(rows: list[int]) -> int:
        return sum(4 * max(lengths[r] for r in rows[i : i + 4]) for i in range(0, 64, 4))

    assert padded(flat(step_rows(lengths, 4, 1, 0))) < 0.75 * padded(list(range(64)))
