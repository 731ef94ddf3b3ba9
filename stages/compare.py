"""The candidate on the threshold role, and what it has more or less than the registered one: what a variant shows."""

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import write_exact_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.compared import compared, lead
from buysignal.judge.money import Trades
from buysignal.judge.operating import JUDGE
from buysignal.judge.params import Costs, Exit, Select, Sweep
from buysignal.judge.row import judge, rules_of, short
from buysignal.judge.worth import worth_at
from buysignal.models import scores
from buysignal.ship import registered


def main() -> None:
    label, select, costs, exit, sweep, scope = read_all(Label, Select, Costs, Exit, Sweep, Scope)
    rules, other = rules_of(select, label.horizon, sweep.points), registered.read_scores()
    [candidate] = scores.read("data/candidate")
    found = compared(candidate, other, rules, scope.seed)
    write_exact_json("data/compared.json", found)
    row, trades = judge(candidate, rules), Trades.of(read_bars("data/bars/bars.parquet"), label, costs, exit)
    row |= worth_at(candidate, JUDGE, row["threshold"], trades, rules, scope.seed)
    write_json("metrics/candidate.json", short(row) | lead(found), sort_keys=False)
    print(found["reason"] or "precision {difference:+.3f} ({low:+.3f} to {high:+.3f})".format(**found["precision"]))


if __name__ == "__main__":
    run(main)
