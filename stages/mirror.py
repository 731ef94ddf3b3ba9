"""The selected configurations trained on the fall as well: do they know direction, or only volatility?"""

from buysignal.core.stage import run, scratch
from buysignal.core.files import read_json, write_json
from buysignal.core.params import Params
from buysignal.core.workers.engine import Engine
from buysignal.judge.mirror import mirror
from buysignal.models import scores
from buysignal.models.patchtst.full import Entry
from buysignal.models.scores import ModelCard
from buysignal.report.pages.direction import verdict
from buysignal.ship.opening import named


def main() -> None:
    params = Params.load()
    cards = [ModelCard.from_dict(chosen["card"]) for chosen in read_json("data/selected.json")["selected"]]
    entries = [Entry(c.name, c.tier, c.budget, c.origin, c.configuration, c.cap) for c in cards]
    formulas = {tier: named(scores.read(f"data/baseline/{tier}"), f"{tier}-garch") for tier in params.tiers}
    engine = Engine.from_environment()
    protocol = (params.shape, params.training, params.seed, params.label.horizon)
    rows, falls = mirror(entries, formulas, *protocol, scratch(), engine)
    scores.write("data/mirror", falls)  # also so that DVC does not take a result that git alone holds for done
    write_json("metrics/mirror.json", rows)
    print(verdict(rows))


if __name__ == "__main__":
    run(main)
