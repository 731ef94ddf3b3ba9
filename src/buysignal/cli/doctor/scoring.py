"""Scores that say nothing: constant, collapsed, without order, or of one seed."""

from __future__ import annotations

import numpy as np

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import NO_CLAIM, Looking, Warn, check, some
from buysignal.judge.dates import dates_in
from buysignal.judge.operating import JUDGE, PROPOSE
from buysignal.judge.thresholds import rising
from buysignal.models.metrics import COLLAPSE_WIDTH, ranking

STILL = 1e-6  # scores closer than this are one score in any file we write


def _is_constant(scores: np.ndarray) -> bool:
    return not scores.size or float(np.ptp(scores)) < STILL


@check("constant-score", "a model that gives every day the same score")
def _constant(run: Run) -> Looking:
    selected = run.names
    for name, model in run.models.items():
        flat = [role for role in (PROPOSE, JUDGE) if _is_constant(model.of(role)[1])]
        still = sum(map(_is_constant, model.of(JUDGE)[2]))
        if flat and name in selected:
            yield f"{name} gives every day of role {' and '.join(flat)} one score and is selected"
        elif flat:
            yield Warn(f"{name} gives every day one score; it is not selected")
        elif still and name in selected:
            yield Warn(f"{still} of {len(model.scores)} seeds of {name} give every day one score")
    return f"all {len(run.models)} models tell days apart"


@check("probability-collapse", "scores so close together that the threshold is a coin toss")
def _collapse(run: Run) -> Looking:
    collapsed, selected = [], run.names
    for name, model in run.models.items():
        label, score, per_seed = model.of(JUDGE)
        found = ranking(label, score)
        if found.collapsed:
            collapsed.append(name)
        if name not in selected:
            continue
        if found.collapsed:
            width = f"{found.prediction_width:.4f}, {COLLAPSE_WIDTH} is needed"
            yield f"{name} is selected and its scores span {width}: one probability for every day"
        elif narrow := sum(ranking(label, scores).collapsed for scores in per_seed):
            yield Warn(f"{narrow} of {len(per_seed)} seeds of {name} have collapsed")
    if len(collapsed) == len(run.models):
        yield Warn(f"all {len(collapsed)} models have collapsed")
    fine = f"no selected model has collapsed; of {len(run.models)} judged {len(collapsed)} have: {some(collapsed)}"
    return fine.removesuffix(": ")


@check("precision-not-rising", "a higher score that does not mean a better buy")
def _not_rising(run: Run) -> Looking:
    claimed = [model for place, (entry, model) in enumerate(run.chosen) if not place or entry["rank"]]
    for place, model in enumerate(claimed):  # what ships and the search's ten: the others are beside them
        label, score, _ = model.of(JUDGE)
        found = rising(label, score, run.params.label.horizon, dates=dates_in(model, JUDGE))
        if found.verdict == "rises":
            continue
        if found.falls and found.trend_z > 0:
            start, end = found.falls[0].start, found.falls[0].end
            yield Warn(f"precision of {model.card.name} falls between scores {start:.3f} and {end:.3f}")
        else:
            said = f"precision of {model.card.name} does not rise with its score (trend z {found.trend_z:.1f})"
            yield Warn(said) if place else said
    return f"precision rises with the score of all {len(claimed)} selected models" if run.selected else NO_CLAIM


@check("single-seed", "one seed, or copies of one, shown as what the configuration can do")
def _single_seed(run: Run) -> Looking:
    rows = {row["name"]: row["seeds"] for row in run.judged} if run.has("metrics/selection.json") else {}
    seeded = [model for _, model in run.chosen if model.card.family == "transformer"]
    distinct = {model.card.name: _different(model.scores) for model in seeded}
    for model in seeded:
        name = model.card.name
        claimed = max(len(model.card.seeds), rows.get(name, 0))
        if claimed > distinct[name] and model.card.origin == "built":  # a seed may keep the state that adds nothing
            yield Warn(f"{name}: seeds of it add nothing to the volatility logistic and score as it does")
        elif claimed > distinct[name]:
            yield f"{name} claims {claimed} seeds, its scores are those of {distinct[name]}"
        elif distinct[name] == 1:
            yield Warn(f"{name} was trained with one seed: how much of it is chance is unknown")
    for model in run.shipped_if_any:
        theta = model.fitted.theta if model.card.family == "transformer" else np.zeros((0, 0))
        if (weights := _different(theta)) < len(theta):
            yield f"{model.card.name} ships {weights} sets of weights for {len(theta)} seeds"
    return f"{min(distinct.values())} or more seeds, each with scores of its own" if distinct else NO_CLAIM


def _different(rows: np.ndarray) -> int:
    """Number of different rows; by their bytes, because sorting millions of weights takes long."""
    return len({row.tobytes() for row in rows})
