"""The configurations that are trained in full: precision first, recall second, each with its reason."""

from buysignal.evaluation import scores
from buysignal.evaluation.judge import NOTHING, judge, rules_of, short
from buysignal.evaluation.selection import select
from buysignal.evaluation.sweep import plot_curve
from buysignal.io import write_csv, write_exact_json, write_json, write_text
from buysignal.params import Params
from buysignal.report.tables import judged_table, selection_text
from buysignal.stage import run


def main() -> None:
    params = Params.load()
    rules = rules_of(params.select, params.label.horizon, params.sweep.points)
    models, baselines = scores.read("data/candidate"), []
    for tier in params.tiers:
        models += scores.read(f"data/evaluate/{tier}")
        baselines += scores.read(f"data/baseline/{tier}")
    selection = select(models, rules)
    named = {model.card.name: model for model in models}
    first = named[selection.selected[0].card.name if selection.selected else "candidate"]
    headline = short(judge(first, rules) if selection.selected else NOTHING)
    write_exact_json("data/selected.json", selection.to_dict())
    write_json("metrics/headline.json", {"headline": headline}, sort_keys=False)
    rows = [judge(model, rules) for model in [*baselines, *models]]
    write_json("metrics/selection.json", rows)
    write_text("metrics/selection.md", selection_text(selection) + "\n" + judged_table(rows))
    write_csv("plots/curves/headline.csv", plot_curve(first, params.sweep.points))
    print(selection.note)


if __name__ == "__main__":
    run(main)
