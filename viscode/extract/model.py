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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from viscode.core.outcomes import Kept, Rejected
from viscode.core.prompting import Prompt, read_prompt
from viscode.core.records import Block, Message, SelectedFile, UnmadeFigures
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import Beside, write_outcomes
from viscode.extract.by_running import Result
from viscode.extract.needs import missing_modules
from viscode.extract.screen import screen
from viscode.extract.static import ExtractReason, block_of
from viscode.libraries.counting import library_metrics
from viscode.libraries.detect import library_use
from viscode.libraries.names import reached
from viscode.llm.asking import AskAgain, model_line, verdicts
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


NOTHING = Rejected(ModelExtractReason.NULL)


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
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(screened.found.items()))
            return Rejected(ModelExtractReason.HOLDS_SECRETS, kinds)
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


def extract_by_model(
    folder: Path,
    settings: ExtractSettings,
    opened: OpenedModel,
    importable: frozenset[str],
    out: Path,
    found_before: Iterable[Result] = (),
    unmade: Beside[UnmadeFigures] | None = None,
) -> dict[str, object]:
    """Ask for a block per file of the table `folder`, and write blocks and outcomes to `out`.
    `found_before` are outcomes of another method by the files' ids: what it kept is taken, and only
    for the other files the model is asked; `unmade` is the table that it fills meanwhile. Returns
    the metrics of `library_metrics`, {"redacted": {kind: count}}, and {"asked": files that the
    model was asked about}.

    Raises:
        UserError: before anything is sent, when it would go over the budget; at the end, when
            calls failed. Nothing is written to `out` then.
    """
    asking = Asking(settings, opened.client, opened.identity, read_prompt("extract/code"))
    read, kept = partial(read_answer, importable=importable), set[str]()

    def left() -> Iterator[SelectedFile]:
        return (file for file in read_table(folder, SelectedFile) if file.id not in kept)

    def results() -> Iterator[Result]:
        for name, result in found_before:
            if isinstance(result, Kept):
                kept.add(name)
                yield name, result
        opened.refuse_if_over_budget(asking.request_of(file, 0) for file in left())
        asking.redacted.clear()  # only what is asked counts
        yield from verdicts(left(), opened.client, asking.request_of, read, settings.samples)

    count = count_rows(folder)
    line = model_line("extract_blocks", count, opened.budget, opened.client)
    metrics = library_metrics(write_outcomes(results(), Block, out, line, unmade), out)
    redacted = dict(sorted(asking.redacted.items()))
    return {**metrics, "redacted": redacted, "asked": count - len(kept)}


def read_answer(
    file: SelectedFile, answer: Answer, importable: frozenset[str]
) -> Kept[Block] | Rejected | AskAgain:
    """The block in an answer. Of several fenced blocks, the one that draws counts if it is the only
    one; the same block twice is one block."""
    bodies = dict.fromkeys(block.code for block in read_blocks(answer.text))
    readings = [_reading(file, body, importable) for body in bodies]
    if not readings:
        return _unfenced(file, answer.text, importable)
    if len(readings) == 1 or all(reading == NOTHING for reading in readings):
        return readings[0]
    drawings = [one for one in readings if not isinstance(one, AskAgain) and one != NOTHING]
    if len(drawings) == 1:
        return drawings[0]
    detail = f"{len(readings)} blocks, {len(drawings)} of them draw"
    return _again(ModelExtractReason.SEVERAL_BLOCKS, detail)


def _unfenced(
    file: SelectedFile, text: str, importable: frozenset[str]
) -> Kept[Block] | Rejected | AskAgain:
    """An answer without a block: null (also on a line of its own before or after a reason), or
    code that is the whole answer. That the fence is missing says nothing about the code."""
    lines = split_lines(text.strip())
    if any(NULL.fullmatch(part) for part in [text, *lines[:1], *lines[-1:]]):
        return NOTHING
    reading = _reading(file, text, importable)
    again = isinstance(reading, AskAgain)
    return _again(ModelExtractReason.NO_CODE, text) if again else reading


def _reading(
    file: SelectedFile, text: str, importable: frozenset[str]
) -> Kept[Block] | Rejected | AskAgain:
    """One piece of code as a block, or what is wrong with it. What needs a module that the
    environment lacks is rejected at once: asked again, the model would draw on the same file."""
    if NULL.fullmatch(text):
        return NOTHING
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
    if missing := missing_modules(nodes, importable):
        return Rejected(ExtractReason.NEEDS_MODULE, ", ".join(missing))
    return Kept([block_of(file, code, drawn, MODEL)])


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
