"""The configuration at the top of params.yaml, trained over seeds and judged like every other model."""

from buysignal.core.stage import run, scratch
from buysignal.core.files import write_json
from buysignal.core.params import Params
from buysignal.core.workers.engine import Engine
from buysignal.judge.row import judge, rules_of, short
from buysignal.models import scores
from buysignal.models.patchtst.full import Entry, refit
from buysignal.models.patchtst.learning_curves import write_curves
from buysignal.report.tables import judged_table


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
