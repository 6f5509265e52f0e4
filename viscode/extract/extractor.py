"""Static extraction of one file: drafts made, run and mended until they draw."""

import ast
import time
from collections.abc import Callable
from dataclasses import dataclass

from viscode.core.records import Block, Execution, Script, SelectedFile
from viscode.extract.analysis import MOST_CHARS, Draft, Refused, drafts, python_of
from viscode.extract.honesty import says_nothing
from viscode.extract.mending import MOST_RUNS, Case, Failed, Made, Mender
from viscode.extract.siblings import Siblings
from viscode.extract.static import ExtractReason, block_of
from viscode.libraries.detect import library_use
from viscode.text.python_text import ParseFailure, parse

MOST_FAILING = 6  # figures of a file in a row
PATIENCE = 4  # more runs for the figures of a file that has no block after their first ones


@dataclass(frozen=True)
class Extraction:
    """What became of a file: blocks that ran and drew, figures that gave none, and the reason of
    the file where no block is left. `runs` counts executions; `analysis_s` is a measurement."""

    blocks: tuple[Block, ...]
    failures: tuple[Failed, ...]
    reason: str
    detail: str
    runs: int
    analysis_s: float


class Extractor:
    """Extraction with one sandbox; threads may share it. `allow`: which ways of making a block
    count."""

    def __init__(
        self,
        judge: Callable[[Script], Execution],
        importable: frozenset[str],
        siblings: Siblings | None = None,
        allow: tuple[str, ...] = ("as_is", "sliced", "supplied"),
    ) -> None:
        self.judge, self.importable = judge, importable
        self.siblings, self.allow = siblings, allow

    def extract(self, file: SelectedFile) -> Extraction:
        return _File(self, file).extraction()


class _File:
    def __init__(self, extractor: Extractor, file: SelectedFile) -> None:
        self.extractor, self.file = extractor, file
        self.mender = Mender(extractor.judge, extractor.importable, file.origin.script_name)
        self.blocks: dict[str, Block] = {}
        self.failures: list[Failed] = []
        self.judging_s = 0.0

    def extraction(self) -> Extraction:
        started = time.perf_counter()
        reason = detail = ""
        python = python_of(self.file.text) if len(self.file.text) <= MOST_CHARS else None
        if python is None:
            detail = f"{len(self.file.text)} characters"
            self.failures.append(Failed("line 1", "too_long", detail))
        elif isinstance(python, ParseFailure):
            reason, detail = ExtractReason.SYNTAX_ERROR, python.message
        else:
            self._turns(*python)
        if not self.blocks and not reason:
            reason, detail = self._why()
        spent = time.perf_counter() - started - self.judging_s
        return Extraction(
            tuple(self.blocks.values()),
            tuple(self.failures),
            "" if self.blocks else reason,
            detail,
            self.mender.runs,
            spent,
        )

    def _turns(self, text: str, edits: tuple[str, ...]) -> None:
        given = self.extractor
        for turn in drafts(self.file, text, given.importable, given.siblings):
            self.failures += self._turn(turn, edits)
            if self.blocks:
                return

    def _turn(self, turn: list[Draft | Refused], edits: tuple[str, ...]) -> list[Failed]:
        """Run each figure once. Where none of them draws, mend them, one after the other."""
        fates: dict[int, Failed | None] = {}
        cases: dict[int, Case] = {}
        in_a_row = 0
        for place, draft in enumerate(turn):
            if isinstance(draft, Refused):
                fates[place] = Failed(draft.figure, draft.reason, draft.detail)
                continue
            if in_a_row == MOST_FAILING:
                detail = f"{in_a_row} figures before it failed"
                fates[place] = Failed(draft.figure, "not_tried", detail, draft.body)
                continue
            case = self.mender.case(draft)
            fates[place] = self._fate(case, 1, edits)
            in_a_row = in_a_row + 1 if fates[place] else 0
            if case.fault:
                cases[place] = case
        end = self.mender.runs + PATIENCE
        for place, case in cases.items():
            left = min(MOST_RUNS - 1, end - self.mender.runs)
            if self.blocks or left <= 0:
                break
            fates[place] = self._fate(case, left, edits)
        return [fate for fate in fates.values() if fate is not None]

    def _fate(self, case: Case, runs: int, edits: tuple[str, ...]) -> Failed | None:
        """Run a figure; None where it is a block that is kept, which it then is."""
        began = time.perf_counter()
        made = case.made(runs)
        self.judging_s += time.perf_counter() - began
        if isinstance(made, Failed):
            return made
        method = self._method(made)
        if method == "supplied" and says_nothing(made.own, made.names, made.execution):
            return Failed(made.figure, "says_nothing", "", made.code, made.edits)
        if method not in self.extractor.allow:
            return Failed(made.figure, "not_allowed", method, made.code, made.edits)
        tree = parse(made.code)
        assert isinstance(tree, ast.Module)
        block = block_of(self.file, made.code, library_use(tree).drawn, method)
        self.blocks[made.code] = block.model_copy(update={"edits": (*edits, *made.edits)})
        return None

    def _method(self, made: Made) -> str:
        if made.names:
            return "supplied"
        return "sliced" if made.edits else "as_is"

    def _why(self) -> tuple[str, str]:
        """The reason of a file without a block: that of its first figure."""
        if not self.failures:
            return ExtractReason.ONLY_DEFINES, ""
        return self.failures[0].reason, self.failures[0].detail
