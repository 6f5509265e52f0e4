"""data/DATA_CARD.md: what the data set is, in the form the Hugging Face hub reads.

The numbers are those of metrics/dataset.json and metrics/funnel.json; what the card says of
duplicates and of the benchmark follows from the parameters and the counts. It holds no date and no
path of a machine, so that the same data give the same card. The standing words are in card_text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from viscode.dataset.card_text import (
    FIELDS,
    LIMITS,
    LOADING,
    OPT_OUT,
    PROVENANCE,
    SOURCES,
    head,
)
from viscode.dataset.counts import SampleCounts
from viscode.settings.dataset import DatasetSettings

LICENCES_SHOWN = 30
REASONS_SHOWN = 5
CONTAMINATED = "contaminated"
EXACT, NEAR = "duplicate", "near_duplicate"
DECONTAMINATION_OFF = "Decontamination was turned off"


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
    sections = (
        ("Funnel", _funnel(funnel)),
        ("Sources and licences", _sources(counts)),
        ("Libraries", _table(("library", "samples"), _falling(counts.by_library))),
        ("How the instructions were written", _methods(counts)),
        ("Length in tokens", _lengths(counts)),
        ("Duplicates", [_duplicates(settings, removed)]),
        ("The benchmark", [_decontamination(settings, removed)]),
        ("Fields", _table(("field", "meaning"), FIELDS)),
        ("Loading", [LOADING]),
        ("Provenance", [PROVENANCE]),
        ("Limits and known biases", [_limits(counts)]),
        ("Opting out", [OPT_OUT]),
    )
    lines = [*head(counts.samples, validation=counts.validation > 0), *_introduction(counts)]
    lines += [line for title, body in sections for line in ("", f"## {title}", "", *body)]
    return "\n".join(lines).rstrip() + "\n"


def _introduction(counts: SampleCounts) -> list[str]:
    return [
        "# VisCode",
        "",
        f"{counts.samples:,} chats that teach a model to write plotting code: an instruction and "
        "the script that answers it, or a dialogue in which code is corrected. Every script of "
        "the sources files and charts was run and drew a plot.",
        "",
        f"Training: {counts.train:,}. Held back for validation: {counts.validation:,}. "
        f"With an image: {counts.with_image:,}.",
    ]


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A Markdown table, or a word that says there is nothing to show."""
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    if not lines:
        yield "None."
        return
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from lines


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.replace("|", "/").replace("<", "&lt;").split())


def _falling(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _funnel(funnel: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Records into and out of each stage, with the paper's rounded figures beside ours. `in` is "
        "`kept` plus the rejected; one kept input may become several records."
    )
    yield ""
    yield from _table(
        ("source", "stage", "in", "paper in", "kept", "records", "paper", "rejected because"),
        _funnel_rows(funnel),
    )
    yield ""
    yield "![The funnel: records after each stage, ours and the paper's](funnel.png)"


def _funnel_rows(funnel: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for source, stages in funnel.items():
        for stage, step in stages.items():
            yield (
                source,
                stage,
                step["in"],
                step.get("paper_in", ""),
                step["kept"],
                step["records"],
                step.get("paper", ""),
                ", ".join(_top(step["rejected"], REASONS_SHOWN)),
            )


def _top(counts: Mapping[str, int], shown: int) -> Iterator[str]:
    falling = _falling(counts)
    yield from (f"{name} {count:,}" for name, count in falling[:shown])
    if rest := falling[shown:]:
        yield f"{len(rest)} more reasons {sum(count for _, count in rest):,}"


def _sources(counts: SampleCounts) -> Iterator[str]:
    for source, text in SOURCES.items():
        if source in counts.by_source:
            yield f"- {source} ({counts.by_source[source]:,}): {text}."
    yield ""
    yield (
        "Each sample keeps the licence of where it was found, in its field `licence`; the data set "
        "as a whole has no single licence."
    )
    if counts.unknown_licences:
        yield f"Of {counts.unknown_licences:,} samples the licence is not known."
    yield ""
    rows = [
        (source, licence, count)
        for source, licences in counts.licences.items()
        for licence, count in licences.items()
    ]
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    yield from _table(
        ("source", "licence", "samples"),
        ((source, licence or "unknown", count) for source, licence, count in rows[:LICENCES_SHOWN]),
    )
    if rest := rows[LICENCES_SHOWN:]:
        yield ""
        yield f"... and {len(rest):,} more, of {sum(row[2] for row in rest):,} samples."


def _methods(counts: SampleCounts) -> Iterator[str]:
    yield (
        "`facts`: from what is known of the drawn figure, without a model. Anything else is the "
        "name of the language model that saw the code and the image. Dialogues are as found."
    )
    yield ""
    yield from _table(
        ("source", "method", "samples"),
        (
            (source, method, count)
            for source, methods in sorted(counts.methods.items())
            for method, count in _falling(methods)
        ),
    )


def _lengths(counts: SampleCounts) -> Iterator[str]:
    yield (
        "All messages in the chat template of the target model, by its tokenizer (`tokens` in the "
        "table). Half of the samples are not longer than p50, 95 % not than p95."
    )
    yield ""
    rows = [*sorted(counts.lengths.items()), ("all", counts.all_lengths())]
    columns = ("p50", "p95", "max", "mean", "total")
    yield from _table(
        ("source", *columns),
        ((name, *(lengths.as_metrics()[column] for column in columns)) for name, lengths in rows),
    )


def _duplicates(settings: DatasetSettings, removed: Mapping[str, int]) -> str:
    exact = (
        f"{removed.get(EXACT, 0):,} exact duplicates (the same program after normalisation, or the "
        "same words of a dialogue) were removed, within and across sources."
    )
    if not settings.near_duplicates:
        return f"{exact} Near duplicates were not looked for."
    return (
        f"{exact} So were {removed.get(NEAR, 0):,} near duplicates: MinHash estimates a Jaccard "
        f"similarity of 5-token shingles of at least {settings.near_duplicates:g}; an estimate "
        "misses some and takes some that are a little less alike."
    )


def _decontamination(settings: DatasetSettings, removed: Mapping[str, int]) -> str:
    if not settings.decontaminates:
        return (
            f"{DECONTAMINATION_OFF}: the benchmark's own tasks may stand in this data. Do not "
            "report scores on PandasPlotBench of a model trained on it."
        )
    rules = {name: n for name, n in removed.items() if name.startswith(CONTAMINATED)}
    found = ", ".join(f"{name.partition(': ')[2]} {n:,}" for name, n in _falling(rules) if n)
    words = (
        f"at least {settings.decontaminate_text_share:.0%} of the word n-grams of a task's "
        "instruction"
        if settings.decontaminate_text_share
        else "instructions were not compared"
    )
    length = settings.decontaminate_ngram
    return (
        f"Samples that give away a benchmark task were removed: {sum(rules.values()):,} "
        f"({found or 'none found'}). A sample is out by equal normalised code, by a share of at "
        f"least {settings.decontaminate_share:.0%} of its code {length}-grams "
        f"in one task, by the task's data, or by its words ({words}). Paraphrases and tasks solved "
        "in another way may remain."
    )


def _limits(counts: SampleCounts) -> str:
    prevailing = ""
    if counts.by_library and counts.scripts:
        library, count = _falling(counts.by_library)[0]
        prevailing = f" ({library} in {count / counts.scripts:.0%} of the scripts)"
    return LIMITS.format(prevailing=prevailing)
