"""Whether an extracted block still draws what its source drew: read from the two texts, and from
the facts of the two runs. Nothing here is shared with the extraction that is measured."""

import ast
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from viscode.execution.facts import Axes, FigureFacts
from viscode.libraries.detect import Drawings
from viscode.text.python_text import BOM, ParseFailure, parse

OUTPUT = frozenset({"show", "savefig", "close", "display", "write_html", "write_image", "save"})
RENAMING = " -> "  # in an edit
NO_EFFECT = ("B015", "B018")
RULES = ("F401", "F841", *NO_EFFECT)
Call = tuple[str, frozenset[str]]
"""The last name of what is called, and the names of its keywords ("**" for unpacked ones)."""


def calls_of(text: str, *, drawing: bool) -> Counter[Call]:
    """The calls of a text, or those of them that draw, saving and showing left out."""
    tree = parse(text.removeprefix(BOM))
    if isinstance(tree, ParseFailure):
        return Counter()
    drawings = Drawings(tree)
    return Counter(
        (name, frozenset(keyword.arg or "**" for keyword in call.keywords))
        for call in drawings.origins.calls
        if (name := _last_name(call.func)) and name not in OUTPUT
        if not drawing or any(drawings.of(call))
    )


def _last_name(function: ast.expr) -> str:
    return getattr(function, "attr", "") or getattr(function, "id", "")


def added_calls(code: str, sources: Iterable[str], edits: Iterable[str]) -> list[Call]:
    """The drawing calls of a block that its source does not have, sorted; [] where it is faithful.
    Names that a renaming edit mentions may differ, and with the name of a call its keywords."""
    renamed = {word for edit in edits if RENAMING in edit for word in re.findall(r"\w+", edit)}
    there: Counter[Call] = Counter()
    for text in sources:
        there += _without(renamed, calls_of(text, drawing=False))
    added = _without(renamed, calls_of(code, drawing=True)) - there
    return sorted(added, key=lambda call: (call[0], sorted(call[1])))


def _without(renamed: set[str], calls: Counter[Call]) -> Counter[Call]:
    found: Counter[Call] = Counter()
    for (name, keywords), count in calls.items():
        call = ("", frozenset[str]()) if name in renamed else (name, keywords - renamed)
        found[call] += count
    return found


def same_figures(block: Sequence[FigureFacts | None], source: Sequence[FigureFacts | None]) -> bool:
    """Whether each figure of a block is one of its source's: kinds, axes, labels and legend."""
    known = [_essence(one) for one in source if one is not None]
    return all(_essence(one) in known for one in block if one is not None)


def _essence(figure: FigureFacts) -> tuple[object, ...]:
    return (figure.library, figure.suptitle, tuple(map(_axes_essence, figure.axes)))


def _axes_essence(axes: Axes) -> tuple[object, ...]:
    texts = (axes.title, axes.xlabel, axes.ylabel, axes.zlabel, axes.legend)
    return (axes.kinds, axes.projection, *texts)


def leftovers(codes: Iterable[str]) -> Counter[str]:
    """What a linter finds in blocks, by rule: unused imports, unused names, expressions without
    effect. The last statement is left out: it may be what is displayed."""
    with tempfile.TemporaryDirectory() as folder:
        ends = {}
        for number, code in enumerate(codes):
            path = Path(folder).resolve() / f"b{number}.py"
            path.write_text(code)
            tree = parse(code)
            body = [] if isinstance(tree, ParseFailure) else tree.body
            ends[str(path)] = body[-1].lineno if body else 0
        found = Counter(
            str(one["code"])
            for one in _ruff(folder)
            if one["code"] not in NO_EFFECT or one["location"]["row"] < ends[one["filename"]]
        )
    return found


def _ruff(folder: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--exit-zero"]
    options = [f"--select={','.join(RULES)}", "--output-format=json", folder]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found
