r"""What must not leave the machine in a file's text: secrets and personal data.

Regular expressions find keys and tokens of well-known shapes, values assigned to names such as
`password` or `api_key`, private keys, passwords in URLs, e-mail and IP addresses. A placeholder
replaces exactly the characters found and has the form of such a value: a string remains a string,
an address an address, and the code parses as before. Screening a screened text finds nothing.

It does not find names of persons, telephone numbers, secrets of an unknown shape under a harmless
name, secrets in comments without quotes, or secrets assembled from pieces.

E-mail and IP addresses count only inside strings and comments: elsewhere `a@b.mean` multiplies
matrices and `a[1::2]` is a slice. The whole takes linear time on any text.
"""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from viscode.extract.sensitive import PLACEHOLDER, RULES, ScreenRule, SecretKind

STRINGS_AND_COMMENTS = re.compile(
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+(?:""")?
    | \'\'\'(?:[^'\\]++|\\.|'(?!\'\'))*+(?:\'\'\')?
    | "(?:[^"\\\n]++|\\.)*+"? | '(?:[^'\\\n]++|\\.)*+'? | \#[^\n]*+''',
    re.DOTALL | re.VERBOSE,
)  # the closing quote is optional, so that a quote that nothing closes is looked at once
KEY_MARKER = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
KEY_LINE = re.compile(r"(?:\\[nrt])?(?P<value>[A-Za-z0-9+/=]{16,}+)")
OPEN_KEY_CHARS = 8192  # how far a private key without its end marker may reach


@dataclass(frozen=True)
class Screened:
    """The text with placeholders, and their number by kind."""

    text: str
    found: Counter[str]


def screen(text: str) -> Screened:
    """Replace secrets and personal data in Python code by placeholders."""
    found: Counter[str] = Counter()
    text = _without_private_keys(text, found)
    for rule in RULES:
        text = _applied(rule, text, found)
    return Screened(text, found)


def _applied(rule: ScreenRule, text: str, found: Counter[str]) -> str:
    matches = list(rule.pattern.finditer(text))
    if rule.quoted:
        matches = _quoted(matches, text)
    matches = [match for match in matches if rule.holds(match)]
    if matches:
        found[rule.kind] += len(matches)
    return _replaced(text, matches, rule.placeholder)


def _without_private_keys(text: str, found: Counter[str]) -> str:
    """The text without the characters of PEM private keys; markers, quotes and line ends stay,
    as the key may be written as several strings."""
    keys: list[list[re.Match[str]]] = []
    for marker, after in pairwise([*KEY_MARKER.finditer(text), None]):
        if marker is None or marker[1] != "BEGIN":
            continue
        stop = after.start() if after else marker.end() + OPEN_KEY_CHARS
        keys.append(list(KEY_LINE.finditer(text, marker.end(), stop)))
    lines = _quoted([line for key in keys for line in key], text)
    places = {line.start() for line in lines}
    if lines:
        found[SecretKind.PRIVATE_KEY] += sum(any(k.start() in places for k in key) for key in keys)
    return _replaced(text, lines, f"{PLACEHOLDER}_KEY")


def _quoted(matches: list[re.Match[str]], text: str) -> list[re.Match[str]]:
    """The matches that begin inside a string or a comment."""
    if not matches:
        return []
    spans = [match.span() for match in STRINGS_AND_COMMENTS.finditer(text)]
    starts = [start for start, _ in spans]
    before = [bisect_right(starts, match.start()) - 1 for match in matches]
    return [
        match
        for match, index in zip(matches, before, strict=True)
        if index >= 0 and match.start() < spans[index][1]
    ]


def _replaced(text: str, matches: list[re.Match[str]], placeholder: str) -> str:
    """The text with the placeholder for each match's group `value`, or else for all of it."""
    parts, end = [], 0
    for match in matches:
        start, stop = match.span("value" if "value" in match.re.groupindex else 0)
        parts += [text[end:start], placeholder]
        end = stop
    return "".join([*parts, text[end:]])
