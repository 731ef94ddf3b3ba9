"""What ships, of all contenders; and the search's ten, precision first, recall second: each with its doubts."""

from dataclasses import asdict

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_parquet, write_csv, write_exact_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.calibration import NONE, calibrate, calibration_row, reliability_table, shipped_map
from buysignal.judge.choice import choose
from buysignal.judge.leaderboard import leaderboard
from buysignal.judge.money import Trades
from buysignal.judge.params import Certify, Costs, Exit, Select, Sweep
from buysignal.judge.row import NOTHING, looked_at, rules_of, short
from buysignal.judge.selection import qualified, select
from buysignal.judge.sweep import plot_curve
from buysignal.models import scores


def main() -> None:
    certify, label, wanted, costs, exit, sweep, scope = read_all(Certify, Label, Select, Costs, Exit, Sweep, Scope)
    trades = Trades.of(read_bars("data/bars/bars.parquet"), label, costs, exit)
    rules = rules_of(wanted, label.horizon, sweep.points)
    trials = len(read_parquet("data/trials/trials.parquet"))
    searched = scores.read("data/candidate")
    for tier in scope.tiers:
        searched += scores.read(f"data/evaluate/{tier}")
    others = [one for folder in scores.others(scope.tiers) for one in scores.read(folder)]
    baselines = [one for one in others if one.card.origin == "baseline"]
    models = [*searched, *(one for one in others if one.card.origin != "baseline")]
    selection = asdict(select(searched, rules)) | ({"per_day": rules.per_day} if rules.per_day else {})
    board = leaderboard(models, baselines, rules, certify, trials, scope.seed, trades)
    ten = [scores.named(searched, chosen["card"]["name"]) for chosen in selection["selected"]]
    points = {one.card.name: qualified(one, rules)[0] for one in others}
    buying = sorted((one for one in others if points[one.card.name]), key=lambda one: one.card.name)
    choice = choose([*ten, *buying], rules, trials)

    rows, maps = {row["name"]: row for row in board.rows}, []
    selection["others"] = [
        {"rank": None, "card": one.card.to_dict(), "point": asdict(points[one.card.name])} for one in buying
    ]
    for chosen, one in zip((*selection["selected"], *selection["others"]), (*ten, *buying), strict=True):
        row, found = rows[one.card.name], calibrate(one, rules.horizon)
        chosen |= {key: row[key] for key in ("precision_shrunk", "certified")}
        chosen |= {
            "configurations": looked_at(one.card, trials),
            "map": shipped_map(one.card.name, one.card.tier, found),
        }
        maps.append((one.card, found))
    write_exact_json("data/selected.json", selection | {"shipped": choice.shipped})
    write_json("metrics/choice.json", choice.to_dict(), sort_keys=False)
    headline = short(rows[choice.shipped]) if choice.shipped else NOTHING
    write_json("metrics/headline.json", {"headline": headline}, sort_keys=False)
    write_json("metrics/selection.json", board.rows)
    write_json("metrics/snooping.json", board.doubts())
    write_json("metrics/calibration.json", [calibration_row(card.name, card.tier, one) for card, one in maps])

    first = scores.named([*searched, *others], choice.shipped or "candidate")
    curve = plot_curve(first, sweep.points, rules.horizon, looked_at(first.card, trials))
    write_csv("plots/curves/headline.csv", curve)
    best = next((found for card, found in maps if card.name == choice.shipped), None)
    drawn = reliability_table(best)
    write_csv("plots/calibration/score.csv", drawn[drawn["map"] == NONE])
    write_csv("plots/calibration/map.csv", drawn[drawn["map"] == (best.chosen if best else NONE)])
    print(f"{selection['note']}; {board.luck.reason}\n{choice.reason}")
    for one in choice.standings:
        seen = f"precision {one.seen.precision:.3f}  recall {one.seen.recall:.3f}  buys {one.seen.n_buys:3}"
        print(f"  {one.name:16}  {seen}  {one.outcome}")


if __name__ == "__main__":
    run(main)
