"""Which samples give away a benchmark task (not in the paper; the tasks derive from a gallery
that the training corpora contain).

Four rules against each task, in this order; the first that holds names the task. Each finds planted
copies that no other does (bench/decontamination.py, which measures it).

- code_ngrams: a share of a code's distinct token n-grams stands in the task's code, or nearly all
  of the task's stand in a longer code or in the text outside of fences. Every fenced block is a
  code here, whatever its label. Local names are one placeholder (viscode.dataset.normal). N-grams
  that many tasks have, and those that name nothing, do not count.
- same_data: the words of the header and the first row of its CSV stand in the sample, in a row.
- same_columns: the sample shows data with exactly its columns, if their names prove something.
- instruction_words: a share of the words of its instruction and of their pairs (the mean of the two
  shares) stands in what the user says. N-grams do not survive a paraphrase.

Not found: a task's picture drawn by other code and asked for in quite other words or another
language; a code whose numbers, texts or order of lines were mostly changed; code that is a text run
by exec(); data shown as a table of text or named in prose.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, islice, pairwise

from viscode.core.records import Dialogue, Task
from viscode.core.textfile import MARK
from viscode.dataset.chat import SampleText
from viscode.dataset.normal import code_within, normalize, text_tokens
from viscode.settings.dataset import DatasetSettings
from viscode.text.lines import split_lines
from viscode.text.markdown import read_document

Feature = str | tuple[str, ...]
COMMON_TASKS = 5  # a feature of more tasks is common,
COMMON_SHARE = 0.03  # and so is one of more than this share of them
MIN_NGRAMS = 12  # a code with fewer proves nothing by n-grams
CONTAINED_SHARE = 0.8  # of a task's n-grams in a longer code
MIN_NAMING = 3  # of 8 tokens of an n-gram that name something: a function, an attribute, a text
MIN_WORDS = 6  # an instruction with fewer words or pairs proves nothing
MIN_HEAD_CHARS = 20  # header and row shorter than this prove nothing
MIN_COLUMNS = 3  # whose names have
MIN_LETTERS = 3  # letters; x, y, c1 and 12 do not tell anything
MAX_CHARS = 200_000  # of a text that is looked at
MAX_LINE = 2_000  # characters of a line that may be a header
INDEX_COLUMNS = ("", "unnamed: 0")
HEADING = re.compile(r"^\s*plot (?:style )?description\s*:", re.I | re.M)
WORD = re.compile(r"[^\W_]+")
CELL_WORD = re.compile(r"\w+(?:\.\w+)*")
LETTERS = re.compile(r"[^\W\d_]")


class Rule(StrEnum):
    CODE_NGRAMS = "code_ngrams"
    SAME_DATA = "same_data"
    SAME_COLUMNS = "same_columns"
    INSTRUCTION_WORDS = "instruction_words"


@dataclass(frozen=True)
class Contamination:
    """The task that a sample gives away, by which rule, and the share that the rule measured
    (1 for those that measure none)."""

    task: str
    rule: Rule
    share: float = 1.0

    @property
    def detail(self) -> str:
        """What stands in the outcome table."""
        return f"task {self.task}: {self.rule}"


class TaskIndex:
    """The tasks, prepared for look-ups. A benchmark has some hundred, so it is small; it can be
    pickled for worker processes."""

    def __init__(self, tasks: Iterable[Task], settings: DatasetSettings) -> None:
        self._length = settings.decontaminate_ngram
        self._share = settings.decontaminate_share
        self._text_share = settings.decontaminate_text_share
        self._heads: dict[str, str] = {}
        self._columns: dict[frozenset[str], str] = {}
        codes: list[tuple[str, set[Feature]]] = []
        wordings: list[tuple[str, list[str]]] = []
        for task in sorted(tasks, key=lambda task: task.id):
            head = " ".join(_head_words(task.data_csv))
            if len(head) >= MIN_HEAD_CHARS:
                self._heads.setdefault(head, task.id)
            if columns := header_columns(task.data_csv):
                self._columns.setdefault(columns, task.id)
            codes += [(task.id, grams) for grams in self._code_ngrams(task)]
            # the description alone too: styles repeat, and a copy may have another
            for text in (task.plot_description, f"{task.plot_description}\n{task.plot_style}"):
                wordings.append((task.id, words_of(text)))
        self._code = Overlap(codes)
        self._words = Overlap([(name, set(words)) for name, words in wordings])
        self._pairs = Overlap([(name, set(pairwise(words))) for name, words in wordings])

    def contaminated_by(self, sample: SampleText) -> Contamination | None:
        """The first rule that holds, None for a clean sample."""
        return next(iter(self.findings(sample)), None)

    def findings(self, sample: SampleText) -> list[Contamination]:
        """The finding of each rule that holds, in their order."""
        if isinstance(sample, Dialogue):
            codes, said = [], [(message.role, message.content) for message in sample.messages]
        else:
            codes, said = [sample.code], [("user", sample.instruction)]
        asked = "\n".join(text for role, text in said if role == "user")
        documents = [read_document(text) for _, text in said]
        codes += [block.code for document in documents for block in document.blocks]
        outside = [document.outside for document in documents]
        tokens = [normalize(code).tokens for code in codes]
        quoted = [normalize(code).tokens for code in map(code_within, outside) if code]
        shown = "\n".join([*outside, *codes])[:MAX_CHARS]
        by_code = [
            *(self._by_ngrams(one) for one in tokens),
            *(self._by_ngrams(one, quoted=True) for one in quoted),
        ]
        hits = (
            next(filter(None, by_code), None),
            self._by_data(shown),
            self._by_columns(shown, tokens),
            self._by_words(asked),
        )
        return [hit for hit in hits if hit]

    def _by_ngrams(self, tokens: Sequence[str], *, quoted: bool = False) -> Contamination | None:
        """`quoted`: the tokens are those of a text, of which code may be a small part."""
        grams = ngrams(tokens, self._length)
        shared = self._code.shared(grams).values()
        if not shared:
            return None
        size = 0 if quoted else len(grams - self._code.common)
        inside = best((hit.count / size, hit.owner) for hit in shared if size >= MIN_NGRAMS)
        around = best((hit.count / hit.size, hit.owner) for hit in shared if hit.size >= MIN_NGRAMS)
        for (share, task), limit in ((inside, self._share), (around, CONTAINED_SHARE)):
            if task and share >= limit:
                return Contamination(task, Rule.CODE_NGRAMS, share)
        return None

    def _by_data(self, shown: str) -> Contamination | None:
        words = CELL_WORD.findall(shown.replace("\\n", "\n"))
        text = f" {' '.join(words)} "
        task = next((task for head, task in self._heads.items() if f" {head} " in text), None)
        return Contamination(task, Rule.SAME_DATA) if task is not None else None

    def _by_columns(self, shown: str, codes: Iterable[Sequence[str]]) -> Contamination | None:
        found = [*_header_lines(shown), *(names for code in codes for names in _named_in(code))]
        task = next((self._columns[names] for names in found if names in self._columns), None)
        return Contamination(task, Rule.SAME_COLUMNS) if task is not None else None

    def _by_words(self, text: str) -> Contamination | None:
        if not self._text_share:
            return None
        words = words_of(text)
        by_word, by_pair = self._words.shared(set(words)), self._pairs.shared(set(pairwise(words)))
        share, task = best(
            ((hit.count / hit.size + by_pair[number].count / by_pair[number].size) / 2, hit.owner)
            for number, hit in by_word.items()
            if number in by_pair and min(hit.size, by_pair[number].size) >= MIN_WORDS
        )
        if not task or share < self._text_share:
            return None
        return Contamination(task, Rule.INSTRUCTION_WORDS, share)

    def _code_ngrams(self, task: Task) -> Iterator[set[Feature]]:
        """Of its plotting code, and with the loading of its data in front; as a tree, and as text:
        a copy may be no Python."""
        codes = [task.code_plot] if task.code_plot else []
        codes += [f"{task.code_data}\n{code}" for code in codes if task.code_data]
        for code in codes:
            for tokens in (normalize(code).tokens, text_tokens(code)):
                if grams := ngrams(tokens, self._length):
                    yield grams


@dataclass(frozen=True)
class Shared:
    """`count` features are both in the sample and in a known text, which has `size`."""

    owner: str
    count: int
    size: int


class Overlap:
    """How much of what is in a sample is in one of many known texts, by an inverted index.

    A feature is an n-gram, a word or a pair. Those of many owners are common property and count on
    neither side. An owner may have several texts."""

    def __init__(self, texts: Sequence[tuple[str, Set[Feature]]]) -> None:
        owners: dict[Feature, set[str]] = {}
        for owner, features in texts:
            for feature in features:
                owners.setdefault(feature, set()).add(owner)
        limit = max(COMMON_TASKS, COMMON_SHARE * len({owner for owner, _ in texts}))
        self.common = frozenset(f for f, found in owners.items() if len(found) > limit)
        self._owners = [owner for owner, _ in texts]
        self._sizes = [len(features - self.common) for _, features in texts]
        self._holders: dict[Feature, list[int]] = {}
        for number, (_, features) in enumerate(texts):
            for feature in features - self.common:
                self._holders.setdefault(feature, []).append(number)

    def shared(self, features: Set[Feature]) -> dict[int, Shared]:
        """By number of the text; texts with nothing in common are left out."""
        held = (self._holders[feature] for feature in features & self._holders.keys())
        counts = Counter(number for numbers in held for number in numbers)
        return {
            number: Shared(self._owners[number], count, self._sizes[number])
            for number, count in counts.items()
        }


def best(candidates: Iterable[tuple[float, str]]) -> tuple[float, str]:
    """The highest share and its owner, the smallest of equal ones; (0, "") without any."""
    return min(candidates, key=lambda pair: (-pair[0], pair[1]), default=(0.0, ""))


def ngrams(tokens: Sequence[str], length: int) -> set[Feature]:
    """Distinct n-grams of a code's tokens, without those that hardly name anything."""
    named = list(accumulate(map(_names, tokens), initial=0))
    least = length * MIN_NAMING // 8
    return {
        tuple(tokens[start : start + length])
        for start in range(len(tokens) - length + 1)
        if named[start + length] - named[start] >= least
    }


