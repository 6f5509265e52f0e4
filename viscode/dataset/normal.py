"""Code without what a copyist changes: names, comments, layout, quotes, the form of imports.

For equal code (`digest`) and for similar code (`tokens`, from which others make n-grams). What
counts as equal stands in treetokens. Code that does not parse is tried again without prompts,
magics and indent, then without the part up to or from the line that fails, a few times. No code is
run, and no text, however hostile, raises or costs more than linear time.
"""

import re
import textwrap
from collections.abc import Iterator, Set
from dataclasses import dataclass
from hashlib import blake2b

from viscode.dataset.treetokens import FOUND_READY, PRINTED, PRINTING, VARIABLE, tree_tokens
from viscode.libraries.syntax import ParseFailure, parse
from viscode.text.lines import split_lines

DIGEST_BYTES = 16
MAX_CHARS = 200_000  # longer code is not parsed, and only so much of it becomes tokens
MAX_TOKEN = 200  # characters of a token of text
CUTS = 4  # parts that are tried of code that does not parse
MIN_PART = 0.5  # of the lines that a part must have to stand for the code


@dataclass(frozen=True)
class NormalCode:
    """`digest` is 16 bytes, equal for code that is equal but for names, comments, layout, the order
    of keywords, the form of imports and a final show(); for code that does not parse, for equal
    text; b"" for code that does nothing. `tokens` leave out print() too, and are those of a part
    where only a part parses."""

    digest: bytes
    tokens: tuple[str, ...]


def normalise(code: str) -> NormalCode:
    """The normal form of `code`; of code that is no Python, tokens of its text."""
    if len(code) > MAX_CHARS:
        return NormalCode(_hash(code), text_tokens(code))
    reading = code
    for reading in _readings(code):
        tree = parse(reading)
        if not isinstance(tree, ParseFailure):
            return _normal(*tree_tokens(tree))
    text = text_tokens(code)
    return NormalCode(_hash("\0".join(text)) if text else b"", _part(reading) or text)


def _normal(tokens: tuple[str, ...], variables: list[int]) -> NormalCode:
    if not tokens:
        return NormalCode(b"", ())
    return NormalCode(_hash("\0".join((*tokens, *map(str, variables)))), _unprinted(tokens))


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _unprinted(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Without the statements that print."""
    if PRINTING not in tokens:
        return tokens
    kept, printing = [], False
    for token in tokens:
        printing = token == PRINTING or (printing and token != PRINTED)
        if not printing and token != PRINTED:
            kept.append(token)
    return tuple(kept)


PROMPT = re.compile(r"^[ \t]*(?:In ?\[[ \d]*\]:|>>>|\.{3,}:?)(?: |$)", re.M)
NOISE = re.compile(r"^[ \t]*[%!].*$", re.M)


def _readings(code: str) -> Iterator[str]:
    """The code; the same without what notebooks, interactive sessions and web pages add."""
    yield code
    text = code.replace("\u00a0", " ")
    if PROMPT.search(text):
        lines = split_lines(text)
        text = "\n".join(PROMPT.sub("", line, 1) for line in lines if PROMPT.match(line))
    text = textwrap.dedent(NOISE.sub("", text))
    if text != code:
        yield text


FAILED = re.compile(r"line (\d+):")


def _part(code: str) -> tuple[str, ...]:
    """The tokens of the lines before or after those that do not parse; () where such a part is less
    than MIN_PART of the code, or none is found."""
    lines = split_lines(code)
    least = max(1, MIN_PART * len(lines))
    for _ in range(CUTS):
        tree = parse("\n".join(lines))
        if not isinstance(tree, ParseFailure):
            return _normal(*tree_tokens(tree)).tokens
        failed = FAILED.match(tree.message)
        number = min(int(failed[1]), len(lines)) if failed else 0
        before, after = lines[: max(number - 1, 0)], lines[number:]
        lines = before if len(before) >= len(after) else after
        if number < 1 or len(lines) < least:
            break
    return ()


CODE_LINE = re.compile(
    r"^[ \t]*+(?:(?:import|from)[ \t]++[\w.]++"
    r"|[\w., \t*()'\"\[\]]{1,80}?=(?!=)|[\w.]++\(.*[(),\[]$)",
    re.M,
)


def code_within(text: str) -> str:
    """What stands in a text of prose and code from the first line that looks like code to the last
    one, "" without any."""
    lines = split_lines(text[:MAX_CHARS])
    found = [number for number, line in enumerate(lines) if CODE_LINE.match(line.rstrip())]
    return "\n".join(lines[found[0] : found[-1] + 1]) if found else ""


NAME = r"[^\W\d]\w*+"
TEXT_TOKEN = re.compile(
    rf"(#[^\n]*)|\"[^\"\n]*\"|'[^'\n]*'|\.[ \t]*{NAME}|{NAME}=(?!=)|\w+(?:\.\d+)?|[^\w\s]"
)
ASSIGNED = re.compile(
    rf"^[ \t]*({NAME}(?:[ \t]*,[ \t]*{NAME})*+)[ \t]+=(?!=)"
    rf"|^({NAME}(?:,[ \t]*{NAME})*+)=(?!=)"
    rf"|\bfor[ \t]+(\(*+{NAME}\)*+(?:[ \t]*,[ \t]*\(*+{NAME}\)*+)*+)[ \t]+in\b"
    rf"|\b(?:as|def|class)[ \t]+({NAME})",
    re.M,
)
WORD = re.compile(NAME)


def text_tokens(code: str) -> tuple[str, ...]:
    """Tokens of text that is no Python, comments left out, the names that it visibly assigns
    replaced; a keyword and its "=" are one token. They are not comparable with the tokens of a
    tree."""
    text = code[:MAX_CHARS]
    assigned = (
        name for groups in ASSIGNED.findall(text) for name in WORD.findall(" ".join(groups))
    )
    names = FOUND_READY | set(assigned)
    return tuple(
        _text_token(match[0], names, first=match.start() == 0 or text[match.start() - 1] == "\n")
        for match in TEXT_TOKEN.finditer(text)
        if not match[1]
    )


def _text_token(token: str, names: Set[str], *, first: bool) -> str:
    if token in names:
        return VARIABLE
    if first and token[:-1] in names and token[-1] == "=":  # a statement, no keyword
        return f"{VARIABLE}="
    return token.replace("'", '"')[:MAX_TOKEN]
