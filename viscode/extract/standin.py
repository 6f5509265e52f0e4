"""Stands in for the extractor until it is there: what is standalone already, validated."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from viscode.core.outcomes import Rejected
from viscode.core.records import Block, Execution, Script, SelectedFile
from viscode.extract.static import AS_IS, extract_static


@dataclass(frozen=True)
class Failed:
    figure: str
    reason: str
    detail: str
    code: str = ""
    edits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extraction:
    blocks: tuple[Block, ...]
    failures: tuple[Failed, ...]
    reason: str
    detail: str
    runs: int
    analysis_s: float


class Extractor:
    def __init__(
        self,
        judge: Callable[[Script], Execution],
        importable: frozenset[str],
        siblings: object = None,
        allow: tuple[str, ...] = (AS_IS, "sliced", "supplied"),
    ) -> None:
        self.judge, self.importable, self.allow = judge, importable, allow

    def extract(self, file: SelectedFile) -> Extraction:
        started = time.perf_counter()
        found = extract_static(file, self.importable)
        spent = time.perf_counter() - started
        if isinstance(found, Rejected):
            reason, detail = str(found.reason), found.detail
            failed = Failed("line 1", reason, detail)
            return Extraction((), (failed,), reason, detail, 0, spent)
        (block,) = found.records
        script = Script(id=block.id, code=block.code, name=block.origin.script_name)
        execution = self.judge(script)
        if execution.status == "ok" and execution.drew:
            return Extraction((block,), (), "", "", 1, spent)
        error = f"{execution.error_type}: {execution.error_message}"
        failed = Failed("line 1", execution.error_type, error, block.code)
        return Extraction((), (failed,), failed.reason, error, 1, spent)
