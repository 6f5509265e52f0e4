"""Python 2 becomes Python 3 that parses, in a bounded time."""

import ast
import time

import pytest

from viscode.extract.modernise import modernise
from viscode.extract.python2 import python3_of

READ = [
    ('print "a", x', "print('a', x)"),
    ("print >>log, 'a'\nprint 1", "print('a', file=log)\nprint(1)"),
    ("print 'a',", "print('a', end=' ')"),
    ("print ('a', 1)\nprint 'b'", "print(('a', 1))\nprint('b')"),
    ("exec 'x = 1'", "exec('x = 1')"),
    ("print `x`", "print(repr(x))"),
    ("if x <> 1: pass", "if x != 1:\n    pass"),
    ("x = 0777 + 10L", "x = 511 + 10"),
    ("x = ur'a\\d'", "x = 'a\\\\d'"),
    (
        "try: f()\nexcept ValueError, e: print e",
        "try:\n    f()\nexcept ValueError as e:\n    print(e)",
    ),
    ("raise ValueError, 'x'", "raise ValueError('x')"),
    ("f = lambda (a, b): a + b", "f = lambda a_b: a_b[0] + a_b[1]"),
    ("print 1\nfor k, v in d.items(): pass", "print(1)\nfor k, v in d.items():\n    pass"),
    ("print 1\nk = d.keys()[0]", "print(1)\nk = list(d.keys())[0]"),
    ("print 1\nplot(map(f, x), range(3))", "print(1)\nplot(list(map(f, x)), range(3))"),
    (
        "print 1\nx = range(3) + [4]; é = zip(a, sorted(map(f, b)))",
        "print(1)\nx = list(range(3)) + [4]\né = list(zip(a, sorted(map(f, b))))",
    ),
    ("if x:\n        y = 1\n\tprint y", "if x:\n    y = 1\n    print(y)"),
    ("%matplotlib inline\nprint 'a'", "pass\nprint('a')"),
    ("print 'a' \\\n % x", "print('a' % x)"),
    ("\ufeffprint 1\r\nprint 2\r\n", "print(1)\nprint(2)"),
]


@pytest.mark.parametrize(("old", "new"), READ)
def test_old_syntax_is_read(old: str, new: str) -> None:
    found = python3_of(old)
    assert found is not None
    text, edits = found
    assert ast.unparse(ast.parse(text)) == ast.unparse(ast.parse(new))
    assert edits == ("python 2",)


@pytest.mark.parametrize(
    "text", ["", "print('a')", "x = raw_input()", "x = (", "print 1 1", "\0 print 1"]
)
def test_what_is_python_3_or_no_python_is_left(text: str) -> None:
    assert python3_of(text) is None


def test_comments_and_layout_are_kept() -> None:
    found = python3_of("# a\nprint 1   # b\n\nx = [1,\n     2]  # c\n")
    assert found is not None
    assert found[0] == "# a\nprint(1)   # b\n\nx = [1,\n     2]  # c\n"


def test_names_are_modernised_after_it() -> None:
    found = python3_of("for i in xrange(3):\n    print d.has_key(raw_input()), unicode(i)")
    assert found is not None
    tree = ast.parse(found[0])
    modernise(tree)
    assert ast.unparse(tree) == "for i in range(3):\n    print(input() in d, str(i))"


@pytest.mark.parametrize(
    "text",
    [
        "print 1\n" * 3700,
        "print 1;" * 3700,
        "print " + "(" * 3900,
        "x = " + "`" * 3900,
        "print " + "+".join("1" * 1900),
        "try: pass\n" + "except A, e: pass\n" * 290,
        "x = [\n" + "lambda (a, b): a,\n" * 290 + "]",
        "x = [\n" + "d.keys(),\n" * 2500 + "]\nprint 1",
        "x = " + "map(f, " * 80 + "a" + ")" * 80 + "\nprint 1",
        "print '''" + "a\n" * 14000,
        "print 1\n" * 1_000_000,
        "\n".join(" " * n + "if 1:" for n in range(200)) + "\n" + " " * 200 + "print 1",
    ],
)
def test_large_and_broken_text_takes_a_bounded_time(text: str) -> None:
    python3_of("print 1")  # the library is read
    start = time.process_time()
    python3_of(text)
    assert time.process_time() - start < 5
