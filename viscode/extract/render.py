"""Statements -> the text of a script, cut from the author's source wherever that says the same.

A statement that stands in the source keeps its text, with the comments that belong to it: those
directly above, those at the ends of its lines and those inside it, as far as they are still of use
(`comments.py`). Where the tree was changed, only the changed expression is written anew. A
statement that the source does not have is written by `ast.unparse`. The trees are compared, so that
nothing has to be marked: `ast.parse(render(body, source))` is `body`.

An empty body becomes `pass`. Of blank lines at most one stays, between statements that were apart.
"""

import ast
import copy
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from viscode.extract.comments import kept_comments
from viscode.extract.source_map import BODIES, Edit, SourceMap, changes, first_line, key, source_map

INDENT = "    "
MOST_LINES = 2_000
TRAILING = re.compile(r"[ \t]*;?[ \t]*(#.*)")
_Token = tuple[tokenize.TokenInfo, int, int]
"""A token with its offsets in the source."""
IN_STRINGS = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))


def render(body: Sequence[ast.stmt], source: str | SourceMap) -> str:
    """The text of a module of these statements, in their order. Those that were taken from the tree
    of `source` are recognised by their places (`lineno` and the like). It is not formatted. Of more
    than MOST_LINES all is written anew, without comments: that takes a tenth of the time."""
    try:
        if sum(map(_height, body)) <= MOST_LINES:
            known = source_map(source) if isinstance(source, str) else source
            lines = _Writer(known).block(body, "") if body else []
            return "".join(f"{line}\n" for line in lines)
    except RecursionError:
        pass
    return ast.unparse(ast.Module(list(body), [])) + "\n"


def _height(node: ast.stmt) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


