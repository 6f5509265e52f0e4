"""README.md of a trained model, in the form the Hugging Face hub reads: model_card.md, filled in.

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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from viscode.core.hashing import file_digest, files_digest
from viscode.models.model_folder import CARD
from viscode.models.sources import HUB_ID
from viscode.settings.train import TrainSettings
from viscode.training.data import TokenSet, TrainPaths, read_chats
from viscode.training.plan import StepPlan

MOST_LICENCES = 20
PROJECT_ROOT = Path(__file__).parents[2]
CODE = ("viscode/training", "viscode/settings/train.py", "stages/train.py", "envs/model.lock")
COMMIT_NOT_KNOWN = "not known"


def model_card(
    settings: TrainSettings,
    plan: StepPlan,
    paths: TrainPaths,
    rows: TokenSet,
    history: Sequence[Mapping[str, Any]],
) -> str:
    """The card's text. `history`: the Trainer's log."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    origin: dict[str, Any] = {"base_model": paths.base.name, "licence": "", "parameters": 0}
    noted = paths.base / CARD  # by collect_model
    if noted.is_file():
        origin |= json.loads(noted.read_text(encoding="utf-8"))
    name = str(origin["base_model"])
    hub_name = name.removeprefix("hub:").partition("@")[0]
    recipe = settings.model_dump(mode="json") | {"base_model": name}
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template("model_card.md").render(
        settings=settings.model_dump(mode="json"),
        plan=plan,
        licence=origin["licence"],
        base=name,
        hub_name=hub_name if HUB_ID.fullmatch(hub_name) else "",
        parameters=int(origin["parameters"]),
        counts=rows.as_metrics(),
        left_out=rows.rejected.total(),
        sources=_sources(paths.rows),
        most=MOST_LICENCES,
        recipe=[
            (f"`train.{key}`", ", ".join(value) if isinstance(value, list) else value)
            for key, value in recipe.items()
        ],
        results=_results(history),
        commit=code_commit(),
        hashes=[
            ("base weights", files_digest(paths.base.glob("*.safetensors"))),
            (f"rows ({paths.rows.name})", file_digest(paths.rows)),
        ],
    )


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return " ".join(text.replace("|", "/").split())


def _sources(chats: Path) -> list[tuple[str, str, int]]:
    """(source, licence, rows), most frequent first."""
    counts = Counter((str(row.source), row.licence or "unknown") for row in read_chats(chats))
    falling = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(*key, count) for key, count in falling]


def _results(history: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The first and the last of the losses."""
    rows = []
    for key, name in (("loss", "training loss"), ("eval_loss", "validation loss")):
        logged = [entry for entry in history if key in entry]
        for entry in logged[:1] + logged[1:][-1:]:
            rows.append((f"{name}, step {entry['step']}", f"{entry[key]:.4f}"))
    return rows


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
