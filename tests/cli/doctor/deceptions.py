"""Deceptions about data, scores and training: each spoils a copy of the clean run under ``root``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from buysignal.cli.doctor.run import SHIPPED, Run
from buysignal.core.files import write_parquet
from buysignal.models import scores
from buysignal.models.dataset import Scaler
from buysignal.models.scores import Scored
from tests.cli.doctor.planted import TIER
from tests.reliability.hostile_model import as_it_was, forge

EVALUATE = f"data/evaluate/{TIER}"
TABLE = f"data/features/{TIER}.parquet"


def edit_json(root: Path, path: str, change: Callable[[Any], None]) -> None:
    content = json.loads((root / path).read_text())
    change(content)
    (root / path).write_text(json.dumps(content))


def edit_table(root: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    write_parquet(root / TABLE, change(pd.read_parquet(root / TABLE)))


def forge_shipped(root: Path, manifest=as_it_was, fitted=as_it_was, **tensors: np.ndarray) -> None:
    """Change the search's first model in data/models as one who knows of the hashes would."""
    forge(root / "data/models" / json.loads((root / SHIPPED).read_text())[0], manifest, fitted, **tensors)


def headline(content: dict[str, Any]) -> dict[str, Any]:
    """The entry of data/selected.json, or the row of metrics/train.json, of what ships."""
    everyone = [*content.get("selected", content.get("models")), *content["others"]]
    return next(one for one in everyone if one.get("card", one)["name"] == content["shipped"])


def first(root: Path) -> str:
    return Run(root).selected[0]["card"]["name"]


def rescore(root: Path, change: Callable[[Scored], Scored]) -> None:
    """Change every contender but the baselines."""
    for folder in ("data/candidate", EVALUATE, f"{EVALUATE}/built"):
        scores.write(root / folder, [change(model) for model in scores.read(root / folder)])


def set_threshold(root: Path, threshold: float) -> None:
    """The headline buys from another score, and its test row says what that gives."""
    table = pd.read_parquet(root / TABLE)
    label = table.loc[table["role"] == "test", "label"]
    edit_json(root, "data/selected.json", lambda s: headline(s)["point"].update(threshold=threshold))
    everything = {"n_buys": len(label), "hits": int(label.sum()), "recall": 1.0, "precision": float(label.mean())}
    edit_json(root, "metrics/train.json", lambda t: headline(t).update(threshold=threshold, **everything))


def threshold_of_a_hundredth(root):
    set_threshold(root, 0.01)


def threshold_of_a_hundredth_on_test_only(root):
    edit_json(root, "metrics/train.json", lambda t: headline(t).update(threshold=0.01))


def always_buy(root):
    name = first(root)

    def change(rows):
        row = next(row for row in rows if row["name"] == name)
        row.update(n_buys=row["n"], precision=row["base_rate"], recall=1.0)

    edit_json(root, "metrics/selection.json", change)


def always_buy_on_test(root):
    edit_json(root, "metrics/train.json", lambda t: headline(t).update(n_buys=headline(t)["n"] - 3))


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
    theta = Run(root).shipped[0].fitted.theta
    forge_shipped(root, theta=np.repeat(theta[:1], len(theta), axis=0))


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
    forge_shipped(root, lambda manifest: manifest["features"].__setitem__(3, "secret"))


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
    scaler = Scaler.fit(run.table(TIER)[list(run.shipped[0].features)].to_numpy(float))
    told = {"mean": scaler.mean.tolist(), "deviation": scaler.deviation.tolist()}
    forge_shipped(root, lambda manifest: manifest.update(scaler=told))


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
    def ran(told):
        told["card"]["epochs"] = [8, 8]

    def kept(told):
        ran(told)
        told["plain"]["best_epoch"] = [1, 1]

    forge_shipped(root, ran, kept)
