"""The text of a file with the definitions that it uses of its own repository.

Everything is cut from the sources, with the comments that stand directly above it; what changes are
single names, and the imports that it makes superfluous.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from viscode.extract.inline_names import InlineNames
from viscode.extract.module_text import DEFINITIONS, ModuleText, Part, Site, import_text
from viscode.extract.module_uses import Import, Use
from viscode.extract.own_imports import ALL, FILE, OwnImports, Place, Whole, bound_name
from viscode.extract.taking import Reference, Taken

REST = re.compile(rb"[ \t]*(?:#[^\n]*)?(?=\n|\Z)")
NO_COMMENT = re.compile(rb"#!|#.*coding[:=]|#\s*%%|#\s*In ?\[")
MOST_COMMENT = 8  # lines above a definition; more of them are mostly old code
GAP = "\n\n\n"

Edit = tuple[int, int, str]
Piece = tuple[bool, str]
"""Whether it is a definition, and its text."""


class Unclean(Exception):
    """A change that cannot be made in the text."""


class InlineText:
    """One file's. `left` says which names of each import stay.

    Raises:
        Unclean: a change that cannot be made.
    """

    def __init__(
        self,
        own: OwnImports,
        taken: Taken,
        references: list[Reference],
        left: dict[Site, list[ast.alias]],
    ) -> None:
        self._own, self._taken, self._left = own, taken, left
        in_file = dict.fromkeys(site for part in own.modules[FILE].parts for site in part.sites)
        kept = [(site.node, alias) for site in in_file for alias in left[site]]
        self._names = InlineNames(own, taken, references, kept)
        self._changes: dict[str, set[Edit]] = {path: set() for path in own.modules}
        self._emitted: set[str] = set()
        self._imports: set[str] = set()
        self._edits: dict[str, None] = {}
        for reference in references:
            self._rename_use(reference)
        for path, part in taken.all_parts():
            for use in part.uses if part.alias is None else ():
                self._rename_bound(path, use)
        self.text = self._text()

    @property
    def edits(self) -> tuple[str, ...]:
        """What was inlined, in the order of the text."""
        return tuple(self._edits)

    def _text(self) -> str:
        file = self._own.modules[FILE]
        changes = self._changes[FILE]
        chunks: list[tuple[int, list[Piece]]] = []
        for _, same in groupby(file.parts, key=lambda part: id(part.node)):
            part = next(same)
            start = file.start_of_line(_extent(file, part)[0])
            if pieces := list(self._below(FILE, part)):
                chunks.append((start, pieces))
            changes |= self._without_imports(file, part)
            if isinstance(part.node, Import):
                self._imports |= {import_text(part.node, [a]) for a in self._left[part.sites[0]]}
        others = [piece for path in self._taken.parts for piece in self._emit(path)]
        if others and chunks:
            chunks[0] = (chunks[0][0], [*others, *chunks[0][1]])
        changes |= {(start, start, _joined(pieces)) for start, pieces in chunks}
        return _changed(file.data, changes, 0, len(file.data))

    def _below(self, path: str, part: Part) -> Iterator[Piece]:
        """What the imports in a part bring that nothing before it has brought."""
        for site in part.sites:
            for alias in site.node.names:
                link = self._own.linked(path, alias)
                if link is not None:
                    found = self._own.lookup(path, bound_name(site, alias))
                    modules = found.modules if isinstance(found, Whole) else ()
                    for below in (link.path, *(one for _, one in modules)):
                        yield from self._emit(below or FILE)

    def _emit(self, path: str) -> Iterator[Piece]:
        """What is taken of a module, in its order, after what it imports."""
        known = path in self._taken.parts or self._own.was_read(path)
        if path in self._emitted or not known:
            return
        self._emitted.add(path)
        module = self._own.modules[path]
        for _, same in groupby(module.parts, key=lambda part: id(part.node)):
            parts = list(same)
            yield from self._below(path, parts[0])
            taken = [part for part in parts if self._taken.has(path, part)]
            if taken and isinstance(taken[0].node, Import):
                yield from self._import(path, taken[0].node, taken)
            elif taken:
                start, end = _extent(module, taken[0])
                changes = self._changes[path] | self._without_imports(module, taken[0])
                if text := _changed(module.data, changes, start, end).strip("\n"):
                    yield isinstance(taken[0].node, DEFINITIONS), text
                self._tell(path, taken[0])

    def _tell(self, path: str, part: Part) -> None:
        for name in sorted(part.binds):
            if Place(path, name) in self._taken.places:
                self._edits[f"inlined {self._own.labels[path]}.{name}"] = None

    def _import(self, path: str, node: Import, parts: list[Part]) -> Iterator[Piece]:
        """An import of what its module imports from elsewhere, but for what there is already."""
        aliases = [self._alias(path, node, part) for part in parts]
        new = [alias for alias in aliases if import_text(node, [alias]) not in self._imports]
        self._imports |= {import_text(node, [alias]) for alias in new}
        if new:
            yield False, import_text(node, new)

    def _alias(self, path: str, node: Import, part: Part) -> ast.alias:
        assert part.alias is not None
        bound = bound_name(part.sites[0], part.alias)
        name = bound if bound == ALL else self._names.of(Place(path, bound))
        if name == bound:
            return part.alias
        if isinstance(node, ast.Import) and "." in part.alias.name and not part.alias.asname:
            raise Unclean(bound)
        return ast.alias(part.alias.name, None if name == part.alias.name else name)

    def _rename_use(self, one: Reference) -> None:
        name = one.use.name if one.place.name == ALL else self._names.of(one.place)
        if one.attributes or one.use.name != name:
            span = self._own.modules[one.path].written(one.use, one.attributes)
            if span is None:
                raise Unclean(name)
            self._changes[one.path].add((*span, name))

    def _rename_bound(self, path: str, use: Use) -> None:
        name = self._names.of(Place(path, use.name)) if use.binds else use.name
        if name == use.name or (isinstance(use.node, Import) and not self._stays(use)):
            return
        module = self._own.modules[path]
        span = module.written(use, 0)
        if span is None and isinstance(use.node, DEFINITIONS | ast.Global):
            span = _named(module, use)
        if span is None:
            raise Unclean(name)
        self._changes[path].add((*span, name))

    def _stays(self, use: Use) -> bool:
        sites = (site for site in self._left if site.node is use.node)
        return any(
            bound_name(site, alias) == use.name for site in sites for alias in self._left[site]
        )

    def _without_imports(self, module: ModuleText, part: Part) -> set[Edit]:
        """The changes that leave of a part's imports what stays."""
        gone = [site.node for site in part.sites if not self._left[site]]
        node = part.node
        plain = isinstance(node, ast.Try) and not (node.orelse or node.finalbody)
        if plain and all(one in gone for one in getattr(node, "body", ())):
            return {(*_extent(module, part), "")}
        changes: set[Edit] = set()
        for site in part.sites:
            left, whole = self._left[site], [one for one in site.block if one not in gone]
            if not left:
                only = site.depth and not whole and site.node is site.block[0]
                changes.add(_removed(module, site.node, replace=bool(only)))
            elif len(left) < len(site.node.names):
                changes.add((*module.span(site.node), import_text(site.node, left)))
        return changes


