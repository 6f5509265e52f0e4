"""Benchmark tasks hidden in a corpus as copyists hide them, seeded.

Independent of what finds them: the renamer is a syntax tree transformer of its own, and the
rewriter's synonyms stand only here.
"""

import ast
import json
import random
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sample_examples import dialogue, sample

from viscode.core.records import Task
from viscode.dataset.chat import SampleText, text_of
from viscode.dataset.decontaminate import TaskIndex
from viscode.settings.dataset import DatasetSettings

ROOT = Path(__file__).parents[2]
OWN_TASKS = ROOT / "samples" / "tasks.jsonl"
PUBLIC_TASKS = ROOT.parent / "shared" / "data" / "pandasplotbench-dev" / "tasks.jsonl"
SETTINGS = DatasetSettings(
    sources=["files"],
    validation_share=0.0,
    seed=1,
    near_duplicates=0.0,
    decontaminate_ngram=8,
    decontaminate_share=0.5,
    decontaminate_text_share=0.5,
)
SETUP = "Please write Python code with matplotlib and pandas.\n"
OTHER_CODE = "import matplotlib.pyplot as plt\n\nplt.plot([3, 1, 2])\nplt.show()\n"
STRENGTHS = ("light", "medium", "strong")


@dataclass(frozen=True)
class Strength:
    """Shares of the words with a synonym that are replaced, and of all words that are dropped;
    whether sentences, and the clauses within them, change places."""

    synonyms: float
    dropped: float
    sentences: bool
    clauses: bool


REWRITE = {
    "light": Strength(0.2, 0.0, sentences=False, clauses=False),
    "medium": Strength(0.5, 0.05, sentences=True, clauses=False),
    "strong": Strength(0.9, 0.15, sentences=True, clauses=True),
}
SYNONYMS = """
create make produce build; draw sketch render; generate produce make; plot chart graph figure;
display show present exhibit; represent depict stand; visualize picture illustrate; use take employ;
using with employing; column field series; columns fields series; data values numbers;
each every; include contain add; including with containing; different distinct various;
line curve; lines curves; bar column; bars columns; points dots markers; point dot marker;
axis scale; axes scales; label caption name; labels captions names; labelled captioned named;
labeled captioned named; title heading; legend key; grid mesh; color colour hue;
colors colours hues; colour color tint; subplot panel pane; subplots panels panes;
clear plain readable; clearly plainly;
specific certain particular; ensure guarantee make; ensuring guaranteeing; should must shall;
separate distinct individual; simple plain basic; layout arrangement; arranged laid placed;
adjust tune adapt; style look; styled dressed; appearance look; enhance improve;
readability clarity;
distribution spread; across over along; between among; dataframe table frame; dataset table;
single one; multiple several many; corresponding matching; vertical upright; horizontal level;
top upper; bottom lower; main principal; highlight stress; size extent; shape form;
describe explain;
variations changes; value number; values numbers; index position; task job; goal aim; row line;
rows lines; side flank; edge border rim; light pale; dark deep; round circular; set put; add put;
"""
TABLE = {
    words[0]: words[1:]
    for words in (group.split() for group in SYNONYMS.replace("\n", " ").split(";"))
    if words
}


