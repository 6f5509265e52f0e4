"""Modules that are loaded and yet not there: a warm process that looks like a fresh one.

Warming imports what scripts will import. A script must still meet a process in which nothing was
imported: `plt.plot` without an import is a NameError, `PIL.Image` is not there after `import PIL`,
seaborn's colormaps are unknown before seaborn is. So while warming, `record` notes which module
asked for which; `hide` takes all of them out of `sys.modules` and off their packages; and when a
script imports one, the finder hands it back with everything that importing it had brought in,
without running it again. What else an import changes is undone and redone by hand: entries of
`warnings.filters` (recorded), and the few effects in `effects.py`.

What it does not do: effects on other modules that nobody listed are visible from the start.
"""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .effects import Effect

bootstrap: Any = sys.modules["_frozen_importlib"]


def added_to(before: Sequence[Any], now: Sequence[Any]) -> list[Any]:
    """What is in `now` and not in `before`; quick where `now` only grew, or did not."""
    if now[: len(before)] == before:
        return list(now[len(before) :])
    known = set(before)
    return [one for one in now if one not in known]


class Vault:
    """A meta-path finder over hidden modules."""

    def __init__(self, effects: Mapping[str, tuple[Effect, Effect]]) -> None:
        self.effects = effects  # name -> (undo, redo); see effects.py
        self.asked: dict[str, set[str]] = {}  # module -> names of modules that its import asked for
        self.filters: dict[str, list[Any]] = {}  # module -> warning filters that its import added
        self.modules: dict[str, ModuleType] = {}  # hidden modules by name
        self.rank: dict[str, int] = {}  # their order of loading
        # What comes back with a top-level module, worked out beforehand:
        self.closures: dict[str, list[str]] = {}
        self.attributes: dict[str, ModuleType] = {}  # hidden module -> attribute of its package
        self._loading = [""]

    @contextmanager
    def record(self) -> Iterator[None]:
        """Note who imports whom. The importer is the module that is being loaded innermost: an
        import inside a function belongs to the module whose loading called it."""
        importer, find, load = (
            builtins.__import__,
            bootstrap._find_and_load,
            bootstrap._load_unlocked,
        )

        def watched_import(
            name: str,
            globals: Mapping[str, Any] | None = None,
            locals: Mapping[str, Any] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            result = importer(name, globals, locals, fromlist, level)
            self._note_statement(name, globals, fromlist, level)
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
                self._loading.pop()
                for name in added_to(known, list(sys.modules)):
                    if name != spec.name:
                        self.asked.setdefault(spec.name, set()).add(name)
                self.filters[spec.name] = added_to(filters, warnings.filters)

        builtins.__import__ = watched_import
        bootstrap._find_and_load, bootstrap._load_unlocked = watched_find, watched_load
        try:
            yield
        finally:
            builtins.__import__ = importer
            bootstrap._find_and_load, bootstrap._load_unlocked = find, load

    def _note(self, name: str) -> None:
        self.asked.setdefault(self._loading[-1], set()).add(name)

    def _note_statement(
        self,
        name: str,
        namespace: Mapping[str, Any] | None,
        fromlist: Sequence[str] | None,
        level: int,
    ) -> None:
        if level:
            package = (namespace or {}).get("__package__") or ""
            base = package.rsplit(".", level - 1)[0] if level > 1 else package
            name = f"{base}.{name}" if name else base
        self._note(name)
        for item in fromlist or ():
            if f"{name}.{item}" in sys.modules:
                self._note(f"{name}.{item}")

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
                self.attributes[name] = module
                delattr(owner, child)
        self.closures = {name: self._closure(name) for name in self.modules if "." not in name}
        for name, (undo, _) in self.effects.items():
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
                setattr(owner, child, self.attributes[name])
        for one in reversed(self.filters.get(name, ())):
            if one not in warnings.filters:
                warnings.filters.insert(0, one)  # type: ignore[attr-defined]
                warnings._filters_mutated()  # type: ignore[attr-defined]
        if name in self.effects:
            self.effects[name][1](sys.modules[name], sys.modules)
