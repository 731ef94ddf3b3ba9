"""Deceptions about what was chosen and what is said of it: each spoils a copy of the clean run under ``root``."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from buysignal.cli.doctor.choice import HAND
from buysignal.cli.doctor.run import Run
from buysignal.core.files import write_exact_json
from buysignal.judge.calibration import calibrate, shipped_map
from buysignal.judge.calibration_maps import Isotonic, to_dict
from buysignal.judge.selection import select
from buysignal.models import scores
from buysignal.report.made import made
from buysignal.ship import ledger
from tests.cli.doctor.deceptions import EVALUATE, edit_json, first, forge_shipped, headline, rescore
from tests.cli.doctor.planted import TIER, set_params
from tests.reliability.hostile_model import forge


def three_of_four_buys(root):
    change = dict(n_buys=4, hits=3, precision=0.75, precision_low=0.2)
    edit_json(root, "metrics/train.json", lambda train: headline(train).update(change))


def fewer_buys_than_the_rule(root):
    set_params(root, **{"select.min_buys": 400})


def calibration_turned_round(root):
    """A map that puts middling scores above the best: whatever it claims, the score never had."""
    x = np.linspace(0, 1, 11)
    hump = to_dict(Isotonic(tuple(x), tuple(np.where(x < 0.15, x, 0.15 - 0.1 * x))))
    name = first(root)
    row = {"name": name, "tier": TIER, "reason": "", **hump}
    edit_json(root, "data/selected.json", lambda selection: headline(selection).update(map=row))


def calibration_fitted_where_it_is_judged(root):
    """The figures and the map of the threshold role alone, shown as if another role had fitted them."""
    model = Run(root).contenders[first(root)]
    label, score, _ = model.of("threshold")
    twice = np.tile(np.flatnonzero(model.role == "threshold"), 2)
    days = pd.bdate_range("2000-01-03", periods=len(twice), name="date")
    role = np.repeat(["calibrate", "threshold"], len(score))
    found = calibrate(replace(model, index=days, role=role, label=np.tile(label, 2), scores=model.scores[:, twice]), 1)
    name = model.card.name
    edit_json(root, "metrics/calibration.json", lambda rows: row_of(rows, name).update(_plain(found.to_dict())))
    shown = shipped_map(model.card.name, TIER, found)
    edit_json(root, "data/selected.json", lambda selection: headline(selection).update(map=_plain(shown)))


def row_of(rows, name):
    return next(row for row in rows if row["name"] == name)


def _plain(value):
    return json.loads(json.dumps(value))


def calibration_chosen_otherwise(root):
    def change(rows):
        rows[0]["chosen"] = next(name for name in rows[0]["judged"] if name != rows[0]["chosen"])

    edit_json(root, "metrics/calibration.json", change)


def threshold_better_on_test(root):
    edit_json(root, "metrics/train.json", lambda train: headline(train).update(threshold=0.31))


def threshold_better_on_test_everywhere(root):
    """Also where it was selected and shipped: only choosing it again tells."""
    edit_json(root, "metrics/train.json", lambda train: headline(train).update(threshold=0.31))
    edit_json(root, "data/selected.json", lambda s: headline(s)["point"].update(threshold=0.31))
    forge(root / "data/models" / first(root), lambda manifest: manifest.update(threshold=0.31))


def other_order_of_the_search(root):
    edit_json(root, "data/selected.json", lambda selected: selected["selected"].reverse())


def other_choice_everywhere(root):
    """The search's first ships, and everything says so: only choosing again tells."""
    name = Run(root).ranked[0]
    for file in ("data/selected.json", "metrics/choice.json", "metrics/train.json"):
        edit_json(root, file, lambda content: content.update(shipped=name))


def reason_of_the_choice(root):
    edit_json(root, "metrics/choice.json", lambda choice: choice.update(reason="it looked best"))


def precision_of_the_choice(root):
    edit_json(root, "metrics/choice.json", lambda choice: choice["standings"][0].update(precision=0.987))


def loser_left_out_of_the_choice(root):
    edit_json(root, "metrics/choice.json", lambda choice: choice["standings"].pop())


def one_configuration(root):
    scores.write(root / EVALUATE, [])


def best_of_many_without_skill(root, ships=True):
    """Configurations that know nothing, and the selection that the rules make among them."""
    rng = np.random.default_rng(11)
    [model] = scores.read(root / "data/candidate")
    noise = [
        replace(model, card=replace(model.card, name=f"{TIER}-2M-T{i}"), scores=rng.random(model.scores.shape))
        for i in range(8)
    ]
    noise = [replace(m, card=_other(m.card, i)) for i, m in enumerate(noise)]
    scores.write(root / EVALUATE, noise[1:])
    scores.write(root / f"{EVALUATE}/built", [])
    scores.write(root / "data/candidate", noise[:1])
    found = select(noise, Run(root).rules)
    shipped = found.selected[0].card.name if ships else f"{TIER}-volatility"
    write_exact_json(root / "data/selected.json", asdict(found) | {"others": [], "shipped": shipped})


