"""What each inlined definition is called, so that no two names of one text clash.

A definition is called as the file calls it, else as its module does. Where that name means
something else in the file, in another module or to Python, the module's name is put before it.
"""

import ast
import keyword
from collections.abc import Iterator

from viscode.extract.module_text import BUILTINS, ModuleText, Part, only
from viscode.extract.module_uses import Import
from viscode.extract.own_imports import ALL, FILE, OwnImports, Place
from viscode.extract.taking import Reference, Taken
from viscode.libraries.names import imported_names

Meaning = tuple[str, str]
"""What a name means: ("import", dotted path), (FILE, name) or a module's path with its name."""


class InlineNames:
    """The names of one file's inlined definitions."""

    def __init__(
        self,
        own: OwnImports,
        taken: Taken,
        references: list[Reference],
        kept: list[tuple[Import, ast.alias]],
    ) -> None:
        """`kept`: the imports of the file that stay."""
        self._own = own
        self._references: dict[Meaning, list[Reference]] = {}
        self._imports = {
            Place(path, next(iter(part.binds))): part
            for path, part in taken.all_parts()
            if part.alias is not None and part.binds.isdisjoint(own.modules[path].uses.assigned)
        }
        for reference in references:
            self._references.setdefault(self.meaning(reference.place), []).append(reference)
        self._occupied = self._in_file(references, kept)
        self._given: dict[tuple[Meaning, str], str] = {}
        self._used: dict[str, Meaning] = {}
        bound = (
            Place(path, name) for path, part in taken.all_parts() for name in sorted(part.binds)
        )
        for place in dict.fromkeys([*taken.places, *bound]):
            if place.name != ALL:
                self._give(place)

    def of(self, place: Place) -> str:
        return self._given.get((self.meaning(place), place.name), place.name)

    def meaning(self, place: Place) -> Meaning:
        """Imports of one thing under one name are one, wherever they stand."""
        part = self._imports.get(place)
        if part is None:
            return (place.path, place.name)
        return _imported(part)

    def _give(self, place: Place) -> None:
        meaning = self.meaning(place)
        if (meaning, place.name) in self._given:
            return
        name = next(name for name in self._wishes(place) if self._is_free(name, meaning))
        self._given[meaning, place.name] = name
        self._used[name] = meaning

    def _wishes(self, place: Place) -> Iterator[str]:
        for reference in self._references.get(self.meaning(place), ()):
            if reference.path == FILE and not reference.attributes:
                yield reference.use.name
        yield place.name
        stem = self._own.labels[place.path].rpartition(".")[2]
        longer = f"{stem.upper() if place.name.isupper() else stem}_{place.name.lstrip('_')}"
        yield longer
        number = 2
        while True:
            yield f"{longer}_{number}"
            number += 1

    def _is_free(self, name: str, meaning: Meaning) -> bool:
        if self._used.get(name, meaning) != meaning:
            return False
        there = self._occupied.get(name, set())
        if meaning in there and (FILE, name) in there:
            return True  # the file binds it anew: it has to keep its name
        if not there <= {meaning} or name in BUILTINS or keyword.iskeyword(name):
            return False
        return all(
            (not one.attributes and one.use.name == name)
            or name not in self._own.modules[one.path].uses.local
            for one in self._references.get(meaning, ())
        )

    def _in_file(
        self, references: list[Reference], kept: list[tuple[Import, ast.alias]]
    ) -> dict[str, set[Meaning]]:
        """What each name of the file means that stays in it."""
        file = self._own.modules[FILE]
        meanings: dict[str, set[Meaning]] = {}
        followed = {one.use for one in references if one.path == FILE}
        for one in references:
            if one.path == FILE and not one.attributes:
                meanings.setdefault(one.use.name, set()).add(self.meaning(one.place))
        for node, alias in kept:
            for name, path in imported_names(only(node, [alias])):
                meanings.setdefault(name, set()).add(("import", path))
        for use in (use for part in file.parts for use in part.uses):
            by_import = (
                isinstance(use.node, Import) if use.binds else _only_imported(file, use.name)
            )
            if use not in followed and not by_import:
                meanings.setdefault(use.name, set()).add((FILE, use.name))
        return meanings


def _only_imported(file: ModuleText, name: str) -> bool:
    return name in file.uses.imported and name not in file.uses.assigned


def _imported(part: Part) -> Meaning:
    assert isinstance(part.node, Import) and part.alias is not None
    return ("import", next(imported_names(only(part.node, [part.alias])))[1])
