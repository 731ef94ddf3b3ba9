"""Precision and recall, each on its own, over every threshold of every model, candidate and baseline."""

import pandas as pd

from buysignal.evaluation import scores
from buysignal.evaluation.sweep import exact_table, plot_curve, rising_table
from buysignal.io import write_csv, write_json, write_parquet
from buysignal.params import Params
from buysignal.stage import run


def main() -> None:
    params = Params.load()
    models = scores.read("data/candidate")
    for tier in params.tiers:
        models += scores.read(f"data/baseline/{tier}") + scores.read(f"data/evaluate/{tier}")
    named = {model.card.name: model for model in models}
    write_parquet("data/sweep/exact.parquet", exact_table(models))
    quantiles = [plot_curve(model, params.sweep.points).assign(model=name) for name, model in named.items()]
    write_csv("data/sweep/quantiles.csv", pd.concat(quantiles, ignore_index=True))
    rows = rising_table(models, params.label.horizon)
    write_json("metrics/sweep.json", rows)
    write_csv("plots/curves/candidate.csv", plot_curve(named["candidate"], params.sweep.points))
    volatility = named[f"{params.candidate.tier}-volatility"]
    write_csv("plots/curves/volatility.csv", plot_curve(volatility, params.sweep.points))
    for row in rows:
        if row["verdict"] != "rises":
            print(f"{row['name']}: precision {row['verdict']} with the threshold (trend z {row['trend_z']:.1f})")


if __name__ == "__main__":
    run(main)
