"""What was chosen, out of how many, after how many looks, and whether it is more than volatility."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import zip_longest
from typing import Any

import numpy as np

from buysignal.cli.doctor.experiments import looks_elsewhere
from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.cli.doctor.verdict import NO_CLAIM, UNOPENED, Looking, Unjudged, Warn, check, some
from buysignal.core.errors import UserError
from buysignal.core.files import stable
from buysignal.judge.calibration_maps import CalibrationMap, map_of
from buysignal.judge.choice import choose
from buysignal.judge.luck import CANNOT_TELL, WITHIN
from buysignal.judge.operating import JUDGE, PROPOSE
from buysignal.judge.selection import select
from buysignal.judge.snooping import snooping
from buysignal.models.metrics import auc
from buysignal.models.scores import ModelCard, Scored, TunedCard
from buysignal.ship import ledger

HAND = "hand"  # origin of the candidate, which stands for itself
MIRRORED = (  # difference of AUC, start of the names of its ends, and what it is beyond
    ("excess", "excess_", "beyond a formula of volatility"),
    ("cross_difference", "cross_", "the same score on rises minus falls"),
    ("difference", "", "rises minus falls"),
)
LOSS = 1e-4  # nats, or probability: what fitting a map again may move
CLOSE = 2e-6  # what six decimals may cost
DRAWS = 2e-3  # two of the thousand draws of a p-value: what sums of another order may move
EXACT = 1e-9  # what rounding may move in the order of mapped scores


@check("headline-chosen-on-test", "a headline other than the one chosen before test was opened")
def _headline_order(run: Run) -> Looking:
    stated = run.ranked
    ruled = [chosen.card.name for chosen in select(list(run.models.values()), run.rules).selected]
    for rank, (one, right) in enumerate(zip_longest(stated, ruled, fillvalue="none"), start=1):
        if one != right:
            yield f"rank {rank} is {one}, the threshold role gives {right}"
            break
    said, chosen = run.examined["shipped"], run.selection["shipped"]
    if not run.unopened and said != chosen:
        yield f"the headline on test is {said or 'none'}, chosen to ship was {chosen or 'none'}"
    return f"the {len(stated)} of the search are those of the threshold role, in its order, and what ships was chosen"


@check("choice-altered", "something else ships than the rule gives, or for other reasons than are told")
def _choice(run: Run) -> Looking:
    others = [one for name, one in run.contenders.items() if not one.card.searched]
    able = [*(run.contenders[name] for name in run.ranked), *others]
    apart = {name for name, one in run.contenders.items() if isinstance(one.card, TunedCard)}  # with their own count
    trials = max((row.get("configurations", 1) for row in run.judged if row["name"] not in apart), default=1)
    right = choose(able, run.rules, trials)
    said = dict(run.metrics("choice.json", "select"))
    if (named := run.selection["shipped"]) != right.shipped:
        yield f"selected.json ships {named or 'none'}, by the rule it is {right.shipped or 'none'}"
    told = json.loads(json.dumps(stable(right.to_dict())))  # as it will be read
    standings = zip_longest(said.pop("standings"), told.pop("standings"), fillvalue={})
    for one, other in [(said, told), *standings]:
        for key in {**one, **other}:
            if not _same(one.get(key), other.get(key), CLOSE):
                whose = f"{other.get('name', 'nobody')}: " if one is not said else ""
                yield f"choice.json, {whose}{key} is said to be {one.get(key)}, the scores give {other.get(key)}"
    return right.reason


@check("single-configuration", "one configuration, with nothing to compare it with")
def _single_configuration(run: Run) -> Looking:
    looked = {(card.tier, card.configuration): card.name for card in _searched(run)}
    if len(looked) == 1:
        yield Warn(f"{next(iter(looked.values()))} is the only configuration: there is nothing to compare it with")
    return f"{len(looked)} configurations were judged"


def _searched(run: Run) -> list[ModelCard]:
    return [model.card for model in run.models.values() if model.card.searched]


@check("best-of-many", "the best of many lucky draws, shown as if it were the only one")
def _best_of_many(run: Run) -> Looking:
    if not run.ten:
        return NO_CLAIM
    bar, card = run.luck, run.ten[0]["card"]
    if bar.verdict == WITHIN:
        said = f"{card['name']}, the search's first, is {bar.reason}"
        yield said if card["name"] == run.selection["shipped"] else Warn(said)
    if bar.verdict == CANNOT_TELL:
        yield Unjudged(bar.reason)
    searched = [one for one in _searched(run) if one.origin != HAND]
    looked = len({(one.tier, one.configuration) for one in searched})
    found = {entry["card"]["name"] for entry in run.ten if entry["card"]["origin"] != HAND}
    for file, rows in {"selection.json": run.judged, "train.json": run.tested}.items():
        for row in rows:
            if row["name"] in found and row.get("configurations", looked) < looked:
                said = f"{file}: {row['name']} is said to be one of {row['configurations']}"
                yield f"{said}, {looked} that were searched are judged"
    return bar.reason


@check("snooping-altered", "tests over all models that the scores do not give")
def _snooping(run: Run) -> Looking:
    said = run.metrics("snooping.json", "select")
    tests = snooping(list(run.models.values()), list(run.baselines.values()), run.rules, run.params.seed)
    for part, right in (("snooping", asdict(tests)), ("luck", asdict(run.luck))):
        for key, value in stable(right).items():
            if not _same(said[part][key], value):
                yield f"{part}: {key} is said to be {said[part][key]}, the scores give {value}"
    return f"the tests over all models say again: {tests.verdict}"


def _same(one: Any, other: Any, off: float = DRAWS) -> bool:
    """Whether plain values agree, numbers as far as rounding and the order of a sum let them."""
    if isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], value, off) for key, value in other.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(*pair, off) for pair in zip(one, other))
    if isinstance(other, float) and isinstance(one, float):
        return abs(one - other) <= off
    return one == other


@check("calibration-gain", "calibration that is said to find what the scores do not have")
def _calibration_gain(run: Run) -> Looking:
    from buysignal.judge.calibration import calibrate  # not on top: a second, in the other process

    rows = run.metrics("calibration.json", "select")
    if not run.selected:
        return NO_CLAIM
    shipped, scored = {entry["card"]["name"]: entry["map"] for entry in run.selected}, run.contenders
    for row in rows:
        name = row["name"]
        if name not in scored or name not in shipped:
            yield f"{name} is calibrated, and has no scores or no map that is handed on"
            continue
        model, right = scored[name], calibrate(scored[name], run.params.label.horizon)
        if row["chosen"] != right.chosen:
            yield f"{name}: the map is {row['chosen']}, by log loss it is {right.chosen}"
        for kind, judged in row["judged"].items():
            if kind not in right.judged:
                yield f"{name}: {kind} is judged, its scores allow no such map ({right.reason})"
            elif abs((said := judged["log_loss"]) - (true := right.judged[kind].log_loss)) > LOSS:
                yield f"{name}: {kind} is said to have log loss {said:.4f}; fitted on role {PROPOSE} it has {true:.4f}"
        yield from _gains(name, model, map_of(shipped[name]), right.map)
    yield from (
        f"calibration.json lacks {name}, which buys" for name in shipped if name not in {r["name"] for r in rows}
    )
    return f"the maps of {len(rows)} contenders leave the order of days as the scores have it"


def _gains(name: str, model: Scored, fitted: CalibrationMap, right: CalibrationMap) -> Iterator[str]:
    """What the map that is handed on claims on the threshold role beyond the raw score."""
    label, score, _ = model.of(JUDGE)
    mapped = fitted.apply(score)
    gain = auc(label, mapped) - auc(label, score)
    if (np.diff(mapped[np.argsort(score, kind="stable")]) < -EXACT).any():
        yield f"{name}: its map turns the order of days round (AUC {gain:+.4f}): what it claims is not the score's"
    elif not np.allclose(mapped, right.apply(score), atol=LOSS):
        yield f"{name}: its map is not the one that role {PROPOSE} gives"


@check("volatility-in-disguise", "a model of volatility sold as one of direction")
def _volatility(run: Run) -> Looking:
    if not run.tested:
        return UNOPENED if run.selected else NO_CLAIM
    row = run.tested[0]
    found = row["against_volatility"]
    if row["name"] == found["baseline"]:
        return f"{row['name']} ships, and is said to be nothing more"
    pairs = {key: found[key] for key in ("precision", "auc") if found[key] is not None}
    for key, pair in pairs.items():
        if pair["verdict"] == "better" and pair["low"] <= 0:
            yield f"{row['name']} is called better in {key}; its interval starts at {pair['low']:.3f}"
    better = [key for key, pair in pairs.items() if pair["low"] > 0]
    if not better:
        said = [f"{key} {p['difference']:+.3f} ({p['low']:+.3f} to {p['high']:+.3f})" for key, p in pairs.items()]
        yield Warn(f"{row['name']} is not better than {found['baseline']}: {'; '.join(said)}")
    if row["name"] not in [one["name"] for one in run.examined["models"]]:
        pass  # it is none of the search, and no mirror was held up to it
    elif not run.has("metrics/mirror.json"):
        yield Unjudged("metrics/mirror.json is missing: build it with `dvc repro mirror`")
    else:
        for mirrored in run.metrics("mirror.json", "mirror"):
            if mirrored["name"] == row["name"]:
                yield from map(str if mirrored["verdict"] == "direction" else Warn, _mirrored(mirrored))
    return f"{row['name']} beats {found['baseline']} in {' and '.join(better)}"


def _mirrored(row: dict[str, Any]) -> Iterator[str]:
    """What speaks against direction: falls learned alike, or rises favoured no more than a formula favours them."""
    if row["low"] is None:
        return  # a label of one class: nothing can be ranked
    said = f"{row['name']}: direction is not shown: rises AUC {row['auc_rise']:.3f}, falls {row['auc_fall']:.3f}"
    for point, start, beyond in MIRRORED:
        low, high = (row[f"{start}{end}"] for end in ("low", "high"))
        if low <= 0:
            yield f"{said}, {beyond} {row[point]:+.3f} ({low:+.3f} to {high:+.3f})"
            return


@check("test-reopened", "a test role looked at again and again until it pleases")
def _reopened(run: Run) -> Looking:
    try:
        entries = run.looks
    except UserError as error:
        if not run.has(LEDGER):
            raise
        yield str(error)
        return ""
    registered, bars = ledger.registration_of(run.selection), run.manifest["sha256"]
    own = (e for e in reversed(entries) if e.data["bars"] == bars and e.look == ledger.look_at(registered, e.data))
    look = next(own, None)
    if run.unopened and look is None:
        return f"the test role is closed to this run: {run.unopened}"
    if look is None:
        yield f"none of {len(entries)} looks in {LEDGER} is that of what was chosen"
        return ""
    said = ledger.summary(entries, look.look)
    if said != ledger.FIRST:
        yield Warn(said)
    if elsewhere := looks_elsewhere(run.root, entries, look):
        count, names = len(set().union(*elsewhere.values())), some(list(elsewhere))
        yield Warn(f"looks at these test days by experiments that {LEDGER} lacks: {count}, by {names}")
    return said
