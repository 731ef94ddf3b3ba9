"""The configurations that are trained in full: precision first, recall second, each with its reason and its doubts."""

from buysignal.core.stage import run
from buysignal.core.files import read_parquet, write_csv, write_exact_json, write_json, write_text
from buysignal.core.params import Params
from buysignal.judge.leaderboard import leaderboard
from buysignal.judge.row import NOTHING, looked_at, rules_of, short
from buysignal.judge.selection import select
from buysignal.judge.sweep import plot_curve
from buysignal.models import scores
from buysignal.report.tables import judged_table, selection_text


def main() -> None:
    params = Params.load()
    rules = rules_of(params.select, params.label.horizon, params.sweep.points)
    trials = len(read_parquet("data/trials/trials.parquet"))
    models, baselines = scores.read("data/candidate"), []
    for tier in params.tiers:
        models += scores.read(f"data/evaluate/{tier}")
        baselines += scores.read(f"data/baseline/{tier}")
    selection = select(models, rules).to_dict()
    board = leaderboard(models, baselines, rules, params.certify, trials, params.seed)
    rows = {row["name"]: row for row in board.rows}
    for chosen in selection["selected"]:
        row = rows[chosen["card"]["name"]]
        chosen |= {key: row[key] for key in ("precision_shrunk", "certified")} | {"configurations": trials}
    taken = [chosen["card"]["name"] for chosen in selection["selected"]]
    first = next(model for model in models if model.card.name == (taken[0] if taken else "candidate"))
    write_exact_json("data/selected.json", selection)
    write_json("metrics/headline.json", {"headline": short(rows[taken[0]]) if taken else NOTHING}, sort_keys=False)
    write_json("metrics/selection.json", board.rows)
    write_json("metrics/snooping.json", board.doubts())
    write_text("metrics/selection.md", selection_text(selection) + "\n" + judged_table(board.rows))
    curve = plot_curve(first, params.sweep.points, rules.horizon, looked_at(first.card, trials))
    write_csv("plots/curves/headline.csv", curve)
    print(f"{selection['note']}; {board.luck.reason}")


if __name__ == "__main__":
    run(main)
