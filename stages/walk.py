"""What fitting again every so many months would have brought, on days before the test role; null where not asked."""

from pathlib import Path

from buysignal.core.stage import run, scratch
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_json, read_parquet, write_csv, write_json, write_parquet
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.days.params import Label
from buysignal.judge.money import Trades
from buysignal.judge.params import Costs, Exit, Select, Sweep, Walk
from buysignal.judge.row import rules_of
from buysignal.judge.walked import NEVER, Walked, as_metrics, as_table, compared, drawn
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.full import tier_file
from buysignal.models.refits import WALKED, Recipe, before_test, each, grown, stretches, walked_dates
from buysignal.ship.recipe import contender


def main() -> None:
    costs, exit, label, model, select, sweep, training, walk, scope = read_all(
        Costs, Exit, Label, Model, Select, Sweep, Training, Walk, Scope
    )
    found = contender(read_json("data/selected.json"), walk.of, Path("data/trained")) if walk.months else None
    if found is None:
        write_json("metrics/walk.json", None)
        write_parquet("data/walk.parquet", as_table(()))
        write_csv("plots/walk.csv", drawn(()))
        print("nothing ships: nothing is walked" if walk.months else "walk.months is []: nothing is walked")
        return

    chosen, like = found
    card, months = like.card, (NEVER, *walk.months)
    growth = grown(like, Path("data/baseline") / card.tier)
    recipe = Recipe(like, label, model.context, training, scope.seed, scratch(), growth)
    table = read_parquet(tier_file(card.tier))
    dates, rules = walked_dates(table), rules_of(select, label.horizon, sweep.points)
    fits = each([stretches(dates, every) for every in months], recipe, Engine.from_environment())
    walked = [Walked.of(every, own, rules, WALKED) for every, own in zip(months, fits)]
    trades = Trades.of(before_test(read_bars("data/bars/bars.parquet"), table), label, costs, exit)
    rows = compared(*walked, rules=rules, trades=trades, seed=scope.seed, card=card, tried=chosen["configurations"])
    write_json("metrics/walk.json", as_metrics(card, walked[0], rows))
    write_parquet("data/walk.parquet", as_table(walked))
    write_csv("plots/walk.csv", drawn(walked))
    print(f"{card.name}: {len(months)} schedules on the same {len(dates):,} days")


if __name__ == "__main__":
    run(main)
