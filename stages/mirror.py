"""The selected configurations trained on the fall as well: do they know direction, or only volatility?"""

from buysignal.core.stage import run, scratch
from buysignal.core.files import read_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.days.params import Label
from buysignal.judge.mirror import formula_of, mirror
from buysignal.models import scores
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.full import Entry, refit


def main() -> None:
    label, model, training, scope = read_all(Label, Model, Training, Scope)
    entries = [Entry.again(chosen["card"]) for chosen in read_json("data/selected.json")["selected"]]
    formulas = {tier: formula_of(scores.read(f"data/baseline/{tier}"), tier) for tier in scope.tiers}
    protocol = (model.shape, training, scope.seed, scratch(), Engine.from_environment())
    rises = refit("mirror, rises", entries, *protocol)  # the fits of `train`: whoever comes first trains them
    falls = refit("mirror, falls", entries, *protocol, target="fall")
    taught = [(rise.of("train")[0], fall.of("train")[0]) for (_, rise), (_, fall) in zip(rises, falls)]
    models = ([scored for scored, _ in fitted] for fitted in (rises, falls))
    rows = mirror(*models, taught, formulas, label.horizon, scope.seed)
    scores.write("data/mirror", [fall for fall, _ in falls])
    write_json("metrics/mirror.json", rows)
    print("; ".join(f"{row['name']}: {row['verdict']}" for row in rows[:1]) or "no model is selected")


if __name__ == "__main__":
    run(main)
