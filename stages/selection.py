"""Ten configurations selected, precision first, recall second, each with its doubts and its scores as probabilities."""

from dataclasses import asdict

from buysignal.core.stage import run
from buysignal.core.files import read_parquet, write_csv, write_exact_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.calibration import NONE, calibrate, calibration_row, reliability_table, shipped_map
from buysignal.judge.leaderboard import leaderboard
from buysignal.judge.params import Certify, Select, Sweep
from buysignal.judge.row import NOTHING, looked_at, rules_of, short
from buysignal.judge.selection import select
from buysignal.judge.sweep import plot_curve
from buysignal.models import scores


def main() -> None:
    certify, label, wanted, sweep, scope = read_all(Certify, Label, Select, Sweep, Scope)
    rules = rules_of(wanted, label.horizon, sweep.points)
    trials = len(read_parquet("data/trials/trials.parquet"))
    models, baselines = scores.read("data/candidate"), []
    for tier in scope.tiers:
        models += scores.read(f"data/evaluate/{tier}")
        baselines += scores.read(f"data/baseline/{tier}")
    selection = asdict(select(models, rules))
    board = leaderboard(models, baselines, rules, certify, trials, scope.seed)
    rows = {row["name"]: row for row in board.rows}
    for chosen in selection["selected"]:
        row = rows[chosen["card"]["name"]]
        chosen |= {key: row[key] for key in ("precision_shrunk", "certified")} | {"configurations": trials}
    taken = [scores.named(models, chosen["card"]["name"]) for chosen in selection["selected"]]
    headline = short(rows[taken[0].card.name]) if taken else NOTHING
    write_json("metrics/headline.json", {"headline": headline}, sort_keys=False)
    write_json("metrics/selection.json", board.rows)
    write_json("metrics/snooping.json", board.doubts())
    first = taken[0] if taken else scores.named(models, "candidate")
    curve = plot_curve(first, sweep.points, rules.horizon, looked_at(first.card, trials))
    write_csv("plots/curves/headline.csv", curve)

    maps = [(model.card, calibrate(model, rules.horizon)) for model in taken]
    selection["maps"] = [shipped_map(card.name, card.tier, one) for card, one in maps]
    write_exact_json("data/selected.json", selection)
    write_json("metrics/calibration.json", [calibration_row(card.name, card.tier, one) for card, one in maps])
    best = maps[0][1] if maps else None
    drawn = reliability_table(best)
    write_csv("plots/calibration/score.csv", drawn[drawn["map"] == NONE])
    write_csv("plots/calibration/map.csv", drawn[drawn["map"] == (best.chosen if best else NONE)])
    print(f"{selection['note']}; {board.luck.reason}")


if __name__ == "__main__":
    run(main)
