"""What a file needs of the modules of its repository, within limits.

A name is taken with all that it depends on, or not at all. Each name that the file uses is weighed
by itself, so that one that is too long, or that needs a package which is missing, does not keep the
others out.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from viscode.extract.module_text import Part, Site
from viscode.extract.module_uses import Import, Use
from viscode.extract.own_imports import ALL, FILE, OwnImports, Place, Whole, bound_name, root_of
from viscode.libraries.registry import ROOTS

MOST_LINES = 400
MOST_MODULES = 20
MOST_NAMES = 300  # that a file asks for


@dataclass
class Taken:
    """Names of other modules, and the parts of these modules that make them."""

    places: dict[Place, None] = field(default_factory=dict)
    parts: dict[str, dict[Part, None]] = field(default_factory=dict)
    lines: int = 0

    def has(self, path: str, part: Part) -> bool:
        return part in self.parts.get(path, ())

    def copy(self) -> "Taken":
        parts = {path: dict(parts) for path, parts in self.parts.items()}
        return Taken(dict(self.places), parts, self.lines)

    def all_parts(self) -> Iterator[tuple[str, Part]]:
        return ((path, part) for path, parts in self.parts.items() for part in parts)


@dataclass(frozen=True, eq=False, slots=True)
class Reference:
    """A use in the file or in a taken part that stands for a taken name, with the number of its
    attributes that lead there."""

    path: str
    use: Use
    place: Place
    attributes: int


def take(own: OwnImports) -> Taken:
    """All that the file uses and that fits."""
    taken = Taken()
    for place in _asked_for(own):
        alone = Taken()
        if not _grow(alone, place, own) or not _is_worth_it(alone, own):
            continue
        both = taken.copy()
        if _grow(both, place, own):
            taken = both
    return taken


def references(own: OwnImports, taken: Taken) -> Iterator[Reference]:
    """Those of the file, then those of the taken parts."""
    everything = [(FILE, part) for part in own.modules[FILE].parts]
    for path, part in (*everything, *taken.all_parts()):
        for use in part.uses:
            found = None if use.binds else _target(own, path, use)
            if found is not None and found[0] in taken.places:
                yield Reference(path, use, *found)


def _target(own: OwnImports, path: str, use: Use) -> tuple[Place, int] | None:
    """What a use stands for, where its place in the text is the one that the tree tells."""
    found = own.target(path, use)
    if found is not None and found[1] and own.modules[path].written(use, found[1]) is None:
        return None
    return found


def _asked_for(own: OwnImports) -> list[Place]:
    """What the file uses of other modules, in the order of its uses."""
    places: dict[Place, None] = {}
    for part in own.modules[FILE].parts:
        for use in part.uses:
            found = None if use.binds else _target(own, FILE, use)
            if found is not None and len(places) < MOST_NAMES:
                places[found[0]] = None
    return list(places)


def _grow(taken: Taken, root: Place, own: OwnImports) -> bool:
    """Take a name with all that it depends on; False where that is too much."""
    waiting = [root]
    for place in waiting:  # which grows
        if place in taken.places:
            continue
        taken.places[place] = None
        module, parts = own.modules[place.path], taken.parts.setdefault(place.path, {})
        for part in module.makers.get(place.name, ()):
            if part in parts or _leads_on(own, place, part):
                continue
            parts[part] = None
            taken.lines += _lines(part)
            if taken.lines > MOST_LINES or len(taken.parts) > MOST_MODULES:
                return False
            targets = (_target(own, place.path, use) for use in part.uses if not use.binds)
            waiting += [found[0] for found in targets if found is not None]
            waiting += _unresolved(own, place.path, part)
    return True


def _unresolved(own: OwnImports, path: str, part: Part) -> Iterator[Place]:
    """Names of modules that a part uses in a way that cannot be followed: their import is taken
    as it is."""
    module = own.modules[path]
    for use in part.uses:
        if not use.binds and _target(own, path, use) is None and use.name in module.makers:
            yield Place(path, use.name)


def _leads_on(own: OwnImports, place: Place, part: Part) -> bool:
    """Whether a star import is one of a module of the repository."""
    if place.name != ALL or part.alias is None:
        return False
    return own.linked(place.path, part.alias) is not None


def _is_worth_it(taken: Taken, own: OwnImports) -> bool:
    """Whether nothing that is taken needs a missing package, or something draws all the same."""
    missing = draws = False
    for path, part in taken.all_parts():
        for site in part.sites:
            for alias in [part.alias] if part.alias else site.node.names:
                draws |= root_of(site, alias) in ROOTS
                there = root_of(site, alias) in own.importable or (
                    part.alias is None and own.linked(path, alias) is not None
                )
                missing |= not there and not isinstance(part.node, ast.Try)
    return draws or not missing


def left_over(own: OwnImports, taken: Taken, found: list[Reference]) -> dict[Site, list[ast.alias]]:
    """What stays of each import of the file and of the taken parts: the names that lead out of the
    repository, and those of which a use was not taken."""
    followed = {reference.use for reference in found}
    file = ((FILE, part) for part in own.modules[FILE].parts)
    parts = [*file, *((path, part) for path, part in taken.all_parts() if part.alias is None)]
    needed: dict[str, set[str]] = {}
    for path, part in parts:
        open_uses = (use for use in part.uses if use not in followed)
        needed.setdefault(path, set()).update(
            name for use in open_uses for name in _needed(own, path, use)
        )
    sites = dict.fromkeys((path, site) for path, part in parts for site in part.sites)
    return {
        site: [
            alias
            for alias in site.node.names
            if own.linked(path, alias) is None or bound_name(site, alias) in needed[path]
        ]
        for path, site in sites
    }


def _needed(own: OwnImports, path: str, use: Use) -> Iterator[str]:
    """The imported name that a use needs which was not followed; ALL where a star brings it."""
    if not use.binds:
        yield use.name
        starred = use.name not in own.modules[path].uses.imported
        if starred and own.target(path, use) is not None:
            yield ALL
    elif not isinstance(use.node, Import) and isinstance(own.lookup(path, use.name), Whole):
        yield use.name  # `del utils`


def _lines(part: Part) -> int:
    return (part.node.end_lineno or part.node.lineno) - part.node.lineno + 1
