"""The test role, opened for what registered.yaml names; of anything else nothing is looked at, and that is said."""

from itertools import chain
from pathlib import Path

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_json, read_parquet, write_exact_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.calibration import map_of
from buysignal.judge.evidence import EVIDENCE
from buysignal.judge.operating import operating_point
from buysignal.judge.params import Select, Sweep
from buysignal.judge.row import rules_of, short
from buysignal.models import scores
from buysignal.models.dataset import TierData
from buysignal.models.params import Model
from buysignal.models.patchtst.full import tier_file
from buysignal.models.rivals import baselines
from buysignal.models.rivals.fitted import Days
from buysignal.models.scores import ModelCard
from buysignal.ship import ledger, registered
from buysignal.ship.opening import examine, examine_selected, opened, score_test, simultaneous
from buysignal.ship.package import hand_on, load
from buysignal.ship.promise import with_test

LEDGER = "metrics/ledger.jsonl"  # no out: DVC would delete it before this stage runs
TRAINED, MODELS = Path("data/trained"), Path("data/models")


def main() -> None:
    label, select, sweep, model, scope = read_all(Label, Select, Sweep, Model, Scope)
    ledger.read(LEDGER)  # a damaged one is refused before anything is opened
    may = registered.read()
    selected, maps = (read_json("data/selected.json")[key] for key in ("selected", "maps"))
    source = read_json("data/bars/bars.json")
    found = [read_json(f"metrics/featurize/{tier}.json") for tier in scope.tiers]
    now = registered.registration(selected, source["sha256"], found)
    names = read_json(TRAINED / "models.json")
    write_exact_json(MODELS / "models.json", names)
    if why := registered.difference(may, now):
        unopened(why, names)
        return

    known = {tier: baselines.load(f"data/baseline/{tier}/fitted", tier) for tier in scope.tiers}
    bars, compared = read_bars("data/bars/bars.parquet"), {}
    for tier in scope.tiers:
        days = Days.of(bars, read_parquet(tier_file(tier)), tier, label, model.context, open_test=True)
        compared[tier] = [baseline.scored(days) for baseline in known[tier]]
    rivals = list(chain.from_iterable(compared.values()))
    rules = rules_of(select, label.horizon, sweep.points)
    points = [(rival, operating_point(rival, rules).point) for rival in rivals]
    rows = [examine(rival, point and point.threshold, rules, seed=scope.seed) for rival, point in points]

    examined, tested = [], []
    for chosen, calibration, name in zip(selected, maps, names):
        shipped, card = load(TRAINED / name), ModelCard.from_dict(chosen["card"])
        data = TierData.load(tier_file(card.tier), open_test=True)
        tested.append(score_test(card, shipped.theta, data, model.shape))
        level = simultaneous(chosen["rank"], len(selected))
        judged = (chosen, compared[card.tier], map_of(calibration), rules, level, scope.seed)
        examined.append(examine_selected(tested[-1], *judged))
        before = read_json(TRAINED / name / "model.json")["expected"]
        hand_on(TRAINED / name, MODELS / name, with_test(before, tested[-1], examined[-1]))
    cards = [(ModelCard.from_dict(chosen["card"]), chosen["point"]["threshold"]) for chosen in selected]
    seen = {key: examined[0][key] for key in (*EVIDENCE, "auc")}
    look = ledger.append(LEDGER, ledger.registration(cards), opened(now["roles"]["test"], source, bars), seen).look
    scores.write("data/tested", [*rivals, *tested])
    write_json("metrics/train.json", {"models": examined, "baselines": rows, "look": look, "unopened": ""})
    write_json("metrics/test.json", {"test": short(examined[0])}, sort_keys=False)
    first = examined[0]
    print(f"{first['name']}: precision {first['precision']:.3f}, recall {first['recall']:.3f}")


def unopened(why: str, names: list[str]) -> None:
    """Say so in every out: no score of the test role is computed."""
    for name in names:
        hand_on(TRAINED / name, MODELS / name)
    Path(LEDGER).touch()  # a new project has none, and the report shows it
    scores.write("data/tested", [])
    write_json("metrics/train.json", {"models": [], "baselines": [], "look": None, "unopened": why})
    write_json("metrics/test.json", {"test": "not registered"})
    print(f"not registered: {why}; the test role stays closed")


if __name__ == "__main__":
    run(main)
