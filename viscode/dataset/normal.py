"""Code without what a copyist changes: names, comments, layout, quotes, the form of imports.

For equal code (`digest`) and for similar code (`tokens`, from which others make n-grams). What
counts as equal stands in treetokens. No code is run, and no text, however hostile, raises or costs
more than linear time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from viscode.dataset.treetokens import VARIABLE, tree_tokens
from viscode.mining.syntax import ParseFailure, parse

DIGEST_BYTES = 16
MAX_CHARS = 200_000  # longer code is not parsed, and only so much of it becomes tokens
MAX_TOKEN = 200  # characters of a token of text


@dataclass(frozen=True)
class NormalCode:
    """`digest` is 16 bytes, equal for code that is equal but for names, comments, layout, the form
    of imports and show(); b"" for code that does not parse or does nothing. `tokens` are empty
    for code that does nothing."""

    digest: bytes
    tokens: tuple[str, ...]


def normalise(code: str) -> NormalCode:
    """The normal form of `code`; of code that is no Python, tokens of its text."""
    for text in _readings(code):
        tree = parse(text)
        if not isinstance(tree, ParseFailure):
            return _normal(*tree_tokens(tree))
    return NormalCode(b"", text_tokens(code))


def _normal(tokens: tuple[str, ...], variables: list[int]) -> NormalCode:
    if not tokens:
        return NormalCode(b"", ())
    raw = "\0".join((*tokens, *map(str, variables))).encode("utf-8", "surrogatepass")
    return NormalCode(blake2b(raw, digest_size=DIGEST_BYTES).digest(), tokens)


PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: |$)", re.M)
NOISE = re.compile(r"^[ \t]*[%!].*$", re.M)


def _readings(code: str) -> Iterator[str]:
    """The code, and the same without what notebooks and interactive sessions add."""
    if len(code) > MAX_CHARS:
        return
    yield code
    if PROMPT.search(code):
        lines = (line.lstrip(" \t") for line in code.splitlines())
        yield "\n".join(line[4:] for line in lines if line.startswith((">>>", "...")))
    if NOISE.search(code):
        yield NOISE.sub("", code)


TEXT_TOKEN = re.compile(
    r"(#[^\n]*)|\"[^\"\n]*\"|'[^'\n]*'|\.[ \t]*[^\W\d]\w*|\w+(?:\.\d+)?|[^\w\s]"
)
ASSIGNED = re.compile(
    r"^[ \t]*([^\W\d]\w*)[ \t]*=(?!=)|\b(?:for|as|def|class)[ \t]+([^\W\d]\w*)", re.M
)


def text_tokens(code: str) -> tuple[str, ...]:
    """Tokens of text that is no Python, comments left out, the names that it visibly assigns
    replaced. They are not comparable with the tokens of a tree."""
    text = code[:MAX_CHARS]
    names = {first or second for first, second in ASSIGNED.findall(text)}
    found = (match for match in TEXT_TOKEN.finditer(text) if not match[1])
    tokens = (match[0].replace("'", '"')[:MAX_TOKEN] for match in found)
    return tuple(VARIABLE if token in names else token for token in tokens)
