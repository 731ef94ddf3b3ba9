"""Thresholds that make a number look good: too low, chosen where they are judged, or with hardly a buy above."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import NO_CLAIM, Looking, Warn, check
from buysignal.core.files import DIGITS
from buysignal.judge.best_of_day import rule_in_words
from buysignal.judge.operating import JUDGE, PROPOSE, alerts, held_in
from buysignal.judge.selection import qualified
from buysignal.models.scores import Scored

REJECTS = 0.05  # a threshold that turns away fewer of the days has decided nothing
FEW = 10  # buys on the test role: below it one lucky day moves precision by a tenth or more
STEP = 10.0**-DIGITS  # what rounding in JSON may cost


def _claims(run: Run) -> Iterator[tuple[str, str, float, Scored]]:
    """(file, name, threshold, scores) of every threshold that a contender is said to have."""
    scored = {model.card.name: model for _, model in run.chosen}
    for entry, model in run.chosen:
        yield "selected.json", model.card.name, entry["point"]["threshold"], model
    if run.has("metrics/train.json"):
        for row in run.tested:
            if row["threshold"] is not None and row["name"] in scored:
                yield "train.json", row["name"], row["threshold"], scored[row["name"]]


@check("threshold-near-zero", "a threshold below nearly all scores: recall 1.00 of a model that never says no")
def _near_zero(run: Run) -> Looking:
    least, last, per_day = 1.0, {}, run.rules.per_day
    for file, name, threshold, model in _claims(run):
        seen = np.concatenate([held_in(model, role, per_day) for role in (PROPOSE, JUDGE)])
        rejected = float((seen < threshold).mean())
        least = min(least, rejected)
        if rejected < REJECTS:
            said = f"{name} buys from a score of {threshold:.3g} ({file}), under {1 - rejected:.0%} of its scores"
            if per_day:
                said = f"{name} buys {rule_in_words(threshold, per_day)} ({file}), {1 - rejected:.0%} of the rows"
            last[name] = f"{said}: its recall is that of buying always"
    yield from last.values()
    return f"every threshold turns away {least:.0%} or more of the {run.days}" if run.selected else NO_CLAIM


@check("always-buy", "buying on nearly every day and calling the base rate a precision")
def _always(run: Run) -> Looking:
    judged = {row["name"]: row for row in run.judged}
    always = [name for name in run.names if _nearly_always(judged[name])]
    for name in always:
        yield _says(judged[name], f"{run.days} of role threshold")
    for row in run.tested:
        if row["name"] not in always and _nearly_always(row):
            yield Warn(_says(row, f"{run.days} of role test"))
    return "no selected model buys nearly always"


def _nearly_always(row: dict) -> bool:
    return row["n_buys"] >= (1 - REJECTS) * row["n"]


def _says(row: dict, days: str) -> str:
    return (
        f"{row['name']} buys on {row['n_buys']} of {row['n']} {days}: its precision "
        f"{row['precision']:.3f} is the base rate {row['base_rate']:.3f}, its recall {row['recall']:.3f} says nothing"
    )


@check("too-few-buys", "a precision of a handful of buys")
def _few(run: Run) -> Looking:
    least = run.rules.min_buys
    for entry, model in run.chosen:
        bought = int(alerts(model, JUDGE, entry["point"]["threshold"], run.rules.per_day).sum())
        if bought < least:
            yield f"{model.card.name} buys {bought} times on role {JUDGE}, select.min_buys is {least}"
    for place, row in enumerate(run.tested):
        if row["n_buys"] < FEW:
            said = f"{row['name']} buys {row['n_buys']} times on test: precision {row['precision']:.3f} is an anecdote"
            yield said if place == 0 and row["n_buys"] else Warn(said)
    fewest = min((row["n_buys"] for row in run.tested), default=0)
    if run.unopened and run.selected:
        return f"every selected model buys {least} times or more on role {JUDGE}"
    return f"{fewest} or more buys on test by every selected model" if run.selected else NO_CLAIM


@check("threshold-chosen-on-test", "a threshold other than the one found before the test role was opened")
def _on_test(run: Run) -> Looking:
    stated = {entry["card"]["name"]: entry["point"]["threshold"] for entry in run.selected}
    for _, model in run.chosen:
        name, ruled = model.card.name, _ruled(run, model)
        if _differ(ruled, stated[name]):
            at = "none" if ruled is None else f"{ruled:.6f}"
            yield f"{name}: selected.json has {stated[name]:.6f}, roles {PROPOSE} and {JUDGE} give {at}"
    for row in run.tested:
        if row["name"] in stated and _differ(row["threshold"], stated[row["name"]]):
            yield f"{row['name']} is tested at {row['threshold']}, selected at {stated[row['name']]}"
    for row in run.silent:
        if (ruled := _ruled(run, run.contenders[row["name"]])) is not None:
            yield f"{row['name']} is tested at no threshold, the rules give {ruled}"
    for model in run.shipped_if_any:
        right = stated.get(model.card.name, model.threshold)
        if _differ(model.threshold, right):
            yield f"{model.card.name} is shipped at {model.threshold}, not {right}"
    return f"every threshold is the one that roles {PROPOSE} and {JUDGE} give"


def _ruled(run: Run, model: Scored) -> float | None:
    point, _ = qualified(model, run.rules)
    return point and point.threshold


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > STEP
