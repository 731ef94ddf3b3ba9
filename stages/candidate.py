"""The configuration at the top of params.yaml, trained over seeds like every searched one."""

from buysignal.core.stage import run, scratch
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.models import scores
from buysignal.models.params import Candidate, Hyperparameters, Model, Training
from buysignal.models.patchtst.full import Entry, refit
from buysignal.models.patchtst.learning_curves import write_curves


def main() -> None:
    hand, candidate, model, training, scope = read_all(Hyperparameters, Candidate, Model, Training, Scope)
    entry = Entry("candidate", candidate.tier, "", "hand", hand.configuration, 0)
    engine = Engine.from_environment()
    [(scored, fit)] = refit("candidate", [entry], model.shape, training, scope.seed, scratch(), engine)
    scores.write("data/candidate", [scored])
    write_curves("plots/live/candidate", fit)
    print(f"candidate: {len(scored.card.seeds)} seeds of {scored.card.parameters:,} parameters")


if __name__ == "__main__":
    run(main)
