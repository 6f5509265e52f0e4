"""The import closure of each stage, as DVC dependencies.

DVC does not see Python imports. This module reads them with `ast` (nothing is imported): from
stages/NAME.py through every module of `viscode`, imports inside functions included, plus the
prompts named in `read_prompt("NAME")` and the files named in a module's literal `RESOURCES`: a
name that ends in "/" is a folder, and all files below it.
`viscode deps --write` puts them into dvc.yaml; a test fails when they differ.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from viscode.core.errors import UserError

CODE_FOLDERS = ("stages/", "viscode/")


def closure(stage_file: Path, root: Path = Path()) -> list[str]:
    """Sorted paths, relative to `root`, of all project files that a stage's script uses."""
    found: set[Path] = set()
    waiting = [stage_file]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix == ".py" and "inside" not in path.parts:
            waiting.extend(_used_by(root / path, root))
    return sorted(path.as_posix() for path in found if _counts(root / path))


def _counts(path: Path) -> bool:
    return path.name != "__init__.py" or path.stat().st_size > 0


def _used_by(path: Path, root: Path) -> Iterator[Path]:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from _modules(
                [node.module, *(f"{node.module}.{a.name}" for a in node.names)], root
            )
        elif isinstance(node, ast.Import):
            yield from _modules([alias.name for alias in node.names], root)
        elif isinstance(node, ast.Call):
            yield from _prompt(node)
    for name in _resources(tree):
        for resource in _files(path.parent / name) if name.endswith("/") else [path.parent / name]:
            yield resource.relative_to(root)


def _modules(names: list[str], root: Path) -> Iterator[Path]:
    for name in names:
        if name.split(".")[0] not in ("viscode", "stages"):
            continue
        base = Path(*name.split("."))
        for candidate in (base.with_suffix(".py"), base / "__init__.py"):
            if (root / candidate).is_file():
                yield candidate


def _prompt(call: ast.Call) -> Iterator[Path]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name == "read_prompt" and call.args and isinstance(call.args[0], ast.Constant):
        yield Path("viscode/prompts") / f"{call.args[0].value!s}.txt"


def _resources(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if "RESOURCES" in names:
                return list(ast.literal_eval(node.value))
    return []


def _files(folder: Path) -> list[Path]:
    """The files of a folder of resources.

    Raises:
        UserError: there are none.
    """
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    if not found:
        raise UserError("no such resources", where=str(folder), todo="correct RESOURCES")
    return found


def _round_trip() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def with_closures(dvc_yaml: Path, root: Path = Path()) -> tuple[Any, list[str]]:
    """dvc.yaml with its stages' code dependencies brought up to date, and the stages that
    changed. Dependencies outside stages/ and viscode/ stay as they are."""
    document = _round_trip().load(dvc_yaml)
    changed = []
    for name, stage in document["stages"].items():
        body = stage.get("do", stage)
        script = Path("stages") / f"{name}.py"
        if not (root / script).is_file():
            raise UserError(f"stage {name} has no script", where=str(script), todo="write it")
        kept = [dep for dep in body.get("deps", []) if not str(dep).startswith(CODE_FOLDERS)]
        wanted = kept + closure(script, root)
        if wanted != list(body.get("deps", [])):
            body["deps"] = wanted
            changed.append(name)
    return document, changed


def write(dvc_yaml: Path, root: Path = Path()) -> list[str]:
    """Rewrite dvc.yaml where needed; returns the names of the stages that changed."""
    document, changed = with_closures(dvc_yaml, root)
    if changed:
        with dvc_yaml.open("w", encoding="utf-8") as stream:
            _round_trip().dump(document, stream)
    return changed