def _removed(module: ModuleText, node: ast.stmt, *, replace: bool) -> Edit:
    """The change that takes a statement away with its line, or puts `pass` there."""
    start, end = module.span(node)
    line = module.starts[node.lineno - 1]
    rest = REST.match(module.data, end)
    if replace or rest is None or module.data[line:start].strip():
        return (start, end, "pass")
    return (line, min(rest.end() + 1, len(module.data)), "")


def _named(module: ModuleText, use: Use) -> tuple[int, int] | None:
    """Where a definition or a `global` names what it binds."""
    start, end = module.span(use.node)
    word = re.escape(use.name.encode("utf-8"))
    before = rb"\bglobal\b[^\n]*?" if isinstance(use.node, ast.Global) else rb"(?:def|class)\s+"
    found = re.compile(before + rb"\b(" + word + rb")\b").search(module.data, start, end)
    return found.span(1) if found else None


def _extent(module: ModuleText, part: Part) -> tuple[int, int]:
    """Where a statement stands with its decorators, the comment behind it and, of what is no
    import, the comment directly above it."""
    node: Any = part.node
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))]) - 1
    start, end = module.span(node)
    if module.data[module.starts[node.lineno - 1] : start].strip():
        return start, end
    if rest := REST.match(module.data, end):
        end = rest.end()
    above = first
    while above and first - above <= MOST_COMMENT and not isinstance(node, Import):
        line = module.data[module.starts[above - 1] : module.starts[above]]
        if not line.startswith(b"#") or NO_COMMENT.match(line):
            break
        above -= 1
    return module.starts[above if first - above <= MOST_COMMENT else first], end


def _changed(data: bytes, changes: Iterable[Edit], start: int, end: int) -> str:
    """A part of a text with the changes that lie in it."""
    done: list[bytes] = []
    position = start
    for first, last, new in sorted(changes):
        if start <= first and last <= end:
            if first < position:
                raise Unclean(new)
            done += [data[position:first], new.encode("utf-8")]
            position = last
    return b"".join([*done, data[position:end]]).decode("utf-8")


def _joined(pieces: list[Piece]) -> str:
    """The pieces one below the other, definitions apart from what is around them."""
    text, before = "", False
    for definition, piece in pieces:
        text += (GAP if definition or before else "\n" if text else "") + piece
        before = definition
    return text + (GAP if before else "\n")
