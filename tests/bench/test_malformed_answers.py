"""Answers of any form are scored under both protocols; none of them ends the run, and none spoils
a sound answer after it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from bench_fixtures import GOOD, LOAD, fenced, needs_plots, options, task

from viscode.bench.protocols import Answered, score_isolated, score_paper

pytestmark = [pytest.mark.sandbox, needs_plots]

MEGABYTE = 1 << 20
INSIDE = f'{LOAD}text = """\n```python\nx\n```\n"""\nplt.plot(df["x"])\nplt.show()\n'
# name -> answer, verdict under isolated, under paper
ANSWERS = {
    "empty": ("", "no_image", "error"),
    "blanks": (" \n\t\n", "no_image", "error"),
    "no fence": (GOOD, "pass", "pass"),
    "prose before no fence": (f"Here it is:\n{GOOD}", "pass", "error"),
    "two fences": (f"{fenced(GOOD)}\nor\n{fenced('x = 1')}", "pass", "pass"),
    "two fences, the last sound": (f"{fenced('x = ')}\nor\n{fenced(GOOD)}", "pass", "error"),
    "unclosed": (f"```python\n{GOOD}", "pass", "pass"),
    "only an opening": ("```python", "no_image", "error"),
    "only fences": ("```\n" * 7, "no_image", "error"),
    "fence in a string": (fenced(INSIDE), "pass", "error"),
    "a megabyte of code": (fenced(f"{GOOD}# {'x' * MEGABYTE}"), "pass", "pass"),
    "a megabyte of one line": (fenced(f"{LOAD}s = '{'x' * MEGABYTE}'"), "no_image", "no_image"),
    "a megabyte of prose": ("I am not sure. " * (MEGABYTE // 15), "no_image", "error"),
    "a megabyte of fences": ("```python\n" * (MEGABYTE // 10), "no_image", "error"),
    "many brackets": (fenced("(" * 10_000), "error", "error"),
    "nested too deeply": (fenced("-" * 100_000 + "1"), "error", "error"),
    "NUL": (fenced(f"{GOOD}x = '\0'"), "error", "error"),
    "NUL without fence": ("\0" * 100, "no_image", "error"),
    "lone surrogates": (fenced(f"{GOOD}x = '\ud800'"), "error", "error"),
    "lone surrogates, no fence": ("\udcff\udcfe", "no_image", "error"),
    "bytes as text": (bytes(range(256)).decode("latin-1"), "no_image", "error"),
    "carriage returns": (fenced(GOOD).replace("\n", "\r\n"), "pass", "pass"),
    "refusal": ("I'm sorry, but I can't help with that.", "no_image", "error"),
    "magic that is none": (fenced(f"%%nonesuch\n{GOOD}"), "error", "no_image"),
    "a command": (fenced(f"!nonesuch install seaborn\n{GOOD}"), "error", "pass"),
}


@pytest.fixture(scope="module")
def verdicts():
    """Name -> (isolated, paper), a sound answer after each."""
    texts = [text for answer, _, _ in ANSWERS.values() for text in (answer, fenced(GOOD))]
    answers = [Answered(task(number), text) for number, text in enumerate(texts)]
    with ThreadPoolExecutor(1) as pool:
        session = pool.submit(score_paper, answers, "matplotlib", options(), None)
        alone = score_isolated(answers[::2] + answers[1:2], options(), None)
    shared = session.result()
    assert alone[-1].passed and [one.verdict for one in shared[1::2]] == ["pass"] * len(ANSWERS)
    pairs = zip(alone, shared[::2], strict=False)
    return {name: (a.verdict, s.verdict) for name, (a, s) in zip(ANSWERS, pairs, strict=True)}


@pytest.mark.parametrize("name", ANSWERS)
def test_malformed_answers_have_a_verdict(verdicts, name):
    assert verdicts[name] == ANSWERS[name][1:]
