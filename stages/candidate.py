"""The configuration at the top of params.yaml, trained over seeds and judged like every other model."""

from buysignal.stage import run, scratch
from buysignal.curves import write_curves
from buysignal.evaluation import scores
from buysignal.evaluation.judge import judge, rules_of, short
from buysignal.io import write_json
from buysignal.params import Params
from buysignal.refit import Entry, refit
from buysignal.report.tables import judged_table
from buysignal.search.engine import Engine


def main() -> None:
    params = Params.load()
    entry = Entry("candidate", params.candidate.tier, "", "hand", params.configuration, 0)
    engine = Engine.from_environment()
    [(model, fit)] = refit("candidate", [entry], params.shape, params.training, params.seed, scratch(), engine)
    row = judge(model, rules_of(params.select, params.label.horizon, params.sweep.points))
    scores.write("data/candidate", [model])
    write_json("metrics/candidate.json", short(row), sort_keys=False)  # flat, for short columns in `dvc exp show`
    write_curves("plots/live/candidate", fit)
    print(judged_table([row]))


if __name__ == "__main__":
    run(main)
