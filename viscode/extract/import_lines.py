"""The imports of a script, at its top, each once, in the order of ruff's isort rules."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from viscode.extract.usage import Usage, below
from viscode.libraries.names import imported_names

Import = ast.Import | ast.ImportFrom
SCOPES = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef
FUTURE = "__future__"


@dataclass(frozen=True)
class _Name:
    """One imported name; `member` is "" for `import module`."""

    module: str
    member: str
    asname: str

    @property
    def meaning(self) -> tuple[str, str]:
        """The name that is bound, and what it is bound to."""
        path = f"{self.module}.{self.member}" if self.member else self.module
        return self.asname or self.member or self.module, path

    @property
    def line(self) -> str:
        renamed = f" as {self.asname}" if self.asname else ""
        if not self.member:
            return f"import {self.module}{renamed}"
        return f"from {self.module} import {self.member}{renamed}"


def take_imports(tree: ast.Module, used: Usage) -> str:
    """Take the imports out of a tree, those of its functions too; their lines, in order.

    All of them stay where they are, and "" is given, where their order may matter: a star import,
    or a name of theirs that is bound otherwise too.
    """
    nodes = below(tree)
    all_imports = [node for node in nodes if isinstance(node, Import)]
    if not _free_to_move(all_imports, used.bound[id(tree)]):
        return ""
    scopes = [node for node in nodes if isinstance(node, SCOPES)]
    names: dict[tuple[str, str], _Name] = {}
    for name in (one for node in _taken(scopes, used) for one in _names(node)):
        if not name.member or name.meaning not in names:  # `import a.b as c` is the usual form
            names[name.meaning] = name
    return _lines(list(names.values()))


def _free_to_move(imports: list[Import], own: set[str]) -> bool:
    meanings: dict[str, str] = {}
    for node in imports:
        for bound, path in imported_names(node):
            if bound == "*" or meanings.setdefault(bound, path) != path:
                return False
    return not any(own & {n for n, _ in imported_names(node)} for node in imports)


def _taken(scopes: list[Any], used: Usage) -> Iterator[Import]:
    """Remove and give the imports of the module and of its functions."""
    bound = set().union(*used.bound.values())
    for scope in scopes:
        inside = not isinstance(scope, ast.Module)
        moved = [
            node
            for node in scope.body
            if isinstance(node, Import)
            and not (inside and bound & {name for name, _ in imported_names(node)})
        ]
        gone = set(map(id, moved))
        scope.body = [node for node in scope.body if id(node) not in gone]
        if inside and not scope.body:
            scope.body = [ast.Pass()]
        yield from moved


def _names(node: Import) -> Iterator[_Name]:
    module = "" if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
    for alias in node.names:
        name = "" if alias.asname == alias.name else alias.asname or ""
        yield _Name(module, alias.name, name) if module else _Name(alias.name, "", name)


def _lines(names: list[_Name]) -> str:
    sections: dict[int, list[str]] = {}
    plain = [name for name in names if not name.member]
    for name in sorted(plain, key=lambda one: (_natural(one.module), one.asname)):
        sections.setdefault(_section(name.module), []).append(name.line)
    members: dict[tuple[str, str], list[_Name]] = {}
    for name in names:
        if name.member:
            members.setdefault((name.module, name.line if name.asname else ""), []).append(name)
    for key in sorted(members, key=lambda key: _from_order(key[0], members[key])):
        together = sorted(members[key], key=lambda one: _member_order(one.member))
        listed = ", ".join(one.member for one in together)
        line = key[1] or f"from {key[0]} import {listed}"
        sections.setdefault(_section(key[0]), []).append(line)
    return "\n\n".join("\n".join(sections[number]) for number in sorted(sections))


def _section(module: str) -> int:
    if module == FUTURE:
        return 0
    if module.startswith("."):
        return 3
    return 1 if module.partition(".")[0] in sys.stdlib_module_names else 2


def _from_order(module: str, names: list[_Name]) -> tuple[Any, ...]:
    first = min(_member_order(one.member) for one in names)
    return _natural(module), first, names[0].asname


def _member_order(name: str) -> tuple[Any, ...]:
    """Constants, then classes, then the rest."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[0].isupper() else 2
    return kind, _natural(name)


def _natural(name: str) -> tuple[Any, ...]:
    """Numbers within a name count as numbers."""
    parts = re.split(r"(\d+)", name.lower())
    return tuple(int(part) if part.isdecimal() else part for part in parts), name
