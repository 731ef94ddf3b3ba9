"""Thresholds that make a number look good: too low, chosen where they are judged, or with hardly a buy above."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Check, Finding, conclude
from buysignal.core.files import DIGITS
from buysignal.judge.operating import JUDGE, PROPOSE, operating_point
from buysignal.models.scores import Scored

REJECTS = 0.05  # a threshold that turns away fewer of the days has decided nothing
FEW = 10  # buys on the test role: below it one lucky day moves precision by a tenth or more
STEP = 10.0**-DIGITS  # what rounding in JSON may cost
NO_CLAIM = "no model was selected: nothing to look at"


def _claims(run: Run) -> Iterator[tuple[str, str, float, Scored]]:
    """(file, name, threshold, scores) of every threshold a selected model is said to have."""
    scored = {model.card.name: model for _, model in run.chosen}
    for entry, model in run.chosen:
        yield "selected.json", model.card.name, entry["point"]["threshold"], model
    if run.has("metrics/train.json"):
        for row in run.tested:
            if row["threshold"] is not None and row["name"] in scored:
                yield "train.json", row["name"], row["threshold"], scored[row["name"]]


def _near_zero(run: Run) -> Finding:
    faults, least = {}, 1.0
    for file, name, threshold, model in _claims(run):
        score = model.ensemble[np.isin(model.role, (PROPOSE, JUDGE))]
        rejected = float((score < threshold).mean())
        least = min(least, rejected)
        if rejected < REJECTS:
            faults[name] = (
                f"{name} buys from a score of {threshold:.3g} ({file}), under {1 - rejected:.0%} of its scores: "
                "its recall is that of buying always"
            )
    if not run.selected:
        return conclude([], [], NO_CLAIM)
    return conclude(list(faults.values()), [], f"every threshold turns away {least:.0%} or more of the days")


def _always(run: Run) -> Finding:
    selected = [entry["card"]["name"] for entry in run.selected]
    judged = {row["name"]: row for row in run.judged}
    always = [name for name in selected if judged[name]["n_buys"] >= (1 - REJECTS) * judged[name]["n"]]
    faults = [_says(judged[name], "threshold") for name in always]
    tested = [row for row in run.tested if row["name"] not in always and row["n_buys"] >= (1 - REJECTS) * row["n"]]
    return conclude(faults, [_says(row, "test") for row in tested], "no selected model buys nearly always")


def _says(row: dict, role: str) -> str:
    return (
        f"{row['name']} buys on {row['n_buys']} of {row['n']} days of role {role}: its precision "
        f"{row['precision']:.3f} is the base rate {row['base_rate']:.3f}, its recall {row['recall']:.3f} says nothing"
    )


def _few(run: Run) -> Finding:
    faults, warnings, rules = [], [], run.rules
    for entry, model in run.chosen:
        _, score, _ = model.of(JUDGE)
        bought = int((score >= entry["point"]["threshold"]).sum())
        if bought < rules.min_buys:
            faults.append(f"{model.card.name} buys {bought} times on role {JUDGE}, select.min_buys is {rules.min_buys}")
    for place, row in enumerate(run.tested):
        if row["n_buys"] < FEW:
            said = f"{row['name']} buys {row['n_buys']} times on test: precision {row['precision']:.3f} is an anecdote"
            (faults if place == 0 and row["n_buys"] else warnings).append(said)
    if not run.selected:
        return conclude([], [], NO_CLAIM)
    least = min((row["n_buys"] for row in run.tested), default=0)
    return conclude(faults, warnings, f"{least} or more buys on test by every selected model")


def _on_test(run: Run) -> Finding:
    faults = []
    stated = {entry["card"]["name"]: entry["point"]["threshold"] for entry in run.selected}
    for name, model in ((model.card.name, model) for _, model in run.chosen):
        ruled = operating_point(model, run.rules).point
        if ruled is None or abs(ruled.threshold - stated[name]) > STEP:
            at = "none" if ruled is None else f"{ruled.threshold:.6f}"
            faults.append(f"{name}: selected.json has {stated[name]:.6f}, roles {PROPOSE} and {JUDGE} give {at}")
    for row in run.tested:
        if row["name"] in stated and _differ(row["threshold"], stated[row["name"]]):
            faults.append(f"{row['name']} is tested at {row['threshold']}, selected at {stated[row['name']]}")
    for row in run.tested_baselines:
        point = operating_point(run.baselines[row["name"]], run.rules).point
        if _differ(row["threshold"], point and point.threshold):
            faults.append(f"{row['name']} is tested at {row['threshold']}, the rules give {point and point.threshold}")
    if run.has("data/models/models.json"):
        for model in run.shipped:
            if model.name in stated and _differ(model.manifest["threshold"], stated[model.name]):
                faults.append(f"{model.name} is shipped at {model.manifest['threshold']}, not {stated[model.name]}")
    return conclude(faults, [], f"every threshold is the one that roles {PROPOSE} and {JUDGE} give")


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > STEP


CHECKS = (
    Check(
        "threshold-near-zero",
        "a threshold below nearly all scores: recall 1.00 of a model that never says no",
        _near_zero,
    ),
    Check("always-buy", "buying on nearly every day and calling the base rate a precision", _always),
    Check("too-few-buys", "a precision of a handful of buys", _few),
    Check("threshold-chosen-on-test", "a threshold other than the one found before the test role was opened", _on_test),
)