def tasks_of(path: Path) -> list[Task]:
    """The tasks of a file in the benchmark's schema, without their pictures."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Task(
            id=f"{path.parent.name}-{row['id']}",
            number=row["id"],
            licence="Apache-2.0",
            data_csv=row["data_csv"],
            code_data=row["code_data"],
            code_plot=row["code_plot"],
            plot_description=row["task__plot_description"],
            plot_style=row["task__plot_style"],
            plots_gt=(),
        )
        for row in rows
    ]


def chart_codes() -> list[str]:
    """Our chart samples' code, about other data than the tasks'."""
    rows = map(json.loads, (ROOT / "samples" / "charts.jsonl").read_text().splitlines())
    return [row["code"] for row in rows]


def reframed(code: str, rng: random.Random) -> str:
    """The same code in another frame: imports in another order, comments and empty lines added,
    the last show() left out, a docstring in front."""
    tree = ast.parse(code)
    lines = code.splitlines()
    parts = [_lines(lines, node) for node in tree.body]
    imports = [p for p, n in zip(parts, tree.body, strict=True) if _is_import(n)]
    others = [p for p, n in zip(parts, tree.body, strict=True) if not _is_import(n)]
    if others and others[-1].endswith(".show()"):
        others.pop()
    rng.shuffle(imports)
    body = [f"{_comment(rng)}\n{part}  # {rng.randrange(99)}" for part in others]
    return "\n\n".join(['"""Made by hand."""', "\n".join(imports), *body]) + "\n"


def _lines(lines: list[str], node: ast.stmt) -> str:
    return "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _comment(rng: random.Random) -> str:
    return "# " + " ".join(rng.choices(["now", "the", "next", "part", "of", "it"], k=4))


def renamed(code: str, rng: random.Random) -> str:
    """The same code with every variable, function, argument and alias under a random name, in the
    layout and quotes of `ast.unparse`, some of the strings in double quotes again, comments added.
    """
    tree = ast.parse(code)
    renamer = _Renamer(tree, rng)
    text = ast.unparse(ast.fix_missing_locations(renamer.visit(tree)))
    lines = [
        re.sub(r"'([^'\"\\{}]*)'", r'"\1"', line) if rng.random() < 0.5 else line
        for line in text.splitlines()
    ]
    return "\n".join(f"{line}  # copied" if rng.random() < 0.3 else line for line in lines)


class _Renamer(ast.NodeTransformer):
    def __init__(self, tree: ast.Module, rng: random.Random) -> None:
        self.rng = rng
        self.functions = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        self.names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._invent(node.id)
            elif isinstance(node, ast.arg):
                self._invent(node.arg)
            elif isinstance(node, ast.FunctionDef | ast.ExceptHandler) and node.name:
                self._invent(node.name)
            elif isinstance(node, ast.alias):
                self._invent(node.asname or node.name.partition(".")[0])

    def _invent(self, name: str) -> None:
        letters = "".join(self.rng.choices("abcdefghijklmnopqrstuvwxyz", k=7))
        self.names.setdefault(name, f"{letters}_{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.names[node.arg]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.names[node.name]
        return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self.names[node.name] if node.name else None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        own = isinstance(node.func, ast.Name) and node.func.id in self.functions
        for keyword in node.keywords if own else ():
            keyword.arg = self.names.get(keyword.arg or "", keyword.arg)
        return self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> ast.Import:
        for alias in node.names:
            if alias.asname or "." not in alias.name:
                alias.asname = self.names[alias.asname or alias.name]
            else:  # `import a.b` binds a, whose name the copy must keep
                self.names.pop(alias.name.partition(".")[0], None)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        for alias in node.names:
            alias.asname = self.names[alias.asname or alias.name]
        return node


def paraphrased(text: str, strength: Strength, rng: random.Random) -> str:
    """The same wish in other words."""
    sentences = re.split(r"(?<=[.;:])\s+|\n\s*-?\s*", text.strip())
    if strength.sentences:
        rng.shuffle(sentences)
    return " ".join(_sentence(s, strength, rng) for s in sentences if s)


def _sentence(sentence: str, strength: Strength, rng: random.Random) -> str:
    clauses = sentence.rstrip(".").split(", ")
    if strength.clauses:
        rng.shuffle(clauses)
    words = ", ".join(clauses).split()
    kept = [word for word in words if rng.random() >= strength.dropped]
    return " ".join(_word(word, strength, rng) for word in kept) + "."


def _word(word: str, strength: Strength, rng: random.Random) -> str:
    bare = word.strip(".,:;()'\"").lower()
    if bare in TABLE and rng.random() < strength.synonyms:
        return word.lower().replace(bare, rng.choice(TABLE[bare]))
    return word


def instruction_of(task: Task) -> str:
    """A task's wish without its two headings."""
    parts = (task.plot_description, task.plot_style)
    return "\n".join(re.sub(r"^\s*Plot (Style )?Description:", "", p, flags=re.I) for p in parts)


Group = list[tuple[str, SampleText]]  # samples with the id of their task, "" for none
LABELS = ("python", "py3", "python3.9", "ipython", "", "text", "output", "js")


