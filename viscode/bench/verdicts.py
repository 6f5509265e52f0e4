"""From an execution to a verdict, and from an attempt to the name of its error."""

from viscode.core.metric_files import plain_name
from viscode.core.records import Attempt, Execution, OtherVerdict, Verdict

STATUS_ERRORS = {"timeout": "KeyboardInterrupt", "killed": "Killed", "died": "KernelDied"}
VERDICT_ERRORS = {"no_image": "NoImage", "blank": "Blank"}


def isolated_verdict(execution: Execution) -> Verdict:
    """Passed means that it ran to its end and shows something. An empty
    program runs without an error, so an image is always asked for."""
    if execution.status != "ok":
        return "error"
    if not execution.images:
        return "no_image"
    return "pass" if execution.drew else "blank"


def paper_verdict(execution: Execution) -> Verdict:
    """Passed means an image and no error; no image and no error is the harness's "Unexpected
    Error"."""
    if execution.status != "ok":
        return "error"
    return "pass" if execution.images else "no_image"


def error_name(attempt: Attempt | OtherVerdict) -> str:
    """The error's name in tables 7-16: the exception's class; what has none (no image, blank, a
    process that was ended or died) has a name of ours; a timeout is the KeyboardInterrupt that
    ended it; a class without a plain name is UnknownError. "" for an attempt that passed."""
    if attempt.verdict in VERDICT_ERRORS:
        return VERDICT_ERRORS[attempt.verdict]
    if attempt.verdict == "pass":
        return ""
    return STATUS_ERRORS.get(attempt.status) or plain_name(attempt.error_type)


def uses_library(attempt: Attempt) -> bool:
    """Whether the library's name occurs in the code, as the published judge looks for it. Noted
    only: `isolated` fails no attempt for it."""
    return attempt.library in attempt.code
