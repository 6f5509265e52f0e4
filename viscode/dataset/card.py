"""data/DATA_CARD.md: what the data set is, in the form the Hugging Face hub reads.

The numbers are those of metrics/dataset.json and metrics/funnel.json; the card holds no date and
no path of a machine, so that the same data give the same card.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from viscode.dataset.counts import Counts
from viscode.settings.dataset import DatasetSettings

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))
SOURCES = {
    "files": "Python found in the wild; kept where it runs and draws",
    "charts": "synthetic chart code with its data, rebuilt as scripts that read data.csv",
    "dialogues": "multi-turn Python dialogues with corrections, not executed",
}
FIELDS = (
    ("id", "content hash; the same in the jsonl files and the table"),
    ("source", "files, charts or dialogues"),
    ("messages", "role and content, in order; the answer is code in a python fence"),
    ("origin, licence, parent_id", "where the sample comes from (table only)"),
    ("libraries", "plotting libraries of the code (table only)"),
    ("image", "PNG that the code drew; empty for dialogues (table only)"),
    ("facts", "what the images show, as JSON (table only)"),
)
LIMITS = """\
- Instructions of method `facts` are written from what is known of the drawn figure and from the
  code, without a model: plain in how they say it, silent about line widths, fonts, positions and
  colour maps.
- "Runs and draws" is all that validation says. Nobody has looked at every plot.
- Exact duplicates are removed, near duplicates are not.
- {decontamination}
- Known biases: matplotlib prevails; the texts are mostly English; examples from documentation are
  short, clean and scientific; synthetic charts have tidy data and long titles.
- Each sample keeps the licence of where it was found; see the table. The data set as a whole has
  no single licence.
"""
LOADING = """\
```python
from datasets import load_dataset

chats = load_dataset("json", data_files={"train": "viscode.jsonl",
                                         "validation": "viscode_validation.jsonl"})
with_images = load_dataset("parquet", data_files="viscode/part-*.parquet")
```
The table holds the samples of both splits; the ids in viscode_validation.jsonl tell them apart.
"""


def data_card(counts: Counts, funnel: Mapping[str, Any], settings: DatasetSettings) -> str:
    """The card's text; `funnel` as viscode.dataset.funnel builds it."""
    return "\n".join(
        [
            *_head(counts),
            "# VisCode",
            "",
            f"{counts.samples} chats that teach a model to write plotting code: an instruction and "
            "the script that answers it, or a dialogue in which code is corrected. Every script of "
            "the sources files and charts was run and drew a plot.",
            "",
            f"Training: {counts.samples - counts.validation}. Held back for validation: "
            f"{counts.validation}.",
            "",
            "## Funnel",
            "",
            "Records after each stage; the paper's figures are rounded.",
            "",
            *_table(
                ("source", "stage", "in", "kept", "records", "rejected because", "paper"),
                _funnel_rows(funnel),
            ),
            "",
            "## Sources and licences",
            "",
            *(
                f"- {source}: {text}."
                for source, text in SOURCES.items()
                if source in counts.by_source
            ),
            "",
            *_table(("source", "licence", "samples"), _licence_rows(counts)),
            "",
            "## Libraries",
            "",
            *_table(("library", "samples"), sorted(counts.by_library.items())),
            "",
            "## Fields",
            "",
            *_table(("field", "meaning"), FIELDS),
            "",
            "## Limits and known biases",
            "",
            LIMITS.format(decontamination=_decontamination(settings)),
            "## Loading",
            "",
            LOADING,
        ]
    )


def _head(counts: Counts) -> list[str]:
    size = next((name for limit, name in SIZES if counts.samples < limit), "n>1M")
    held_back = ["  - split: validation", "    path: viscode_validation.jsonl"]
    return [
        "---",
        "pretty_name: VisCode",
        "license: other",
        "license_name: per-sample",
        "language:",
        "- en",
        "task_categories:",
        "- text-generation",
        "tags:",
        "- code",
        "- visualization",
        "- instruction-tuning",
        "size_categories:",
        f"- {size}",
        "configs:",
        "- config_name: default",
        "  data_files:",
        "  - split: train",
        "    path: viscode.jsonl",
        *(held_back if counts.validation else []),
        "---",
        "",
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |"


def _funnel_rows(funnel: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for source, stages in funnel.items():
        for stage, step in stages.items():
            why = ", ".join(f"{reason} {count}" for reason, count in step["rejected"].items())
            yield (
                source,
                stage,
                step["in"],
                step["kept"],
                step["records"],
                why,
                step.get("paper", ""),
            )


def _licence_rows(counts: Counts) -> Iterator[tuple[object, ...]]:
    for source, licences in sorted(counts.licences.items()):
        for licence, count in sorted(licences.items(), key=lambda item: (-item[1], item[0])):
            yield source, licence, count


def _decontamination(settings: DatasetSettings) -> str:
    if not settings.decontaminates:
        return "Decontamination against the benchmark was turned off: do not report its scores."
    return (
        "Decontaminated against the benchmark tasks by equal normalised code, by a share of at "
        f"least {settings.decontaminate_share:g} of code {settings.decontaminate_ngram}-grams in "
        "one task, and by equal data;\n  paraphrased instructions may remain."
    )
