"""The selected configurations trained on the fall as well: do they know direction, or only volatility?"""

from buysignal.stage import run, scratch
from buysignal.evaluation import scores
from buysignal.evaluation.scores import ModelCard
from buysignal.examine import named
from buysignal.io import read_json, write_json
from buysignal.mirror import mirror
from buysignal.params import Params
from buysignal.refit import Entry
from buysignal.report.mirror import verdict
from buysignal.search.engine import Engine


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
