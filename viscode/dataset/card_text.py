"""The standing words of the data card: its head for the hub, fields, limits, how to load it."""

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)
TRAIN, VALIDATION = "viscode.jsonl", "viscode_validation.jsonl"
TABLE = "viscode/part-*.parquet"

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
LIMITS = """\
- "Runs and draws" is all that validation says. Nobody has looked at every plot, and nobody has
  checked that an instruction asks for exactly what its script draws.
- Instructions of method `facts` are plain in how they say it, and silent about line widths, fonts,
  positions and colour maps. Those of a model may name what the plot does not show.
- Dialogues were not executed: their code may not run, and few of them plot.
- Known biases: one library prevails{prevailing};
  the texts are mostly English; examples from documentation are short, clean and scientific;
  synthetic charts have tidy data and long titles; code that needs a network, a display or
  private data is missing, since it could not be run.
- Scripts were run with the library versions of one environment; others may warn or fail.
- The code is other people's. Run it in a sandbox."""
LOADING = f"""\
```python
from datasets import load_dataset

chats = load_dataset("OWNER/NAME")  # splits train and validation
with_images = load_dataset(
    "parquet", data_files="hf://datasets/OWNER/NAME/{TABLE}", split="train"
)
```
Or from a local copy:
```python
chats = load_dataset("json", data_files={{"train": "{TRAIN}", "validation": "{VALIDATION}"}})
with_images = load_dataset("parquet", data_files="{TABLE}", split="train")
```
The table is no configuration of its own, because `datasets` reads one file format a repository.
The table holds the samples of both splits; its field `split` tells them apart."""
PROVENANCE = """\
A line leads back to where it was found: `origin.name` is a repository, package or data set,
`origin.version` its version, `origin.path` the file in it, `origin.locator` what finds it there
(a Software Heritage blob id, the dotted name of an object, a row's own id). A blob id `H` is the
file's SHA-1, plain or as git computes it: the archive knows the file as
`https://archive.softwareheritage.org/api/1/content/sha1:H/` or, for git's, `.../sha1_git:H/`.
`parent_id` leads through the stages between; `viscode/outcome-*.parquet` says of every sample that
reached the last stage whether it was kept, and if not, why."""
OPT_OUT = """\
Whoever finds their code here and does not want it: open an issue with the repository (owner/name)
or the blob id. It goes to the list that is read before anything is fetched (`collect.files.opt_out`
in params.yaml); the next version is made without it."""


def head(samples: int, *, validation: bool) -> list[str]:
    """The YAML head that the hub reads; an empty split is not announced. `datasets` takes the file
    format of the first configuration for all, so the table cannot be a second one."""
    size = next((name for limit, name in SIZES if samples < limit), "10M<n<100M")
    held_back = ["  - split: validation", f"    path: {VALIDATION}"]
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
        "  default: true",
        "  data_files:",
        "  - split: train",
        f"    path: {TRAIN}",
        *(held_back if validation else []),
        "---",
        "",
    ]
