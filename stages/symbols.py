"""What ships, by symbol and by year, where bars are of many: on the test role once it is opened, else before it."""

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_json, write_csv, write_json, write_parquet
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.money import Trades
from buysignal.judge.operating import JUDGE, alerts
from buysignal.judge.params import Costs, Exit, Select
from buysignal.judge.parts import NO_MONTHS, Bought, by_month, parts, symbols_drawn, years_drawn
from buysignal.models import scores
from buysignal.ship.selected import buying


def main() -> None:
    costs, exit, label, select, scope = read_all(Costs, Exit, Label, Select, Scope)
    selection, source = read_json("data/selected.json"), read_json("data/bars/bars.json")
    opened = not read_json("metrics/train.json")["unopened"]
    if "symbols" not in source or not selection["shipped"]:
        write_json("metrics/symbols.json", None)
        write_parquet("data/symbols.parquet", NO_MONTHS)
        write_csv("plots/symbols.csv", symbols_drawn(()))
        write_csv("plots/years.csv", years_drawn(()))
        print("one symbol, or nothing ships: nothing to tell by symbol")
        return

    role = "test" if opened else JUDGE
    seen = ["data/candidate", *(f"data/evaluate/{tier}" for tier in scope.tiers), *scores.others(scope.tiers)]
    folders = ["data/tested"] if opened else seen
    model = scores.named((one for folder in folders for one in scores.read(folder)), selection["shipped"])
    chosen = next(one for one in buying(selection) if one["card"]["name"] == model.card.name)
    index, (truth, *_) = model.index[model.role == role], model.of(role)
    trades = Trades.of(read_bars("data/bars/bars.parquet"), label, costs, exit)
    alert = alerts(model, role, chosen["point"]["threshold"], select.per_day)
    rows = Bought(index, truth, alert, trades.on(index) - trades.cost)
    looked = 1 if opened else chosen["configurations"]
    found = parts(model.card.name, role, rows, label.horizon, len(model.card.seeds), looked)
    write_json("metrics/symbols.json", found.to_dict())
    write_parquet("data/symbols.parquet", by_month(rows))
    write_csv("plots/symbols.csv", symbols_drawn(found.symbols))
    write_csv("plots/years.csv", years_drawn(found.years))
    print(f"{found.name}, {role} role: {sum(one.n_buys > 0 for one in found.symbols)} of {len(found.symbols)} symbols")


if __name__ == "__main__":
    run(main)
