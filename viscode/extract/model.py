"""Selected files -> standalone blocks by a language model (paper 3.1, Appendix A).

The model cuts a minimal plotting block out of a file and injects mock data. The prompt is the
paper's, word for word. Before a file is sent, secrets and personal data are screened; what comes
back is read without being run: an answer is a block only if its code parses and what is reached
of it draws with a library that the file draws with. Whether it runs is found out by execution.

The paper asks for one fenced block and nothing else, or for the word null. Models are not that
exact, and what they add is harmless: prose around a block, a fence left open, code without a
fence. All of these are taken; an answer that leaves open which code is meant is asked for again.
"""

import ast
import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.prompting import Prompt, read_prompt
from viscode.core.records import Block, Message, SelectedFile
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import write_outcomes
from viscode.extract.needs import missing_modules
from viscode.extract.screen import screen
from viscode.extract.static import ExtractReason
from viscode.libraries.counting import library_metrics
from viscode.libraries.detect import library_use
from viscode.libraries.names import reached
from viscode.llm.asking import AskAgain, Asker
from viscode.llm.call_progress import model_line
from viscode.llm.client import Client
from viscode.llm.clients import OpenedModel
from viscode.llm.outcome import Answer
from viscode.llm.request import Request, Sampling
from viscode.settings.extract import ExtractSettings
from viscode.text.lines import split_lines
from viscode.text.markdown import read_blocks
from viscode.text.python_text import BOM, ParseFailure, parse

MODEL = "model"
NULL = re.compile(
    r"[\s`'\"*]*+(?:(?:python|py|text|txt|plaintext)\b[\s'\"]*+)?null[\s`'\".*]*+", re.IGNORECASE
)


class ModelExtractReason(StrEnum):
    """Why a file gave no block. `NULL`: the model says that there is nothing to extract."""

    HOLDS_SECRETS = "holds_secrets"
    PROMPT_TOO_LONG = "prompt_too_long"
    NULL = "null"
    NO_CODE = "no_code"
    SEVERAL_BLOCKS = "several_blocks"
    DOES_NOT_PARSE = "does_not_parse"
    PLACEHOLDER = "placeholder"
    LOST_PLOT = "lost_plot"


@dataclass(frozen=True)
class Asking:
    """How a file becomes a request. `redacted` counts, by kind, what was screened out of the
    prompts that were asked."""

    settings: ExtractSettings
    client: Client
    model: str
    prompt: Prompt
    redacted: Counter[str] = field(default_factory=Counter)

    def request_of(self, file: SelectedFile, sample: int) -> Request | Rejected:
        """The request for the file's `sample`-th answer, or why the file is not sent."""
        screened = screen(file.text.removeprefix(BOM))
        if screened.found and self.settings.secrets == "reject":
            return Rejected(ModelExtractReason.HOLDS_SECRETS, _counts(screened.found))
        filled = self.prompt.filled(used_libs=", ".join(file.libraries), code=screened.text)
        messages = (Message(role="user", content=filled),)
        tokens = self.client.prompt_tokens(messages)
        if tokens > self.settings.max_prompt_tokens:
            return Rejected(ModelExtractReason.PROMPT_TOO_LONG, f"{tokens} tokens")
        if sample == 0:  # a file that is asked again is still one file
            self.redacted.update(screened.found)
        return Request(
            model=self.model,
            messages=messages,
            sampling=Sampling(
                temperature=self.settings.temperature,
                max_new_tokens=self.settings.max_new_tokens,
                stop="end",
            ),
            purpose="extract",
            sample=sample,
        )


@dataclass(frozen=True)
class DrawingCode:
    """Code that parses and draws; `nodes` are those reached."""

    code: str
    nodes: list[ast.AST]
    libraries: tuple[str, ...]


