"""The fenced code in a Markdown text: the one reader that the whole project uses.

markdown-it-py (CommonMark) finds quotations and list items and removes their marks; the rule for
fences is ours, as models and people write what CommonMark does not foresee. Beyond it:

- A fence may have any indent, and HTML holds none: `<think>` on the line above hides no code.
  Code in a list item need not be indented, and a nest deeper than NESTED is read as text.
- A fence may open after words ("Here it is: ```python") with a Python label or a fence to close it.
- Backticks are not Python outside of strings and comments. So in a block of Python, or without a
  label, a fence within a string is code, and one outside ends the block: on a line of its own,
  before words of prose on the same line, or after code at a line's end. Where that leaves no
  Python, a string was never ended, and the first fence on a line of its own closes.
- A comment that ends in a fence closes only where the code does not go on after it.
- The code of a block of Python is read line by line, as far as is needed to tell strings and
  comments from code: it need not parse, and what follows its end is not looked at.
- A fence whose label names Python begins a new block, as no block that is still open can hold it:
  models leave drafts unclosed. A longer fence does hold it.

Time is linear in the text. Positions are offsets in it; nothing in it is changed.
"""

import functools
import re
from dataclasses import dataclass, replace
from typing import Any

from viscode.text.code_labels import label_of, names_python
from viscode.text.python_text import PARSED_CHARS, python_text

READ_AHEAD = 5 * PARSED_CHARS  # characters of one text, to tell fences in strings from others
NESTED = 16  # levels of quotations (one each) and lists (two each)

RUN = re.compile(r"`{3,}+|~{3,}+")
ON_ITS_OWN = re.compile(r"[ \t]*+(`{3,}+|~{3,}+)(.*)", re.DOTALL)
LEXEME = re.compile(
    r"(?P<comment>#.*+)|(?P<open>'''|\"\"\")|'(?:[^'\\]|\\.)*+'?|\"(?:[^\"\\]|\\.)*+\"?"
    r"|(?P<run>`{3,}+|~{3,}+)",
    re.DOTALL,
)
STRING_ENDS = {  # not possessive around the lookahead: Python 3.11 before 3.11.4 finds nothing then
    quotes: re.compile(
        rf"(?:[^\\{quotes[0]}]++|\\.|{quotes[0]}(?!{quotes[1:]}))*{quotes}", re.DOTALL
    )
    for quotes in ("'''", '"""')
}
OPENING = re.compile(r"(`{3,}+)([^`\n]*+)$|(~{3,}+)([^\n]*+)$")
FIRST_FENCE = re.compile(r"^[ \t]*+(```|~~~)", re.MULTILINE)
ALONE = re.compile(r"[ \t]*+(?:[\w+.#-]*+(?: [\d.]++)?|\{[^{}`\n]*+\})[ \t\r]*+")


@dataclass(frozen=True)
class FencedBlock:
    """One fenced block. `start` and `end` are the offsets of its fences, outer ends; a block that
    nothing closes goes to where the next one begins, or to the end of the text. `certain`: with
    other text after it, or none, its end would be the same, and those of the blocks before it."""

    info: str
    code: str
    start: int
    end: int
    closed: bool = True
    certain: bool = True

    @property
    def label(self) -> str:
        return label_of(self.info)

    @property
    def is_python(self) -> bool:
        """Whether its label names Python."""
        return names_python(self.info)


def read_blocks(text: str) -> tuple[FencedBlock, ...]:
    """All fenced blocks in order. Never fails, whatever the text is."""
    if RUN.search(text) is None:
        return ()
    tokens: list[Any] = []
    parser = _parser()
    parser.block.parse(text, parser, {"left": READ_AHEAD}, tokens)
    blocks = [token.meta["block"] for token in tokens if token.type == "fence"]
    doubtful = next((n for n, block in enumerate(blocks) if not block.certain), len(blocks))
    return (*blocks[:doubtful], *(replace(b, certain=False) for b in blocks[doubtful:]))


def bare_code(text: str) -> FencedBlock:
    """What a text begins with, read as if a Python fence had opened it: code that has only a
    closing fence, or none."""
    from markdown_it.rules_block import StateBlock

    state = StateBlock(text, _parser(), {"left": READ_AHEAD}, [])
    fence = FIRST_FENCE.search(text)
    return _block(state, "~~~" if fence and fence[1] == "~~~" else "```", "", 0, -1, state.lineMax)


@dataclass(frozen=True)
class Document:
    """The fenced blocks of a text, and what stands outside of them."""

    blocks: tuple[FencedBlock, ...]
    outside: str

    @property
    def balanced(self) -> bool:
        """Whether each block is closed."""
        return all(block.closed for block in self.blocks)


