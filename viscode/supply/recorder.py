"""A script that runs another one with recorders in the place of what it lacks.

The script made here carries the modules of inside/ as text, because the sandbox sees nothing of
the program. It runs the code in several passes (inside/passes.py), says at the end what it learnt
(recorded.py reads it), and fails as the code does. Its own figures are closed: what counts is the
run with the values that are written afterwards.

Lines of the code keep their numbers: a traceback names them as lines of `slice.py`, those of
`fixed` as lines of `fixed.py`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from viscode.supply.wanted import Kind

INSIDE = Path(__file__).with_name("inside")
PACKAGE = "_viscode_recording"
MODULES = (
    *("nodes", "making", "states", "types", "columns", "uses", "protocol", "roles", "border"),
    *("lessons", "report", "passes"),
)
"""In the order in which they import each other."""

LOADER = """\
def _load(package, modules):
    import sys
    sys.modules[package] = type(sys)(package)
    sys.modules[package].__path__ = []
    for name, text in modules:
        module = type(sys)(f"{package}.{name}")
        module.__package__ = package
        sys.modules[module.__name__] = module
        setattr(sys.modules[package], name, module)
        exec(compile(text, f"{package}/{name}.py", "exec"), module.__dict__)
    return module
"""


def with_recorders(
    code: str, names: Sequence[str], fixed: str = "", kinds: Mapping[str, Kind] | None = None
) -> str:
    """The script to run in the sandbox. `code` reads `names`, which nothing binds; `fixed` are
    lines, with their imports, that bind other names of it. `kinds`: what is known already of some
    names; the script may still show that they are something else."""
    known = {name: (kinds or {}).get(name, "") for name in names}
    load = f"_load({PACKAGE!r}, {_modules()!r})"
    return f"{LOADER}\n{load}.main({code!r}, {fixed!r}, {known!r})\n"


@cache
def _modules() -> tuple[tuple[str, str], ...]:
    return tuple((name, (INSIDE / f"{name}.py").read_text(encoding="utf-8")) for name in MODULES)
