r"""What must not leave the machine in a file's text: secrets and personal data.

Regular expressions find keys and tokens of well-known shapes, values assigned to names such as
`password` or `api_key`, private keys, passwords in URLs, e-mail and IP addresses. A placeholder
replaces exactly the characters found and has the form of such a value: a string remains a string,
an address an address, and the code parses as before. Screening a screened text finds nothing.

It does not find names of persons, telephone numbers, secrets of an unknown shape under a harmless
name, secrets in comments without quotes, or secrets assembled from pieces.

E-mail and IP addresses count only inside strings and comments: elsewhere `a@b.mean` multiplies
matrices and `a[1::2]` is a slice. Every rule takes linear time on any text: quantifiers are bounded
or possessive, and no match starts inside the characters that it would run over.
"""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from itertools import pairwise

PLACEHOLDER = "REDACTED"
MIN_ENTROPY = 2.5  # bits a character: "password" has 2.75, a random string of 8 has 3
HARMLESS_NETWORKS = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/32", "127.0.0.0/8", "255.0.0.0/8"),  # the last: masks and broadcast
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),  # documentation (RFC 5737)
        *("::/120", "2001:db8::/32"),  # `::`, `::1`; documentation (RFC 3849)
    )
)
EXAMPLE_HOST = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net|edu))?|test|invalid|localhost)$", re.IGNORECASE
)
VERSION_BEFORE = re.compile(
    r"(?:version\w*|release|section|[=<>~!]=)[\"'\s:=]{0,6}$", re.IGNORECASE
)


class SecretKind(StrEnum):
    PRIVATE_KEY = "private_key"
    URL_PASSWORD = "url_password"
    AWS_KEY = "aws_key"
    GITHUB_TOKEN = "github_token"
    MODEL_KEY = "model_key"
    PAYMENT_KEY = "payment_key"
    SLACK_TOKEN = "slack_token"
    GOOGLE_KEY = "google_key"
    HUGGINGFACE_TOKEN = "huggingface_token"
    MAPBOX_TOKEN = "mapbox_token"
    JWT = "jwt"
    ASSIGNED = "assigned_secret"
    EMAIL = "email"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


@dataclass(frozen=True)
class ScreenRule:
    """A match of `pattern` is of this `kind` if `holds` accepts it; `placeholder` replaces its
    group `value`, or else all of it. `quoted`: only inside strings and comments."""

    kind: SecretKind
    pattern: re.Pattern[str]
    placeholder: str
    holds: Callable[[re.Match[str]], bool] = lambda match: True
    quoted: bool = False


def _token(prefix: str, rest: str) -> re.Pattern[str]:
    """A token that begins with `prefix` (of fixed width). The look behind stands after the prefix
    because a search for a literal first character is fast; `\\n` before it is an escape, whose
    letter does not belong to the word."""
    begins = rf"(?:(?<![\w-]{prefix})|(?<=\\[nrt]{prefix}))"
    return re.compile(prefix + begins + rest, re.ASCII)


def _is_random(match: re.Match[str]) -> bool:
    """Whether an assigned value looks like a secret: no URL, no spaces, varied, letters with
    digits; for a name that says password, letters with anything else."""
    value = match["value"]
    if PLACEHOLDER in value or "://" in value or any(c.isspace() for c in value):
        return False
    others = any(not c.isalpha() if _names_password(match) else c.isdigit() for c in value)
    counts = Counter(value).values()
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
    return others and any(c.isalpha() for c in value) and entropy >= MIN_ENTROPY


def _names_password(match: re.Match[str]) -> bool:
    return match[0].lower().startswith(("pass", "pwd"))


def _is_personal(match: re.Match[str]) -> bool:
    return not EXAMPLE_HOST.search(match["host"]) and not match["value"].startswith(PLACEHOLDER)


def _is_ipv4(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 24) : match.start()]
    return _is_address(match[0]) and not VERSION_BEFORE.search(before)


def _is_ipv6(match: re.Match[str]) -> bool:
    """With two colons, only letters with digits are an address: `x[1::2]` in a comment is a
    slice, `would be::` ends a sentence of reStructuredText."""
    text = match[0]
    mixed = any(c.isalpha() for c in text) and any(c.isdecimal() for c in text)
    return (mixed or text.count(":") > 2) and _is_address(text)


