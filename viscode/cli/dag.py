"""What `viscode dag --make` prints: dvc.yaml as a Makefile, which needs no DVC.

The Makefile calls the same commands in the same order, removes a stage's outs before it runs, and
runs a stage again when a file that it watches changed after its last run began, or when one of its
parameters has another value. It goes by times where DVC goes by contents: no cut-off where an out
came out the same, no cache, no history. `make -j` runs stages side by side, which DVC does not.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from viscode.core.replacing import write_text
from viscode.settings.base import PARAMS, read_params

HEAD = """\
# Written by `viscode dag --make`. Use: make -f FILE [-j N] [STAGE]
MAKEFLAGS += --no-builtin-rules
MADE := .viscode/made
files = $(shell find $(1) -type f -not -name '*.pyc' | sed 's/ /\\\\ /g')
ignored := $(shell viscode dag --snapshot $(MADE) {params})
$(if $(filter 0,$(.SHELLSTATUS)),,$(error parameters could not be read))
{watched}
.PHONY: all {names}
all: {names}
"""
STAGE = """
{name}: $(MADE)/{name}
$(MADE)/{name}: {before}
	rm -rf {outs}
	mkdir -p {folders}
	@touch $@.begun
	{command}
	@mv $@.begun $@
"""


def stage_graph(root: Path) -> Any:
    """DVC's graph of the stages in `root`'s dvc.yaml: edges lead to what a stage depends on."""
    from dvc.repo import Repo

    return Repo(str(root)).index.graph


def makefile(root: Path) -> str:
    """The stages of `root`'s dvc.yaml; DVC itself resolves `foreach` and parameters in it."""
    graph = stage_graph(root)
    stages = {str(stage.addressing): stage for stage in graph}
    outs = [Path(str(out)) for stage in graph for out in stage.outs]
    keys = {name: parameters_of(stage) for name, stage in sorted(stages.items())}
    watched = {name: list(_watched(stages[name], outs)) for name in keys}
    rules = [
        STAGE.format(
            name=name,
            before=" ".join(
                [
                    *sorted(f"$(MADE)/{one.addressing}" for one in graph.successors(stages[name])),
                    *([f"$(MADE)/{name}.params"] if keys[name] else []),
                    *(f"$({path})" for path in watched[name]),
                ]
            ),
            outs=" ".join(map(str, stages[name].outs)),
            folders=" ".join(sorted({str(Path(str(out)).parent) for out in stages[name].outs})),
            command=str(stages[name].cmd).replace("$", "$$"),
        )
        for name in keys
    ]
    head = HEAD.format(
        params=" ".join(f"{name}={','.join(found)}" for name, found in keys.items() if found),
        watched="\n".join(
            f"{path} := $(call files,{path})"
            for path in sorted({path for found in watched.values() for path in found})
        ),
        names=" ".join(keys),
    )
    return head + "".join(rules)


def parameters_of(stage: Any) -> list[str]:
    """The parameters that a stage watches."""
    return [key for dep in stage.deps for key in getattr(dep, "params", None) or ()]


def _watched(stage: Any, outs: Sequence[Path]) -> Iterator[str]:
    """Files and folders that the stage depends on and no stage makes."""
    for dep in stage.deps:
        path = Path(str(dep))
        made = any(out.is_relative_to(path) or path.is_relative_to(out) for out in outs)
        if not hasattr(dep, "params") and not made:
            yield str(path)


def snapshot(folder: Path, watched: Sequence[str], params: Path = PARAMS) -> None:
    """For each "STAGE=KEY,KEY" write the values of these parameters to `folder`/STAGE.params, where
    they are not what stands there: the file's time is that of the last change."""
    document = read_params(params)
    for one in watched:
        stage, _, keys = one.partition("=")
        text = json.dumps({key: _value(document, key) for key in keys.split(",")}, sort_keys=True)
        path = folder / f"{stage}.params"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)


def _value(document: Any, key: str) -> Any:
    for part in key.split("."):
        document = document.get(part) if isinstance(document, Mapping) else None
    return document
