"""The numbers of the test role, computed again from the scores that were kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from buysignal.cli.doctor.run import BASELINE, LEDGER, TESTED, Run
from buysignal.cli.doctor.verdict import Warn
from buysignal.judge.dates import dates_in
from buysignal.judge.intervals import precision_lower
from buysignal.judge.money import Trades
from buysignal.judge.operating import alerts, held_in
from buysignal.judge.paired import as_many_buys, auc_difference, precision_difference, weighted_precision
from buysignal.judge.worth import worth_at
from buysignal.models import contenders, scores
from buysignal.models.days import Days
from buysignal.models.metrics import auc, buys
from buysignal.models.scores import Scored
from buysignal.ship import registered
from buysignal.ship.package import FITTED

TEST = "test"
ROUNDED = 2e-6  # what six decimals may cost
REDRAWN = 1e-3  # what sums of another order may move in the end of a bootstrap's interval
COMPARED = ("precision", "recall", "n_buys", "hits", "base_rate", "alert_rate")
FEW, AREA = 2, 0.01  # buys, and AUC, by which a model may differ that was trained again on another machine


def recomputed(model: Scored, role: str, threshold: float | None, run: Run) -> dict[str, float]:
    """What a row of a role must say of a model that buys from a threshold; None never buys."""
    (label, score, _), per_day = model.of(role), run.rules.per_day
    found = buys(label, held_in(model, role, per_day), np.inf if threshold is None else threshold)
    right = {key: float(getattr(found, key)) for key in COMPARED} | {"auc": auc(label, score)}
    if threshold is not None:
        alert, dates = alerts(model, role, threshold, per_day), dates_in(model, role)
        low, _ = precision_lower(label, alert, run.params.label.horizon, run.rules.confidence, dates)
        right["precision_low"] = float(low)
    return right


def differing(where: str, said: dict[str, Any], right: dict[str, float], off: float = ROUNDED) -> Iterator[str]:
    """One sentence for each number that is not what it must be."""
    for key, value in right.items():
        if abs(said[key] - value) > off:
            yield f"{where}: {key} is said to be {said[key]:g}, its scores give {value:g}"


def test_role(run: Run) -> Iterator[str]:
    """Faults of metrics/train.json against the scores in data/tested."""
    if run.unopened and (run.opened or run.claims["train.json"]):
        yield f"the test role is said to be closed to this run, and {TESTED} or train.json has something of it"
    if not run.unopened:
        yield from _scored_again(run)
    for row in run.claims["train.json"]:
        model = run.opened.get(row["name"])
        if model is None:
            yield f"train.json has {row['name']}, of which {TESTED} has no scores"
        else:
            yield from differing(f"test, {row['name']}", row, recomputed(model, TEST, row["threshold"], run))
    known = [row for row in run.tested if row["name"] in run.opened]
    trades = Trades.of(run.bars, run.params.label, run.params.costs, run.params.exit)
    for row in known:
        yield from _against(row, run, row is known[0])
        yield from _worth(row, run, trades)
    if known and run.examined["verdict"] != known[0]["verdict"]:
        yield f"the verdict of train.json is not that of {known[0]['name']}, which ships"


def _scored_again(run: Run) -> Iterator[str]:
    """Baselines, each against what its fit, which was there before the opening, gives the test days."""
    label, context = run.params.label, run.params.shape.context
    for tier in run.params.tiers:
        days = Days.of(run.bars, run.table(tier), tier, label, context, open_test=True).of_roles(TEST)
        for one in contenders.load_all(run.root / scores.others([tier])[0] / FITTED):
            if one.card.origin != BASELINE:
                continue
            opened, right = run.opened.get(one.card.name), one.scored(days)
            if opened is None:
                yield f"{TESTED} has no scores of {one.card.name}"
            elif not (opened.index.equals(right.index) and np.allclose(opened.scores, right.scores, atol=ROUNDED)):
                yield f"the scores of {one.card.name} in {TESTED} are not those that its fit gives"


def _against(row: dict[str, Any], run: Run, redraw: bool) -> Iterator[str]:
    """A comparison with the volatility baseline; its intervals, if they are drawn again, from the same seed."""
    model, per_day = run.opened[row["name"]], run.rules.per_day
    (label, score, _), dates = model.of(TEST), dates_in(model, TEST)
    alert = alerts(model, TEST, row["threshold"], per_day)
    other = run.opened[f"{row['tier']}-volatility"].of(TEST)[1]
    said, where = row["against_volatility"], f"test, {row['name']} against volatility"
    theirs = weighted_precision(label, as_many_buys(other, alert, dates, per_day > 0))
    compared = said["precision"] is not None and alert.any()
    right = {"auc": auc(label, score) - auc(label, other)}
    if compared:
        right["precision"] = float(label[alert].mean()) - theirs
    yield from differing(where, said, {"precision_at_buys": theirs})
    for key, value in right.items():
        yield from differing(f"{where}, {key}", said[key], {"difference": value})
    if not redraw:
        return
    level, horizon, seed = said["auc"]["confidence"], run.params.label.horizon, run.params.seed
    drawn = {"auc": auc_difference(label, score, other, horizon, level, seed, dates=dates)}
    if compared:
        of_dates = dict(dates=dates, of_day=per_day > 0)
        drawn["precision"] = precision_difference(label, alert, other, horizon, level, seed, **of_dates)
    for key, found in drawn.items():
        yield from differing(f"{where}, {key}", said[key], {"low": found.low, "high": found.high}, REDRAWN)


def _worth(row: dict[str, Any], run: Run, trades: Trades) -> Iterator[str]:
    """What its buys earned and the verdict by it; the intervals, which decide it, are drawn again from the same seed.

    They are means of the same draws, so no more than rounding parts them: 0.1 % would be half of such an interval.
    """
    where, said = f"test, {row['name']}", row["money"]
    tried = 1 if row["name"] == run.examined["shipped"] else sum("verdict" in one for one in run.tested)
    model, seed = run.opened[row["name"]], run.params.seed
    right = worth_at(model, TEST, row["threshold"], trades, run.rules, seed, tried)
    found = right["money"]
    if (said is None) != (found is None):
        yield f"{where}: money is said to be {'none' if said is None else 'earned'}, its buys say otherwise"
        return
    if said is not None:
        exact = {key: value for key, value in found.items() if isinstance(value, float | int)}
        yield from differing(f"{where}, money", said, exact)
        for key in ("mean_interval", "ahead_interval"):
            ends = dict(zip(("low", "high"), said[key]))
            yield from differing(f"{where}, money, {key}", ends, dict(zip(("low", "high"), found[key])))
    if row["verdict"]["word"] != (told := right["verdict"]["word"]):
        yield f"{where}: the verdict is said to be {row['verdict']['word']}, its money gives {told}"


def registration(run: Run) -> Iterator[str]:
    """What was opened against what registered.yaml allows."""
    why = registered.difference(registered.read(run.root / registered.PATH), run.registration)
    if why and not run.unopened:
        yield f"the test role was opened for what {registered.PATH} does not name: {why}"
    elif run.unopened and not why:
        yield Warn(f"{registered.PATH} names this run, and the test role was not opened for it: run `dvc repro test`")


def against_ledger(run: Run) -> Iterator[str]:
    """The headline of metrics/train.json against what its look recorded at the opening.

    A look stays as it was first seen. The same model trained on another machine may differ a little: a
    difference of `FEW` buys, or as little in AUC, is a warning.
    """
    if run.unopened:
        return
    look = run.examined["look"]
    entry = next((entry for entry in run.looks if entry.look == look), None)
    if entry is None:
        yield f"train.json is of a look that {LEDGER} has not"
        return
    for row in run.tested[:1]:
        share = FEW / max(row["n_buys"], FEW)
        for key, limit in {"precision": share, "recall": share, "n_buys": FEW, "auc": AREA}.items():
            now, then = row[key], entry.results[key]
            said = f"test, {row['name']}: {key} {now:g} is not what look {entry.number} saw, {then:g}"
            if abs(now - then) > REDRAWN:
                yield said if abs(now - then) > limit else Warn(said)
