"""Whether a text may plot, without parsing it: about a hundred times faster than `ast`.

Only import statements count. Every one of them holds the word `import` in ASCII, so two regular
expressions find their candidates at the speed of a substring search; the characters before decide
whether a statement can begin there, which excludes comments, doctests and prose. An import of a
plotting library is enough; a module of which only some functions draw must be imported beside a
word that these need. The scan cannot tell strings from code: it accepts some texts that do not
plot, and never rejects one in which `detect.library_use` would find drawing.
"""

import re
import unicodedata
from collections.abc import Callable

from viscode.libraries.registry import FRAME_ROOTS, HELPERS, MODULES, ROOTS

SCAN_VERSION: int = 2
"""Raise it whenever the scan may let a text through that it stopped before: whoever remembers
texts that it stopped has to look at them again."""

_GAP = r"(?:[ \t\f]|\\\r\n?|\\\n)"  # white space inside a logical line
_NAME = r"[^\s\\.]+"
_IMPORT = re.compile(rf"import(?<!\wimport){_GAP}+([^#;\r\n\\]+(?:\\(?:\r\n?|\n)[^#;\r\n\\]*)*)")
_FROM = re.compile(
    rf"from(?<!\wfrom){_GAP}+({_NAME})(?:{_GAP}*\.{_GAP}*{_NAME})*{_GAP}+import(?!\w)"
)
_WORD = re.compile(r"\w+")
_IMPORTED = re.compile(r"(?:^|,)\s*(\w+)")
_HINT = re.compile("|".join([*sorted(MODULES), r"[^\x00-\x7f]"]))

_CALLED = r"(?:plot|hist|boxplot)(?!\w)"
_FRAME_CALL = re.compile(rf"\.[\s\\]*+{_CALLED}|plotting")
_COMMENTED_CALL = re.compile(rf"\.[\s\\]*+#(?:[^\r\n]*+[\s\\]*+#)*+[^\r\n]*+[\s\\]*+({_CALLED})?")


def calls_frame(text: str) -> bool:
    """Whether a dot comes before the name of a frame's method, with white space and comments in
    between. Comments are looked at in runs, each once: from every dot in such a run the same word
    is reached as from its first, unless it is reached without a further comment."""
    if _FRAME_CALL.search(text):
        return True
    return any(match[1] for match in _COMMENTED_CALL.finditer(text))


_FRAME_WORDS = (("plot", "hist"), calls_frame)
_NEEDS: dict[str, tuple[tuple[str, ...], Callable[[str], object]]] = {
    **dict.fromkeys(FRAME_ROOTS, _FRAME_WORDS),
    **{
        name: (one.helper_words, re.compile(one.helper_text).search)
        for name, one in HELPERS.items()
    },
}
"""Module that draws by some functions alone -> what these cannot do without: one of a few strings,
found fast, and then what the test finds."""

_QUOTED = (
    r'"""(?:[^"\\]++|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\r\n]++|\\(?:\r\n|.))*+"'
    r"|'(?:[^'\\\r\n]++|\\(?:\r\n|.))*+'"
)
_LITERAL = re.compile(rf"#[^\r\n]*+|{_QUOTED}", re.DOTALL)
_F_PREFIX = re.compile(r"[fF][rR]?\Z")


def may_plot(text: str) -> bool:
    """Whether the text is worth a parse; never False where `library_use` finds one that draws."""
    roots = imported_roots(text)
    if not roots:
        return False
    if not roots.isdisjoint(ROOTS):
        return True
    if not _words_fit(roots, text):
        return False
    code = _without_literals(text)  # many docstrings contain words of plotting
    return code is None or _words_fit(imported_roots(code), code)


def _words_fit(roots: set[str], text: str) -> bool:
    texts = [text] if text.isascii() else [text, _normal(text)]
    needed = [_NEEDS[root] for root in roots & _NEEDS.keys()]
    return any(
        any(string in one for string in strings) and test(one)
        for strings, test in needed
        for one in texts
    )


def _without_literals(text: str) -> str | None:
    """The text with comments and strings cut out, f-strings left in; None where an f-string may
    hold quotes of its own (Python 3.12). Right for texts that parse; costs a tenth of a parse."""
    pieces, end = [], 0
    for match in _LITERAL.finditer(text):
        start, literal = match.start(), match[0]
        pieces.append(text[end:start])
        end = match.end()
        if literal[0] != "#" and _F_PREFIX.search(text, max(0, start - 2), start):
            if literal.count("{") != literal.count("}") or "{{" in literal or "}}" in literal:
                return None
            pieces.append(literal)
    return " ".join([*pieces, text[end:]])


def imported_roots(text: str) -> set[str]:
    """Top-level modules that the text may import, as far as they matter to plotting: all that
    it does import, and perhaps some named in strings."""
    candidates = "\n".join([*_FROM.findall(text), *_IMPORT.findall(text)])
    if not _HINT.search(candidates):
        return set()
    found: set[str] = set()
    for match in _FROM.finditer(text):
        if _begins_statement(text, match.start()):
            found.add(_normal(match[1]))
    for match in _IMPORT.finditer(text):
        names = _normal(match[1])
        if "\n" in names or "\r" in names:  # a comment may have swallowed the statement after it
            found.update(_WORD.findall(names))
        elif _begins_statement(text, match.start()):
            found.update(_IMPORTED.findall(names))
    return found & MODULES


def _begins_statement(text: str, at: int) -> bool:
    while at and text[at - 1] in " \t\f":
        at -= 1
    return not at or text[at - 1] in ";:\r\n\ufeff"


def _normal(text: str) -> str:
    """As Python reads identifiers: compatibility forms of letters are the letters."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)
