"""The best trials of every budget on one tier, trained again in full over several seeds."""

from buysignal.analysis.trials import configuration_of, top
from buysignal.evaluation import scores
from buysignal.evaluation.judge import judge, rules_of
from buysignal.io import read_parquet, write_json, write_text
from buysignal.params import Params
from buysignal.refit import Entry, refit
from buysignal.report.tables import judged_table
from buysignal.search.engine import Engine
from buysignal.stage import run, scratch


def main(tier: str) -> None:
    params = Params.load()
    entries = []
    for budget in params.budgets:
        trials = read_parquet(f"data/hpo/{tier}/{budget}/trials.parquet")
        for trial in top(trials, params.evaluate.top).to_dict("records"):
            name = f"{tier}-{budget}-T{trial['index']}"
            entries.append(Entry(name, tier, budget, trial["origin"], configuration_of(trial), trial["cap"]))
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