def extract_by_model(
    folder: Path,
    settings: ExtractSettings,
    opened: OpenedModel,
    importable: frozenset[str],
    out: Path,
) -> dict[str, object]:
    """Ask for a block per file of the table `folder`, and write blocks and outcomes to `out`.
    Returns the metrics of `library_metrics`, and {"redacted": {kind: count}}.

    Raises:
        UserError: before anything is sent, when it would go over the budget; at the end, when
            calls failed. Nothing is written to `out` then.
    """
    prompt, client = read_prompt("extract/code"), opened.client
    planned = Asking(settings, client, opened.identity, prompt)
    opened.refuse_if_over_budget(
        planned.request_of(file, 0) for file in read_table(folder, SelectedFile)
    )
    asking = Asking(settings, client, opened.identity, prompt)
    read = partial(read_answer, importable=importable)
    asker = Asker(client, asking.request_of, read, settings.samples)
    verdicts = asker.verdicts(read_table(folder, SelectedFile))
    line = model_line("extract_blocks", count_rows(folder), opened.budget, opened.client)
    metrics = library_metrics(write_outcomes(verdicts, Block, out, line), out)
    return {**metrics, "redacted": dict(sorted(asking.redacted.items()))}


def read_answer(
    file: SelectedFile, answer: Answer, importable: frozenset[str]
) -> Kept[Block] | Rejected | AskAgain:
    """The block in an answer. Code that needs a module which the environment lacks is rejected
    at once: asked again, the model would draw on the same file."""
    found = _found(file, answer.text)
    if not isinstance(found, DrawingCode):
        return found
    if missing := missing_modules(found.nodes, importable):
        return Rejected(ExtractReason.NEEDS_MODULE, ", ".join(missing))
    return Kept(
        [
            Block(
                id=content_id(MODEL, file.id, found.code),
                **file.descent(),
                code=found.code,
                libraries=found.libraries,
                method=MODEL,
            )
        ]
    )


def _found(file: SelectedFile, text: str) -> DrawingCode | Rejected | AskAgain:
    """What the answer offers. Of several blocks, the one that draws counts if it is the only
    one; the same block twice is one block."""
    bodies = list(dict.fromkeys(block.code for block in read_blocks(text)))
    readings = [_reading(file, body) for body in bodies]
    if not readings:
        return _unfenced(file, text)
    drawings = [reading for reading in readings if isinstance(reading, DrawingCode)]
    if len(readings) == 1 or all(isinstance(reading, Rejected) for reading in readings):
        return readings[0]
    if len(drawings) == 1:
        return drawings[0]
    detail = f"{len(readings)} blocks, {len(drawings)} of them draw"
    return _again(ModelExtractReason.SEVERAL_BLOCKS, detail)


def _unfenced(file: SelectedFile, text: str) -> DrawingCode | Rejected | AskAgain:
    """An answer without a block: null (also on a line of its own before or after a reason), or
    code that is the whole answer. That the fence is missing says nothing about the code."""
    lines = split_lines(text.strip())
    if any(NULL.fullmatch(part) for part in [text, *lines[:1], *lines[-1:]]):
        return Rejected(ModelExtractReason.NULL)
    reading = _reading(file, text)
    return reading if isinstance(reading, DrawingCode) else _again(ModelExtractReason.NO_CODE, text)


def _reading(file: SelectedFile, text: str) -> DrawingCode | Rejected | AskAgain:
    """One piece of code: what it draws with, or what is wrong with it."""
    if NULL.fullmatch(text):
        return Rejected(ModelExtractReason.NULL)
    code = _plain(text)
    tree = parse(code)
    if isinstance(tree, ParseFailure):
        return _again(ModelExtractReason.DOES_NOT_PARSE, tree.message)
    if all(_says_nothing(statement) for statement in tree.body):
        return _again(ModelExtractReason.PLACEHOLDER, code)
    nodes = reached(tree).nodes
    drawn = library_use(tree, nodes).drawn
    if not set(drawn) & set(file.libraries):
        return _again(ModelExtractReason.LOST_PLOT, f"draws with {', '.join(drawn) or 'nothing'}")
    return DrawingCode(code, nodes, drawn)


def _plain(text: str) -> str:
    """Code without what a Markdown list or another system adds to it; ends with a newline."""
    code = text.replace("\r\n", "\n").removeprefix(BOM).strip("\n").rstrip()
    return (textwrap.dedent(code) if code[:1].isspace() else code) + "\n"


def _says_nothing(statement: ast.stmt) -> bool:
    """Whether a statement is `...`, `pass` or a text, as in the "```python ... ```" that the
    prompt shows as an example."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _again(reason: ModelExtractReason, detail: str) -> AskAgain:
    return AskAgain(Rejected(reason, detail.strip()))


def _counts(found: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(found.items()))
