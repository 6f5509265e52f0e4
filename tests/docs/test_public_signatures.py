"""Commands, options, functions and records that others rely on change only on purpose: after such a
change, python tests/docs/public_signatures.py > tests/docs/public_signatures.txt, and say so in the
commit."""

from public_signatures import FILE, text


def test_they_are_as_written_down():
    assert text() == FILE.read_text()
