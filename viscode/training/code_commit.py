"""Which commit the code of training is of: the last one that changed it.

Not the commit that is checked out: every commit would then make an unchanged model look changed,
as the card is part of a DVC output. This one stays the same until training itself changes.
"""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("viscode/training", "viscode/settings/train.py", "stages/train.py", "envs/model.lock")
UNKNOWN = "not known"


def code_commit(root: Path = ROOT) -> str:
    """The commit's hash, whether something was changed since, or why it is not known."""
    try:
        if _git(root, "rev-parse", "--is-shallow-repository") != "false":
            return f"{UNKNOWN} (a shallow clone)"
        commit = _git(root, "log", "-1", "--format=%H", "--", *CODE)
        changed = _git(root, "status", "--porcelain", "--", *CODE)
    except (OSError, subprocess.CalledProcessError):
        return f"{UNKNOWN} (no git repository)"
    if not commit:
        return f"{UNKNOWN} (not committed)"
    return f"{commit}, with changes that were not committed" if changed else commit


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()
