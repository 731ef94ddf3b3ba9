"""The selected configurations in full; the only stage that opens the test role."""

from itertools import chain
from pathlib import Path

from buysignal.core.stage import run, scratch
from buysignal.bars.manifest import read_bars
from buysignal.bars.params import Ingest
from buysignal.core.files import read_json, read_parquet, write_exact_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read, read_all
from buysignal.core.workers.engine import Engine
from buysignal.days.params import Label
from buysignal.judge.calibration import map_of
from buysignal.judge.evidence import EVIDENCE
from buysignal.judge.operating import operating_point
from buysignal.judge.params import Select, Sweep
from buysignal.judge.row import NOTHING, rules_of, short
from buysignal.models import scores
from buysignal.models.dataset import TierData
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.models.patchtst.learning_curves import write_curves
from buysignal.models.rivals import baselines
from buysignal.models.rivals.fitted import Days
from buysignal.models.scores import ModelCard
from buysignal.ship import ledger
from buysignal.ship.opening import examine, examine_selected, opened, score_test, simultaneous
from buysignal.ship.package import ship
from buysignal.ship.promise import expectation
from buysignal.ship.regime import regime_of

LEDGER = "metrics/ledger.jsonl"  # no out: DVC would delete it before this stage runs


def main() -> None:
    ingest, label, training, scope = read_all(Ingest, Label, Training, Scope)
    select, sweep, shape = read(Select), read(Sweep), read(Model).shape
    ledger.read(LEDGER)  # a damaged one is refused before anything is trained
    known = {tier: baselines.load(f"data/baseline/{tier}/fitted", tier) for tier in scope.tiers}  # a damaged one too
    rules = rules_of(select, label.horizon, sweep.points)
    selected, maps = (read_json("data/selected.json")[key] for key in ("selected", "maps"))
    cards = [(ModelCard.from_dict(chosen["card"]), chosen["point"]["threshold"]) for chosen in selected]
    registered = ledger.registration(cards)
    entries = [Entry.again(chosen["card"]) for chosen in selected]
    fitted = refit("train", entries, shape, training, scope.seed, scratch(), Engine.from_environment())

    bars, source, compared = read_bars("data/bars/bars.parquet"), read_json("data/bars/bars.json"), {}
    for tier in scope.tiers:
        days = Days.of(bars, read_parquet(tier_file(tier)), tier, label, shape.context, open_test=True)
        compared[tier] = [baseline.scored(days) for baseline in known[tier]]
    rivals = list(chain.from_iterable(compared.values()))
    points = [(model, operating_point(model, rules).point) for model in rivals]
    rows = [examine(model, point and point.threshold, rules, seed=scope.seed) for model, point in points]

    examined, tested_models = [], []
    for chosen, calibration, (model, fit) in zip(selected, maps, fitted):
        data = TierData.load(tier_file(model.card.tier), open_test=True)
        tested = score_test(model.card, fit, data, shape)
        level = simultaneous(chosen["rank"], len(selected))
        judged = (chosen, compared[model.card.tier], map_of(calibration), rules, level, scope.seed)
        examined.append(examine_selected(tested, *judged))
        tested_models.append(tested)
        trained, market = data.dates[data.role == "train"], source["symbol"] or source["source"]
        regime = regime_of(bars, trained, market, ingest.max_gap_days)
        kept = (chosen, calibration, regime, expectation(model, tested, chosen, examined[-1], rules))
        ship(Path(f"data/models/{chosen['rank']:02d}-{model.card.name}"), model.card, fit, data, shape, label, *kept)
    headline = examined[0] if examined else NOTHING
    seen = {key: headline[key] for key in (*EVIDENCE, "auc") if key in headline}
    entry = ledger.append(LEDGER, registered, opened(rivals[0], source, bars), seen)
    scores.write("data/tested", [*rivals, *tested_models])
    write_exact_json("data/models/models.json", [f"{c['rank']:02d}-{c['card']['name']}" for c in selected])
    write_json("metrics/train.json", {"models": examined, "baselines": rows, "look": entry.look})
    write_json("metrics/test.json", {"test": short(headline)}, sort_keys=False)
    write_curves("plots/live/train", fitted[0][1] if fitted else None)
    print(*(f"{r['name']}: precision {r['precision']:.3f}, recall {r['recall']:.3f}" for r in examined[:1]))


if __name__ == "__main__":
    run(main)
