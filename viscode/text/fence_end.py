"""Where an open block of Markdown ends: the rules that `viscode.text.markdown` lists.

The text of a block of Python is read line by line, as far as is needed to tell strings and comments
from code: it need not parse, and what lies behind its end is not looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from viscode.text.code_labels import names_python
from viscode.text.python_text import PARSED_CHARS, python_text

RUN = re.compile(r"`{3,}+|~{3,}+")
ON_ITS_OWN = re.compile(r"[ \t]*+(`{3,}+|~{3,}+)(.*)", re.DOTALL)
LEXEME = re.compile(
    r"(?P<comment>#.*+)|(?P<open>'''|\"\"\")|'(?:[^'\\]|\\.)*+'?|\"(?:[^\"\\]|\\.)*+\"?"
    r"|(?P<run>`{3,}+|~{3,}+)",
    re.DOTALL,
)
STRING_ENDS = {
    quotes: re.compile(
        rf"(?:[^\\{quotes[0]}]++|\\.|{quotes[0]}(?!{quotes[1:]}))*+{quotes}", re.DOTALL
    )
    for quotes in ("'''", '"""')
}


@dataclass(frozen=True)
class End:
    """Where a block ends: in `line`, behind `column` characters of code, at `offset` in the text;
    reading goes on at `next_line`. `in_comment`: it is but the end of a comment."""

    line: int
    column: int
    offset: int
    next_line: int
    closed: bool = True
    in_comment: bool = False


class EndSearch:
    """The search for the end of the block that opens in line `first` with the fence `run`; lines
    from `last` on belong to something else. `state` is markdown-it's; `lexed`: the text is read as
    Python. `state.env["left"]` bounds what all searches in a text read behind a doubtful end."""

    def __init__(self, state: Any, run: str, lexed: bool, first: int, last: int) -> None:
        self.state, self.run, self.lexed, self.first, self.last = state, run, lexed, first, last

    def end(self) -> tuple[End, bool]:
        """The end, and whether it is the same with any other text behind it, and with none."""
        doubtful: list[End] = []  # the first within a string, the first in a comment
        string = ""  # the quotes of the string that a line begins in
        behind = 0  # characters read behind the first doubtful end
        for line in range(self.first + 1, self.last):
            text = self.state.src[self.state.bMarks[line] : self.state.eMarks[line]]
            found, doubt, string = self._in_line(line, text, string)
            if found is not None:
                chosen = self._chosen(doubtful, found)
                return chosen, not chosen.in_comment
            if doubt is not None and all(d.in_comment != doubt.in_comment for d in doubtful):
                doubtful.append(doubt)
            if doubtful:
                behind += len(text) + 1
                self.state.env["left"] -= len(text) + 1
                if behind > PARSED_CHARS or self.state.env["left"] < 0:
                    return doubtful[0], True
        stop = self.state.eMarks[self.last - 1] if self.last else 0
        never = End(self.last, 0, stop, self.last, closed=False)
        return self._chosen(doubtful, never), False

    def code(self, end: End) -> str:
        """The code up to `end`, without the indent that it shares with the opening fence."""
        state, begin = self.state, self.first + 1
        lines = range(begin, end.line + (end.column > 0))
        shared = state.sCount[self.first] and min(
            (state.sCount[line] for line in lines if not state.isEmpty(line)), default=0
        )
        indent = max(min(shared, state.sCount[self.first]), 0)
        code: str = state.getLines(begin, end.line, indent, True)
        if end.column:
            whole = state.eMarks[end.line] - state.bMarks[end.line]
            partly: str = state.getLines(end.line, end.line + 1, indent, False)
            code += partly[: len(partly) - (whole - end.column)]
        return code

    def _in_line(self, line: int, text: str, string: str) -> tuple[End | None, End | None, str]:
        """The end that a line makes for sure, the one that it may make, and the quotes of the
        string that the next line begins in."""
        if self.run not in text and not (self.lexed and (string or "'''" in text or '"""' in text)):
            return None, None, string
        lexed = lex(text, string) if self.lexed else Line(tuple(RUN.finditer(text)), "", "")
        begin, own = self.state.bMarks[line], ON_ITS_OWN.match(text)
        if own and own[1].startswith(self.run):
            fence = End(line, 0, begin + own.end(1), line + 1)
            if string:
                return None, None if own[2].strip() else fence, lexed.string
            return self._on_its_own(fence, own[2]), None, lexed.string
        ended = text.rstrip()
        if not ended.endswith(self.run):
            return None, None, lexed.string
        code = ended.rstrip(self.run[0]).rstrip()
        behind = End(line, len(code), begin + len(ended), line + 1)
        if lexed.comment.rstrip().endswith(self.run):
            return None, replace(behind, in_comment=True), ""
        if lexed.runs and lexed.runs[-1].end() == len(ended) and len(lexed.runs) % 2:
            return behind, None, ""
        return None, None, lexed.string

    def _on_its_own(self, fence: End, tail: str) -> End | None:
        """What a fence at the beginning of a line does: it closes, or the next block begins, or it
        is neither."""
        if not tail.strip():
            return fence
        if self.run[0] in tail:
            return None
        if names_python(tail) or (self.lexed and not tail[0].isspace()):
            before = self.state.eMarks[fence.line - 1] if fence.line else 0
            return End(fence.line, 0, before, fence.line, closed=False)
        return fence if self.lexed else None

    def _chosen(self, doubtful: list[End], found: End) -> End:
        """`found`, unless a doubtful end before it makes better sense."""
        if not doubtful or self._is_python(found):
            return found
        better = (end for end in doubtful if not end.in_comment or self._is_python(end))
        return next(better, found)

    def _is_python(self, end: End) -> bool:
        return python_text(self.code(end)) is not None


@dataclass(frozen=True)
class Line:
    """What a line of Python holds: fences outside of strings and comments, its comment, and the
    quotes of the string that is open at its end."""

    runs: tuple[re.Match[str], ...]
    comment: str
    string: str


def lex(text: str, string: str) -> Line:
    """Read a line that begins in a string with these quotes, or in none ("")."""
    runs: list[re.Match[str]] = []
    for lexeme in _lexemes(text, string):
        if lexeme is None:
            return Line(tuple(runs), "", string)
        string = lexeme["open"] or ""
        if lexeme["run"]:
            runs.append(lexeme)
        if lexeme["comment"]:
            return Line(tuple(runs), lexeme["comment"], "")
    return Line(tuple(runs), "", "")


def _lexemes(text: str, string: str) -> Iterator[re.Match[str] | None]:
    """What stands outside of long strings; None last where one is open at the end."""
    place = 0
    while True:
        if string:
            end = STRING_ENDS[string].match(text, place)
            if end is None:
                yield None
                return
            place = end.end()
        lexeme = LEXEME.search(text, place)
        if lexeme is None:
            return
        yield lexeme
        place, string = lexeme.end(), lexeme["open"] or ""
