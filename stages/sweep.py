"""Precision and recall, each on its own, over every threshold of every model, candidate and baseline."""

from buysignal.core.stage import run
from buysignal.core.files import read_parquet, write_csv, write_json, write_parquet
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.params import Sweep
from buysignal.judge.row import looked_at
from buysignal.judge.sweep import exact_table, plot_curve, rising_table
from buysignal.models import scores
from buysignal.models.params import Candidate


def main() -> None:
    candidate, label, sweep, scope = read_all(Candidate, Label, Sweep, Scope)
    trials = len(read_parquet("data/trials/trials.parquet"))
    models = scores.read("data/candidate")
    for tier in scope.tiers:
        models += scores.read(f"data/evaluate/{tier}")
    for folder in scores.others(scope.tiers):
        models += scores.read(folder)
    write_parquet("data/sweep/exact.parquet", exact_table(models))
    rows = rising_table(models, label.horizon)
    write_json("metrics/sweep.json", rows)
    for drawn, name in (("candidate", "candidate"), ("volatility", f"{candidate.tier}-volatility")):
        model = scores.named(models, name)
        curve = plot_curve(model, sweep.points, label.horizon, looked_at(model.card, trials))
        write_csv(f"plots/curves/{drawn}.csv", curve)
    for row in rows:
        if row["verdict"] != "rises":
            print(f"{row['name']}: precision {row['verdict']} with the threshold (trend z {row['trend_z']:.1f})")


if __name__ == "__main__":
    run(main)
