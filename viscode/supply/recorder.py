"""A script that runs another one with recorders in the place of what it lacks.

The script made here carries the modules of inside/ as text, because the sandbox sees nothing of
the program. It runs the code in several passes (inside/passes.py), says at the end what it learnt
(recorded.py reads it), and fails as the code does. Its own figures are closed: what counts is the
run with the values that are written afterwards.

Lines of the code keep their numbers: a traceback names them as lines of `slice.py`, those of
`fixed` as lines of `fixed.py`.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from viscode.supply.wanted import Wanted

HERE = Path(__file__).parent
PACKAGE = "_viscode_recording"
MODULES = (
    "signatures",
    *("inside.nodes", "inside.beginning", "inside.making", "inside.states", "inside.types"),
    *("inside.columns", "inside.callers", "inside.computing", "inside.uses", "inside.protocol"),
    *("inside.roles", "inside.border", "inside.lessons", "inside.report", "inside.passes"),
)
"""In the order in which they import each other."""
DEPTH_LIMIT = 6
NOTHING: tuple[object, ...] = (None, "", [], {}, False, "unknown")

LOADER = """\
def _load(package, modules):
    import sys
    for name in (package, f"{package}.inside"):
        sys.modules[name] = type(sys)(name)
        sys.modules[name].__path__ = []
    for name, text in modules:
        module = type(sys)(f"{package}.{name}")
        module.__package__ = module.__name__.rpartition(".")[0]
        sys.modules[module.__name__] = module
        setattr(sys.modules[module.__package__], name.rpartition(".")[2], module)
        exec(compile(text, f"{package}/{name}.py", "exec"), module.__dict__)
    return module
"""


def with_recorders(
    code: str, names: Sequence[str], fixed: str = "", known: Mapping[str, Wanted] | None = None
) -> str:
    """The script to run in the sandbox. `code` reads `names`, which nothing binds; `fixed` are
    lines, with their imports, that bind other names of it. `known`: what is known already of some
    names; what the script does may still show that they are something else."""
    start = {name: _told((known or {}).get(name, Wanted()), DEPTH_LIMIT) for name in names}
    load = f"_load({PACKAGE!r}, {_modules()!r})"
    return f"{LOADER}\n{load}.main({code!r}, {fixed!r}, {json.dumps(start)!r})\n"


@cache
def _modules() -> tuple[tuple[str, str], ...]:
    paths = ((name, HERE / f"{name.replace('.', '/')}.py") for name in MODULES)
    return tuple((name, path.read_text(encoding="utf-8")) for name, path in paths)


def _told(wanted: Wanted, depth: int) -> dict[str, Any]:
    """A `Wanted` as the nodes read it; what says nothing is left out."""
    told: dict[str, Any] = {"kind": wanted.kind, "certain": wanted.certain, "role": wanted.role}
    told |= {"low": wanted.low, "high": wanted.high, "among": list(wanted.among)}
    told |= {"shape": list(wanted.shape or ()), "beside": sorted(wanted.beside)}
    if depth and wanted.item is not None:
        told["item"] = _told(wanted.item, depth - 1)
    if depth and wanted.parts:
        told["parts"] = {name: _told(part, depth - 1) for name, part in wanted.parts.items()}
    return {key: value for key, value in told.items() if value not in NOTHING}
