"""Scores that say nothing: constant, collapsed, without order, or of one seed."""

from __future__ import annotations

import numpy as np

from buysignal.cli.doctor.points import NO_CLAIM
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Check, Finding, conclude, some
from buysignal.judge.operating import JUDGE, PROPOSE
from buysignal.judge.thresholds import rising
from buysignal.models.metrics import COLLAPSE_WIDTH, ranking
from buysignal.models.scores import Scored

STILL = 1e-6  # scores closer than this are one score in any file we write


def _is_constant(scores: np.ndarray) -> bool:
    return not scores.size or float(np.ptp(scores)) < STILL


def _constant(run: Run) -> Finding:
    faults, warnings = [], []
    selected = [model.card.name for _, model in run.chosen]
    for name, model in run.models.items():
        flat = [role for role in (PROPOSE, JUDGE) if _is_constant(model.of(role)[1])]
        if flat and name in selected:
            faults.append(f"{name} gives every day of role {' and '.join(flat)} one score and is selected")
        elif name in selected:
            still = sum(_is_constant(scores) for scores in model.of(JUDGE)[2])
            if still:
                warnings.append(f"{still} of {len(model.scores)} seeds of {name} give every day one score")
        elif flat:
            warnings.append(f"{name} gives every day one score; it is not selected")
    return conclude(faults, warnings, f"all {len(run.models)} models tell days apart")


def _collapse(run: Run) -> Finding:
    faults, warnings, collapsed = [], [], []
    selected = [model.card.name for _, model in run.chosen]
    for name, model in run.models.items():
        label, score, per_seed = model.of(JUDGE)
        found = ranking(label, score)
        if found.collapsed:
            collapsed.append(name)
            if name in selected:
                width = f"{found.prediction_width:.4f}, {COLLAPSE_WIDTH} is needed"
                faults.append(f"{name} is selected and its scores span {width}: one probability for every day")
        elif name in selected:
            narrow = sum(ranking(label, scores).collapsed for scores in per_seed)
            if narrow:
                warnings.append(f"{narrow} of {len(per_seed)} seeds of {name} have collapsed")
    if len(collapsed) == len(run.models):
        warnings.append(f"all {len(collapsed)} models have collapsed")
    fine = f"no selected model has collapsed; of {len(run.models)} judged {len(collapsed)} have: {some(collapsed)}"
    return conclude(faults, warnings, fine.removesuffix(": "))


def _not_rising(run: Run) -> Finding:
    faults, warnings = [], []
    for place, (_, model) in enumerate(run.chosen):
        label, score, _ = model.of(JUDGE)
        found = rising(label, score, run.params.label.horizon)
        if found.verdict == "rises":
            continue
        if found.falls and found.trend_z > 0:
            start, end = found.falls[0].start, found.falls[0].end
            warnings.append(f"precision of {model.card.name} falls between scores {start:.3f} and {end:.3f}")
        else:
            said = f"precision of {model.card.name} does not rise with its score (trend z {found.trend_z:.1f})"
            (faults if place == 0 else warnings).append(said)
    if not run.selected:
        return conclude([], [], NO_CLAIM)
    return conclude(faults, warnings, f"precision rises with the score of all {len(run.chosen)} selected models")


def _single_seed(run: Run) -> Finding:
    faults, warnings = [], []
    rows = {row["name"]: row["seeds"] for row in run.judged} if run.has("metrics/selection.json") else {}
    for _, model in run.chosen:
        name, distinct = model.card.name, _distinct(model)
        claimed = max(len(model.card.seeds), rows.get(name, 0))
        if claimed > distinct:
            faults.append(f"{name} claims {claimed} seeds, its scores are those of {distinct}")
        elif distinct == 1:
            warnings.append(f"{name} was trained with one seed: how much of it is chance is unknown")
    if run.has("data/models/models.json"):
        for model in run.shipped:
            seeds, weights = len(model.manifest["card"]["seeds"]), _different(model.tensors["theta"])
            if weights < seeds:
                faults.append(f"{model.name} ships {weights} sets of weights for {seeds} seeds")
    if not run.selected:
        return conclude([], [], NO_CLAIM)
    least = min(_distinct(model) for _, model in run.chosen)
    return conclude(faults, warnings, f"{least} or more seeds, each with scores of its own")


def _distinct(model: Scored) -> int:
    return _different(model.scores)


def _different(rows: np.ndarray) -> int:
    """Number of different rows; by their bytes, because sorting millions of weights takes long."""
    return len({row.tobytes() for row in rows})


CHECKS = (
    Check("constant-score", "a model that gives every day the same score", _constant),
    Check("probability-collapse", "scores so close together that the threshold is a coin toss", _collapse),
    Check("precision-not-rising", "a higher score that does not mean a better buy", _not_rising),
    Check("single-seed", "one seed, or copies of one, shown as what the configuration can do", _single_seed),
)
