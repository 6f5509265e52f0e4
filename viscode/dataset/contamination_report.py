"""What decontamination removed and why, for people: data/contamination.md.

The text stands in contamination.md, a Jinja template. Equal findings give equal text, in whatever
order they come.
"""

from collections import Counter
from collections.abc import Iterable

from viscode.dataset.card import falling, filled
from viscode.dataset.decontaminate import Contamination, Rule

EXAMPLES = 50  # of each rule


def contamination_report(findings: Iterable[tuple[str, str, Contamination]]) -> str:
    """Markdown of (sample id, source, contamination): counts by rule and source, by task, and
    examples."""
    found = sorted(findings, key=lambda finding: finding[0])
    sources = sorted({source for _, source, _ in found})
    counts = Counter((hit.rule, source) for _, source, hit in found)
    rows = [(str(rule), [counts[rule, source] for source in sources]) for rule in Rule]
    rows.append(("all", [sum(counts[rule, source] for rule in Rule) for source in sources]))
    of_rule = {rule: [one for one in found if one[2].rule is rule] for rule in Rule}
    return filled(
        "contamination.md",
        found=len(found),
        sources=sources,
        by_rule=[(name, *numbers, sum(numbers)) for name, numbers in rows],
        by_task=falling(Counter(hit.task for _, _, hit in found)),
        examples=[
            (sample, source, hit.task, rule, f"{hit.share:.2f}")
            for rule, examples in of_rule.items()
            for sample, source, hit in examples[:EXAMPLES]
        ],
    )
