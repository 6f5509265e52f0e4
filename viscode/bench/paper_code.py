"""What the published harness makes of an answer: its code, rewritten, in a notebook cell.

The rules are the published ones, faults included: the first block counts, text substitutions reach
into strings and break nested calls, and the cell's last lines use names that the answer need not
have bound. All of it is linear in the length of the answer, which the published expressions are
not.
"""

from viscode.bench.tasks import code_data
from viscode.execution.session import FOLDER, Cell
from viscode.records import Task
from viscode.settings.bench import Library

FENCE, LABEL = "```", "```python"
STOP_TOKENS = ("<|eot_id|>", "<|endoftext|>", "<EOS>", "<|start_header_id|>", "<|end_header_id|>")
LOADS = tuple(f"df{gap}={gap}pd.read_csv({q}data.csv{q})" for gap in (" ", "") for q in "\"'")
SAVES = (".write_image(", ".savefig(")
SHOW = ".show()"
BEFORE = {
    "matplotlib": ("%matplotlib inline",),
    "seaborn": ("%matplotlib inline",),
    "plotly": ("import plotly.io as pio", 'pio.renderers.default = "png"'),
}
RESET_RC = "plt.rcParams.update(plt.rcParamsDefault)"
AFTER = {"matplotlib": (RESET_RC,), "seaborn": (RESET_RC, "sns.reset_orig()"), "plotly": ()}
FORGET = "%reset -f"


def extracted(answer: str) -> str:
    """The first ```python block; without one, the whole answer freed of stop tokens."""
    _, label, rest = answer.partition(LABEL)
    if label:
        return rest.partition(FENCE)[0].strip()
    for token in STOP_TOKENS:
        answer = answer.replace(token, "")
    return answer.strip()


def rewritten(code: str) -> str:
    """The code with the published substitutions."""
    for load in LOADS:
        code = code.replace(load, "#")
    if "np." in code:
        code = f"import numpy as np\n{code}"
    for save in SAVES:
        code = _shown(code, save)
    return _unwrapped(code)


def _shown(code: str, call: str) -> str:
    """Each `call` up to the next closing parenthesis, be it its own or not, becomes SHOW."""
    done, place = [], 0
    while (start := code.find(call, place)) >= 0:
        end = code.find(")", start + len(call))
        if end < 0:
            break
        done += [code[place:start], SHOW]
        place = end + 1
    return "".join([*done, code[place:]])


def _unwrapped(code: str) -> str:
    """From each "try:" that a show, an "except" and a "pass" follow, what lies between the "try:"
    and that "except" stays; whether they belong together is not asked."""
    done, place = [], 0
    while (start := code.find("try:", place)) >= 0:
        show = code.find(SHOW, start)
        handler = code.find("except", show + len(SHOW)) if show >= 0 else -1
        end = code.find("pass", handler + len("except")) if handler >= 0 else -1
        if end < 0:
            break
        done += [code[place:start], code[start + len("try:") : handler].lstrip()]
        place = end + len("pass")
    return "".join([*done, code[place:]])


def cell(task: Task, code: str, library: Library, *, reset: bool = True) -> Cell:
    """The notebook cell of one answer. The task's data is loaded from an absolute path; there is no
    data.csv that the answer could load. Without `reset` the cell's last lines are left out."""
    name = f"data-{task.number}.csv"
    lines = [f"# id = {task.number}", *BEFORE[library]]
    lines += [code_data(task).replace("data.csv", f"{FOLDER}/{name}"), code]
    if reset:
        lines += [*AFTER[library], FORGET]
    return Cell("\n".join(lines), {name: task.data_csv.encode("utf-8")})
