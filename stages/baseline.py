"""What every claim is compared with: a constant, a formula, a GARCH and two quick classifiers."""

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_parquet, write_json
from buysignal.core.params import Params
from buysignal.judge.row import judge, rules_of
from buysignal.models import scores
from buysignal.models.rivals import baselines
from buysignal.models.rivals.fitted import Days
from buysignal.report.tables import judged_table


def main(tier: str) -> None:
    params = Params.load()
    bars = read_bars("data/bars/bars.parquet")
    table = read_parquet(f"data/features/{tier}.parquet")
    days = Days.of(bars, table, tier, params.label, params.model.context)
    fitted = baselines.fit(days, params.seed)
    models = [baseline.scored(days) for baseline in fitted]
    rules = rules_of(params.select, params.label.horizon, params.sweep.points)
    rows = [judge(model, rules) for model in models]
    scores.write(f"data/baseline/{tier}", models)
    baselines.save(f"data/baseline/{tier}/fitted", fitted)
    write_json(f"metrics/baseline/{tier}.json", rows)
    print(judged_table(rows))


if __name__ == "__main__":
    run(main)