@lru_cache(maxsize=1 << 16)
def _names(token: str) -> bool:
    """Whether a token is an attribute, a dotted name, a keyword or a text."""
    return any(mark in token for mark in "'\".=") and any(map(str.isalpha, token))


def words_of(text: str) -> list[str]:
    """The words of a text in order, in lower case."""
    return WORD.findall(HEADING.sub("", text[:MAX_CHARS]).lower())


def _head_words(data_csv: str) -> list[str]:
    """The words of header and first row of a CSV, none without a row."""
    lines = io.StringIO(data_csv.removeprefix(MARK), newline=None)
    head = list(islice(filter(str.strip, lines), 2))
    return CELL_WORD.findall("".join(head)) if len(head) == 2 else []


def header_columns(data_csv: str) -> frozenset[str]:
    """The column names of a CSV as `column_set` has them."""
    lines = data_csv.removeprefix(MARK).lstrip("\r\n").split("\n", 1)
    return column_set(_cells(lines[0]))


def column_set(names: Iterable[str]) -> frozenset[str]:
    """Names in lower case with spaces squeezed, the index left out; empty where they prove
    nothing: there must be three columns whose names have three letters or more each."""
    plain = {" ".join(name.split()).lower() for name in names} - set(INDEX_COLUMNS)
    telling = sum(len(LETTERS.findall(name)) >= MIN_LETTERS for name in plain)
    return frozenset(plain) if telling >= MIN_COLUMNS else frozenset()


def _header_lines(text: str) -> Iterator[frozenset[str]]:
    """The cells of each line that could be a CSV header, in a comment too."""
    for line in split_lines(text):
        if len(line) <= MAX_LINE and line.count(",") >= MIN_COLUMNS - 1:
            yield column_set(_cells(line.lstrip("# \t")))


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:
        return []


def _named_in(tokens: Sequence[str]) -> Iterator[frozenset[str]]:
    """The texts of each list in a code that holds nothing else, and the keys of each dictionary."""
    keys: list[list[str]] = [[]]
    run: list[str] = []
    for token, following in pairwise((*tokens, "")):
        if token[0] == '"':
            run.append(token[1:-1])
            if following == ":":
                keys[-1].append(token[1:-1])
        if token[0] == '"' or token == ",":
            continue
        if len(run) >= MIN_COLUMNS:
            yield column_set(run)
        run = []
        if token == "{":
            keys.append([])
        elif token == "}" and len(keys) > 1:
            yield column_set(keys.pop())
