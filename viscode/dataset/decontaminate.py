"""Which samples give away a benchmark task (not in the paper; the tasks derive from a gallery
that the training corpora contain).

Six rules against each task, in this order; the first that holds names the task.

- same_code: its code, or its loading and its plotting code together, is equal to a code of the
  sample but for names, comments, layout, the order of keywords and the form of imports. Every
  fenced block is a code here, whatever its label.
- code_ngrams: a share of a code's distinct token n-grams stands in the task's code, or nearly all
  of the task's stand in a longer code, or in the text outside of fences. Local names are one
  placeholder in them. N-grams that many tasks have, and those that name nothing, do not count.
- same_data: header and first row of its CSV stand in what the user says, in a block that is no
  Python, or in a comment or a text of the code.
- same_columns: the sample shows data with exactly its columns, if their names prove something.
- instruction_ngrams: a share of its instruction's n-grams of running words stands in what the
  user says.
- instruction_words: a share of its telling words and of their pairs (the mean of the two shares)
  does. N-grams do not survive a paraphrase: with half of the possible words replaced and the
  sentences shuffled, 8-grams find 1 %, this all (bench/decontamination.py).

Not found: a task's picture drawn by other code and asked for in quite other words or another
language; a constant or a text changed in most lines; a code whose lines stand apart between prose;
code that is a text run by exec(); names that come by a star import from a module other than pyplot.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, chain
from typing import TypeVar

from viscode.core.records import Task
from viscode.dataset.chat import SampleText, parts_of, text_of
from viscode.dataset.normal import NormalCode, code_within, normalise, text_tokens
from viscode.dataset.overlap import Feature, Overlap, best
from viscode.dataset.shown_data import (
    MAX_CHARS,
    column_sets,
    comments,
    csv_head,
    header_columns,
    squeezed,
    texts_in,
)
from viscode.dataset.wording import neighbours, telling_words, word_ngrams
from viscode.settings.dataset import DatasetSettings

Key = TypeVar("Key", bound=Hashable)
MIN_CSV_CHARS = 20  # header and row shorter than this prove nothing
MIN_NGRAMS = 12  # a code with fewer proves nothing by n-grams
CONTAINED_SHARE = 0.8  # of a task's n-grams in a longer code
MIN_NAMING = 3  # of 8 tokens of an n-gram that name something: a function, an attribute, a text
MIN_WORDS = 6  # an instruction with fewer telling words or pairs proves nothing


class Rule(StrEnum):
    SAME_CODE = "same_code"
    CODE_NGRAMS = "code_ngrams"
    SAME_DATA = "same_data"
    SAME_COLUMNS = "same_columns"
    INSTRUCTION_NGRAMS = "instruction_ngrams"
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
        ordered = sorted(tasks, key=lambda task: task.id) if settings.decontaminates else []
        self._length = settings.decontaminate_ngram
        self._share = settings.decontaminate_share
        self._text_share = settings.decontaminate_text_share
        codes = [(task.id, code) for task in ordered for code in _codes(task)]
        self._digests = _first((normalise(code).digest, name) for name, code in codes)
        self._code = Overlap([(n, g) for n, code in codes for g in self._task_ngrams(code)])
        heads = ((csv_head(task.data_csv), task.id) for task in ordered)
        self._heads = _first((head, name) for head, name in heads if len(head) >= MIN_CSV_CHARS)
        self._columns = _first((header_columns(task.data_csv), task.id) for task in ordered)
        texts = [(task.id, text) for task in ordered for text in _instructions(task)]
        self._running = Overlap([(name, word_ngrams(text, self._length)) for name, text in texts])
        wordings = [(name, telling_words(text)) for name, text in texts]
        self._words = Overlap([(name, set(words)) for name, words in wordings])
        self._pairs = Overlap([(name, neighbours(words)) for name, words in wordings])

    def contaminated_by(
        self, sample: SampleText, normal: Sequence[NormalCode] | None = None
    ) -> Contamination | None:
        """The first rule that holds, None for a clean sample. `normal` spares the work where the
        sample's codes (`codes_of`) are normalised already."""
        parts, text = parts_of(sample), text_of(sample)
        normal = [normalise(code) for code in parts.codes] if normal is None else normal
        codes = [*normal, *map(normalise, parts.fences)]
        shown = "\n".join([text, *parts.fences, *map(comments, parts.codes)])
        shown = "\n".join([shown, *(found for code in parts.codes for found in texts_in(code))])
        return (
            next((hit for code in codes if (hit := self._by_digest(code))), None)
            or next((hit for code in codes if (hit := self._by_ngrams(code.tokens))), None)
            or next((hit for text in parts.outside if (hit := self._by_quoted_code(text))), None)
            or self._by_data(shown)
            or self._by_columns(shown, normal)
            or self._by_running_words(text)
            or self._by_words(text)
        )

    def _by_digest(self, code: NormalCode) -> Contamination | None:
        task = self._digests.get(code.digest) if code.digest else None
        return Contamination(task, Rule.SAME_CODE) if task is not None else None

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

    def _by_quoted_code(self, text: str) -> Contamination | None:
        """Code that stands outside of fences, as text and as what parses of it."""
        readings = dict.fromkeys((text_tokens(text), normalise(code_within(text)).tokens))
        hits = (self._by_ngrams(tokens, quoted=True) for tokens in readings)
        return next((hit for hit in hits if hit), None)

    def _by_data(self, shown: str) -> Contamination | None:
        text = squeezed(shown[:MAX_CHARS])
        task = next((task for head, task in self._heads.items() if head in text), None)
        return Contamination(task, Rule.SAME_DATA) if task is not None else None

    def _by_columns(self, shown: str, normal: Sequence[NormalCode]) -> Contamination | None:
        found = chain(column_sets(shown, ()), *(column_sets("", code.tokens) for code in normal))
        task = next((self._columns[names] for names in found if names in self._columns), None)
        return Contamination(task, Rule.SAME_COLUMNS) if task is not None else None

    def _by_running_words(self, text: str) -> Contamination | None:
        shared = self._running.shared(word_ngrams(text, self._length)).values()
        share, task = best((hit.count / hit.size, hit.owner) for hit in shared)
        if not self._text_share or not task or share < self._text_share:
            return None
        return Contamination(task, Rule.INSTRUCTION_NGRAMS, share)

    def _by_words(self, text: str) -> Contamination | None:
        if not self._text_share:
            return None
        words = telling_words(text)
        by_word = self._words.shared(set(words))
        by_pair = self._pairs.shared(neighbours(words))
        share, task = best(
            ((hit.count / hit.size + by_pair[number].count / by_pair[number].size) / 2, hit.owner)
            for number, hit in by_word.items()
            if number in by_pair and min(hit.size, by_pair[number].size) >= MIN_WORDS
        )
        if not task or share < self._text_share:
            return None
        return Contamination(task, Rule.INSTRUCTION_WORDS, share)

    def _task_ngrams(self, code: str) -> Iterator[set[Feature]]:
        """As a tree, and as text: a copy may be no Python."""
        for tokens in (normalise(code).tokens, text_tokens(code)):
            if grams := ngrams(tokens, self._length):
                yield grams


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


def _codes(task: Task) -> Iterator[str]:
    if task.code_plot:
        yield task.code_plot
        if task.code_data:
            yield f"{task.code_data}\n{task.code_plot}"


def _instructions(task: Task) -> tuple[str, str]:
    """The description alone, since styles repeat and a copy may have another, and both."""
    return task.plot_description, f"{task.plot_description}\n{task.plot_style}"


def _first(pairs: Iterable[tuple[Key, str]]) -> dict[Key, str]:
    """Of several tasks with one key the first; empty keys prove nothing."""
    found: dict[Key, str] = {}
    for key, task in pairs:
        if key:
            found.setdefault(key, task)
    return found
