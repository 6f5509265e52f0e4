"""How a Python file says its encoding: byte order mark, coding comment, else UTF-8 (PEP 263).

Decoding is strict. A file that does not hold what it announces is not text, and guessing would put
wrong characters into the data set; a caller that wants a fallback counts it.
"""

import codecs
import io
import tokenize

NO_SOURCE_ENCODINGS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
"""Python's codecs that no editor writes; some of them take quadratic time on what they are fed."""


ASCII = bytes(range(32, 128))  # which a source's encoding leaves as they are


class Undecodable(ValueError):
    """Why bytes are not the text of a Python file."""


class UnknownEncoding(Undecodable):
    """They announce what is no encoding of source, or contradict themselves."""


def source_encoding(data: bytes) -> str:
    """The encoding that a Python file announces, UTF-8 where it announces none.

    Raises:
        UnknownEncoding: no Python reads it.
        Undecodable: its first lines are not in this encoding.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        known = codecs.lookup(encoding).name
        if known in NO_SOURCE_ENCODINGS or ASCII.decode(encoding) != ASCII.decode("ascii"):
            raise UnknownEncoding(f"no encoding of source: {encoding}")
    except SyntaxError as error:
        kind = Undecodable if "invalid or missing" in str(error) else UnknownEncoding
        raise kind(str(error)) from error
    except (UnicodeError, LookupError) as error:  # LookupError: a codec of no text
        raise UnknownEncoding(str(error)) from error
    return encoding


def decode_python(data: bytes) -> str:
    """The text without its byte order mark, line ends as Python reads them (\\n).

    Raises:
        Undecodable: an unknown or contradictory encoding, bytes that it does not allow, or
            characters that UTF-8 can not hold (lone surrogates).
    """
    try:
        text = data.decode(source_encoding(data))
        text.encode("utf-8")
    except UnicodeError as error:
        raise Undecodable(str(error)) from error
    if "\0" in text:
        raise Undecodable("nul characters")
    return text.replace("\r\n", "\n").replace("\r", "\n")
