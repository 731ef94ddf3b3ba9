"""Deceptions as somebody would commit them: each spoils a copy of the clean run under ``root``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from buysignal import ledger
from buysignal.dataset import Scaler
from buysignal.doctor.run import Run
from buysignal.evaluation import scores
from buysignal.evaluation.calibration import calibrate, shipped_map
from buysignal.evaluation.calibration_maps import Isotonic, to_dict
from buysignal.evaluation.scores import Scored
from buysignal.evaluation.selection import select
from buysignal.io import write_exact_json, write_parquet
from tests.doctor.planted import TIER, set_params

EVALUATE = f"data/evaluate/{TIER}"
TABLE = f"data/features/{TIER}.parquet"


def edit_json(root: Path, path: str, change: Callable[[Any], None]) -> None:
    content = json.loads((root / path).read_text())
    change(content)
    (root / path).write_text(json.dumps(content))


def edit_table(root: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    write_parquet(root / TABLE, change(pd.read_parquet(root / TABLE)))


def first(root: Path) -> str:
    return Run(root).selected[0]["card"]["name"]


def rescore(root: Path, change: Callable[[Scored], Scored]) -> None:
    """Change every model of the candidate and of the budget."""
    for folder in ("data/candidate", EVALUATE):
        scores.write(root / folder, [change(model) for model in scores.read(root / folder)])


def set_threshold(root: Path, threshold: float) -> None:
    """The headline buys from another score, and its test row says what that gives."""
    table = pd.read_parquet(root / TABLE)
    label = table.loc[table["role"] == "test", "label"]
    edit_json(root, "data/selected.json", lambda s: s["selected"][0]["point"].update(threshold=threshold))
    everything = {"n_buys": len(label), "hits": int(label.sum()), "recall": 1.0, "precision": float(label.mean())}
    edit_json(root, "metrics/train.json", lambda t: t["models"][0].update(threshold=threshold, **everything))


def threshold_of_a_hundredth(root):
    set_threshold(root, 0.01)


def threshold_of_a_hundredth_on_test_only(root):
    edit_json(root, "metrics/train.json", lambda t: t["models"][0].update(threshold=0.01))


def always_buy(root):
    name = first(root)

    def change(rows):
        row = next(row for row in rows if row["name"] == name)
        row.update(n_buys=row["n"], precision=row["base_rate"], recall=1.0)

    edit_json(root, "metrics/selection.json", change)


def always_buy_on_test(root):
    edit_json(root, "metrics/train.json", lambda t: t["models"][0].update(n_buys=t["models"][0]["n"] - 3))


def constant_score(root):
    rescore(root, lambda model: replace(model, scores=np.full_like(model.scores, 0.3)))


def constant_on_the_judging_role(root):
    def still(model):
        return replace(model, scores=np.where(model.role == "threshold", 0.3, model.scores))

    rescore(root, still)


def collapse(root):
    rescore(root, lambda model: replace(model, scores=0.2 + 0.02 * model.scores))


def score_upside_down(root):
    rescore(root, lambda model: replace(model, scores=1 - model.scores))


def score_of_noise(root):
    rng = np.random.default_rng(3)
    rescore(root, lambda model: replace(model, scores=rng.random(model.scores.shape)))


def copied_seed(root):
    rescore(root, lambda model: replace(model, scores=np.repeat(model.scores[:1], len(model.scores), axis=0)))


def one_seed(root):
    rescore(root, lambda m: replace(m, card=replace(m.card, seeds=m.card.seeds[:1]), scores=m.scores[:1]))
    edit_json(root, "metrics/selection.json", lambda rows: [row.update(seeds=1) for row in rows])


def copied_weights(root):
    folder = root / Run(root).shipped[0].folder
    tensors = load_file(folder / "weights.safetensors")
    tensors["theta"] = np.repeat(tensors["theta"][:1], len(tensors["theta"]), axis=0)
    save_file(tensors, folder / "weights.safetensors")


def feature_is_the_label(root):
    rng = np.random.default_rng(1)
    edit_table(root, lambda table: table.assign(macd=table["label"] + 0.2 * rng.standard_normal(len(table))))


def feature_is_tomorrows_low(root):
    bars = Run(root).bars
    edit_table(root, lambda table: table.assign(roc_10=(bars["low"].shift(-1) / bars["close"]).reindex(table.index)))


def score_is_the_label(root):
    rescore(root, lambda model: replace(model, scores=0.9 * model.label + 0.1 * model.scores))


def feature_of_tomorrow(root):
    edit_table(root, lambda table: table.assign(rsi_14=table["rsi_14"].shift(-1).ffill()))


def feature_of_tomorrow_on_one_day(root):
    def change(table):
        table.iloc[700, table.columns.get_loc("natr_14")] += 1e-3
        return table

    edit_table(root, change)


def unknown_feature(root):
    rng = np.random.default_rng(2)

    def change(table):
        table.insert(0, "secret", rng.standard_normal(len(table)))
        return table

    edit_table(root, change)


def unknown_feature_shipped(root):
    folder = Run(root).shipped[0].folder
    edit_json(root, f"{folder}/model.json", lambda model: model["features"].__setitem__(3, "secret"))


def shuffled_rows(root):
    edit_table(root, lambda table: table.sample(frac=1, random_state=1))


def shuffled_roles(root):
    def change(table):
        return table.assign(role=table["role"].sample(frac=1, random_state=1).to_numpy())

    edit_table(root, change)


def no_purged_days(root):
    edit_table(root, lambda table: table.assign(role=table["role"].where(table["role"] != "purged").ffill()))


def scores_of_the_stop_role_judged(root):
    def change(model):
        return replace(model, role=np.where(model.role == "stop", "threshold", model.role))

    rescore(root, change)


def label_of_today(root):
    edit_table(root, lambda table: table.assign(label=table["label"].shift(1, fill_value=0)))


def easier_label_under_the_scores(root):
    rescore(root, lambda model: replace(model, label=np.maximum(model.label, (model.ensemble > 0.3)).astype(np.int8)))


def features_twice(root):
    def change(table):
        names = [name for name in table.columns if name not in ("label", "fall", "label_start", "label_end", "role")]
        place = [table.columns.get_loc(name) for name in names]
        table.iloc[1500:1600, place] = table.iloc[1000:1100, place].to_numpy()
        return table

    edit_table(root, change)


def days_twice(root):
    edit_table(root, lambda table: pd.concat([table.iloc[:900], table.iloc[850:]]))


def _one_label(role: str, label: int) -> Callable[[Path], None]:
    def change(table):
        return table.assign(label=table["label"].where(table["role"] != role, label).astype("int8"))

    return lambda root: edit_table(root, change)


no_positives_on_test = _one_label("test", 0)
no_negatives_on_stop = _one_label("stop", 1)


def scaler_of_all_days(root):
    run = Run(root)
    for model in run.shipped:
        values = run.table(TIER)[model.manifest["features"]].to_numpy(float)
        scaler = Scaler.fit(values)
        tensors = dict(load_file(root / model.folder / "weights.safetensors"))
        tensors |= {"scaler.mean": scaler.mean, "scaler.deviation": scaler.deviation}
        save_file(tensors, root / model.folder / "weights.safetensors")


def stop_rows_are_test_rows(root):
    def change(table):
        names = [name for name in table.columns if name not in ("label", "fall", "label_start", "label_end", "role")]
        stop, test = np.flatnonzero(table["role"] == "stop"), np.flatnonzero(table["role"] == "test")
        place = [table.columns.get_loc(name) for name in names]
        table.iloc[stop, place] = table.iloc[test[: len(stop)], place].to_numpy()
        return table

    edit_table(root, change)


def stop_role_on_test_days(root):
    def change(table):
        return table.assign(role=table["role"].replace({"stop": "test", "test": "stop"}))

    edit_table(root, change)


def epoch_that_stop_would_not_keep(root):
    """The curve keeps the truth: an epoch far better on role stop than the one whose scores are handed on."""
    path = root / "plots/live/train/plots/metrics/stop_auc.tsv"
    curve = pd.read_csv(path, sep="\t")
    curve.loc[0, "stop_auc"] = 0.99
    curve.to_csv(path, sep="\t", index=False)


def epoch_against_patience(root):
    folder = Run(root).shipped[0].folder
    edit_json(root, f"{folder}/model.json", lambda model: model.update(best_epoch=[1, 1]))
    edit_json(root, f"{folder}/model.json", lambda model: model["card"].update(epochs=[8, 8]))


def three_of_four_buys(root):
    change = dict(n_buys=4, hits=3, precision=0.75, precision_low=0.2)
    edit_json(root, "metrics/train.json", lambda train: train["models"][0].update(change))


def fewer_buys_than_the_rule(root):
    set_params(root, **{"select.min_buys": 400})


def calibration_turned_round(root):
    """A map that puts middling scores above the best: whatever it claims, the score never had."""
    x = np.linspace(0, 1, 11)
    hump = to_dict(Isotonic(tuple(x), tuple(np.where(x < 0.15, x, 0.15 - 0.1 * x))))
    name = first(root)
    row = {"name": name, "tier": TIER, "reason": "", **hump}
    edit_json(root, "data/calibration.json", lambda rows: rows.__setitem__(0, row))


def calibration_fitted_where_it_is_judged(root):
    """The figures and the map of the threshold role alone, shown as if another role had fitted them."""
    model = Run(root).models[first(root)]
    label, score, _ = model.of("threshold")
    twice = np.tile(np.flatnonzero(model.role == "threshold"), 2)
    days = pd.bdate_range("2000-01-03", periods=len(twice), name="date")
    role = np.repeat(["calibrate", "threshold"], len(score))
    found = calibrate(replace(model, dates=days, role=role, label=np.tile(label, 2), scores=model.scores[:, twice]), 1)
    edit_json(root, "metrics/calibration.json", lambda rows: rows[0].update(_plain(found.to_dict())))
    shown = shipped_map(model.card.name, TIER, found)
    edit_json(root, "data/calibration.json", lambda rows: rows.__setitem__(0, _plain(shown)))


def _plain(value):
    return json.loads(json.dumps(value))


def calibration_chosen_otherwise(root):
    def change(rows):
        rows[0]["chosen"] = next(name for name in rows[0]["judged"] if name != rows[0]["chosen"])

    edit_json(root, "metrics/calibration.json", change)


def threshold_better_on_test(root):
    edit_json(root, "metrics/train.json", lambda train: train["models"][0].update(threshold=0.31))


def threshold_better_on_test_everywhere(root):
    """Also where it was selected and shipped: only choosing it again tells."""
    edit_json(root, "metrics/train.json", lambda train: train["models"][0].update(threshold=0.31))
    edit_json(root, "data/selected.json", lambda s: s["selected"][0]["point"].update(threshold=0.31))
    edit_json(root, f"{Run(root).shipped[0].folder}/model.json", lambda model: model.update(threshold=0.31))


def other_headline(root):
    edit_json(root, "metrics/train.json", lambda train: train["models"].reverse())


def other_headline_everywhere(root):
    edit_json(root, "metrics/train.json", lambda train: train["models"].reverse())
    edit_json(root, "data/selected.json", lambda selected: selected["selected"].reverse())


def one_configuration(root):
    scores.write(root / EVALUATE, [])


def best_of_many_without_skill(root):
    """Configurations that know nothing, and the selection that the rules make among them."""
    rng = np.random.default_rng(11)
    [model] = scores.read(root / "data/candidate")
    noise = [
        replace(model, card=replace(model.card, name=f"{TIER}-2M-T{i}"), scores=rng.random(model.scores.shape))
        for i in range(8)
    ]
    noise = [replace(m, card=_other(m.card, i)) for i, m in enumerate(noise)]
    scores.write(root / EVALUATE, noise[1:])
    scores.write(root / "data/candidate", noise[:1])
    write_exact_json(root / "data/selected.json", select(noise, Run(root).rules).to_dict())


def _other(card, i):
    return replace(card, configuration=replace(card.configuration, dropout=0.1 + i / 100))


def looks_not_told(root):
    edit_json(root, "metrics/train.json", lambda train: train["models"][0].update(configurations=1))


def no_better_than_volatility(root):
    def change(train):
        for key in ("precision", "auc"):
            train["models"][0]["against_volatility"][key].update(low=-0.1, verdict="cannot tell")

    edit_json(root, "metrics/train.json", change)


def falls_learned_alike(root):
    change = dict(auc_fall=0.69, cross_low=-0.05, cross_high=0.07, verdict="volatility, not direction")
    edit_json(root, "metrics/mirror.json", lambda rows: rows[0].update(change))


def called_direction_without_evidence(root):
    edit_json(root, "metrics/mirror.json", lambda rows: rows[0].update(excess_low=-0.05))


def called_better_without_evidence(root):
    change = dict(difference=0.1, low=-0.02, high=0.2, verdict="better")
    edit_json(root, "metrics/train.json", lambda train: train["models"][0]["against_volatility"]["auc"].update(change))


def _look_before(root, thresholds):
    """Looks at the same days with other thresholds, before the one of this run."""
    path = root / "metrics/ledger.jsonl"
    [own] = ledger.read(path)
    path.unlink()
    for threshold in thresholds:
        headline = own.registered["headline"] | {"threshold": threshold}
        ledger.append(path, own.registered | {"headline": headline}, own.data, own.results)
    ledger.append(path, own.registered, own.data, own.results)


def second_look(root):
    _look_before(root, [0.1])


def removed_look(root):
    _look_before(root, [0.1, 0.2])
    lines = (root / "metrics/ledger.jsonl").read_text().splitlines(keepends=True)
    (root / "metrics/ledger.jsonl").write_text(lines[0] + lines[2])


def changed_look(root):
    _look_before(root, [0.1])
    path = root / "metrics/ledger.jsonl"
    path.write_text(path.read_text().replace('"threshold": 0.1', '"threshold": 0.2', 1))


def look_not_recorded(root):
    edit_json(root, "data/selected.json", lambda s: s["selected"][0]["point"].update(threshold=0.31))


def precision_raised(root):
    name = first(root)

    def change(rows):
        next(row for row in rows if row["name"] == name).update(precision=0.9, precision_low=0.8)

    edit_json(root, "metrics/selection.json", change)


def precision_on_test_raised(root):
    edit_json(root, "metrics/train.json", lambda train: train["models"][0].update(precision=0.9))


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
    folder = root / Run(root).shipped[0].folder
    tensors = dict(load_file(folder / "weights.safetensors"))
    tensors["theta"] = np.hstack([tensors["theta"], tensors["theta"]])
    save_file(tensors, folder / "weights.safetensors")
