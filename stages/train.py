"""The selected configurations in full; the only stage that opens the test role."""

from pathlib import Path

from buysignal.bars.manifest import read_bars
from buysignal.curves import write_curves
from buysignal.dataset import TierData
from buysignal.evaluation.baselines import baselines
from buysignal.evaluation.judge import NOTHING, rules_of, short
from buysignal.evaluation.operating import operating_point
from buysignal.evaluation.scores import ModelCard
from buysignal.examine import against, examine, named, score_test
from buysignal.io import read_json, read_parquet, write_exact_json, write_json
from buysignal.labels import thresholds
from buysignal.params import Params
from buysignal.refit import Entry, refit, tier_file
from buysignal.report.tables import tested_table
from buysignal.search.engine import Engine
from buysignal.shipping import ship
from buysignal.stage import run, scratch


def main() -> None:
    params = Params.load()
    rules = rules_of(params.select, params.label.horizon, params.sweep.points)
    selected = read_json("data/selected.json")["selected"]
    cards = [ModelCard.from_dict(chosen["card"]) for chosen in selected]
    entries = [Entry(c.name, c.tier, c.budget, c.origin, c.configuration, c.cap) for c in cards]
    engine = Engine.from_environment()
    fitted = refit("train", entries, params.shape, params.training, params.seed, scratch(), engine)

    bars, compared, rows = read_bars("data/bars/bars.parquet"), {}, []
    for tier in params.tiers:
        frame = read_parquet(tier_file(tier))
        options = dict(tier=tier, context=params.model.context, horizon=params.label.horizon)
        options |= dict(threshold=thresholds(bars, params.label), seed=params.seed)
        compared[tier] = baselines(bars, frame, **options, open_test=True)
        for model in compared[tier]:
            point = operating_point(model, rules).point
            rows.append(examine(model, point and point.threshold, rules))

    examined = []
    for chosen, (model, fit) in zip(selected, fitted):
        data = TierData.load(tier_file(model.card.tier), open_test=True)
        threshold = chosen["point"]["threshold"]
        tested = score_test(model.card, fit, data, params.shape)
        row = examine(tested, threshold, rules)
        volatility = named(compared[model.card.tier], f"{model.card.tier}-volatility")
        row["against_volatility"] = against(tested, volatility, threshold, rules, params.seed)
        examined.append(row)
        folder = Path(f"data/models/{chosen['rank']:02d}-{model.card.name}")
        ship(folder, model.card, fit, data, params.shape, params.label, threshold)
    write_exact_json("data/models/models.json", [f"{c['rank']:02d}-{c['card']['name']}" for c in selected])
    write_json("metrics/train.json", {"models": examined, "baselines": rows})
    write_json("metrics/test.json", {"test": short(examined[0] if examined else NOTHING)}, sort_keys=False)
    write_curves("plots/live/train", fitted[0][1] if fitted else None)
    print(tested_table([*examined, *rows]))


if __name__ == "__main__":
    run(main)
