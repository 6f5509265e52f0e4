"""The order of an epoch: a permutation by seed and epoch alone, similar lengths together."""

from viscode.training.order import LengthGroupedOrder


def test_order_is_a_permutation_that_hangs_on_seed_and_epoch() -> None:
    lengths = [i * 7 % 50 for i in range(50)]
    order = LengthGroupedOrder(lengths, batch_size=4, seed=1)
    first = list(order)
    assert sorted(first) == list(range(50))
    assert list(LengthGroupedOrder(lengths, 4, seed=1)) == first
    assert list(LengthGroupedOrder(lengths, 4, seed=2)) != first
    order.set_epoch(1)
    assert list(order) != first


def test_batches_pad_less_than_chance() -> None:
    lengths = [i * 37 % 211 for i in range(64)]

    def padded(rows: list[int]) -> int:
        return sum(4 * max(lengths[r] for r in rows[i : i + 4]) for i in range(0, 64, 4))

    assert padded(list(LengthGroupedOrder(lengths, 4, seed=1))) < 0.75 * padded(list(range(64)))
