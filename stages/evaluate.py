"""The best trials of every budget on one tier, of search and supplement, trained again in full over several seeds."""

from buysignal.stage import run, scratch
from buysignal.analysis.rounds import every_round, search_trials, top_per_budget
from buysignal.evaluation import scores
from buysignal.evaluation.judge import judge, rules_of
from buysignal.io import read_parquet, write_json, write_text
from buysignal.params import Params
from buysignal.refit import Entry, refit
from buysignal.report.tables import judged_table
from buysignal.search.engine import Engine


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
