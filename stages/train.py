"""The search's ten trained in full and, like every other contender, kept as a model; the test role is not seen."""

from pathlib import Path

from buysignal.core.stage import run, scratch
from buysignal.bars.manifest import read_bars
from buysignal.bars.params import Ingest
from buysignal.bars.symbols import age
from buysignal.core.files import read_json, read_parquet, write_exact_json
from buysignal.core.params import Scope
from buysignal.core.plugins import content_of
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.days.params import Label
from buysignal.features.params import Features
from buysignal.judge.params import Select, Sweep
from buysignal.judge.row import rules_of
from buysignal.models import contenders, scores
from buysignal.models.days import Days
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.models.patchtst.learning_curves import write_curves
from buysignal.ship.manifest import Asks
from buysignal.ship.package import folder_of, ship
from buysignal.ship.promise import expectation, simultaneous
from buysignal.ship.regime import regime_of
from buysignal.ship.selected import buying

TRAINED = Path("data/trained")


def main() -> None:
    ingest, features, label, select, sweep, model, training, scope = read_all(
        Ingest, Features, Label, Select, Sweep, Model, Training, Scope
    )
    rules, selection = rules_of(select, label.horizon, sweep.points), read_json("data/selected.json")
    entries = [Entry.again(chosen["card"]) for chosen in selection["selected"]]
    trained = refit("train", entries, model.shape, training, scope.seed, scratch(), Engine.from_environment())
    found = {one.card.name: (Transformer.of(one.card, fit, model.shape), one) for one, fit in trained}
    for folder in scores.others(scope.tiers):
        scored = {one.card.name: one for one in scores.read(folder)}
        found |= {one.card.name: (one, scored[one.card.name]) for one in contenders.load_all(f"{folder}/fitted")}

    bars, source = read_bars("data/bars/bars.parquet"), read_json("data/bars/bars.json")
    symbols = source.get("symbols", ())
    market = source["symbol"] or (f"{len(symbols)}-symbols" if symbols else source["source"])
    tables = {tier: read_parquet(tier_file(tier)) for tier in scope.tiers}
    days = {tier: Days.of(bars, table, tier, label, model.context) for tier, table in tables.items()}
    asks, regimes = {}, {}
    for tier, seen in days.items():
        warmup = int(age(bars.index)[bars.index.get_loc(tables[tier].index[0])])
        own = dict(own=features.extra, content=content_of(features.extra))
        asks[tier] = Asks(context=model.context, warmup=warmup, **own)
        regimes[tier] = regime_of(bars, seen.of_roles("train").index, market, ingest.max_gap_days, symbols)
    chosen = buying(selection)
    for one in chosen:
        fitted, scored = found[one["card"]["name"]]
        tier = fitted.card.tier
        level = simultaneous(fitted.card.name == selection["shipped"], len(chosen))
        expected = expectation(scored, one, level, rules)
        ship(
            TRAINED / folder_of(one), fitted, days[tier], asks[tier], label, one, regimes[tier], expected, rules.per_day
        )
    write_exact_json(TRAINED / "models.json", [folder_of(one) for one in chosen])
    write_curves("plots/live/train", trained[0][1] if trained else None)
    print(f"{len(trained)} models trained, {len(chosen)} contenders kept")


if __name__ == "__main__":
    run(main)
