"""The test role, opened for what registered.yaml names; of anything else nothing is looked at, and that is said."""

from pathlib import Path

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_json, read_parquet, write_exact_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.money import Trades
from buysignal.judge.params import Costs, Exit, Select, Sweep
from buysignal.judge.row import rules_of, short
from buysignal.models import contenders, scores
from buysignal.models.days import Days
from buysignal.models.params import Model
from buysignal.models.patchtst.full import tier_file
from buysignal.ship import earned, ledger, registered
from buysignal.ship.examination import closed, examined, silent
from buysignal.ship.opening import opened, results_of
from buysignal.ship.package import SHIPPED, folder_of, hand_on
from buysignal.ship.selected import in_order

LEDGER = "metrics/ledger.jsonl"  # no out: DVC would delete it before this stage runs
TRAINED, MODELS = Path("data/trained"), Path("data/models")


def main() -> None:
    costs, exit, label, select, sweep, model, scope = read_all(Costs, Exit, Label, Select, Sweep, Model, Scope)
    ledger.read(LEDGER)  # a damaged one is refused before anything is opened
    may, source = registered.read(), read_json("data/bars/bars.json")
    selection = read_json("data/selected.json")
    spans = [read_json(f"metrics/featurize/{tier}.json") for tier in scope.tiers]
    now = registered.registration(selection, source["sha256"], spans)
    write_exact_json(MODELS / "models.json", read_json(TRAINED / "models.json"))
    bars, rules = read_bars("data/bars/bars.parquet"), rules_of(select, label.horizon, sweep.points)
    if why := registered.difference(may, now, bars.index, label.horizon):
        _hand_on(selection, {})
        Path(LEDGER).touch()  # a new project has none, and the report shows it
        scores.write("data/tested", [])
        write_json("metrics/train.json", closed(why))
        write_json("metrics/test.json", {"test": "not registered"})
        earned.write(None)
        print(f"not registered: {why}; the test role stays closed")
        return

    fitted = [one for folder in scores.others(scope.tiers) for one in contenders.load_all(f"{folder}/fitted")]
    days, rivals = {}, {}
    for tier in scope.tiers:
        table = read_parquet(tier_file(tier))
        days[tier] = Days.of(bars, table, tier, label, model.context, open_test=True).of_roles("test")
        baselines = [one for one in fitted if one.card.tier == tier and one.card.origin == "baseline"]
        rivals[tier] = [one.scored(days[tier]) for one in baselines]
    trades = Trades.of(bars, label, costs, exit)
    found = examined(selection, TRAINED, days, rivals, rules, scope.seed, trades)
    rows = {row["name"]: (row, tested) for row, tested in found}
    _hand_on(selection, rows)
    first, bought = rows[selection["shipped"]]
    data = opened(now["roles"]["test"], source, bars)
    look = ledger.append(LEDGER, ledger.registration_of(selection), data, results_of(first)).look
    earned.write(earned.sheet(bought, first["threshold"], rivals, bars, rules, trades, scope.seed))
    quiet, count = silent(fitted, found, days, rules, scope.seed), len(selection["selected"])
    scores.write("data/tested", [tested for _, tested in (*found, *quiet)])
    told = {"models": [row for row, _ in found[:count]], "others": [row for row, _ in (*found[count:], *quiet)]}
    told |= {"shipped": first["name"], "look": look, "unopened": "", "verdict": first["verdict"]}
    write_json("metrics/train.json", told)
    write_json("metrics/test.json", {"test": short(first)}, sort_keys=False)
    print(f"{first['name']}: precision {first['precision']:.3f}, recall {first['recall']:.3f}")


def _hand_on(selection, rows) -> None:
    """Every contender into data/models, with what its buys came to; the first of them, which ships, once more."""
    for place, one in enumerate(in_order(selection)):
        row, tested = rows.get(one["card"]["name"], (None, None))
        for name in (folder_of(one), *([SHIPPED] if place == 0 else [])):
            hand_on(TRAINED / folder_of(one), MODELS / name, tested, row)


if __name__ == "__main__":
    run(main)
