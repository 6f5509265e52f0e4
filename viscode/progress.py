"""Progress of a long stage: one line that is redrawn in a terminal, rare lines in a log."""

import sys

from tqdm import tqdm  # type: ignore[import-untyped]

TERMINAL_INTERVAL_S = 0.5
LOG_INTERVAL_S = 15.0


def progress(total: int | None, name: str, unit: str, *, done: int = 0, shown: bool = True) -> tqdm:
    """A bar on stderr with count, rate and time left. Call `update(n)`; use as a context manager
    or close it. `shown=False` for processes that must keep silent."""
    interval = TERMINAL_INTERVAL_S if sys.stderr.isatty() else LOG_INTERVAL_S
    return tqdm(
        total=total,
        initial=done,
        desc=name,
        unit=f" {unit}",
        mininterval=interval,
        maxinterval=interval,
        disable=not shown,
        dynamic_ncols=True,
    )
