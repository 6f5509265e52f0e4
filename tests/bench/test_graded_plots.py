"""The structural score against a graded set of perturbed plots, and its anchors on real figures."""

from pathlib import Path

import pytest
from bench_fixtures import needs_plots, options
from graded_plots import EMPTY, GRADED, HEAD, HELD_OUT
from scipy.stats import spearmanr

from viscode.bench.judging import ground_truths
from viscode.bench.protocols import references
from viscode.bench.structural import first_figure, structural_score
from viscode.core.jsonl import read_rows
from viscode.core.records import Origin, Script
from viscode.corpora.benchmark_tasks import task_of
from viscode.corpora.corpus import Corpus
from viscode.execution.engine import run

pytestmark = [pytest.mark.sandbox, needs_plots]
SAMPLES = Path(__file__).parents[2] / "samples" / "tasks.jsonl"


def drawn(codes):
    """Facts of the figure that each program draws."""
    scripts = [Script(id=name, code=HEAD + code) for name, code in codes.items()]
    found = {done.id: done for done in run(scripts, options())}
    assert {name: done.error for name, done in found.items() if done.status != "ok"} == {}
    return {name: first_figure(found[name].facts) for name in codes}


@pytest.fixture(scope="module")
def scores():
    """(base, what is wrong) -> (grade, score)."""
    codes = {f"{base}/": truth for base, (truth, _) in GRADED.items()}
    codes |= {
        f"{base}/{name}": code for base, (_, others) in GRADED.items() for name, code, _ in others
    }
    figures = drawn(codes)
    return {
        (base, name): (grade, structural_score(figures[f"{base}/{name}"], figures[f"{base}/"]))
        for base, (_, others) in GRADED.items()
        for name, _, grade in others
    }


def correlation(pairs):
    return spearmanr(*zip(*pairs, strict=True)).statistic


def test_scores_follow_the_grades(scores):
    """Spearman's correlation over all plots, and over those that nobody looked at when the weights
    were chosen."""
    assert len(scores) >= 60
    held_out = [pair for (base, _), pair in scores.items() if base in HELD_OUT]
    print(f"\n{len(scores)} plots: {correlation(scores.values()):.3f}")
    print(f"{len(held_out)} held out: {correlation(held_out):.3f}")
    assert correlation(scores.values()) >= 0.8
    assert len(held_out) >= 20 and correlation(held_out) >= 0.8


def test_the_anchors_hold(scores):
    low = {key: score for key, (grade, score) in scores.items() if grade == 100 and score < 90}
    high = {key: score for key, (grade, score) in scores.items() if grade <= 35 and score > 50}
    blank = [score for grade, score in scores.values() if grade == 0]
    assert (low, high, set(blank)) == ({}, {}, {0.0})


def sample_tasks():
    rows = list(read_rows(SAMPLES))
    corpus = Corpus(lambda: rows, Origin(kind="sample", name="samples"), "CC0-1.0", str(SAMPLES))
    return [task_of(row, corpus, place)[1] for place, row in rows]


RESTYLED = """\
import matplotlib.pyplot as plt
plt.style.use("ggplot")
plt.rcParams.update({"figure.figsize": (9, 4), "lines.linewidth": 4, "font.size": 7,
                     "axes.facecolor": "black", "image.cmap": "hot", "axes.xmargin": 0.3})
"""


@pytest.fixture(scope="module")
def sample_truths():
    return ground_truths(references(sample_tasks(), options(), None))


def test_every_sample_task_against_itself_is_100_and_against_a_blank_plot_0(sample_truths):
    (blank,) = drawn({"blank": EMPTY}).values()
    assert len(sample_truths) == len(sample_tasks()) > 10
    assert {structural_score(truth, truth) for truth in sample_truths.values()} == {100.0}
    assert {structural_score(blank, truth) for truth in sample_truths.values()} == {0.0}


def test_every_sample_task_in_another_style_is_90_at_least(sample_truths):
    tasks = [
        task.model_copy(update={"code_plot": RESTYLED + str(task.code_plot)})
        for task in sample_tasks()
    ]
    restyled = ground_truths(references(tasks, options(), None))
    assert restyled.keys() == sample_truths.keys()
    scores = {name: structural_score(restyled[name], sample_truths[name]) for name in restyled}
    assert min(scores.values()) >= 90.0, scores


def test_every_sample_task_as_another_kind_of_chart_is_50_at_most(sample_truths):
    """All else equal: only the kinds of the facts are exchanged."""
    for truth in sample_truths.values():
        axes = [{**one, "kinds": ["quiver"] if one["kinds"] else []} for one in truth["axes"]]
        assert structural_score({**truth, "axes": axes}, truth) <= 50.0
