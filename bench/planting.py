"""Benchmark tasks hidden in a corpus as copyists hide them, seeded.

Independent of what finds them: the code is changed by syntax tree transformers of its own, and the
words and phrases that stand for others stand only here. No disguise was written for a rule.
"""

import ast
import csv
import json
import random
import re
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viscode.core.records import Dialogue, InstructionSample, Message, Origin, Task
from viscode.dataset.chat import SampleText
from viscode.dataset.decontaminate import Rule, TaskIndex
from viscode.settings.dataset import DatasetSettings

ROOT = Path(__file__).parents[1]
ORIGIN = Origin(kind="sample", name="planted")
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


PHRASES = """
create a|I need a; create two|I need two; draw a|give me a; make sure|see to it; ensure|see to it;
generate a|I want a; visualize|I would like to see; display|I want to see; use a|go for a;
the plot|my picture; plot the|put the; x-axis|horizontal axis; y-axis|vertical axis;
x axis|horizontal axis; y axis|vertical axis; dataframe|spreadsheet; data frame|spreadsheet;
dataset|measurements; legend|key to the symbols; should be|is to be; should|ought to; must|has to;
in order to|to; for clarity|so that one can read it; each|every single; different|distinct;
colors|shades; colours|shades; color|shade; set the|make the; add a|put in a; include|put in;
represent|stand for; with the|having the; such as|for instance; as well as|and; and also|and;
histogram|chart of frequencies; scatter plot|cloud of dots; scatterplot|cloud of dots;
line plot|curve chart; bar chart|chart with columns; bar plot|chart with columns;
subplots|small multiples; grid lines|helper lines; title|headline; labels|captions; label|caption
"""
REPLACED = [tuple(p.strip().split("|")) for p in PHRASES.replace("\n", " ").split(";")]


def asked_for(text: str, rng: random.Random) -> str:
    """The same wish in a user's phrases, sentence by sentence, as a list or as running text."""
    for phrase, other in REPLACED:
        text = re.sub(rf"\b{re.escape(phrase)}\b", other, text, flags=re.I)
    sentences = [one.strip() for one in re.split(r"(?<=[.;])\s+|\n", text) if one.strip()]
    if rng.random() < 0.5:
        return "Hi! Here is what I am after:\n" + "\n".join(f"- {one}" for one in sentences)
    return "Hi! " + " And ".join(sentences) + " Thanks in advance."


def half_of(text: str, rng: random.Random) -> str:
    """Every other sentence as it stands."""
    sentences = re.split(r"(?<=[.;])\s+|\n", text.strip())
    return " ".join(sentences[rng.randrange(2) :: 2] or sentences)


WORDS = {
    "in_phrases": asked_for,
    "half_of_it": half_of,
    "verbatim": lambda text, _: text,
}


def reordered(code: str, rng: random.Random) -> str:
    """Renamed, and calls that stand one below the other at random places."""
    lines, run = [], list[str]()
    for statement in ast.parse(renamed(code, rng)).body:
        is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        if not is_call:
            rng.shuffle(run)
            lines += run
            run = []
        (run if is_call else lines).append(ast.unparse(statement))
    rng.shuffle(run)
    return "\n".join([*lines, *run])


def retuned(code: str, rng: random.Random) -> str:
    """Renamed, with about half of the numbers and a quarter of the texts changed."""
    return ast.unparse(_Retuner(rng).visit(ast.parse(renamed(code, rng))))


class _Retuner(ast.NodeTransformer):
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        value = node.value
        if type(value) in (int, float) and self.rng.random() < 0.5:
            return ast.Constant(value + 1)
        if isinstance(value, str) and self.rng.random() < 0.25:
            return ast.Constant(f"My {value}")
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        return node


SETTERS = re.compile(r"\bplt\.(title|xlabel|ylabel|xlim|ylim|xticks|yticks|xscale|yscale)\(")
GETTERS = re.compile(r"\bax\.set_(title|xlabel|ylabel|xlim|ylim|xticks|yticks|xscale|yscale)\(")
DRAWN = re.compile(r"\bplt\.(plot|scatter|bar|barh|hist|pie|fill_between|boxplot|errorbar)\(")


def in_other_idiom(code: str, rng: random.Random) -> str:
    """What is done by way of the module done by way of the axes, or the other way round."""
    if GETTERS.search(code):
        return GETTERS.sub(r"plt.\1(", code)
    code = re.sub(r"plt\.figure\((.*)\)\n", r"canvas, area = plt.subplots(\1)\n", code, count=1)
    return DRAWN.sub(r"area.\1(", SETTERS.sub(r"area.set_\1(", code))


def in_a_function(code: str, rng: random.Random) -> str:
    """Renamed, as the body of a function in a longer script."""
    imports = [one for one in ast.parse(code).body if _is_import(one)]
    others = [one for one in ast.parse(code).body if not _is_import(one)]
    body = textwrap.indent("\n".join(map(ast.unparse, others)), "    ")
    whole = "\n".join([*map(ast.unparse, imports), f"def main(df):\n{body}", "main(df)"])
    return f"{OTHER_CODE}\n{renamed(whole, rng)}"


CHANGES = {
    "reordered": reordered,
    "retuned": retuned,
    "in_other_idiom": in_other_idiom,
    "in_a_function": in_a_function,
}


def _records(text: str) -> list[list[str]]:
    return [row for row in csv.reader(text.strip().splitlines()) if row]


