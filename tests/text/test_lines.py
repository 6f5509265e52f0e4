import ast

import pytest

from viscode.text.lines import split_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\n\n", ["a", ""]),
        ("\na", ["", "a"]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\u2028b\nc", ["a\u2028b", "c"]),
        ("a\x0bb\x0cc\x1cd\x85e\u2029f", ["a\x0bb\x0cc\x1cd\x85e\u2029f"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


@pytest.mark.parametrize("inside", ["\u2028", "\x0c", "\x85", "\x1e"])
def test_lines_are_those_of_the_parser(inside: str) -> None:
    code = f"a = 'x{inside}y'\nb = 2\n"
    assert ast.parse(code).body[1].lineno == 2
    assert split_lines(code)[1] == "b = 2"
