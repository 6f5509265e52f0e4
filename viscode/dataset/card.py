"""Two texts about the data set: data/DATA_CARD.md, in the form that the Hugging Face hub reads, and
data/contamination.md, what decontamination removed and why.

They stand in data_card.md and contamination.md, Jinja templates; what goes into them is computed
here. The numbers are those of metrics/dataset.json and metrics/funnel.json. Neither holds a date or
a path of a machine, so that the same data give the same texts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from viscode.dataset.counts import SampleCounts, length_metrics
from viscode.dataset.decontaminate import Contamination, Rule
from viscode.dataset.funnel import falling, top_reasons
from viscode.settings.dataset import DatasetSettings

LICENCES_SHOWN = 30
REASONS_SHOWN = 5
EXAMPLES = 50  # of each rule
CONTAMINATED = "contaminated: "
DECONTAMINATION_OFF = "Decontamination was turned off"
TRAIN, VALIDATION = "viscode.jsonl", "viscode_validation.jsonl"
PARQUET = "viscode/part-*.parquet"
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)


def data_card(
    counts: SampleCounts,
    funnel: Mapping[str, Any],
    settings: DatasetSettings,
    removed: Mapping[str, int],
) -> str:
    """The card's text.

    `funnel` as viscode.dataset.funnel builds it; `removed`: samples out by rule, keys
    "contaminated: RULE", "duplicate", "near_duplicate".
    """
    return _filled(
        "data_card.md",
        counts=counts,
        settings=settings,
        removed=removed,
        contaminated={
            name.removeprefix(CONTAMINATED): count
            for name, count in removed.items()
            if name.startswith(CONTAMINATED)
        },
        size=next((name for limit, name in SIZES if counts.samples < limit), "10M<n<100M"),
        funnel=list(_funnel_rows(funnel)),
        licences=[
            (source, name or "unknown", n) for (source, name), n in falling(counts.by_licence)
        ],
        methods=[(*key, count) for key, count in sorted(counts.by_method.items())],
        lengths=list(_length_rows(counts)),
        library=next(iter(falling(counts.by_library)), None),
        DECONTAMINATION_OFF=DECONTAMINATION_OFF,
        LICENCES_SHOWN=LICENCES_SHOWN,
        PARQUET=PARQUET,
        TRAIN=TRAIN,
        VALIDATION=VALIDATION,
    )


def contamination_report(findings: Iterable[tuple[str, str, Contamination]]) -> str:
    """Markdown of (sample id, source, finding): counts by rule and source, by task, and examples.
    Equal findings give equal text, in whatever order they come."""
    found = sorted(findings, key=lambda finding: finding[0])
    sources = sorted({source for _, source, _ in found})
    pairs = (product((hit.rule, "all"), (source, "all")) for _, source, hit in found)
    counts = Counter(chain.from_iterable(pairs))
    columns = [*sources, "all"]
    return _filled(
        "contamination.md",
        found=len(found),
        columns=columns,
        by_rule=[(row, *(counts[row, column] for column in columns)) for row in (*Rule, "all")],
        by_task=falling(Counter(hit.task for _, _, hit in found)),
        examples=[
            (sample, source, hit.task, rule, f"{hit.share:.2f}")
            for rule in Rule
            for sample, source, hit in [one for one in found if one[2].rule is rule][:EXAMPLES]
        ],
    )


def _filled(template: str, **values: object) -> str:
    """A template of this folder with its values."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(cell=_cell, falling=falling)
    return environment.get_template(template).render(**values)


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.replace("|", "/").replace("<", "&lt;").split())


def _funnel_rows(funnel: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for source, stages in funnel.items():
        for stage, step in stages.items():
            names = ("in", "paper_in", "kept", "records", "paper")
            reasons = top_reasons(step["rejected"], REASONS_SHOWN)
            yield source, stage, *(step.get(name, "") for name in names), reasons


def _length_rows(counts: SampleCounts) -> Iterator[tuple[object, ...]]:
    for name, lengths in [*sorted(counts.lengths.items()), ("all", counts.all_lengths)]:
        metrics = length_metrics(lengths)
        yield name, *(metrics[column] for column in ("p50", "p95", "max", "mean", "total"))
