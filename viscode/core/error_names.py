"""Names of exceptions as keys of metrics.

A script names its exceptions as it likes: with dots, line ends, a megabyte of text, another one for
each run. Metrics keep a form that `dvc metrics diff` can compare: plain names, and not too many.
"""

import re
from collections import Counter
from collections.abc import Mapping

UNKNOWN, OTHERS = "UnknownError", "other"
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
MOST = 50  # names in one table of counts


def plain_name(kind: str) -> str:
    """The name of an exception's class; UNKNOWN where it is no identifier of at most 64 letters,
    digits and underscores."""
    return kind if PLAIN.fullmatch(kind) else UNKNOWN


def counts_by_name(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts of plain names in their order: the MOST commonest, and the rest as OTHERS."""
    plain: Counter[str] = Counter()
    for kind, count in counts.items():
        plain[plain_name(kind)] += count
    ranked = sorted(plain.items(), key=lambda entry: (-entry[1], entry[0]))
    kept, rest = dict(ranked[:MOST]), ranked[MOST:]
    if rest:
        kept[OTHERS] = kept.get(OTHERS, 0) + sum(count for _, count in rest)
    return dict(sorted(kept.items()))
