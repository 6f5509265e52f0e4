"""README.md of a trained model, in the form the Hugging Face hub reads.

The card is part of a DVC output, so the same inputs must give the same bytes: it holds no date,
host, path, speed or device name. Of commits it names the last one that changed the code of training
(`code_commit`), and says how to find the one that records the result, which comes after. The hash
of the rows, the hash of the base weights and every parameter are there as content.

Decontamination is a property of the data set and is not repeated here: the card points to
data/DATA_CARD.md. Quoting it would make `train` depend on that file, and a changed word in it
would train a model of many hours again.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from viscode.core.hashing import file_digest, files_digest
from viscode.models.model_folder import CARD
from viscode.models.sources import HUB_ID
from viscode.settings.train import Gguf, Method, TrainSettings
from viscode.training.data import TokenSet, read_chats
from viscode.training.plan import StepPlan

MOST_LICENCES = 20
PROJECT_ROOT = Path(__file__).parents[2]
CODE = ("viscode/training", "viscode/settings/train.py", "stages/train.py", "envs/model.lock")
COMMIT_NOT_KNOWN = "not known"
CARD_HEAD = """\
---
license: {licence}
{base_line}library_name: transformers
pipeline_tag: text-generation
tags: [code, visualization]
---
# A VisCode model

{base}{size}, fine-tuned to write plotting code on instruction data whose scripts were run and
drew something. {method}
"""
METHOD_TEXTS = {
    Method.FULL: "Every parameter was trained.",
    Method.LORA: "Low-rank adapters were trained and merged into the weights.",
}
LOADING_TEXT = """\
```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(FOLDER)
model = AutoModelForCausalLM.from_pretrained(FOLDER, dtype="auto")
```
`vllm serve FOLDER` reads the same files. Use the chat template that lies beside the weights: the
model was trained on nothing else."""
LOADING_GGUF = "\n\n`llama-cli -m FOLDER/model.gguf` reads the GGUF file."
PROVENANCE_TEXT = """\
The commit whose `dvc.lock` records this folder holds code, parameters and hashes of all inputs;
`git log -S HASH -- dvc.lock` finds it, HASH being the `md5` of `data/model` there. The code of
training was last changed by commit {commit}."""
SAFETY = """\
- Code that the model writes is untrusted: run it in a sandbox, without network and credentials.
- It may draw something other than what was asked, without any error.
- It was not trained to refuse, and its answers may repeat code of its training data, whose
  licences are listed above."""
DECONTAMINATION = """\
What was removed because it was a duplicate or resembled the benchmark is stated in
`data/DATA_CARD.md`, which the stage `assemble` wrote together with these rows."""


def model_card(
    settings: TrainSettings,
    plan: StepPlan,
    rows: TokenSet,
    base: Path,
    history: Sequence[Mapping[str, Any]],
    chats: Path | None = None,
) -> str:
    """The card's text. `history`: the Trainer's log; `chats`: the file the rows come from."""
    origin, commit = _origin(base), code_commit()
    sections = {
        "Data": _data(rows, chats),
        "Recipe": _recipe(settings, plan, origin["base_model"]),
        "Results": _results(history),
        "Loading": LOADING_TEXT + (LOADING_GGUF if settings.gguf is not Gguf.NONE else ""),
        "Provenance": f"{PROVENANCE_TEXT.format(commit=commit)}\n\n{_hashes(base, chats)}",
        "Licence": _licence(origin["licence"]),
        "What is not safe": SAFETY,
    }
    parameters = int(origin["parameters"])
    head = CARD_HEAD.format(
        licence=(origin["licence"] or "other").lower(),
        base=origin["base_model"],
        base_line=_base_line(origin["base_model"]),
        size=f" ({parameters:,} parameters)" if parameters else "",
        method=METHOD_TEXTS[settings.method],
    )
    return head + "".join(f"\n## {title}\n\n{body}\n" for title, body in sections.items())


def _origin(base: Path) -> dict[str, Any]:
    """What collect_model noted of the base model."""
    path = base / CARD
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {"base_model": base.name, "licence": "", "parameters": 0, **known}


def _base_line(spec: str) -> str:
    """The header's line for a base model on the hub; only such names mean something there."""
    name = spec.removeprefix("hub:").partition("@")[0]
    return f"base_model: {name}\n" if HUB_ID.fullmatch(name) else ""


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return " ".join(text.replace("|", "/").split())


