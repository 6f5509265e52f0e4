"""What the text of kept, edited and new statements is."""

import ast
import random

import pytest

from viscode.extract.comments import kept_comments
from viscode.extract.render import render
from viscode.text.python_text import parse


def as_new(code):
    """Statements that do not stand in a source."""
    made = ast.parse(code).body
    for one in made:
        one.end_lineno = None
    return made


SOURCE = '''#!/usr/bin/env python
# -*- coding: utf-8 -*-
# Copyright 2020 by nobody, see LICENSE
import numpy as np  # noqa: E402

# The data, in meters
x = np.array([1,  # first
              # x.sort()
              # the middle
              2])  # two values
y = 3; z = 'ä'  # both

def draw(a,  # the line
         width=3):  # wide
    text = """ä
  b"""
    if a:
    \t# tabs below
    \tax.plot(a,
    \t\tcolor='r')  # type: ignore
    elif z: pass
    else:
        # nothing to draw
        return (a
                + width)

with open("a") as f, \\
     open("b"):
    # ax.cla()
    # Read it
    ax.plot(f.read(), lw=1e-3)
'''


def statements(source=SOURCE):
    return parse(source).body


def test_a_kept_file_keeps_its_text_and_the_comments_that_help():
    assert render(statements(), SOURCE).startswith(
        "import numpy as np\n\n# The data, in meters\nx = np.array([1,  # first\n"
        "              # the middle\n              2])  # two values\ny = 3\nz = 'ä'  # both\n\n"
        "def draw(a,  # the line\n         width=3):  # wide\n"
        '    text = """ä\n  b"""\n    if a:\n        # tabs below\n'
    )


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        (lambda body: body[2:4], "y = 3\nz = 'ä'  # both\n"),
        (lambda body: body[3:4], "z = 'ä'  # both\n"),
        (lambda body: body[4].body[:1], 'text = """ä\n  b"""\n'),
        (lambda body: body[4].body[1].orelse[0].orelse, "# nothing to draw\nreturn (a\n"
            "        + width)\n"),
        (lambda body: body[5].body, "# Read it\nax.plot(f.read(), lw=1e-3)\n"),
        (lambda body: [*as_new("n = 2\nm = 3"), body[3]], "n = 2\nm = 3\n\nz = 'ä'  # both\n"),
        (lambda body: [body[3], *as_new("plt.show()")], "z = 'ä'  # both\nplt.show()\n"),
        (lambda body: [], ""),
    ],
)  # fmt: skip
def test_statements_are_cut_from_their_place(chosen, text):
    assert render(chosen(statements()), SOURCE) == text


def test_a_compound_statement_without_a_body_gets_pass():
    loop = statements()[5]
    loop.body = []
    assert render([loop], SOURCE) == 'with open("a") as f, \\\n     open("b"):\n    pass\n'


def renamed(call):
    call.keywords[0].arg = "linewidth"


def replaced(call):
    call.args[0] = ast.Name("heights")


def summed(call):
    call.args[0] = ast.parse("a + 1", mode="eval").body


def shortened(call):
    call.keywords = []


def other_method(call):
    call.func.attr = "step"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (renamed, "linewidth=1e-3)  # thin"),
        (replaced, "ax.plot(heights,  # read\n"),
        (summed, "ax.plot(a + 1,  # read\n"),
        (shortened, "ax.plot(f.read())  # thin"),
        (other_method, "ax.step(f.read(),  # read\n"),
    ],
)
def test_an_edit_writes_anew_what_it_changes(change, text):
    source = "# Draw\nax.plot(f.read(),  # read\n        lw=1e-3)  # thin\n"
    body = statements(source)
    change(body[0].value)
    rendered = render(body, source)
    assert rendered.startswith("# Draw\n") and text in rendered
    assert ast.dump(ast.parse(rendered)) == ast.dump(ast.parse(ast.unparse(body[0])))


def test_what_needs_parentheses_gets_them():
    source = "y = x.mean()\nz = 2 * x\n"
    body = statements(source)
    total = ast.parse("a + b", mode="eval").body
    body[0].value.func.value = total
    body[1].value.right = total
    assert render(body, source) == "y = (a + b).mean()\nz = 2 * (a + b)\n"


