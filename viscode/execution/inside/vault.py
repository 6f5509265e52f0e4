"""Modules that are loaded and yet not there: a warm process that looks like a fresh one.

Warming imports what scripts will import. A script must still meet a process in which nothing was
imported: `plt.plot` without an import is a NameError, `PIL.Image` is not there after `import PIL`,
seaborn's colormaps are unknown before seaborn is. So while warming, `record` notes which module
asked for which; `hide` takes all of them out of `sys.modules` and off their packages; and when a
script imports one, the finder hands it back with everything that importing it had brought in,
without running it again. What else an import changes is undone and redone: entries of
`warnings.filters` (recorded), and the few effects on other modules that `EFFECTS` lists.

What it does not do: effects that nobody listed are visible from the start.
"""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

bootstrap: Any = sys.modules["_frozen_importlib"]


def forget_colormaps(module: Any, others: Mapping[str, Any]) -> None:
    for name in colormap_names(module):
        others["matplotlib"].colormaps.unregister(name)


def register_colormaps(module: Any, others: Mapping[str, Any]) -> None:
    for name in colormap_names(module):
        others["matplotlib"].colormaps.register(getattr(module, name), name=name)


def colormap_names(module: Any) -> list[str]:
    return [name for base in module._lut_dict for name in (base, f"{base}_r")]


def remember_settings(module: Any, others: Mapping[str, Any]) -> None:
    """seaborn.reset_orig goes back to the settings at the time of its import."""
    module._orig_rc_params = others["matplotlib"].rcParams.copy()


def leave_shell(module: Any, others: Mapping[str, Any]) -> None:
    """pyplot's import registers a callback with IPython's shell."""
    module._viscode_hooked = module._REPL_DISPLAYHOOK is module._ReplDisplayHook.IPYTHON
    module.uninstall_repl_displayhook()


def join_shell(module: Any, others: Mapping[str, Any]) -> None:
    if module._viscode_hooked:
        module.install_repl_displayhook()


# What importing a module does to others: (undo, redo), called with it and with all modules.
EFFECTS: dict[str, tuple[Callable[[Any, Mapping[str, Any]], object], ...]] = {
    "matplotlib.pyplot": (leave_shell, join_shell),
    "seaborn.cm": (forget_colormaps, register_colormaps),
    "seaborn": (lambda *_: None, remember_settings),
}


def added_to(before: Sequence[Any], now: Sequence[Any]) -> list[Any]:
    """What is in `now` and not in `before`; quick where `now` only grew, or did not."""
    if now[: len(before)] == before:
        return list(now[len(before) :])
    known = set(before)
    return [one for one in now if one not in known]


class Vault:
    """A meta-path finder over hidden modules."""

    def __init__(self) -> None:
        self.asked: dict[str, set[str]] = {}  # module -> names of modules that its import asked for
        self.filters: dict[str, list[Any]] = {}  # module -> warning filters that its import added
        self.modules: dict[str, ModuleType] = {}  # hidden modules by name
        self.rank: dict[str, int] = {}  # their order of loading
        # What comes back with a top-level module, worked out beforehand:
        self.closures: dict[str, list[str]] = {}
        self.attributes: set[str] = set()  # hidden modules that are attributes of their packages
        self._loading = [""]

    @contextmanager
    def record(self) -> Iterator[None]:
        """Note who imports whom. The importer is the module that is being loaded innermost: an
        import inside a function belongs to the module whose loading called it."""
        importer = builtins.__import__
        find, load = bootstrap._find_and_load, bootstrap._load_unlocked

        def watched_import(
            name: str,
            globals: Mapping[str, Any] | None = None,
            locals: Mapping[str, Any] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            result = importer(name, globals, locals, fromlist, level)
            if level:
                name = bootstrap._resolve_name(name, bootstrap._calc___package__(globals), level)
            items = (f"{name}.{item}" for item in fromlist or ())
            self._note(name, *(item for item in items if item in sys.modules))
            return result

        def watched_find(name: str, *rest: Any) -> Any:
            self._note(name)
            return find(name, *rest)

        def watched_load(spec: ModuleSpec) -> Any:
            self._loading.append(spec.name)
            known, filters = list(sys.modules), list(warnings.filters)
            try:
                return load(spec)
            finally:
                self._note(*added_to(known, list(sys.modules)))
                self._loading.pop()
                self.filters[spec.name] = added_to(filters, warnings.filters)

        builtins.__import__ = watched_import
        bootstrap._find_and_load, bootstrap._load_unlocked = watched_find, watched_load
        try:
            yield
        finally:
            builtins.__import__ = importer
            bootstrap._find_and_load, bootstrap._load_unlocked = find, load

    def _note(self, *names: str) -> None:
        """The module that is being loaded asks for these."""
        self.asked.setdefault(self._loading[-1], set()).update(names)

    def hide(self, visible: Collection[str], filters: Sequence[Any]) -> None:
        """Take away all modules but those named in `visible`, and what they did; `filters` are
        the warning filters of a fresh process."""
        for name in [n for n in sys.modules if n not in visible]:
            self.modules[name] = sys.modules.pop(name)
        self.rank = {name: rank for rank, name in enumerate(self.modules)}
        for name, module in self.modules.items():
            package, _, child = name.rpartition(".")
            owner = self.modules.get(package) or sys.modules.get(package)
            if owner is not None and getattr(owner, "__dict__", {}).get(child) is module:
                self.attributes.add(name)
                delattr(owner, child)
        self.closures = {name: self._closure(name) for name in self.modules if "." not in name}
        for name, (undo, _) in EFFECTS.items():
            if name in self.modules:
                undo(self.modules[name], self.modules)
        warnings.filters[:] = filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name not in self.modules:
            return None
        return ModuleSpec(name, self)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        self._original = getattr(self.modules[spec.name], "__spec__", None)
        return self.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Hand back what importing this module brings in, itself included."""
        assert module.__spec__ is not None
        name = module.__spec__.name
        module.__spec__ = self._original
        names = self.closures.get(name) or self._closure(name)
        names = [one for one in names if one in self.modules]
        for one in names:
            sys.modules[one] = self.modules.pop(one)
        for one in names:
            self._redo(one)

    def _closure(self, name: str) -> list[str]:
        """The module and all that it asked for, as far as it is hidden, in the order in which
        they were loaded (a package after what its import loaded)."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in found or one not in self.modules:
                continue
            found.add(one)
            waiting += self.asked.get(one, ())
            waiting.append(one.rpartition(".")[0])
        return sorted(found, key=self.rank.__getitem__)

    def _redo(self, name: str) -> None:
        """What importing `name`, which is back, did to others."""
        if name in self.attributes:
            package, _, child = name.rpartition(".")
            owner = sys.modules.get(package)
            if owner is not None and child not in vars(owner):
                setattr(owner, child, sys.modules[name])
        for one in reversed(self.filters.get(name, ())):
            if one not in warnings.filters:
                warnings.filters.insert(0, one)  # type: ignore[attr-defined]
                warnings._filters_mutated()  # type: ignore[attr-defined]
        if name in EFFECTS:
            EFFECTS[name][1](sys.modules[name], sys.modules)
