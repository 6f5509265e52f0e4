"""Which samples give away a benchmark task (not in the paper; the tasks derive from a gallery
that the training corpora contain).

Three rules against the task's ground truth: the same code after normalisation of names, comments
and layout; a share of a code block's token n-grams that stand in one task's code; header and
first row of the task's CSV in the instruction, which is how charts show their data. Paraphrased
instructions and near copies beyond these rules are not found yet.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from viscode.dataset.chat import Sample, codes_of, text_of
from viscode.records import Task
from viscode.settings.dataset import DatasetSettings

TOKEN = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|\w+|[^\w\s]")
COMMENT = re.compile(r"^\s*#.*$", re.M)
MIN_CSV_CHARS = 20  # header and row shorter than this prove nothing


class TaskIndex:
    """The tasks' ground truth, prepared for look-ups; small: a benchmark has some hundred."""

    def __init__(self, tasks: Iterable[Task], settings: DatasetSettings) -> None:
        self.length = settings.decontaminate_ngram
        self.share = settings.decontaminate_share
        self._by_ngram: dict[bytes, list[str]] = {}
        self._by_tree: dict[str, str] = {}
        self._by_csv: dict[str, str] = {}
        for task in sorted(tasks, key=lambda task: task.id):
            self._add(task)

    def _add(self, task: Task) -> None:
        if task.code_plot:
            for gram in ngrams(task.code_plot, self.length):
                self._by_ngram.setdefault(gram, []).append(task.id)
            if tree := normal_tree(task.code_plot):
                self._by_tree.setdefault(tree, task.id)
        head = csv_head(task.data_csv)
        if len(head) >= MIN_CSV_CHARS:
            self._by_csv.setdefault(head, task.id)

    def contaminated_by(self, sample: Sample) -> str:
        """ "task ID: rule", or "" for a clean sample."""
        for code in codes_of(sample):
            if found := self._code(code):
                return found
        text = _squeezed(text_of(sample))
        shown = next((task for head, task in self._by_csv.items() if head in text), "")
        return f"task {shown}: same data" if shown else ""

    def _code(self, code: str) -> str:
        tree = normal_tree(code)
        if tree and tree in self._by_tree:
            return f"task {self._by_tree[tree]}: same code"
        grams = ngrams(code, self.length)
        shared = Counter(task for gram in grams for task in self._by_ngram.get(gram, ()))
        if not shared:
            return ""
        task, count = min(shared.items(), key=lambda item: (-item[1], item[0]))
        share = count / len(grams)
        return f"task {task}: {share:.0%} of the n-grams" if share >= self.share else ""


def ngrams(code: str, length: int) -> set[bytes]:
    """Distinct n-grams of a code's tokens, 8 bytes each; comment lines and layout do not count."""
    tokens: Sequence[str] = TOKEN.findall(COMMENT.sub("", code))
    windows = ("\0".join(tokens[i : i + length]) for i in range(len(tokens) - length + 1))
    return {
        blake2b(window.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for window in windows
    }


def normal_tree(code: str) -> str:
    """A digest of the syntax tree without imports and `show` calls and with the names that the
    code binds numbered; "" for code that does not parse or does nothing."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    tree.body = [node for node in tree.body if not _is_frame(node)]
    if not tree.body:
        return ""
    _number_names(tree)
    return blake2b(ast.dump(tree).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _is_frame(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        call = node.value
        return isinstance(call, ast.Constant) or (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "show"
        )
    return isinstance(node, ast.Import | ast.ImportFrom)


def _number_names(tree: ast.Module) -> None:
    nodes = list(ast.walk(tree))
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    numbers: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in bound:
            node.id = numbers.setdefault(node.id, f"v{len(numbers)}")
        elif isinstance(node, ast.arg):
            node.arg = numbers.setdefault(node.arg, f"v{len(numbers)}")


def csv_head(text: str) -> str:
    """Header and first row of a CSV, white space squeezed."""
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    return _squeezed("\n".join(lines[:2])) if len(lines) > 1 else ""


def _squeezed(text: str) -> str:
    return " ".join(text.split())