CODE = (
    '''
@decorated(
    1)
class A(B, metaclass=C):
    """About it."""
    async def f(self, *, a: int = 3, **rest) -> "A":
        async with self as b: pass
        return [i async for i in b]
    x: int = 3; del y
def g(a, /, b=lambda: {1: 2}): yield a
for i, (j, *k) in zip(a, b):  # note: colon
    if i: continue
    elif (n := j): break
else:
    while True: pass
try:
    raise X from None
except (A, B) as error:
    print(f"{error!r:>{width}} {'a' 'b'}")
except* C if False else D: pass
'''.replace("except* C if False else D: pass\n", "except:\n    pass\nfinally:\n    done()\n")
    + '''
match point:
    # none
    case []: pass
    case {"x": 0, **rest} if rest:
        global q; q = """
    kept as is
""" \\
        "and more"
    case A(x=1) | [_, *_]:
        a[1:2, ::3] = b @ c
try: x
except* ValueError: y
'''
)


@pytest.mark.parametrize("seed", range(30))
def test_the_text_parses_to_the_statements_whatever_is_left_out(seed):
    body = without_some(parse(CODE).body, random.Random(seed), 0.2 if seed else 0)
    assert ast.dump(parse(render(body, CODE))) == ast.dump(ast.Module(body, []))


def without_some(body, chance, share):
    kept = [statement for statement in body if chance.random() >= share] or body[:1]
    for statement in kept:
        for part in (
            statement,
            *getattr(statement, "handlers", []),
            *getattr(statement, "cases", []),
        ):
            if isinstance(getattr(part, "body", None), list):
                part.body = without_some(part.body, chance, share)
    return kept


@pytest.mark.parametrize(
    "comment",
    [
        "# Plot the mean", "# Panel (a)", "# note: in meters", "# a, b and c", "# hide the axes",
        "# x is the time", "# 3 rows of 4", "# if needed", "# für alle",
    ],
)  # fmt: skip
def test_prose_stays(comment):
    assert kept_comments([comment]) == [comment]
    assert kept_comments([f"#{comment[1:]} ####"]) == [comment]
    assert kept_comments([f"# --- {comment[2:]} ---"]) == [comment]


@pytest.mark.parametrize(
    "lines",
    [
        ["# plt.plot(x)"], ["#x = 3"], ["# ax.plot(x,", "#         y)"], ["# for i in x:"],
        ["# import os"], ["# df['a']"], ["# alpha=0.5, color='r',"], ["# print 'x'"], ["# x.shape"],
        ["# noqa"], ["# type: ignore"], ["# %%"], ["# In[3]:"], ["# In [3]:"], ["####", "# ----"],
        ["# pylint: disable=all"], ["# Copyright (c) 2012 A. Nonymous", "# All rights reserved"],
        ["# sphinx_gallery_thumbnail_number = 3"], ["# TODO: better"], ["#!/bin/sh"],
        ["# .. note::", "#    text"], ["# one", "# two", "# three", "# four"], ["# fmt: off"],
    ],
)  # fmt: skip
def test_code_and_words_to_tools_go(lines):
    assert kept_comments(lines) == []


def test_only_the_code_of_a_mixed_block_goes():
    lines = ["# The line", "# ax.plot(x,", "#         y)", "#in red"]
    assert kept_comments(lines) == ["# The line", "# in red"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "source",
    [
        "# x(\n" * 20_000 + "a = 1\n",
        "x = [" + "1,\n# b\n" * 20_000 + "]\n",
        "\n".join(" " * depth + f"def f{depth}():" for depth in range(90))
        + "\n"
        + " " * 90
        + "pass",
        "x = (" * 3000 + ")" * 3000,
        "x" * 300_000,
    ],
)
def test_hostile_sources_end(source):
    tree = parse(source)
    body = tree.body if isinstance(tree, ast.Module) else as_new("a = 1")
    assert parse(render(body, source))
