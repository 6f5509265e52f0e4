"""data/DATA_CARD.md: what the data set is, in the form the Hugging Face hub reads.

The text stands in data_card.md, a Jinja template; what goes into it is computed here. The numbers
are those of metrics/dataset.json and metrics/funnel.json; what the card says of duplicates and of
the benchmark follows from the parameters and the counts. It holds no date and no path of a machine,
so that the same data give the same card.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from viscode.dataset.counts import SampleCounts
from viscode.settings.dataset import DatasetSettings

LICENCES_SHOWN = 30
REASONS_SHOWN = 5
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
SOURCES = {
    "files": "Python found in the wild; kept where it runs and draws",
    "charts": "synthetic chart code with its data, rebuilt as scripts that read data.csv",
    "dialogues": "multi-turn Python dialogues with corrections, not executed",
}
FIELDS = (
    ("id", "content hash; the same in the jsonl files and the table"),
    ("source", "files, charts or dialogues"),
    ("licence", "licence of where the sample was found, as stated there"),
    ("origin", "kind, name, version, path and locator of where it was found; empty where unknown"),
    ("messages", "role and content, in order; a script stands in a python fence"),
    ("parent_id", "id of the block or dialogue that it was made from (table only)"),
    ("libraries", "plotting libraries of the code (table only)"),
    ("image", "PNG that the code drew; empty for dialogues (table only)"),
    ("facts", "what the images show, as JSON (table only)"),
    ("method", "how the instruction was written: facts, or a model's name (table only)"),
    ("prompt_hash", "hash of the prompt given to that model (table only)"),
    ("tokens", "length of the chat by the target model's tokenizer (table only)"),
    ("split", "train or validation (table only)"),
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
    by_rule = {
        name.removeprefix(CONTAMINATED): count
        for name, count in removed.items()
        if name.startswith(CONTAMINATED) and count
    }
    return filled(
        "data_card.md",
        counts=counts,
        settings=settings,
        removed={"duplicate": 0, "near_duplicate": 0, **removed},
        contaminated=by_rule,
        size=next((name for limit, name in SIZES if counts.samples < limit), "10M<n<100M"),
        funnel=list(_funnel_rows(funnel)),
        licences=_by_source(counts.licences),
        methods=sorted(_by_source(counts.methods), key=lambda row: row[0]),
        lengths=list(_length_rows(counts)),
        prevailing=_prevailing(counts),
        **{name: value for name, value in globals().items() if name.isupper()},
    )


def filled(template: str, **values: object) -> str:
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


def falling(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _funnel_rows(funnel: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for source, stages in funnel.items():
        for stage, step in stages.items():
            rejected = falling(step["rejected"])
            reasons = [f"{name} {count:,}" for name, count in rejected[:REASONS_SHOWN]]
            if rest := rejected[REASONS_SHOWN:]:
                reasons.append(f"{len(rest)} more reasons {sum(count for _, count in rest):,}")
            figures = [
                step.get(name, "") for name in ("in", "paper_in", "kept", "records", "paper")
            ]
            yield source, stage, *figures, ", ".join(reasons)


def _by_source(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, int]]:
    """(source, name, samples), the most frequent first."""
    rows = [
        (source, name or "unknown", count)
        for source, names in counts.items()
        for name, count in names.items()
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _length_rows(counts: SampleCounts) -> Iterator[tuple[object, ...]]:
    for name, lengths in [*sorted(counts.lengths.items()), ("all", counts.all_lengths())]:
        metrics = lengths.as_metrics()
        yield name, *(metrics[column] for column in ("p50", "p95", "max", "mean", "total"))


def _prevailing(counts: SampleCounts) -> str:
    if not counts.by_library or not counts.scripts:
        return ""
    library, count = falling(counts.by_library)[0]
    return f" ({library} in {count / counts.scripts:.0%} of the scripts)"
