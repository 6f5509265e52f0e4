"""Which definition of its own repository a name in a file stands for.

`from utils import load`, `import config as cfg` with `cfg.LR`, `from .common import *`, submodules
and what a package's `__init__` hands on are followed to the module that defines the name, through
cycles too. An import that leads to no module of the repository, or whose name means several things,
is followed by nobody.
"""

import ast
from dataclasses import dataclass
from functools import lru_cache

from viscode.core.records import Origin
from viscode.extract.module_text import BUILTINS, ModuleText, Site, in_parts, sites
from viscode.extract.module_uses import Use
from viscode.extract.siblings import MOST_CHARS, Siblings
from viscode.text.python_text import ParseFailure, parse

FILE = ""  # stands for the path of the file itself
ALL = "*"
SHADOWED = frozenset({"code", "profile", "test", "trace"})
"""Modules of Python that no script means that has one of this name beside it."""
MOST_LOOKUPS = 200  # of modules, for one file
MOST_STEPS = 20_000  # from name to name, for one file
MOST_CHARS_READ = 300_000  # of modules, for one file


@dataclass(frozen=True)
class Place:
    """A name of a module's top level. ALL: what a star import of something else brings."""

    path: str
    name: str


@dataclass(frozen=True)
class Whole:
    """A module as an object, or several below one name: (attributes before it, its path)."""

    modules: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True)
class Link:
    """One name of an import that leads to a module of the repository. `path`: the module's, None
    for a folder; `attr`: what is taken from it, "" for the module itself; `prefix`: attributes
    before it, as in `import a.b`."""

    site: Site
    alias: ast.alias
    path: str | None
    attr: str = ""
    prefix: tuple[str, ...] = ()


class OwnImports:
    """The modules that one file reaches; looked up and read as they are asked for."""

    def __init__(self, origin: Origin, siblings: Siblings, importable: frozenset[str]) -> None:
        self.modules: dict[str, ModuleText] = {}
        self.labels: dict[str, str] = {}
        self._origin = origin
        self._siblings = siblings
        self.importable = importable
        self._found: dict[tuple[str, str, int], str | None] = {}
        self._public: dict[str, set[str]] = {}
        self._links: dict[str, dict[str, list[Link]]] = {}
        self._by_alias: dict[tuple[str, int], Link] = {}
        self._steps = self._chars = 0
        self._known: dict[tuple[str, str], Place | Whole | None] = {}

    def lead_on(self, body: list[ast.stmt]) -> bool:
        """Whether an import in the body of the file leads to a module of the repository."""
        pairs = ((site, alias) for site in sites(body) for alias in site.node.names)
        return any(self._link(FILE, *pair) is not None for pair in pairs)

    def links(self, path: str) -> dict[str, list[Link]]:
        """The imports of a module that lead to others of the repository, by the names they bind."""
        if path not in self._links:
            self._links[path] = {}
            for site in dict.fromkeys(s for part in self.modules[path].parts for s in part.sites):
                for alias in site.node.names:
                    if (link := self._link(path, site, alias)) is not None:
                        bound = bound_name(site, alias)
                        self._links[path].setdefault(bound, []).append(link)
                        self._by_alias[path, id(alias)] = link
        return self._links[path]

    def was_read(self, path: str) -> bool:
        """Whether a module was looked into, and is not the file."""
        return path in self._links and path != FILE

    def linked(self, path: str, alias: ast.alias) -> Link | None:
        """The link that a name of an import is."""
        self.links(path)
        return self._by_alias.get((path, id(alias)))

    def lookup(self, path: str, name: str) -> Place | Whole | None:
        """What a name of a module stands for; None for what no module of the repository has, and
        for what the file itself binds."""
        if (path, name) not in self._known:
            self._known[path, name] = self._looked_up(path, name, frozenset())
        return self._known[path, name]

    def target(self, path: str, use: Use) -> tuple[Place, int] | None:
        """What a use in a module stands for, and how many of its attributes lead there."""
        return self._followed(self.lookup(path, use.name), path, use)

    def _link(self, path: str, site: Site, alias: ast.alias) -> Link | None:
        node, dotted = site.node, _dotted(site, alias)
        if isinstance(node, ast.Import):
            found = self._find(path, dotted, 0)
            prefix = () if alias.asname else tuple(dotted.split(".")[1:])
            return None if found is None else Link(site, alias, found, prefix=prefix)
        found = self._find(path, dotted, node.level)
        if alias.name == ALL:
            return None if found is None else Link(site, alias, found)
        if found is None and self._find(path, _joined(dotted, alias.name), node.level) is None:
            return None
        return Link(site, alias, found, attr=alias.name)

    def _looked_up(
        self, path: str, name: str, seen: frozenset[tuple[str, str]]
    ) -> Place | Whole | None:
        module, is_file = self.modules[path], path == FILE
        self._steps += 1
        if (path, name) in seen or self._steps > MOST_STEPS:
            return None
        seen |= {(path, name)}
        here = Place(path, name) if name in module.makers and not is_file else None
        if name in module.uses.assigned and not is_file:
            return here
        targets = {
            target: None
            for link in self.links(path).get(name, ())
            if (target := self._of_link(path, link, seen)) is not None
        }
        if targets:
            return _one_of(list(targets)) or here
        if here or name in BUILTINS or name in module.uses.assigned or name in module.uses.imported:
            return here
        return self._starred(path, name, seen)

    def _of_link(
        self, path: str, link: Link, seen: frozenset[tuple[str, str]]
    ) -> Place | Whole | None:
        if not link.attr:
            return Whole(((link.prefix, link.path or ""),))
        if link.path is not None:
            found = self._looked_up(link.path, link.attr, seen)
            if found is not None:
                return found
        level = link.site.node.level if isinstance(link.site.node, ast.ImportFrom) else 0
        dotted = _joined(_dotted(link.site, link.alias), link.attr)
        below = self._find(path, dotted, level) if _has_submodules(link.path) else None
        return None if below is None else Whole((((), below),))

    def _starred(
        self, path: str, name: str, seen: frozenset[tuple[str, str]]
    ) -> Place | Whole | None:
        """What a star import brings. Where nothing is known to have the name, it may come from
        what a module of the repository star-imports from elsewhere."""
        links = [link.path or "" for link in reversed(self.links(path).get(ALL, ()))]
        for below in links:
            if name in self._exports(below):
                found = self._looked_up(below, name, seen)
                if found is not None:
                    return found
        if path == FILE and self._stars_outside(path):
            return None
        below = next((one for one in (path, *links) if self._stars_outside(one)), FILE)
        return None if below == FILE else Place(below, ALL)

    def _stars_outside(self, path: str) -> bool:
        """Whether a module star-imports from outside of the repository."""
        return ALL in self.modules[path].makers and any(
            self.linked(path, part.alias) is None
            for part in self.modules[path].makers[ALL]
            if part.alias is not None
        )

    def _exports(self, path: str) -> set[str]:
        """The names that a star import of a module brings."""
        if path in self._public:
            return self._public[path]
        names = self._public.setdefault(path, set())
        reached = dict.fromkeys([path])
        waiting = [path]
        while waiting:
            module = self.modules[one := waiting.pop()]
            if module.public is not None:
                names |= module.public
                continue
            names.update(name for name in module.makers if not name.startswith("_"))
            below = [link.path or "" for link in self.links(one).get(ALL, ())]
            waiting += [one for one in below if one not in reached]
            reached.update(dict.fromkeys(below))
        return names

    def _followed(
        self, found: Place | Whole | None, path: str, use: Use
    ) -> tuple[Place, int] | None:
        names, position = [one.attr for one in use.chain], 0
        while isinstance(found, Whole):
            fitting = [
                (len(prefix), below)
                for prefix, below in found.modules
                if tuple(names[position : position + len(prefix)]) == prefix
            ]
            position += max(fitting, default=(0, ""))[0]
            if not fitting or position >= len(names):
                return None
            found, position = self._member(max(fitting)[1], names[position]), position + 1
        if found is None or (use.name, *names[:position]) in self.modules[path].uses.stored:
            return None
        return found, position

    def _member(self, path: str, name: str) -> Place | Whole | None:
        """An attribute of a module: a name of it, else a module in its folder."""
        found = self.lookup(path, name)
        if isinstance(found, Whole) or (found is not None and found.name != ALL):
            return found
        below = self._find(path, name, 1) if _has_submodules(path) else None
        return None if below is None else Whole((((), below),))

    def _find(self, path: str, dotted: str, level: int) -> str | None:
        """The path of a module that the one at `path` imports, where it can be read."""
        root = dotted.partition(".")[0]
        if not level and root in self.importable and root not in SHADOWED:
            return None
        key = (path, dotted, level)
        if key not in self._found and len(self._found) < MOST_LOOKUPS:
            self._found[key] = self._read(path, dotted, level)
        return self._found.get(key)

    def _read(self, path: str, dotted: str, level: int) -> str | None:
        origin = self._origin.model_copy(update={"path": path}) if path else self._origin
        found = self._siblings.module(origin, dotted, level)
        if found is None or found[0] == self._origin.path:
            return None
        below, text = found
        if below not in self.modules:
            self._chars += len(text)
            module = read_module(text) if self._chars <= MOST_CHARS_READ else None
            if module is None:
                return None
            self.modules[below] = module
            self.labels[below] = _label(below, dotted)
        return below


