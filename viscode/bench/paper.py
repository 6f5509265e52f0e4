"""Protocol `paper`: the published harness, verdict for verdict.

All answers of a round run in one kernel, a cell each, in the order of the tasks; viscode.bench.
paper_code makes the cells. An answer passes when its cell has no error and shows at least one
image, blank or not; saved files and last expressions do not count. Verdicts depend on the answers
before them and on the machine's speed. That is what makes published numbers comparable with each
other, and why they are not ours to stand behind: see `isolated`.

Where the published run has no result at all, because an answer ended the kernel, the answers
before it keep their verdicts, and it and those behind it fail, with the error DeadKernelError.
"""

import json
from collections.abc import Sequence

from viscode.bench.paper_code import cell, extracted, rewritten
from viscode.bench.protocols import Answered, Scored
from viscode.errors import UserError
from viscode.execution import verdict as verdicts
from viscode.execution.cell_run import CellRun, EngineFailure, Output
from viscode.execution.engine import RunOptions, pack, unpack
from viscode.execution.sandbox import Launched
from viscode.execution.services import Services, services
from viscode.execution.session import Cell, run_session
from viscode.execution.watch import Limits
from viscode.hashing import canonical_json, digest, file_digest
from viscode.records import Execution, Verdict
from viscode.settings.bench import Library
from viscode.workstore import WorkStore

KIND = "paper_session"
VERSION = 1  # raise it with any change that can change what a session gives
ENGINE = "paper"
ATTEMPTS = 3
DEAD = "DeadKernelError"
DEAD_MESSAGE = "the kernel had ended in an earlier cell; the published run ends there"


def score(
    answers: Sequence[Answered], library: Library, options: RunOptions, store: WorkStore | None
) -> list[Scored]:
    """The answers' verdicts, in their order, which is the order in which they run.

    Raises:
        UserError: no environment to run them in, or a kernel that could not be started.
    """
    codes = [rewritten(extracted(answered.text)) for answered in answers]
    cells = [cell(a.task, code, library) for a, code in zip(answers, codes, strict=True)]
    return [
        Scored(code, done, verdict(done))
        for code, done in zip(codes, run_cells(cells, options, store), strict=True)
    ]


def verdict(execution: Execution) -> Verdict:
    """No error and an image is a pass; neither is what the harness calls an unexpected error."""
    if execution.status != "ok":
        return "error"
    return "pass" if execution.images else "no_image"


def run_cells(
    cells: Sequence[Cell], options: RunOptions, store: WorkStore | None
) -> list[Execution]:
    """The cells in one session, or what the store has of it. `options.timeout_s` is for each."""
    if not cells:
        return []
    lock_digest = file_digest(options.lock)
    key = _key(cells, options, lock_digest)
    known = store.get(KIND, key) if store is not None else None
    if known is not None:
        return _unpack(known)
    found = services(options.python, options.isolation, lock_digest)
    done = _executions(cells, _run(cells, found, options), found, options)
    if store is not None:
        store.put(KIND, key, _pack(done))
    return done


def _key(cells: Sequence[Cell], options: RunOptions, lock_digest: str) -> str:
    """Hash of exactly what determines a session's results, time aside."""
    parts = [
        [one.source, {name: digest(content) for name, content in sorted(one.files.items())}]
        for one in cells
    ]
    limits = [options.timeout_s, options.memory_mb]
    return digest(canonical_json([VERSION, lock_digest, limits, parts]))


def _run(cells: Sequence[Cell], found: Services, options: RunOptions) -> list[CellRun | None]:
    launched, limits = Launched(), Limits(options.timeout_s, options.memory_mb)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return run_session(cells, found, limits, launched)
        except EngineFailure as error:
            if attempt == ATTEMPTS:
                raise UserError(
                    f"the kernel of a session failed {ATTEMPTS} times: {error}",
                    where=str(options.python),
                    todo="make .venv-plots, free memory, or try validate.isolation: none",
                ) from error
        finally:
            launched.stop()
    raise AssertionError("unreachable")


def _executions(
    cells: Sequence[Cell],
    runs: Sequence[CellRun | None],
    found: Services,
    options: RunOptions,
) -> list[Execution]:
    done = []
    for number, (one, run) in enumerate(zip(cells, runs, strict=True)):
        if run is not None:
            done.append(_judged(str(number), run, found, options))
        elif one.readable:
            done.append(_failed(str(number), "died", DEAD, DEAD_MESSAGE, found))
        else:
            message = "(unicode error) a character cannot be encoded"
            done.append(_failed(str(number), "error", "SyntaxError", message, found))
    return done


def _judged(number: str, run: CellRun, found: Services, options: RunOptions) -> Execution:
    """As the other engines judge a cell, of what the harness looks at. It asks whether there was
    an error, not whether there was an interrupt: code that takes one and goes on may pass."""
    run.outputs = [output for output in run.outputs if _counts(output)]
    run.interrupted = run.interrupted and (run.failure or ("",))[0] == "KeyboardInterrupt"
    return verdicts.execution(
        number,
        run,
        interpreter=found.sandbox.interpreter,
        renderer=found.renderer,
        decoders=found.decoders,
        isolation=found.sandbox.isolation,
        engine=ENGINE,
        timeout_s=options.timeout_s,
        duration_s=run.seconds,
    )


def _counts(output: Output) -> bool:
    """Streams, errors and facts stay; of displays only images that `display` published."""
    data = output.get("data")
    if data is None:
        return True
    if "image/png" not in data:
        return verdicts.FACTS_MIME in data
    return bool(output["output_type"] == "display_data")


def _failed(number: str, status: str, error_type: str, message: str, found: Services) -> Execution:
    return Execution.model_validate(
        {
            "id": number,
            "status": status,
            "error_type": error_type,
            "error_message": message,
            "error": "",
            "images": (),
            "blank": (),
            "facts": "[]",
            "stdout_head": "",
            "engine": ENGINE,
            "isolation": found.sandbox.isolation,
            "duration_s": 0.0,
        }
    )


def _pack(done: Sequence[Execution]) -> bytes:
    """One line with the lengths, then the executions one behind the other."""
    packed = [pack(execution) for execution in done]
    return json.dumps([len(one) for one in packed]).encode() + b"\n" + b"".join(packed)


def _unpack(stored: bytes) -> list[Execution]:
    line, _, body = stored.partition(b"\n")
    found, cut = [], 0
    for number, size in enumerate(json.loads(line)):
        found.append(unpack(body[cut : cut + size], str(number)))
        cut += size
    return found
