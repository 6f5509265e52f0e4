"""Where `viscode run` and `viscode bench score` find their parameters and the scripts' environment.

In a project these are its own params.yaml and the environment and lock that it names. Elsewhere it
is the checkout that this package is used from, if it is used from one. Else it is the copy of both
files that the wheel carries, and an environment inside the one that viscode is installed in: it
goes when that one goes, and two installations never share one.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from viscode.settings.base import PARAMS, load
from viscode.settings.run import RunSettings
from viscode.settings.validate import RunOptions, ValidateSettings

PACKAGE = Path(__file__).parents[1]
CARRIED = PACKAGE / "defaults"  # in a checkout: links to params.yaml and envs/plots.lock


@dataclass(frozen=True)
class Place:
    """A parameter file, and the folders in which the paths of `validate.lock` and
    `validate.python` begin."""

    params: Path
    files: Path
    environments: Path

    def run_options(self) -> RunOptions:
        """Those of the section `validate`."""
        settings = load(ValidateSettings, self.params)
        return self.options(settings.run_options(load(RunSettings, self.params)))

    def options(self, options: RunOptions) -> RunOptions:
        """`options` of these parameters with paths that hold in the current folder."""
        return replace(
            options, python=self.environments / options.python, lock=self.files / options.lock
        )


def find_place() -> Place:
    """Where to look, seen from the current folder."""
    for root in (Path(), PACKAGE.parent):
        if (root / PARAMS).exists():
            return Place(root / PARAMS, root, root)
    return Place(CARRIED / PARAMS, CARRIED, Path(sys.prefix))
