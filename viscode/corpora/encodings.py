"""How a Python file says its encoding: byte order mark, coding comment, else UTF-8 (PEP 263).

Decoding is strict. A file that does not hold what it announces is no text, and guessing would put
wrong characters into the data set; whoever wants a fallback counts it.
"""

import codecs
import io
import tokenize

NO_SOURCE_ENCODINGS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
"""Python's codecs that no editor writes; some of them take quadratic time on what they are fed."""


class Undecodable(ValueError):
    """Why bytes are not the text of a Python file."""


def decode_python(data: bytes) -> str:
    """The text without its byte order mark, line ends as Python reads them (\\n).

    Raises:
        Undecodable: an unknown or contradictory encoding, bytes that it does not allow, or
            characters that UTF-8 can not hold (lone surrogates).
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if codecs.lookup(encoding).name in NO_SOURCE_ENCODINGS:
            raise Undecodable(f"no encoding of source: {encoding}")
        text = data.decode(encoding)
        text.encode("utf-8")
    except (SyntaxError, UnicodeError, LookupError) as error:  # LookupError: a codec of no text
        raise Undecodable(str(error)) from error
    if "\0" in text:
        raise Undecodable("nul characters")
    return text.replace("\r\n", "\n").replace("\r", "\n")
