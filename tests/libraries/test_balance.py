from pathlib import Path

import pytest

from viscode.core.hashing import content_id
from viscode.core.records import Block, Origin
from viscode.core.tables import read_table, write_table
from viscode.core.transform import read_outcomes
from viscode.libraries.mix import balance


def block(number: int, *libraries: str) -> Block:
    return Block(
        id=content_id("block", str(number), *libraries),
        source="files",
        licence="MIT",
        origin=Origin(kind="sample", name="test"),
        parent_id=str(number),
        code=f"x = {number}",
        libraries=libraries,
        method="as_is",
    )


def kept_ids(tmp_path: Path, blocks: list[Block], ratio: float, seed: int = 1) -> set[str]:
    write_table(tmp_path / "in", Block, blocks)
    balance(tmp_path / "in", tmp_path / "out", seed=seed, matplotlib_per_other=ratio)
    return {kept.id for kept in read_table(tmp_path / "out", Block)}


PLENTY = [block(n, "matplotlib") for n in range(60)]
OTHERS = [block(n, "matplotlib", "seaborn") for n in range(5)] + [
    block(n, "plotly") for n in range(5)
]


@pytest.mark.parametrize(
    ("ratio", "matplotlib_kept"),
    [(0.0, 60), (1.0, 10), (0.5, 5), (2.5, 25), (0.25, 2), (100.0, 60)],
)
def test_ratio(tmp_path: Path, ratio: float, matplotlib_kept: int) -> None:
    kept = kept_ids(tmp_path, PLENTY + OTHERS, ratio)
    assert {b.id for b in OTHERS} <= kept
    assert len(kept & {b.id for b in PLENTY}) == matplotlib_kept


def test_a_ratio_is_the_decimal_that_it_is_written_as(tmp_path: Path) -> None:
    others = [block(n, "plotly") for n in range(100)]
    kept = kept_ids(tmp_path, PLENTY + others, 0.29)  # as floats 28.999...
    assert len(kept & {b.id for b in PLENTY}) == 29


def test_without_others_a_ratio_keeps_nothing(tmp_path: Path) -> None:
    assert kept_ids(tmp_path, PLENTY, 1.0) == set()


def test_a_new_block_changes_the_sample_by_at_most_one(tmp_path: Path) -> None:
    before = kept_ids(tmp_path, PLENTY + OTHERS, 1.0)
    for number in range(100, 120):
        new = block(number, "matplotlib")
        after = kept_ids(tmp_path, [new, *OTHERS, *PLENTY], 1.0)
        assert len(after) == len(before)
        assert len(before - after) <= 1
        assert after - before <= {new.id}


def test_a_new_rare_block_only_adds(tmp_path: Path) -> None:
    before = kept_ids(tmp_path, PLENTY + OTHERS, 1.0)
    after = kept_ids(tmp_path, [*PLENTY, *OTHERS, block(7, "bokeh")], 1.0)
    assert before < after
    assert len(after) == len(before) + 2


def test_the_seed_matters_and_the_order_does_not(tmp_path: Path) -> None:
    one = kept_ids(tmp_path, PLENTY + OTHERS, 1.0)
    assert kept_ids(tmp_path, (PLENTY + OTHERS)[::-1], 1.0) == one
    assert kept_ids(tmp_path, PLENTY + OTHERS, 1.0, seed=2) != one


def test_outcomes_add_up(tmp_path: Path) -> None:
    write_table(tmp_path / "in", Block, PLENTY + OTHERS)
    metrics = balance(tmp_path / "in", tmp_path / "out", seed=1, matplotlib_per_other=1.0)
    assert metrics == {
        "in": 70,
        "kept": 20,
        "records": 20,
        "rejected": {"over_represented": 50},
        "libraries": {"matplotlib": 15, "plotly": 5, "seaborn": 5},
    }
    assert len(list(read_outcomes(tmp_path / "out"))) == 70
