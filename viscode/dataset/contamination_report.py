"""What decontamination removed and why, for people: data/contamination.md.

Equal findings give equal text, in whatever order they come.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from viscode.dataset.decontaminate import Contamination, Rule

MAX_ROWS = 200  # of examples


class RemovedSample(NamedTuple):
    """A removed sample."""

    sample_id: str
    source: str
    contamination: Contamination


def contamination_report(findings: Iterable[tuple[str, str, Contamination]]) -> str:
    """Markdown of (sample id, source, contamination): counts by rule and source, by task, and
    examples, at most `MAX_ROWS`, taken in turn from each rule so that a frequent one does not hide
    the others."""
    found = (RemovedSample(*finding) for finding in findings)
    ordered = sorted(found, key=lambda f: (f.contamination.rule, f.sample_id))
    lines = ["# Samples removed because they give away a benchmark task", ""]
    if not ordered:
        return "\n".join([*lines, "None."]) + "\n"
    shown = _examples(ordered)
    lines += [*_by_rule(ordered), "", *_by_task(ordered), ""]
    lines += [f"## Examples ({len(shown)} of {len(ordered)})", ""]
    lines += ["| sample | source | task | rule | share |", "|---|---|---|---|---|"]
    for finding in shown:
        hit = finding.contamination
        cells = (finding.sample_id, finding.source, hit.task, hit.rule, f"{hit.share:.2f}")
        lines.append(_row(cells))
    return "\n".join(lines) + "\n"


def _by_rule(findings: list[RemovedSample]) -> list[str]:
    sources = sorted({finding.source for finding in findings})
    counts = Counter((finding.contamination.rule, finding.source) for finding in findings)
    lines = [_row(("rule", *sources, "all")), "|---" * (len(sources) + 2) + "|"]
    for rule in Rule:
        numbers = [counts[rule, source] for source in sources]
        lines.append(_row((rule, *map(str, numbers), str(sum(numbers)))))
    totals = [sum(counts[rule, source] for rule in Rule) for source in sources]
    return [*lines, _row(("all", *map(str, totals), str(sum(totals))))]


def _by_task(findings: list[RemovedSample]) -> list[str]:
    counts = Counter(finding.contamination.task for finding in findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ["| task | samples |", "|---|---|", *(_row((task, str(n))) for task, n in ordered)]


def _examples(findings: list[RemovedSample]) -> list[RemovedSample]:
    places: Counter[str] = Counter()
    ranked: list[tuple[int, RemovedSample]] = []
    for finding in findings:
        ranked.append((places[finding.contamination.rule], finding))
        places[finding.contamination.rule] += 1
    chosen = sorted(ranked, key=lambda pair: pair[0])[:MAX_ROWS]
    return sorted(
        (finding for _, finding in chosen), key=lambda f: (f.contamination.rule, f.sample_id)
    )


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