def as_a_head(text: str) -> SampleText:
    """Header and first rows of the data as they stand in the file, in an instruction."""
    shown = "\n".join(text.strip().splitlines()[:4])
    return sample(OTHER_CODE, instruction=f"Plot my data. It looks so:\n{shown}\n")


def as_a_printed_table(text: str) -> SampleText:
    """What `print(df.head())` shows, in a question."""
    rows = _records(text)[:6]
    lines = ["".join(cell.rjust(14) for cell in row) for row in rows]
    numbered = [f"{'' if i == 0 else i - 1!s:<3}{line}" for i, line in enumerate(lines)]
    return dialogue("I have this:\n```\n" + "\n".join(numbered) + "\n```\nPlot it.", "Fine.")


def as_a_dictionary(text: str) -> SampleText:
    """The first rows written into the code."""
    header, *rows = _records(text)[:6]
    columns = {name: [row[i] for row in rows if i < len(row)] for i, name in enumerate(header)}
    code = f"import pandas as pd\ndf = pd.DataFrame({columns!r})\n"
    return sample(f"{code}{OTHER_CODE}", instruction="Plot it.")


def as_names_in_prose(text: str) -> SampleText:
    """The names of the columns in a sentence."""
    *names, last = _records(text)[0]
    said = f"My table has the columns {', '.join(names)} and {last}. Plot them."
    return sample(OTHER_CODE, instruction=said)


def as_a_description(text: str) -> SampleText:
    """As our own instructions tell of a table."""
    said = "\n".join(f"- {name} (number)" for name in _records(text)[0])
    return sample(OTHER_CODE, instruction=f"The file data.csv has these columns:\n{said}")


DATA = {
    "as_a_head": as_a_head,
    "as_a_printed_table": as_a_printed_table,
    "as_a_dictionary": as_a_dictionary,
    "as_names_in_prose": as_names_in_prose,
    "as_a_description": as_a_description,
}

Group = list[tuple[str, SampleText]]  # samples with the id of their task, "" for none
LABELS = ("python", "py3", "python3.9", "ipython", "", "text", "output", "js")


def sample(code: str, instruction: str = "Create a plot.") -> InstructionSample:
    return InstructionSample(
        id="s", source="files", origin=ORIGIN, licence="MIT", parent_id="b", code=code,
        instruction=instruction, libraries=("matplotlib",), image=b"", facts="[]", method="facts",
    )  # fmt: skip


def dialogue(asked: str, answered: str) -> Dialogue:
    pair = (Message(role="user", content=asked), Message(role="assistant", content=answered))
    return Dialogue(id="d", source="dialogues", origin=ORIGIN, licence="MIT", messages=pair)


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
    return sample(OTHER_CODE, f"Please mend this code:\n\n{shown}\n")


def _said(content: str, rng: random.Random) -> SampleText:
    asked = rng.random() < 0.5
    return dialogue(content, "Fine.") if asked else dialogue("Plot it.", content)


PLACES = {
    "in_dialogues": in_a_dialogue,
    "in_lists": in_a_list,
    "outside_of_fences": outside_of_fences,
    "in_instructions": in_an_instruction,
}


def plants(tasks: Sequence[Task], copies: int, seed: int) -> dict[str, Group]:
    """By disguise: `copies` of each task."""
    groups: dict[str, Group] = defaultdict(list)
    for task in tasks:
        for copy in range(copies):
            rng = random.Random(f"{seed}/{task.id}/{copy}")
            for code in _codes(task):
                groups["exact"].append((task.id, sample(reframed(code, rng))))
                groups["renamed"].append((task.id, sample(renamed(code, rng))))
                for name, place in PLACES.items():
                    groups[name].append((task.id, place(renamed(code, rng), rng)))
                for name, change in CHANGES.items():
                    groups[name].append((task.id, sample(change(code, rng))))
            wish = instruction_of(task)
            texts = {f"paraphrased_{n}": paraphrased(wish, s, rng) for n, s in REWRITE.items()}
            texts |= {name: change(wish, rng) for name, change in WORDS.items()}
            for name, text in texts.items():
                groups[name].append((task.id, sample(OTHER_CODE, SETUP + text)))
        for name, show in DATA.items():
            groups[name].append((task.id, show(task.data_csv)))
    return dict(groups)


def _codes(task: Task) -> list[str]:
    """Its plotting code, and with the loading of its data in front."""
    if not task.code_plot:
        return []
    return [task.code_plot, f"{task.code_data or ''}\n{task.code_plot}"]


def caught(index: TaskIndex, group: Group) -> list[frozenset[Rule]]:
    """For each sample of a group the rules that find it; for a planted one those that name its
    task."""
    return [
        frozenset(hit.rule for hit in index.findings(planted) if task in ("", hit.task))
        for task, planted in group
    ]


def innocent_texts_removed(tasks: Sequence[Task], settings: DatasetSettings) -> list[str]:
    """Ids of the tasks whose instructions fall though the benchmark holds only the others' words
    and data."""
    removed = []
    wordy = [task.model_copy(update={"code_plot": None}) for task in tasks]
    for task in tasks:
        index = TaskIndex([other for other in wordy if other.id != task.id], settings)
        if index.contaminated_by(sample(OTHER_CODE, instruction=instruction_of(task))):
            removed.append(task.id)
    return removed
