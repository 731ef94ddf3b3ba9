"""Precision and recall, each on its own, over every threshold of every model, candidate and baseline."""

import pandas as pd

from buysignal.core.stage import run
from buysignal.core.files import read_parquet, write_csv, write_json, write_parquet
from buysignal.core.params import Params
from buysignal.judge.row import looked_at
from buysignal.judge.sweep import exact_table, plot_curve, rising_table
from buysignal.models import scores


def main() -> None:
    params = Params.load()
    trials = len(read_parquet("data/trials/trials.parquet"))
    models = scores.read("data/candidate")
    for tier in params.tiers:
        models += scores.read(f"data/baseline/{tier}") + scores.read(f"data/evaluate/{tier}")
    points, horizon = params.sweep.points, params.label.horizon
    curves = {m.card.name: plot_curve(m, points, horizon, looked_at(m.card, trials)) for m in models}
    write_parquet("data/sweep/exact.parquet", exact_table(models))
    quantiles = [curve.assign(model=name) for name, curve in curves.items()]
    write_csv("data/sweep/quantiles.csv", pd.concat(quantiles, ignore_index=True))
    rows = rising_table(models, horizon)
    write_json("metrics/sweep.json", rows)
    write_csv("plots/curves/candidate.csv", curves["candidate"])
    write_csv("plots/curves/volatility.csv", curves[f"{params.candidate.tier}-volatility"])
    for row in rows:
        if row["verdict"] != "rises":
            print(f"{row['name']}: precision {row['verdict']} with the threshold (trend z {row['trend_z']:.1f})")


if __name__ == "__main__":
    run(main)
