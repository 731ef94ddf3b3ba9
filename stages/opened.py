"""The test role, opened for what registered.yaml names; of anything else nothing is looked at, and that is said."""

from pathlib import Path

from buysignal.core.stage import run
from buysignal.bars.manifest import read_bars
from buysignal.core.files import read_json, read_parquet, write_exact_json, write_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.days.params import Label
from buysignal.judge.evidence import EVIDENCE
from buysignal.judge.params import Select, Sweep
from buysignal.judge.row import rules_of, short
from buysignal.models import contenders, scores
from buysignal.models.dataset import TierData
from buysignal.models.days import Days
from buysignal.models.params import Model
from buysignal.models.patchtst.full import tier_file
from buysignal.models.scores import ModelCard
from buysignal.ship import ledger, registered
from buysignal.ship.examination import baselines_examined, models_examined
from buysignal.ship.opening import opened
from buysignal.ship.package import hand_on

LEDGER = "metrics/ledger.jsonl"  # no out: DVC would delete it before this stage runs
TRAINED, MODELS = Path("data/trained"), Path("data/models")
CLOSED = {"models": [], "baselines": [], "look": None}


def main() -> None:
    label, select, sweep, model, scope = read_all(Label, Select, Sweep, Model, Scope)
    ledger.read(LEDGER)  # a damaged one is refused before anything is opened
    may, source = registered.read(), read_json("data/bars/bars.json")
    selected, maps = (read_json("data/selected.json")[key] for key in ("selected", "maps"))
    days = [read_json(f"metrics/featurize/{tier}.json") for tier in scope.tiers]
    now = registered.registration(selected, source["sha256"], days)
    names = read_json(TRAINED / "models.json")
    write_exact_json(MODELS / "models.json", names)
    if why := registered.difference(may, now):
        for name in names:
            hand_on(TRAINED / name, MODELS / name)
        Path(LEDGER).touch()  # a new project has none, and the report shows it
        scores.write("data/tested", [])
        write_json("metrics/train.json", CLOSED | {"unopened": why})
        write_json("metrics/test.json", {"test": "not registered"})
        print(f"not registered: {why}; the test role stays closed")
        return

    known = {tier: contenders.load_all(f"data/baseline/{tier}/fitted") for tier in scope.tiers}
    bars, rivals, rules = read_bars("data/bars/bars.parquet"), {}, rules_of(select, label.horizon, sweep.points)
    for tier in scope.tiers:
        table = Days.of(bars, read_parquet(tier_file(tier)), tier, label, model.context, open_test=True)
        rivals[tier] = [baseline.scored(table) for baseline in known[tier]]
    others = baselines_examined(rivals, rules, scope.seed)
    tables = {tier: TierData.load(tier_file(tier), open_test=True) for tier in scope.tiers}
    folders = [TRAINED / name for name in names]
    found = models_examined(selected, maps, folders, tables, rivals, rules, scope.seed)
    for name, (row, tested) in zip(names, found):
        hand_on(TRAINED / name, MODELS / name, tested, row)
    first = found[0][0]
    cards = [(ModelCard.from_dict(chosen["card"]), chosen["point"]["threshold"]) for chosen in selected]
    seen = {key: first[key] for key in (*EVIDENCE, "auc")}
    look = ledger.append(LEDGER, ledger.registration(cards), opened(now["roles"]["test"], source, bars), seen).look
    scores.write("data/tested", [scored for _, scored in (*others, *found)])
    rows = {"models": [row for row, _ in found], "baselines": [row for row, _ in others]}
    write_json("metrics/train.json", rows | {"look": look, "unopened": ""})
    write_json("metrics/test.json", {"test": short(first)}, sort_keys=False)
    print(f"{first['name']}: precision {first['precision']:.3f}, recall {first['recall']:.3f}")


if __name__ == "__main__":
    run(main)
