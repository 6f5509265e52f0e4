"""Stands in for the extractor until it is there: what is standalone already, validated."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from viscode.core.outcomes import Rejected
from viscode.core.records import Block, Execution, Script, SelectedFile
from viscode.extract.static import AS_IS, extract_static

ALLOWED = (AS_IS, "sliced", "supplied")


@dataclass(frozen=True)
class Attempted:
    title: str
    line: int
    reason: StrEnum
    detail: str = ""
    code: str = ""
    error: str = ""
    edits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extraction:
    blocks: tuple[Block, ...]
    failures: tuple[Attempted, ...] = ()
    reason: StrEnum | None = None
    runs: int = 0
    analysis_s: float = 0.0


class FailReason(StrEnum):
    RUN_ERROR = "run_error"


class Extractor:
    def __init__(
        self,
        judge: Callable[[Script], Execution],
        importable: frozenset[str],
        siblings: object = None,
        allow: tuple[str, ...] = ALLOWED,
    ) -> None:
        self.judge, self.importable, self.allow = judge, importable, allow

    def extract(self, file: SelectedFile) -> Extraction:
        started = time.thread_time()
        found = extract_static(file, self.importable)
        spent = time.thread_time() - started
        if isinstance(found, Rejected):
            failed = Attempted("", 1, found.reason, found.detail)
            return Extraction((), (failed,), found.reason, 0, spent)
        (block,) = found.records
        script = Script(id=block.id, code=block.code, name=block.origin.script_name)
        execution = self.judge(script)
        if execution.status == "ok" and execution.drew:
            return Extraction((block,), runs=1, analysis_s=spent)
        error = f"{execution.error_type}: {execution.error_message}"
        failed = Attempted("", 1, FailReason.RUN_ERROR, error, block.code, execution.error)
        return Extraction((), (failed,), FailReason.RUN_ERROR, 1, spent)