def _is_address(text: str) -> bool:
    """Whether a text is an address outside the harmless networks."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return not any(address in network for network in HARMLESS_NETWORKS)


_NAME = r"""(?:passw(?:or)?d|passwort|passphrase|pwd|secret(?:_?key)?|token|credential
    |(?:api|access|auth|private|consumer|client)_?(?:key|secret))s?(?![A-Za-z])\w{0,40}+"""
# not possessive: before 3.11.5 Python then finds nothing, and no quote lies within to go back to
_VALUE = r"(?P<value>(?:(?!(?P=quote))[^\n\\]){8,512})(?P=quote)"
_QUOTE = r"""(?P<quote>\"{3}|'{3}|["'])"""

TOKENS = (  # kind, how it begins, the rest, the end of its placeholder
    (SecretKind.AWS_KEY, "A(?:KI|SI|GP|ID|RO|NP|NV)A", r"[A-Z0-9]{16}(?!\w)", "AWS_KEY"),
    (SecretKind.GITHUB_TOKEN, "gh[pousr]_", r"[A-Za-z0-9]{36,255}+", "GITHUB_TOKEN"),
    (SecretKind.GITHUB_TOKEN, "github_pat_", r"\w{22,255}+", "GITHUB_TOKEN"),
    # a class of a style sheet (sk-toggleable__content) has no digit
    (SecretKind.MODEL_KEY, "sk-", r"(?=[A-Za-z_-]{0,128}+[0-9])[\w-]{20,256}+", "KEY"),
    (SecretKind.PAYMENT_KEY, "[sr]k_(?:live|test)_", r"[A-Za-z0-9]{16,128}+", "KEY"),
    (SecretKind.SLACK_TOKEN, "xox[abeoprs]-", r"[A-Za-z0-9-]{10,255}+", "SLACK_TOKEN"),
    (SecretKind.GOOGLE_KEY, "AIza", r"[\w-]{35}(?![\w-])", "GOOGLE_KEY"),
    (SecretKind.GOOGLE_KEY, r"ya29\.", r"[\w-]{20,512}+", "GOOGLE_KEY"),
    (SecretKind.HUGGINGFACE_TOKEN, "hf_", r"[A-Za-z0-9]{30,64}+(?!\w)", "HF_TOKEN"),
    (
        *(SecretKind.MAPBOX_TOKEN, r"[pst]k\.eyJ"),
        *(r"[\w-]{16,1024}+\.[\w-]{10,256}+", "MAPBOX_TOKEN"),
    ),
    (SecretKind.JWT, "eyJ", r"[\w-]{8,2048}+\.eyJ[\w-]{8,8192}+(?:\.[\w-]{0,2048}+)?", "JWT"),
)
ASSIGNED_SECRETS = (
    # api_key = "...", {"token": "..."}, environ["SECRET"] = "...", getenv("TOKEN", "...")
    rf"""{_NAME}["'\]]{{0,2}}+\s{{0,4}}+(?::\s{{0,4}}+\w{{1,20}}+\s{{0,4}}+(?==))?
    (?:={{1,2}}|[:,])\s{{0,8}}+[rbu]{{0,2}}{_QUOTE}{_VALUE}""",
    # plotly's py.sign_in("user", "key")
    rf"""sign_in\(\s{{0,8}}+["'][^"'\n]{{0,64}}+["']\s{{0,8}}+,\s{{0,8}}+{_QUOTE}{_VALUE}""",
    rf"[?&](?:{_NAME}|appid|key|sig)=(?P<value>[\w.%-]{{8,512}}+)",
    r"\bbearer[ ]{1,4}+(?P<value>[\w.~+/=-]{16,2048}+)",
)
RULES = (
    ScreenRule(
        SecretKind.URL_PASSWORD,
        re.compile(
            r"""://(?P<value>(?!REDACTED_USER:)[^\s/:@'"`<>{}\\]{0,128}+
            :[^\s/@'"`<>{}\\]{1,128}+)@""",
            re.VERBOSE,
        ),
        f"{PLACEHOLDER}_USER:{PLACEHOLDER}_PASSWORD",
    ),
    *(
        ScreenRule(kind, _token(begins, rest), f"{PLACEHOLDER}_{end}")
        for kind, begins, rest, end in TOKENS
    ),
    ScreenRule(
        SecretKind.SLACK_TOKEN,
        re.compile(r"hooks\.slack\.com/services/(?P<value>[A-Z0-9]{6,16}+/[A-Za-z0-9/]{16,64}+)"),
        f"{PLACEHOLDER}_SLACK_TOKEN",
    ),
    *(
        ScreenRule(
            SecretKind.ASSIGNED,
            re.compile(pattern, re.VERBOSE | re.IGNORECASE),
            f"{PLACEHOLDER}_SECRET",
            _is_random,
        )
        for pattern in ASSIGNED_SECRETS
    ),
    ScreenRule(  # icon@2x.png is no address
        SecretKind.EMAIL,
        re.compile(
            r"""(?<![\w.%+-])(?:(?<=\\)[nrt])?(?P<value>[\w.%+-]{1,64}+@
            (?P<host>(?:[A-Za-z0-9-]{1,63}+\.){1,8}(?!(?:png|jpe?g|gif|svg|pdf)\b)[A-Za-z]{2,24}+)
            (?![\w(]))""",
            re.VERBOSE,
        ),
        "name@example.com",
        _is_personal,
        quoted=True,
    ),
    ScreenRule(
        SecretKind.IPV4,
        re.compile(r"(?<![\w.])(?:\d{1,3}+\.){3}\d{1,3}+(?!\w|\.\d)", re.ASCII),
        "192.0.2.1",
        _is_ipv4,
        quoted=True,
    ),
    ScreenRule(
        SecretKind.IPV6,
        re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}+:){2,8}+[0-9A-Fa-f]{0,4}+(?![\w:])", re.ASCII),
        "2001:db8::1",
        _is_ipv6,
        quoted=True,
    ),
)
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
    spans = [match.span() for match in STRINGS_AND_COMMENTS.finditer(text)] if matches else []
    starts = [start for start, _ in spans]

    def is_inside(match: re.Match[str]) -> bool:
        before = bisect_right(starts, match.start()) - 1
        return before >= 0 and match.start() < spans[before][1]

    return list(filter(is_inside, matches))


def _replaced(text: str, matches: list[re.Match[str]], placeholder: str) -> str:
    """The text with the placeholder for each match's group `value`, or else for all of it."""
    parts, end = [], 0
    for match in matches:
        start, stop = match.span("value" if "value" in match.re.groupindex else 0)
        parts += [text[end:start], placeholder]
        end = stop
    return "".join([*parts, text[end:]])
