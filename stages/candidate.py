"""The configuration at the top of params.yaml, trained over seeds like every searched one."""

from buysignal.core.stage import run, scratch
from buysignal.core.params import Params
from buysignal.core.workers.engine import Engine
from buysignal.models import scores
from buysignal.models.patchtst.full import Entry, refit
from buysignal.models.patchtst.learning_curves import write_curves


def main() -> None:
    params = Params.load()
    entry = Entry("candidate", params.candidate.tier, "", "hand", params.configuration, 0)
    engine = Engine.from_environment()
    [(model, fit)] = refit("candidate", [entry], params.shape, params.training, params.seed, scratch(), engine)
    scores.write("data/candidate", [model])
    write_curves("plots/live/candidate", fit)
    print(f"candidate: {len(model.card.seeds)} seeds of {model.card.parameters:,} parameters")


if __name__ == "__main__":
    run(main)
