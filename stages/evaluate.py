"""The best trials again over seeds, alone, added to volatility and blended; each budget's best in the others."""

from buysignal.core.stage import run, scratch
from buysignal.core.files import read_parquet, write_exact_json
from buysignal.core.params import Scope
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.models import contenders, kept, scores
from buysignal.models.built import build
from buysignal.models.dataset import TierData
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.architecture import configuration_of
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.search.params import Evaluate, Grids, Hpo
from buysignal.search.rounds.transfer import cells
from buysignal.search.study.setup import space_for
from buysignal.search.study.tables import best, every_round, search_trials, top_per_budget


def main(tier: str) -> None:
    evaluate, grids, hpo, model, training, scope = read_all(Evaluate, Grids, Hpo, Model, Training, Scope)
    protocol = (model.shape, training, scope.seed, scratch(), Engine.from_environment())
    search = search_trials({(tier, b): read_parquet(f"data/hpo/{tier}/{b}/trials.parquet") for b in scope.budgets})
    trials = every_round(search, [read_parquet(f"data/supplement/{tier}/trials.parquet")])
    top = top_per_budget(trials, scope.budgets, evaluate.top)
    entries = [Entry.of(trial) for trial in top.to_dict("records")]
    models = refit(f"evaluate {tier}", entries, *protocol)
    scores.write(f"data/evaluate/{tier}", [model for model, _ in models])

    known = {one.card.name: one for one in scores.read(f"data/baseline/{tier}")}
    baselines = [(one, known[one.card.name]) for one in contenders.load_all(f"data/baseline/{tier}/fitted")]
    built = build(tier, entries, models, baselines, model.shape, lambda one: refit(f"added {tier}", one, *protocol))
    scores.write(f"data/evaluate/{tier}/built", [scored for _, scored in built])
    for one, _ in built:
        kept.save(f"data/evaluate/{tier}/built/fitted/{one.card.name}", one)

    width = len(TierData.load(tier_file(tier)).names)
    spaces = {b: space_for(b, grids.grids[b], hpo, model.shape, width) for b in scope.budgets}
    found = {b: best(trials[trials["budget"] == b]) for b in scope.budgets}
    moved = cells({b: configuration_of(row) for b, row in found.items() if row is not None}, spaces)
    again = refit(f"transfer {tier}", [cell.entry(tier) for cell in moved], *protocol)
    scores.write(f"data/evaluate/{tier}/moved", [model for model, _ in again])
    usable = [[b, row is not None] for b, row in found.items()]
    placed = [[cell.source, cell.target, cell.name] for cell in moved]
    write_exact_json(f"data/evaluate/{tier}/moved/cells.json", {"usable": usable, "cells": placed})
    print(f"evaluate {tier}: {len(models)} models; {len(again)} moved to another budget")


if __name__ == "__main__":
    run(main)
