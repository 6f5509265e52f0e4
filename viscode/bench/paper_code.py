"""The program in a model's answer and the notebook cell made of it, protocol `paper`.

What the published harness does to an answer, effect for effect, with the valid programs that it
breaks: `savefig` with a call among its arguments becomes a SyntaxError, a fence in a string ends
the program. Its patterns are lazy and take quadratic time on some texts; these searches give the
same result in linear time.
"""

from collections.abc import Iterator

from viscode.bench.tasks import code_data
from viscode.core.records import Task
from viscode.execution.session import WORK_AT, Cell
from viscode.libraries.registry import BENCHMARKED
from viscode.settings.bench import Library

FENCE, LABELLED = "```", "```python"
STOP_TOKENS = (
    "<|eot_id|>",
    "<|endoftext|>",
    "<EOS>",
    "<|start_header_id|>",
    "<|end_header_id|>",
)
LOADS = tuple(
    f"df{equals}pd.read_csv({quote}data.csv{quote})" for equals in (" = ", "=") for quote in "\"'"
)
SAVES = (".write_image(", ".savefig(")
SHOW = ".show()"


def extracted(answer: str) -> str:
    """The first block labelled python, which may never close, else the whole answer without stop
    tokens. A label python3 leaves a 3 behind, as it does there."""
    _, fence, rest = answer.partition(LABELLED)
    if fence:
        return rest.partition(FENCE)[0].strip()
    for token in STOP_TOKENS:
        answer = answer.replace(token, "")
    return answer.strip()


def rewritten(code: str) -> str:
    """The program as the harness changes it: its own reading of the data commented out, numpy
    imported where `np.` occurs, saving replaced by showing, showing freed of try."""
    for load in LOADS:
        code = code.replace(load, "#")
    if "np." in code:
        code = f"import numpy as np\n{code}"
    for call in SAVES:
        code = "".join(_shown(code, call))
    return "".join(_untried(code))


def _shown(code: str, call: str) -> Iterator[str]:
    """A call up to the first closing bracket, its own or not, becomes `.show()`."""
    place = 0
    while (start := code.find(call, place)) >= 0:
        end = code.find(")", start + len(call))
        if end < 0:
            break
        yield code[place:start] + SHOW
        place = end + 1
    yield code[place:]


def _untried(code: str) -> Iterator[str]:
    """From a `try:` up to the first `pass` after the first `except` after the first `.show()`
    after it, wherever these stand: only what lies before the `except` stays. The blanks after
    `try:` go with it, so that the first line of the body moves to where `try:` was."""
    place = 0
    while (start := code.find("try:", place)) >= 0:
        shown = code.find(SHOW, start + len("try:"))
        caught = code.find("except", shown + len(SHOW)) if shown >= 0 else -1
        passed = code.find("pass", caught + len("except")) if caught >= 0 else -1
        if passed < 0:
            break
        yield code[place:start] + code[start + len("try:") : caught].lstrip()
        place = passed + len("pass")
    yield code[place:]


def cell(task: Task, code: str, library: Library, *, reset: bool = True) -> Cell:
    """The notebook cell of a task; `code` is already rewritten. `reset=False` leaves out the last
    lines, which run in the program's namespace and fail where it does not bind plt or sns."""
    name = f"data-{task.number}.csv"
    loads = code_data(task).replace("data.csv", f"{WORK_AT}/{name}")
    says = BENCHMARKED[library]
    lines = [f"# id = {task.number}", *says.before, loads, code]
    if reset:
        lines += [*says.after, "%reset -f"]
    return Cell("\n".join(lines), {name: task.data_csv.encode("utf-8")})
