"""The best trials of every budget on one tier, of search and supplement, trained again in full over several seeds."""

from buysignal.core.stage import run, scratch
from buysignal.core.files import read_parquet, write_json, write_text
from buysignal.core.params import Params
from buysignal.core.workers.engine import Engine
from buysignal.judge.row import judge, rules_of
from buysignal.models import scores
from buysignal.models.patchtst.full import Entry, refit
from buysignal.report.tables import judged_table
from buysignal.search.study.rounds import every_round, search_trials, top_per_budget


def main(tier: str) -> None:
    params = Params.load()
    search = search_trials({(tier, b): read_parquet(f"data/hpo/{tier}/{b}/trials.parquet") for b in params.budgets})
    trials = every_round(search, [read_parquet(f"data/supplement/{tier}/trials.parquet")])
    best = top_per_budget(trials, params.budgets, params.evaluate.top)
    entries = [Entry.of(trial) for trial in best.to_dict("records")]
    engine = Engine.from_environment()
    fitted = refit(f"evaluate {tier}", entries, params.shape, params.training, params.seed, scratch(), engine)
    models = [model for model, _ in fitted]
    rules = rules_of(params.select, params.label.horizon, params.sweep.points)
    rows = [judge(model, rules) for model in models]
    scores.write(f"data/evaluate/{tier}", models)
    write_json(f"metrics/evaluate/{tier}.json", rows)
    write_text(f"metrics/evaluate/{tier}.md", judged_table(rows))
    print(judged_table(rows))


if __name__ == "__main__":
    run(main)
