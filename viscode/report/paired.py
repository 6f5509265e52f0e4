"""Two models on the same tasks: the exact McNemar test and an interval for the difference.

Only the tasks on which the models disagree carry information about which is better. The test is
exact (binomial), because at benchmark sizes the discordant tasks are few.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from viscode.core.statistics import Z_95, mcnemar_exact


@dataclass(frozen=True)
class Paired:
    """Outcomes of a model (`after`) against another (`before`) on `tasks` common tasks.

    `gained` failed before and pass after, `lost` the other way round. `difference`, `low` and
    `high` are percentage points, after minus before.
    """

    tasks: int
    before: int
    after: int
    gained: int
    lost: int

    @property
    def difference(self) -> float:
        return 100 * (self.gained - self.lost) / self.tasks

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval after Bonett and Price (2012), which holds for small samples."""
        gain = (self.gained + 1) / (self.tasks + 2)
        loss = (self.lost + 1) / (self.tasks + 2)
        spread = Z_95 * math.sqrt((gain + loss - (gain - loss) ** 2) / (self.tasks + 2))
        centre = gain - loss
        return 100 * max(-1.0, centre - spread), 100 * min(1.0, centre + spread)

    @property
    def p_value(self) -> float:
        return mcnemar_exact(self.gained, self.lost)


def pair(before: Mapping[str, bool], after: Mapping[str, bool]) -> Paired | None:
    """Compare passes by task id over the tasks that both have; None without a common task."""
    common = before.keys() & after.keys()
    if not common:
        return None
    return Paired(
        tasks=len(common),
        before=sum(before[task] for task in common),
        after=sum(after[task] for task in common),
        gained=sum(after[task] and not before[task] for task in common),
        lost=sum(before[task] and not after[task] for task in common),
    )