def _data(rows: TokenSet, chats: Path | None) -> str:
    trained = int(rows.trained.sum())
    text = (
        f"{len(rows):,} rows, {len(rows.tokens):,} tokens, {trained:,} of them trained; "
        f"{rows.rejected.total():,} rows were left out"
    )
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(rows.rejected.items()))
    parts = [f"{text} ({reasons})." if reasons else f"{text}."]
    if chats is not None:
        parts += ["The file of the rows, before rows were left out:", _origins(chats)]
    return "\n\n".join([*parts, DECONTAMINATION])


def _origins(chats: Path) -> str:
    """Rows by source and licence, most frequent first."""
    counts = Counter((str(row.source), row.licence or "unknown") for row in read_chats(chats))
    falling = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    table = _table(
        ("source", "licence", "rows"), [(*key, count) for key, count in falling[:MOST_LICENCES]]
    )
    rest = falling[MOST_LICENCES:]
    more = f"\n\n... and {len(rest):,} more, of {sum(n for _, n in rest):,} rows." if rest else ""
    return table + more


def _recipe(settings: TrainSettings, plan: StepPlan, base: str) -> str:
    """Every parameter of the section `train`, and what the plan derived from them."""
    values = settings.model_dump(mode="json") | {"base_model": base}
    rows: list[tuple[str, object]] = [
        (f"`train.{name}`", ", ".join(value) if isinstance(value, list) else value)
        for name, value in values.items()
    ]
    derived = (
        f"{plan.steps:,} optimizer steps, {plan.warmup_steps:,} of them warm-up; "
        f"{settings.batch_size:,} rows a step, over {plan.devices} device(s) with "
        f"{plan.accumulation} micro-batch(es) each."
    )
    return f"{derived}\n\n{_table(('parameter', 'value'), rows)}"


def _results(history: Sequence[Mapping[str, Any]]) -> str:
    rows: list[tuple[str, object]] = []
    for key, name in (("loss", "training loss"), ("eval_loss", "validation loss")):
        logged = [entry for entry in history if key in entry]
        for entry in logged[:1] + logged[1:][-1:]:
            rows.append((f"{name}, step {entry['step']}", f"{entry[key]:.4f}"))
    note = "Pass rates: `metrics/judge/` and `metrics/report/` of the same commit."
    return f"{_table(('measure', 'value'), rows)}\n\n{note}" if rows else note


def _hashes(base: Path, chats: Path | None) -> str:
    rows = [("base weights", files_digest(base.glob("*.safetensors")))]
    if chats is not None:
        rows.append((f"rows ({chats.name})", file_digest(chats)))
    return _table(("input", "SHA-256"), rows)


def _licence(base: str) -> str:
    return (
        f"The base model's licence ({base or 'not known'}) holds for these weights. The rows keep "
        "the licences of their origin."
    )


def code_commit(root: Path = PROJECT_ROOT) -> str:
    """The last commit that changed the code of training, whether something was changed since, or
    why it is not known. Not the commit that is checked out: every commit would then make an
    unchanged model look changed, because the card is part of a DVC output."""
    try:
        if _git(root, "rev-parse", "--is-shallow-repository") != "false":
            return f"{COMMIT_NOT_KNOWN} (a shallow clone)"
        commit = _git(root, "log", "-1", "--format=%H", "--", *CODE)
        changed = _git(root, "status", "--porcelain", "--", *CODE)
    except (OSError, subprocess.CalledProcessError):
        return f"{COMMIT_NOT_KNOWN} (no git repository)"
    if not commit:
        return f"{COMMIT_NOT_KNOWN} (not committed)"
    return f"{commit}, with changes that were not committed" if changed else commit


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()