def read_document(text: str) -> Document:
    """A text, read apart."""
    blocks = read_blocks(text)
    starts = [0, *(block.end for block in blocks)]
    ends = [*(block.start for block in blocks), len(text)]
    pieces = (text[start:end].strip("\r\n") for start, end in zip(starts, ends, strict=True))
    return Document(blocks, "\n".join(piece for piece in pieces if piece.strip()))


def unfenced(text: str) -> str:
    """What a fence around the whole text holds, else the text. Models also put a fence around
    text that has blocks of its own: there the first fence and the last one belong together."""
    document = read_document(text)
    if not document.blocks:
        return text
    first, last = document.blocks[0], document.blocks[-1]
    if len(document.blocks) == 1 and first.closed and not document.outside:
        return first.code
    around = not text[: first.start].strip() and not first.closed
    if around and first is not last and not last.closed and not (last.info or last.code.strip()):
        return text[text.index("\n", first.start) + 1 : last.start]
    return text


def python_block_end(text: str) -> int | None:
    """Offset after the first closed Python block; None while there is none, or while more text
    could still move its end. So `read_blocks` finds the same block in the text up to there."""
    if len(RUN.findall(text)) < 2:
        return None
    blocks = read_blocks(text)
    ends = (b.end for b in blocks if b.is_python and b.closed and b.certain)
    return next(ends, None)


@functools.cache
def _parser() -> Any:
    """The CommonMark parser of blocks with our rule for fences. A line of prose ends a quotation:
    no fence begins in a line that only continues a paragraph."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import blockquote, list_block

    parser = MarkdownIt("zero", {"maxNesting": 10 * NESTED})
    for name, rule, also in (
        ("fence", _fence, ["blockquote", "list"]),
        ("blockquote", _shallow(blockquote), ["blockquote", "list"]),
        ("list", _shallow(list_block), ["blockquote"]),
        ("paragraph", _prose, ["blockquote"]),
    ):
        parser.block.ruler.at(name, rule, {"alt": also})
    parser.block.ruler.enableOnly(["fence", "blockquote", "list", "paragraph"])
    return parser


def _shallow(rule: Any) -> Any:
    """The rule down to NESTED levels. The parser's own limit would drop all that follows."""

    def shallow(state: Any, first: int, last: int, silent: bool) -> bool:
        return state.level < NESTED and bool(rule(state, first, last, silent))

    return shallow


def _fence(state: Any, first: int, last: int, silent: bool) -> bool:
    """A block whose fence begins its line."""
    start = state.bMarks[first] + state.tShift[first]
    found = OPENING.match(state.src, start, state.eMarks[first])
    if found is None:
        return False
    if not silent:
        _push(state, first, last, start, found[1] or found[3], found[2] or found[4] or "")
    return True


def _prose(state: Any, first: int, last: int, silent: bool) -> bool:
    """A line of text, with the block whose fence it may end in."""
    if silent:
        return True
    start, stop = state.bMarks[first] + state.tShift[first], state.eMarks[first]
    head, mark, info = state.src[start:stop].rpartition("```")
    words = head.rstrip("`")
    if mark and words and ALONE.fullmatch(info) and len(RUN.findall(words)) % 2 == 0:
        run = "`" * (len(head) - len(words)) + mark
        if names_python(info) or _next_fence_closes(state, first, last, run):
            _push(state, first, last, start + len(words), run, info)
            return True
    state.line = first + 1
    return True


def _next_fence_closes(state: Any, first: int, last: int, run: str) -> bool:
    """Whether the next line with a fence of this kind is one that closes."""
    for line in range(first + 1, last):
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        if run in text:
            return text.rstrip().endswith(run) and len(RUN.findall(text)) % 2 == 1
    return False


def _push(state: Any, first: int, last: int, start: int, run: str, info: str) -> None:
    token = state.push("fence", "code", 0)
    token.meta = {"block": _block(state, run, info, start, first, last)}


def _block(state: Any, run: str, info: str, start: int, first: int, last: int) -> FencedBlock:
    """The block that a fence in line `first` opens; reading goes on after it."""
    info = info.strip()
    opened = _OpenBlock(state, run, not info or names_python(info), first, last)
    end, certain = opened.end()
    state.line = end.next_line
    return FencedBlock(info, opened.code(end), start, end.offset, end.closed, certain)


@dataclass(frozen=True)
class _End:
    """Where a block ends: in `line`, after `column` characters of code, at `offset` in the text;
    reading goes on at `next_line`. `doubt`: the fence stands in a "string" or "comment"."""

    line: int
    column: int
    offset: int
    next_line: int
    closed: bool = True
    doubt: str = ""


