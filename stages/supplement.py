"""Two rounds of trials of one tier aimed at what the search left open, and the best of both trained again."""

import sys
from dataclasses import replace
from functools import partial

from buysignal.core.stage import run, scratch
from buysignal.core.files import read_parquet, sha256, write_exact_json, write_parquet, write_text
from buysignal.core.params import Scope
from buysignal.core.progress import progress
from buysignal.core.settings import read_all
from buysignal.core.workers.engine import Engine
from buysignal.models import scores
from buysignal.models.dataset import TierData
from buysignal.models.params import Model, Training
from buysignal.models.patchtst.full import refit, tier_file
from buysignal.search.params import Analyze, Grids, Hpo, Supplement
from buysignal.search.rounds import supplement
from buysignal.search.rounds.plan import read_pinned, yaml_text
from buysignal.search.rounds.planner import SupplementSettings, joined
from buysignal.search.study.objective import evaluate
from buysignal.search.study.per_day import revalued
from buysignal.search.study.run import Study, finished_trials
from buysignal.search.study.settings import objective_settings, search_settings
from buysignal.search.study.setup import space_for
from buysignal.search.study.tables import every_round, rank_scores, search_trials, supplementary
from buysignal.search.study.told import so_far


def main(tier: str) -> None:
    hpo, model, training, asked = read_all(Hpo, Model, Training, Supplement)
    analyze, grids, scope = read_all(Analyze, Grids, Scope)
    engine, folder, shape = Engine.from_environment(), scratch() / "studies", model.shape
    sha, data = sha256(tier_file(tier)), TierData.load(tier_file(tier))
    spaces = {b: space_for(b, grids.grids[b], hpo, shape, len(data.names)) for b in scope.budgets}
    search = search_trials({(tier, b): read_parquet(f"data/hpo/{tier}/{b}/trials.parquet") for b in scope.budgets})
    measured = objective_settings(hpo, training, scope.seed)
    whole = replace(measured, prune=False)  # a trial that is stopped says little of the value it was to test

    settings = SupplementSettings((asked.trials, asked.second), analyze.top_share, analyze.confidence)
    pinned = read_pinned(asked.pinned, tier, spaces)
    planner, wanted, source = supplement.planner_of(pinned, search, spaces, settings)
    searching, title = search_settings(hpo, scope.seed), f"supplement {tier}"
    seconds = supplement.search_seconds(tier, spaces, shape, searching, measured, sha, folder)
    name = supplement.supplement_name(tier, spaces, shape, whole, sha, source)
    done = len(finished_trials(folder, name, spaces[scope.budgets[0]]))
    days = data.rows("rank", shape.context)
    job = partial(evaluate, tier_path=tier_file(tier), shape=shape, settings=whole)
    with progress(title, wanted, done) as advance:
        sets, records = supplement.run_supplement(
            planner,
            spaces,
            Study(
                job,
                engine,
                folder,
                name,
                lambda finished: advance(so_far(finished)),
                revalue=revalued(whole, data.label[days], data.index[days]),
            ),
            lambda next_: print(f"{title}: {supplement.estimate(next_, seconds, engine.workers)}", file=sys.stderr),
        )

    trials = supplementary(joined(search, sets, records), tier)
    entries, reason = supplement.contenders(every_round(search, [trials]))
    again = refit(title, entries, shape, training, scope.seed, scratch(), engine)
    described = {"sets": supplement.described(sets, records), "reason": reason, "best": [e.name for e in entries]}
    said = rank_scores(data.index[days], data.label[days], trials["name"], records[: len(trials)])
    write_parquet(f"data/supplement/{tier}/trials.parquet", trials)
    write_parquet(f"data/supplement/{tier}/scores.parquet", said)
    scores.write(f"data/supplement/{tier}/best", [model for model, _ in again])
    write_exact_json(f"data/supplement/{tier}/sets.json", described)
    write_text(f"metrics/supplement/{tier}.yaml", yaml_text(tier, sets))
    print(f"{title}: {len(trials)} trials in {len(sets)} sets")


if __name__ == "__main__":
    run(main)
