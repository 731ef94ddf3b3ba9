"""What was chosen, out of how many, after how many looks, and whether it is more than volatility."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from buysignal.cli.doctor.experiments import looks_elsewhere
from buysignal.cli.doctor.points import NO_CLAIM
from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.cli.doctor.verdict import CANNOT_JUDGE, DECEPTION, Check, Finding, conclude, some
from buysignal.core.errors import UserError
from buysignal.core.files import stable
from buysignal.judge.calibration import calibrate, map_of
from buysignal.judge.calibration_maps import CalibrationMap
from buysignal.judge.luck import CANNOT_TELL, WITHIN
from buysignal.judge.operating import JUDGE, PROPOSE
from buysignal.judge.selection import select
from buysignal.judge.snooping import snooping
from buysignal.models.metrics import auc
from buysignal.models.scores import ModelCard, Scored
from buysignal.ship import ledger

FIRST = "first recorded look at these test days"
HAND = "hand"  # origin of the candidate, which stands for itself
MIRRORED = (  # difference of AUC, start of the names of its ends, and what it is beyond
    ("excess", "excess_", "beyond a formula of volatility"),
    ("cross_difference", "cross_", "the same score on rises minus falls"),
    ("difference", "", "rises minus falls"),
)
LOSS = 1e-4  # nats, or probability: what fitting a map again may move
DRAWS = 2e-3  # two of the thousand draws of a p-value: what sums of another order may move
EXACT = 1e-9  # what rounding may move in the order of mapped scores


def _headline_order(run: Run) -> Finding:
    stated = [entry["card"]["name"] for entry in run.selected]
    ruled = [chosen.card.name for chosen in select(list(run.models.values()), run.rules).selected]
    faults = []
    if stated != ruled:
        place = next(i for i in range(max(len(stated), len(ruled))) if stated[i : i + 1] != ruled[i : i + 1])
        names = [names[place] if place < len(names) else "none" for names in (stated, ruled)]
        faults.append(f"rank {place + 1} is {names[0]}, the threshold role gives {names[1]}")
    tested = [row["name"] for row in run.tested]
    if tested and stated and tested[0] != stated[0]:
        faults.append(f"the headline on test is {tested[0]}, selected first was {stated[0]}")
    return conclude(faults, [], f"the {len(stated)} selected models are those of the threshold role, in its order")


def _single_configuration(run: Run) -> Finding:
    looked = {(model.card.tier, model.card.configuration) for model in run.models.values()}
    warnings = [f"{next(iter(run.models))} is the only configuration: there is nothing to compare it with"]
    return conclude([], warnings if len(looked) == 1 else [], f"{len(looked)} configurations were judged")


def _best_of_many(run: Run) -> Finding:
    if not run.selected:
        return conclude([], [], NO_CLAIM)
    searched = [model.card for model in run.models.values() if model.card.origin != HAND]
    looked = len({(card.tier, card.configuration) for card in searched})
    headline, origin = (run.selected[0]["card"][key] for key in ("name", "origin"))
    faults = []
    for file, rows in {"selection.json": run.judged, "train.json": run.tested}.items():
        for row in rows:
            if row["name"] == headline and origin != HAND and row.get("configurations", looked) < looked:
                said = f"{file}: {headline} is said to be one of {row['configurations']}"
                faults.append(f"{said}, {looked} that were searched are judged")
    bar = run.luck
    if bar.verdict == WITHIN:
        faults.insert(0, f"{headline} is {bar.reason}")
    if bar.verdict == CANNOT_TELL and not faults:
        return Finding(CANNOT_JUDGE, bar.reason)
    return conclude(faults, [], bar.reason)


def _calibration_gain(run: Run) -> Finding:
    """A map of the scores cannot find what the scores do not have; and it is judged on days it was not fitted on."""
    faults, rows = [], run.metrics("calibration.json", "select")
    if not run.selected:
        return conclude([], [], NO_CLAIM)
    shipped = {row["name"]: row for row in run.maps}
    for row in rows:
        name = row["name"]
        if name not in run.models or name not in shipped:
            faults.append(f"{name} is calibrated, and has no scores or no map that is handed on")
            continue
        model, right = run.models[name], calibrate(run.models[name], run.params.label.horizon)
        if row["chosen"] != right.chosen:
            faults.append(f"{name}: the map is {row['chosen']}, by log loss it is {right.chosen}")
        for kind, judged in row["judged"].items():
            if kind not in right.judged:
                faults.append(f"{name}: {kind} is judged, its scores allow no such map ({right.reason})")
                continue
            said, true = judged["log_loss"], right.judged[kind].log_loss
            if abs(said - true) > LOSS:
                faults.append(
                    f"{name}: {kind} is said to have log loss {said:.4f}; fitted on role {PROPOSE} it has {true:.4f}"
                )
        faults += _gains(name, model, map_of(shipped[name]), right.map)
    return conclude(faults, [], f"the maps of {len(rows)} models leave the order of days as the scores have it")


def _gains(name: str, model: Scored, fitted: CalibrationMap, right: CalibrationMap) -> list[str]:
    """What the map that is handed on claims on the threshold role beyond the raw score."""
    label, score, _ = model.of(JUDGE)
    mapped = fitted.apply(score)
    gain = auc(label, mapped) - auc(label, score)
    if (np.diff(mapped[np.argsort(score, kind="stable")]) < -EXACT).any():
        return [f"{name}: its map turns the order of days round (AUC {gain:+.4f}): what it claims is not the score's"]
    if not np.allclose(mapped, right.apply(score), atol=LOSS):
        return [f"{name}: its map is not the one that role {PROPOSE} gives"]
    return []


def _volatility(run: Run) -> Finding:
    if not run.tested:
        return conclude([], [], NO_CLAIM)
    row = run.tested[0]
    found = row["against_volatility"]
    faults, warnings = [], []
    pairs = {key: found[key] for key in ("precision", "auc") if found[key] is not None}
    for key, pair in pairs.items():
        if pair["verdict"] == "better" and pair["low"] <= 0:
            faults.append(f"{row['name']} is called better in {key}; its interval starts at {pair['low']:.3f}")
    better = [key for key, pair in pairs.items() if pair["low"] > 0]
    if not better:
        said = "; ".join(
            f"{key} {p['difference']:+.3f} ({p['low']:+.3f} to {p['high']:+.3f})" for key, p in pairs.items()
        )
        warnings.append(f"{row['name']} is not better than {found['baseline']}: {said}")
    fine = f"{row['name']} beats {found['baseline']} in {' and '.join(better)}"
    if not run.has("metrics/mirror.json"):
        return conclude(faults, warnings, fine, ["metrics/mirror.json is missing: build it with `dvc repro mirror`"])
    for mirrored in run.metrics("mirror.json", "mirror"):
        if mirrored["name"] == row["name"]:
            (faults if mirrored["verdict"] == "direction" else warnings).extend(_mirrored(mirrored))
    return conclude(faults, warnings, fine)


def _mirrored(row: dict[str, Any]) -> list[str]:
    """What speaks against direction: falls learned alike, or rises favoured no more than a formula favours them."""
    if row["low"] is None:
        return []  # a label of one class: nothing can be ranked
    said = f"{row['name']}: direction is not shown: rises AUC {row['auc_rise']:.3f}, falls {row['auc_fall']:.3f}"
    for point, start, beyond in MIRRORED:
        low, high = (row[f"{start}{end}"] for end in ("low", "high"))
        if low <= 0:
            return [f"{said}, {beyond} {row[point]:+.3f} ({low:+.3f} to {high:+.3f})"]
    return []


def _reopened(run: Run) -> Finding:
    try:
        entries = run.looks
    except UserError as error:
        return Finding(DECEPTION if run.has(LEDGER) else CANNOT_JUDGE, str(error))
    chosen = [(ModelCard.from_dict(entry["card"]), entry["point"]["threshold"]) for entry in run.selected]
    registered, bars = ledger.registration(chosen), run.manifest["sha256"]
    looks = [entry for entry in entries if entry.registered == _plain(registered) and entry.data["bars"] == bars]
    if not looks:
        return Finding(DECEPTION, f"none of {len(entries)} looks in {LEDGER} is that of the models that were selected")
    said = ledger.summary(entries, looks[-1].look)
    warnings = [] if said == FIRST else [said]
    elsewhere = looks_elsewhere(run.root, entries, looks[-1])
    if elsewhere:
        count, names = len({look for seen in elsewhere.values() for look in seen}), some(list(elsewhere))
        warnings.append(f"looks at these test days by experiments that {LEDGER} lacks: {count}, by {names}")
    return conclude([], warnings, said)


def _plain(value: Any) -> Any:
    """As JSON gives it back: lists for tuples."""
    return json.loads(json.dumps(value))


def _snooping(run: Run) -> Finding:
    said, seed = run.metrics("snooping.json", "select"), run.params.seed
    tests = snooping(list(run.models.values()), list(run.baselines.values()), run.rules, seed)
    faults = []
    for part, right in (("snooping", asdict(tests)), ("luck", asdict(run.luck))):
        found = stable(right)
        wrong = [key for key, value in found.items() if not _same(said[part][key], value)]
        faults += [f"{part}: {key} is said to be {said[part][key]}, the scores give {found[key]}" for key in wrong]
    return conclude(faults, [], f"the tests over all models say again: {tests.verdict}")


def _same(one: Any, other: Any) -> bool:
    """Whether plain values agree, numbers as far as rounding and the order of a sum let them."""
    if isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], value) for key, value in other.items())
    if isinstance(other, float):
        return abs(one - other) <= DRAWS
    return one == _plain(other)


CHECKS = (
    Check("headline-chosen-on-test", "a headline other than the one selected before test was opened", _headline_order),
    Check("single-configuration", "one configuration, with nothing to compare it with", _single_configuration),
    Check("best-of-many", "the best of many lucky draws, shown as if it were the only one", _best_of_many),
    Check("snooping-altered", "tests over all models that the scores do not give", _snooping),
    Check("calibration-gain", "calibration that is said to find what the scores do not have", _calibration_gain),
    Check("volatility-in-disguise", "a model of volatility sold as one of direction", _volatility),
    Check("test-reopened", "a test role looked at again and again until it pleases", _reopened),
)