def best_of_many_beside_what_ships(root):
    best_of_many_without_skill(root, ships=False)


def _other(card, i):
    return replace(card, configuration=replace(card.configuration, dropout=0.1 + i / 100))


def looks_not_told(root):
    def change(train):
        searched = [entry["card"]["name"] for entry in Run(root).ten if entry["card"]["origin"] != HAND]
        next(row for row in train["models"] if row["name"] in searched).update(configurations=1)

    edit_json(root, "metrics/train.json", change)


def no_better_than_volatility(root):
    def change(train):
        for key in ("precision", "auc"):
            headline(train)["against_volatility"][key].update(low=-0.1, verdict="cannot tell")

    edit_json(root, "metrics/train.json", change)


def the_first_ships(root):
    """The search's first is the headline on test: what is said of direction is said of it."""
    edit_json(root, "metrics/train.json", lambda train: train.update(shipped=train["models"][0]["name"]))


def falls_learned_alike(root):
    the_first_ships(root)
    change = dict(auc_fall=0.69, cross_low=-0.05, cross_high=0.07, verdict="volatility, not direction")
    edit_json(root, "metrics/mirror.json", lambda rows: rows[0].update(change))


def called_direction_without_evidence(root):
    the_first_ships(root)
    edit_json(root, "metrics/mirror.json", lambda rows: rows[0].update(excess_low=-0.05))


def falls_said_to_be_hidden(root):
    edit_json(root, "metrics/mirror.json", lambda rows: rows[0].update(auc_fall=0.51, difference=0.3))


def rises_said_to_be_ranked(root):
    edit_json(root, "metrics/mirror.json", lambda rows: rows[0].update(excess=0.3))


def left_out_of_the_mirror(root):
    edit_json(root, "metrics/mirror.json", lambda rows: rows.pop(0))


def called_better_without_evidence(root):
    change = dict(difference=0.1, low=-0.02, high=0.2, verdict="better")
    edit_json(root, "metrics/train.json", lambda train: headline(train)["against_volatility"]["auc"].update(change))


def look_before(root, thresholds):
    """Looks at the same days with other thresholds, before the one of this run."""
    path = root / "metrics/ledger.jsonl"
    [own] = ledger.read(path)
    path.unlink()
    for threshold in thresholds:
        headline = own.registered["headline"] | {"threshold": threshold}
        ledger.append(path, own.registered | {"headline": headline}, own.data, own.results)
    ledger.append(path, own.registered, own.data, own.results)


def second_look(root):
    """Told of by the report, as the stage that makes it would."""
    look_before(root, [0.1])
    params = Run(root).params
    _, text, html = made(root, params.tiers, params.label, params.training.epochs)
    (root / "metrics/report.md").write_text(text)
    (root / "metrics/report.html").write_text(html)


def removed_look(root):
    look_before(root, [0.1, 0.2])
    lines = (root / "metrics/ledger.jsonl").read_text().splitlines(keepends=True)
    (root / "metrics/ledger.jsonl").write_text(lines[0] + lines[2])


def changed_look(root):
    look_before(root, [0.1])
    path = root / "metrics/ledger.jsonl"
    path.write_text(path.read_text().replace('"threshold": 0.1', '"threshold": 0.2', 1))


def look_not_recorded(root):
    edit_json(root, "data/selected.json", lambda s: headline(s)["point"].update(threshold=0.31))


def precision_raised(root):
    name = first(root)

    def change(rows):
        next(row for row in rows if row["name"] == name).update(precision=0.9, precision_low=0.8)

    edit_json(root, "metrics/selection.json", change)


def precision_on_test_raised(root):
    edit_json(root, "metrics/train.json", lambda train: headline(train).update(precision=0.9))


def headline_file_raised(root):
    edit_json(root, "metrics/headline.json", lambda content: content["headline"].update(precision=0.9))


def count_left_out(root):
    edit_json(root, "metrics/selection.json", lambda rows: rows[0].pop("n_eff"))


def other_tier_in_params(root):
    set_params(root, **{"tiers": ["a50"], "candidate.tier": "a50"})


def other_label_in_params(root):
    set_params(root, **{"label.threshold": 0.02})


def models_of_another_selection(root):
    edit_json(root, "metrics/train.json", lambda train: train["models"].pop())


def cap_lowered(root):
    set_params(root, **{"grids.2M.cap": 1000})


def smaller_on_paper(root):
    rescore(root, lambda model: replace(model, card=replace(model.card, parameters=900)))


def larger_as_shipped(root):
    theta = Run(root).shipped[0].fitted.theta
    forge_shipped(root, theta=np.hstack([theta, theta]))
