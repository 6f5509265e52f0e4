"""Figures of one model and library from its judged attempts: metrics/judge/MODEL/LIBRARY.json,
written here and read by the report. Structural and model scores stand apart and are never put
together.

First answers and final ones (each task's latest attempt) have figures each; the structural score,
which costs nothing, has them for every round. Of the model's scores the mean and the share of good
ones (75 or more) count plots that are not there and code that does not name the library as 0, as
published; what could not be read or was not asked is left out and counted. The published mean is
cut to an integer; ours has one decimal.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from viscode.bench.metrics import Figures, latest, percent
from viscode.core.metric_files import Count, Metrics, Percent
from viscode.core.records import SCORE_KINDS, Attempt, JudgedAttempt, ModelScore

GOOD = 75.0
AGREE_WITHIN = 10.0  # points between a score's votes


class ScoreFigures(Metrics):
    """Mean score, 0-100, and the share of good ones in percent; None over nothing."""

    mean: Percent | None = None
    good: Percent | None = None


class ModelScoreFigures(ScoreFigures):
    """A vision model's scores of one kind, with what became of each question."""

    scored: Count = 0
    unparsed: Count = 0
    unavailable: Count = 0
    no_image: Count = 0
    wrong_library: Count = 0


class JudgedAnswers(Metrics):
    """Scores of first or final answers."""

    structural: ScoreFigures
    visual: ModelScoreFigures = ModelScoreFigures()
    task: ModelScoreFigures = ModelScoreFigures()


class JudgeMetrics(Metrics):
    """LIBRARY.json. `scored` and `unscored` count structural scores of final attempts.

    `vote_agreement` is kind -> the share of scores with several votes whose votes lie within
    `AGREE_WITHIN` points; `swap_difference` is the mean absolute difference that the order of the
    images makes.
    """

    scored: Count
    unscored: Count
    first: JudgedAnswers
    final: JudgedAnswers
    structural_by_round: dict[int, ScoreFigures]
    vote_agreement: dict[str, Percent | None]
    swap_difference: float | None = None


def judge_metrics(
    attempts: Sequence[Attempt], judged: Mapping[str, JudgedAttempt], rounds: int
) -> Figures:
    """The content of LIBRARY.json."""
    by_round = [
        [judged[attempt.id] for attempt in latest(attempts, number)] for number in range(rounds + 1)
    ]
    scored = sum(one.structural is not None for one in by_round[-1])
    apart = [
        abs(one.visual.value - one.visual.swapped)
        for one in judged.values()
        if one.visual.value is not None and one.visual.swapped is not None
    ]
    return JudgeMetrics(
        scored=scored,
        unscored=len(by_round[-1]) - scored,
        first=_answers(by_round[0]),
        final=_answers(by_round[-1]),
        structural_by_round={number: _structural(rows) for number, rows in enumerate(by_round)},
        vote_agreement={
            kind: _agreement([getattr(one, kind).votes for one in judged.values()])
            for kind in SCORE_KINDS
        },
        swap_difference=round(sum(apart) / len(apart), 1) if apart else None,
    ).model_dump(mode="json")


def _answers(rows: Sequence[JudgedAttempt]) -> JudgedAnswers:
    by_kind = {kind: _model_figures([getattr(one, kind) for one in rows]) for kind in SCORE_KINDS}
    return JudgedAnswers(structural=_structural(rows), **by_kind)


def _structural(rows: Sequence[JudgedAttempt]) -> ScoreFigures:
    known = [one.structural for one in rows if one.structural is not None]
    return ScoreFigures(**_mean_and_good(known))


def _model_figures(scores: Sequence[ModelScore]) -> ModelScoreFigures:
    counted = [one.value or 0.0 for one in scores if one.state not in ("unparsed", "unavailable")]
    states = Counter("scored" if one.state == "score" else one.state for one in scores)
    return ModelScoreFigures(**_mean_and_good(counted), **states)


def _mean_and_good(known: Sequence[float]) -> dict[str, Any]:
    if not known:
        return {}
    good = sum(score >= GOOD for score in known)
    return {"mean": round(sum(known) / len(known), 1), "good": percent(good / len(known))}


def _agreement(votes: Sequence[tuple[float | None, ...]]) -> float | None:
    """The share of scores with several votes whose votes agree; an unread vote does not."""
    agree = []
    for vote in votes:
        known = [one for one in vote if one is not None]
        if len(vote) > 1:
            agree.append(len(known) == len(vote) and max(known) - min(known) <= AGREE_WITHIN)
    return percent(sum(agree) / len(agree)) if agree else None