class _Writer:
    def __init__(self, source: SourceMap) -> None:
        self.source = source

    def block(self, body: Sequence[ast.stmt], indent: str) -> list[str]:
        """The lines of a body; several where a statement has several."""
        lines: list[str] = []
        before: ast.stmt | None = None
        for statement in body:
            old = self.source.statements.get(key(statement))
            above = self._above(old) if old else []
            if before is not None and old and self._apart(before, old, len(above), indent):
                lines.append("")
            lines += [indent + comment for comment in kept_comments(above)]
            lines += self._statement(statement, old, indent)
            before = statement
        return lines or [f"{indent}pass"]

    def _above(self, old: ast.stmt) -> list[str]:
        """The comment lines directly above a statement of the source."""
        floor, line = self.source.floors[key(old)], first_line(old) - 1
        found: list[str] = []
        while line > floor and (text := self.source.lines[line - 1].strip()).startswith("#"):
            found.append(text)
            line -= 1
        return found[::-1]

    def _apart(self, before: ast.stmt, old: ast.stmt, comments: int, indent: str) -> bool:
        """Whether a blank line comes between a statement and the next, which is in the source."""
        if key(before) not in self.source.statements:
            return not indent
        end, start = before.end_lineno or 0, first_line(old) - comments
        return start < end or not all(map(str.strip, self.source.lines[end : start - 1]))

    def _statement(self, new: Any, old: Any, indent: str) -> list[str]:
        edits = changes(old, new, self.source) if old else None
        if not any(hasattr(new, name) for name in BODIES):
            if edits is None:
                return [indent + ast.unparse(ast.Module([new], []))]  # as a docstring, if text
            return self._cut(old, *self.source.span(old), edits, indent)
        if edits is None:
            lines = [indent + line for line in _written_header(new).split("\n")]
        else:
            lines = self._cut(old, *self._header_span(old), edits, indent)
        return lines + self._bodies(new, indent)

    def _bodies(self, new: Any, indent: str) -> list[str]:
        lines = self.block(new.body, indent + INDENT) if hasattr(new, "body") else []
        for handler in getattr(new, "handlers", ()):
            lines.append(indent + _written_header(handler, star=isinstance(new, ast.TryStar)))
            lines += self.block(handler.body, indent + INDENT)
        for case in getattr(new, "cases", ()):
            lines.append(indent + INDENT + _written_header(case))
            lines += self.block(case.body, indent + INDENT + INDENT)
        orelse = getattr(new, "orelse", [])
        if isinstance(new, ast.If) and len(orelse) == 1 and isinstance(orelse[0], ast.If):
            chained = self.block(orelse, indent)
            at = next(i for i, line in enumerate(chained) if not line.lstrip().startswith("#"))
            chained[at] = f"{indent}el{chained[at].removeprefix(indent)}"
            return lines + chained
        for word, body in (("else", orelse), ("finally", getattr(new, "finalbody", []))):
            if body:
                lines += [f"{indent}{word}:", *self.block(body, indent + INDENT)]
        return lines

    def _header_span(self, old: Any) -> tuple[int, int]:
        """Where the header of a compound statement starts, and where it ends, with its colon."""
        inner = old.body[0] if hasattr(old, "body") else old.cases[0].pattern
        start = self.source.span(old)[0]
        end = self.source.offset(first_line(inner), inner.col_offset)
        colon = start + len(self.source.text[start:end].rstrip())
        if not self.source.text.endswith(":", start, colon) or "#" in self.source.text[start:end]:
            tokens = self._tokens(start, end)
            colon = max(stop for token, _, stop in tokens if token.string == ":")
        return start + (2 if self.source.text.startswith("elif", start) else 0), colon

    def _tokens(self, start: int, end: int) -> Iterator[_Token]:
        """The tokens of a part of the source that starts with a statement, with their offsets."""
        text = self.source.text[start:end]
        offsets = [start, *(start + found.end() for found in re.finditer("\n", text)), end]
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                (row, column), (last_row, last_column) = token.start, token.end
                if token.type != tokenize.ENDMARKER and last_row < len(offsets):
                    yield token, offsets[row - 1] + column, offsets[last_row - 1] + last_column
        except (tokenize.TokenError, SyntaxError):  # after the last of them
            return

    def _cut(self, old: Any, start: int, end: int, edits: list[Edit], indent: str) -> list[str]:
        """A part of the source, edited and indented anew, with the comments that stay."""
        part = self.source.text[start:end]
        line = self.source.lines[first_line(old) - 1]
        base = line[: len(line) - len(line.lstrip())]
        moves = base != indent and "\n" in part
        tokens = list(self._tokens(start, end)) if moves or "#" in part else []
        edits = edits + self._comment_edits([t for t in tokens if t[0].type == tokenize.COMMENT])
        edits += self._indents(base, start, end, tokens, indent)
        pieces, at = [indent], start
        for first, last, text in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
            if first >= at:
                pieces += [self.source.text[at:first], text]
                at = last
        trailing = TRAILING.match(self.source.text, end)
        comment = kept_comments([trailing[1]]) if trailing else []
        pieces += [self.source.text[at:end], *(f"  {text}" for text in comment)]
        return ["".join(pieces)]

    def _comment_edits(self, comments: list[_Token]) -> list[Edit]:
        """What becomes of the comments inside a statement; neighbouring lines are one block."""
        alone = [not token.line[: token.start[1]].strip() for token, _, _ in comments]
        numbered = [
            (token.start[0] - number if own else -number, own, (token, start, end))
            for number, ((token, start, end), own) in enumerate(zip(comments, alone, strict=True))
        ]
        edits: list[Edit] = []
        for (_, own), run in groupby(numbered, key=lambda one: one[:2]):
            block = [comment for _, _, comment in run]
            start, end = block[0][1], block[-1][2]
            line = block[0][0].line[: block[0][0].start[1]]
            margin = line[len(line.rstrip()) :]
            kept = kept_comments([token.string for token, _, _ in block])
            if kept:
                edits.append((start, end, f"\n{margin}".join(kept)))
            else:
                edits.append((start - len(margin), end + own, ""))
        return edits

    def _indents(
        self, base: str, start: int, end: int, tokens: list[_Token], indent: str
    ) -> list[Edit]:
        """Edits that move the lines of a statement after its first; none inside strings."""
        if base == indent:
            return []
        strings = [
            (at, stop) for token, at, stop in tokens if token.type in IN_STRINGS and at < stop
        ]
        text = self.source.text
        found: list[Edit] = []
        at = text.find("\n", start, end) + 1
        while at:
            while strings and strings[0][1] < at:
                strings.pop(0)
            if not (strings and strings[0][0] < at) and text.startswith(base, at):
                found.append((at, at + len(base), indent))
            at = text.find("\n", at, end) + 1
        return found


def _written_header(node: Any, star: bool = False) -> str:
    """The header of a statement, handler or case that the source does not have."""
    if isinstance(node, ast.ExceptHandler):
        kind = f" {ast.unparse(node.type)}" if node.type else ""
        return f"except{'*' * star}{kind}{f' as {node.name}' if node.name else ''}:"
    header = copy.copy(node)
    for name in BODIES:
        if hasattr(node, name):
            setattr(header, name, [ast.Pass()] if name == "body" else [])
    return ast.unparse(header).strip("\n").removesuffix(f"\n{INDENT}pass")