@dataclass(frozen=True)
class _OpenBlock:
    """A block that opens in line `first` with the fence `run`; lines from `last` on belong to
    something else. `state` is markdown-it's; `lexed`: the text is read as Python.
    `state.env["left"]` bounds what all blocks of a text read after a doubtful end."""

    state: Any
    run: str
    lexed: bool
    first: int
    last: int

    def end(self) -> tuple[_End, bool]:
        """The end, and whether it is the same with any other text after it, and with none."""
        doubtful: dict[str, _End] = {}  # the first within a string, the first in a comment
        string = ""  # the quotes of the string that a line begins in
        after = 0  # characters read after the first doubtful end
        for line in range(self.first + 1, self.last):
            text = self.state.src[self.state.bMarks[line] : self.state.eMarks[line]]
            found, string = self._in_line(line, text, string)
            if found and not found.doubt:
                chosen = self._chosen(doubtful, found)
                return chosen, chosen.doubt != "comment"
            if found:
                doubtful.setdefault(found.doubt, found)
            if doubtful:
                after += len(text) + 1
                self.state.env["left"] -= len(text) + 1
                if after > PARSED_CHARS or self.state.env["left"] < 0:
                    return next(iter(doubtful.values())), True
        stop = self.state.eMarks[self.last - 1] if self.last else 0
        never = _End(self.last, 0, stop, self.last, closed=False)
        return self._chosen(doubtful, never), False

    def code(self, end: _End) -> str:
        """The code up to `end`, without the indent that it shares with the opening fence."""
        state, begin = self.state, self.first + 1
        lines = range(begin, end.line + (end.column > 0))
        shared = state.sCount[self.first] and min(
            (state.sCount[line] for line in lines if not state.isEmpty(line)), default=0
        )
        indent = max(min(shared, state.sCount[self.first]), 0)
        whole_lines = state.eMarks[end.line - 1] < len(
            state.src
        )  # else getLines reads past the end
        code: str = state.getLines(begin, end.line, indent, whole_lines)
        if end.column:
            whole = state.eMarks[end.line] - state.bMarks[end.line]
            partly: str = state.getLines(end.line, end.line + 1, indent, False)
            code += partly[: len(partly) - (whole - end.column)]
        return code

    def _in_line(self, line: int, text: str, string: str) -> tuple[_End | None, str]:
        """The end that a line makes or may make, and the quotes of the string that the next line
        begins in."""
        if self.run not in text and not (self.lexed and (string or "'''" in text or '"""' in text)):
            return None, string
        runs, comment, after = list(RUN.finditer(text)), "", ""
        if self.lexed:
            runs, comment, after = _lex(text, string)
        begin, own, ended = self.state.bMarks[line], ON_ITS_OWN.match(text), text.rstrip()
        if own and own[1].startswith(self.run):
            fence = _End(line, 0, begin + own.end(1), line + 1)
            if string:
                return None if own[2].strip() else replace(fence, doubt="string"), after
            return self._on_its_own(fence, own[2]), after
        column = len(ended.rstrip(self.run[0]).rstrip())
        end = _End(line, column, begin + len(ended), line + 1)
        if comment.rstrip().endswith(self.run):
            return replace(end, doubt="comment"), after
        closes = ended.endswith(self.run) and runs and runs[-1].end() == len(ended)
        return end if closes and len(runs) % 2 else None, after

    def _on_its_own(self, fence: _End, tail: str) -> _End | None:
        """What a fence at the beginning of a line does: it closes, or the next block begins, or it
        is neither."""
        if not tail.strip():
            return fence
        if self.run[0] in tail:
            return None
        if names_python(tail) or (self.lexed and not tail[0].isspace()):
            before = self.state.eMarks[fence.line - 1] if fence.line else 0
            return _End(fence.line, 0, before, fence.line, closed=False)
        return fence if self.lexed else None

    def _chosen(self, doubtful: dict[str, _End], found: _End) -> _End:
        """`found`, unless a doubtful end before it makes better sense."""
        if not doubtful or self._is_python(found):
            return found
        ends = doubtful.values()
        better = (end for end in ends if end.doubt == "string" or self._is_python(end))
        return next(better, found)

    def _is_python(self, end: _End) -> bool:
        return python_text(self.code(end)) is not None


def _lex(text: str, string: str) -> tuple[list[re.Match[str]], str, str]:
    """Of a line of Python that begins in a string with these quotes, or in none (""): (the fences
    outside of strings and comments, its comment, the quotes of the string that is open at its
    end)."""
    runs: list[re.Match[str]] = []
    place = 0
    while True:
        if string:
            end = STRING_ENDS[string].match(text, place)
            if end is None:
                return runs, "", string
            place = end.end()
        lexeme = LEXEME.search(text, place)
        if lexeme is None:
            return runs, "", ""
        if lexeme["comment"]:
            return runs, lexeme["comment"], ""
        if lexeme["run"]:
            runs.append(lexeme)
        place, string = lexeme.end(), lexeme["open"] or ""