def in_a_dialogue(code: str, rng: random.Random) -> SampleText:
    """The code in the question or the answer, in a fence of some label."""
    return _said(f"Look:\n\n```{rng.choice(LABELS)}\n{code}\n```\nThat is it.", rng)


def in_a_list(code: str, rng: random.Random) -> SampleText:
    """The code in a fence in a list item or a quotation."""
    fence = f"```python\n{code}\n```"
    if rng.random() < 0.5:
        return _said("1. First:\n" + textwrap.indent(fence, "   "), rng)
    return _said(textwrap.indent(fence, "> ", lambda _: True), rng)


def outside_of_fences(code: str, rng: random.Random) -> SampleText:
    """The code among prose, plain or indented."""
    shown = textwrap.indent(code, "    ") if rng.random() < 0.5 else code
    return _said(f"It's what I have so far:\n\n{shown}\n\nIs that right?", rng)


def in_an_instruction(code: str, rng: random.Random) -> SampleText:
    """The code in the words of an instruction, fenced or plain."""
    shown = f"```{rng.choice(LABELS)}\n{code}\n```" if rng.random() < 0.5 else code
    return sample(OTHER_CODE, instruction=f"Please mend this code:\n\n{shown}\n")


def _said(content: str, rng: random.Random) -> SampleText:
    asked = rng.random() < 0.5
    return dialogue("d", content, "Fine.") if asked else dialogue("d", "Plot it.", content)


PLACES = {
    "in_dialogues": in_a_dialogue,
    "in_lists": in_a_list,
    "outside_of_fences": outside_of_fences,
    "in_instructions": in_an_instruction,
}


def plants(
    tasks: Sequence[Task], innocent: Sequence[str], copies: int, seed: int
) -> dict[str, Group]:
    """By disguise: `copies` of each task, and innocent samples of the codes given."""
    groups: dict[str, Group] = {
        name: [] for name in ("exact", "renamed", *PLACES, *(f"paraphrased_{s}" for s in STRENGTHS))
    }
    for task in tasks:
        for copy in range(copies):
            rng = random.Random(f"{seed}/{task.id}/{copy}")
            for code in _codes(task):
                groups["exact"].append((task.id, sample(reframed(code, rng))))
                groups["renamed"].append((task.id, sample(renamed(code, rng))))
                for name, place in PLACES.items():
                    groups[name].append((task.id, place(renamed(code, rng), rng)))
            for name, strength in REWRITE.items():
                text = SETUP + paraphrased(instruction_of(task), strength, rng)
                group = groups[f"paraphrased_{name}"]
                group.append((task.id, sample(OTHER_CODE, instruction=text)))
    groups["innocent"] = [("", sample(code)) for code in innocent]
    return groups


def _codes(task: Task) -> list[str]:
    """Its plotting code, and with the loading of its data in front."""
    if not task.code_plot:
        return []
    return [task.code_plot, f"{task.code_data or ''}\n{task.code_plot}"]


def caught(index: TaskIndex, group: Group) -> float:
    """The share of a group that is removed, for the planted ones for their own task's sake; 0 of
    none."""
    found = [(task, index.contaminated_by(planted)) for task, planted in group]
    hits = sum(hit is not None and task in ("", hit.task) for task, hit in found)
    return hits / len(group) if group else 0.0


def innocent_texts_removed(tasks: Sequence[Task], settings: DatasetSettings) -> list[str]:
    """Ids of the tasks whose instructions fall though the benchmark holds only the others."""
    removed = []
    for task in tasks:
        index = TaskIndex([other for other in tasks if other.id != task.id], settings)
        if index.contaminated_by(sample(OTHER_CODE, instruction=instruction_of(task))):
            removed.append(task.id)
    return removed


def running_ngram_recall(tasks: Sequence[Task], group: Group, length: int, share: float) -> float:
    """What plain n-grams of running words would find: the rule to compare with."""
    known = {task.id: _running(instruction_of(task), length) for task in tasks}
    shares = (
        len(known[task] & _running(text_of(planted), length)) / max(1, len(known[task]))
        for task, planted in group
    )
    return sum(found >= share for found in shares) / len(group)


def _running(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}
