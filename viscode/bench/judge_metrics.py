"""Figures of one model and library from its judged attempts. Structural and model scores have
names of their own and are never put together.

First answers and final ones (each task's latest attempt) have figures each; the structural score,
which costs nothing, has them for every round. Of the model's scores
the mean and the share of good ones (75 or more) count plots that are not there and code that does
not name the library as 0, as published; what could not be read or was not asked is left out and
counted. The published mean is cut to an integer; ours has one decimal.
"""

from collections.abc import Mapping, Sequence

from viscode.bench.metrics import Figures, latest, percent
from viscode.bench.vision_judge import KINDS
from viscode.core.records import Attempt, JudgedAttempt, ModelScore

GOOD = 75.0
AGREE_WITHIN = 10.0  # points between a score's votes
STATES = ("score", "unparsed", "unavailable", "no_image", "wrong_library")
NAMES = {"score": "scored"}


def judge_metrics(
    attempts: Sequence[Attempt], judged: Mapping[str, JudgedAttempt], rounds: int
) -> Figures:
    """metrics/judge/MODEL/LIBRARY.json. `scored` and `unscored` count structural scores of final
    attempts; what has no value is null."""
    by_stage = {
        stage: [judged[attempt.id] for attempt in latest(attempts, number)]
        for stage, number in (("first", 0), ("final", rounds))
    }
    scored = sum(one.structural is not None for one in by_stage["final"])
    found: Figures = {"scored": scored, "unscored": len(by_stage["final"]) - scored}
    for stage, rows in by_stage.items():
        known = [one.structural for one in rows if one.structural is not None]
        found |= _mean_and_good(f"{stage}_structural", known)
        for kind in KINDS:
            found |= _model_figures(f"{stage}_{kind}", [getattr(one, kind) for one in rows])
    for number in range(rounds + 1):
        rows = [judged[attempt.id] for attempt in latest(attempts, number)]
        known = [one.structural for one in rows if one.structural is not None]
        found |= _mean_and_good(f"round_{number}_structural", known)
    return found | _agreement(list(judged.values()))


def _model_figures(name: str, scores: Sequence[ModelScore]) -> Figures:
    counted = [one.value or 0.0 for one in scores if one.state not in ("unparsed", "unavailable")]
    counts: Figures = {
        f"{name}_{NAMES.get(state, state)}": sum(one.state == state for one in scores)
        for state in STATES
    }
    return _mean_and_good(name, counted) | counts


def _mean_and_good(name: str, known: Sequence[float]) -> Figures:
    if not known:
        return {f"{name}_mean": None, f"{name}_good": None}
    return {
        f"{name}_mean": round(sum(known) / len(known), 1),
        f"{name}_good": percent(sum(score >= GOOD for score in known) / len(known)),
    }


def _agreement(judged: Sequence[JudgedAttempt]) -> Figures:
    """Of the scores with several votes, the share whose votes lie within `AGREE_WITHIN` points; the
    mean absolute difference that the order of the images makes."""
    found: Figures = {}
    for kind in KINDS:
        votes = [getattr(one, kind).votes for one in judged]
        several = [vote for vote in votes if len(vote) > 1]
        agree = [None not in vote and max(vote) - min(vote) <= AGREE_WITHIN for vote in several]
        found[f"{kind}_vote_agreement"] = percent(sum(agree) / len(agree)) if agree else None
    apart = [
        abs(one.visual.value - one.visual.swapped)
        for one in judged
        if one.visual.value is not None and one.visual.swapped is not None
    ]
    found["visual_swap_difference"] = round(sum(apart) / len(apart), 1) if apart else None
    return found