@lru_cache(maxsize=32)
def read_module(text: str) -> ModuleText | None:
    """A module's text in parts; None for one that cannot be parsed."""
    tree = parse(text, most=MOST_CHARS)
    return None if isinstance(tree, ParseFailure) else in_parts(text, tree)


def _one_of(targets: list[Place | Whole]) -> Place | Whole | None:
    """The only one of several targets, or the modules that they are together."""
    if len(targets) == 1:
        return targets[0]
    modules = [pair for one in targets if isinstance(one, Whole) for pair in one.modules]
    if len(modules) < len(targets) or len(dict(modules)) < len(modules):
        return None
    return Whole(tuple(modules))


def _dotted(site: Site, alias: ast.alias) -> str:
    return alias.name if isinstance(site.node, ast.Import) else site.node.module or ""


def _joined(dotted: str, name: str) -> str:
    return f"{dotted}.{name}" if dotted else name


def bound_name(site: Site, alias: ast.alias) -> str:
    if alias.asname or isinstance(site.node, ast.ImportFrom):
        return alias.asname or alias.name
    return alias.name.partition(".")[0]


def root_of(site: Site, alias: ast.alias) -> str:
    """The top-level module of an import, "." of a relative one."""
    if isinstance(site.node, ast.ImportFrom) and site.node.level:
        return "."
    return _dotted(site, alias).partition(".")[0]


def _has_submodules(path: str | None) -> bool:
    return path is None or path.rpartition("/")[2] == "__init__.py"


def _label(path: str, dotted: str) -> str:
    """What a module is called in the list of edits."""
    if dotted:
        return dotted
    *folders, file = path.split("/")
    return folders[-1] if folders and file == "__init__.py" else file.removesuffix(".py")
