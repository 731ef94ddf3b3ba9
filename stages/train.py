"""The selected configurations trained in full and kept as models; the test role is not seen."""

from pathlib import Path

from buysignal.core.stage import run, scratch
from buysignal.bars.manifest import read_bars
from buysignal.bars.params import Ingest
from buysignal.core.files import read_json, write_exact_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.days.params import Label
from buysignal.judge.params import Select, Sweep
from buysignal.judge.row import rules_of
from buysignal.models.dataset import TierData
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.models.patchtst.learning_curves import write_curves
from buysignal.ship.package import ship
from buysignal.ship.promise import expectation, simultaneous
from buysignal.ship.regime import regime_of

TRAINED = Path("data/trained")


def main() -> None:
    ingest, label, select, sweep, model, training, scope = read_all(
        Ingest, Label, Select, Sweep, Model, Training, Scope
    )
    rules = rules_of(select, label.horizon, sweep.points)
    selected, maps = (read_json("data/selected.json")[key] for key in ("selected", "maps"))
    entries = [Entry.again(chosen["card"]) for chosen in selected]
    fitted = refit("train", entries, model.shape, training, scope.seed, scratch(), Engine.from_environment())
    bars, source = read_bars("data/bars/bars.parquet"), read_json("data/bars/bars.json")
    market = source["symbol"] or source["source"]
    for chosen, calibration, (scored, fit) in zip(selected, maps, fitted):
        data = TierData.load(tier_file(scored.card.tier))
        regime = regime_of(bars, data.dates[data.role == "train"], market, ingest.max_gap_days)
        expected = expectation(scored, chosen, simultaneous(chosen["rank"], len(selected)), rules)
        kept = (scored.card, fit, data, model.shape, label, chosen, calibration, regime, expected)
        ship(TRAINED / f"{chosen['rank']:02d}-{scored.card.name}", *kept)
    write_exact_json(TRAINED / "models.json", [f"{c['rank']:02d}-{c['card']['name']}" for c in selected])
    write_curves("plots/live/train", fitted[0][1] if fitted else None)
    print(f"{len(fitted)} models")


if __name__ == "__main__":
    run(main)
