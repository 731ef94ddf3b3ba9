"""What the selected models' scores are worth as probabilities; decisions stay with the raw score."""

from buysignal.core.stage import run
from buysignal.core.files import read_json, write_csv, write_exact_json, write_json
from buysignal.core.params import Params
from buysignal.judge.calibration import NONE, calibrate, calibration_row, reliability_table, shipped_map
from buysignal.models import scores


def main() -> None:
    params = Params.load()
    models = scores.read("data/candidate")
    for tier in params.tiers:
        models += scores.read(f"data/evaluate/{tier}")
    named = {model.card.name: model for model in models}
    chosen = [named[entry["card"]["name"]] for entry in read_json("data/selected.json")["selected"]]
    found = [(model.card, calibrate(model, params.label.horizon)) for model in chosen]
    write_exact_json("data/calibration.json", [shipped_map(card.name, card.tier, one) for card, one in found])
    write_json("metrics/calibration.json", [calibration_row(card.name, card.tier, one) for card, one in found])
    first = found[0][1] if found else None
    drawn = reliability_table(first)
    write_csv("plots/calibration/score.csv", drawn[drawn["map"] == NONE])
    write_csv("plots/calibration/map.csv", drawn[drawn["map"] == (first.chosen if first else NONE)])
    if found:
        print(f"{found[0][0].name}: {found[0][1].chosen} ({found[0][1].reason})")
    else:
        print("no model is selected, so there is nothing to calibrate")


if __name__ == "__main__":
    run(main)
