"""Two rounds of trials of one tier aimed at what the search left open, and whether they improved on it."""

import sys
from dataclasses import replace
from functools import partial

from buysignal.core.stage import run, scratch
from buysignal.core.files import read_parquet, sha256, write_csv, write_json, write_parquet, write_text
from buysignal.core.params import Params
from buysignal.core.progress import progress, shown
from buysignal.core.workers.engine import Engine
from buysignal.features.tiers import n_features
from buysignal.models.dataset import TierData
from buysignal.models.patchtst.full import refit, tier_file
from buysignal.report.pages.rounds import supplement_text, verdict
from buysignal.search.rounds import supplement
from buysignal.search.rounds.plan import read_pinned, yaml_text
from buysignal.search.rounds.planner import SupplementSettings, joined
from buysignal.search.study.objective import evaluate, measured
from buysignal.search.study.rounds import every_round, search_trials, supplementary
from buysignal.search.study.run import finished_trials
from buysignal.search.study.settings import objective_settings, search_settings
from buysignal.search.study.setup import space_for
from buysignal.search.study.summary import headline
from buysignal.search.study.tables import rank_scores


def main(tier: str) -> None:
    params, engine, folder = Params.load(), Engine.from_environment(), scratch() / "studies"
    hpo, shape, data = params.hpo, params.shape, sha256(tier_file(tier))
    title, confidence = f"supplement {tier}", params.analyze.confidence
    spaces = {b: space_for(b, params.grids[b], hpo, shape, n_features(tier)) for b in params.budgets}
    search = search_trials({(tier, b): read_parquet(f"data/hpo/{tier}/{b}/trials.parquet") for b in params.budgets})
    judged = objective_settings(hpo, params.training, params.seed, params.label.horizon)
    whole = replace(judged, prune=False)  # a trial that is stopped says little of the value it was to test

    rounds = (params.supplement.trials, params.supplement.second)
    settings = SupplementSettings(rounds, params.analyze.top_share, confidence)
    pinned = read_pinned(params.supplement.pinned, tier, spaces)
    planner, wanted, source = supplement.planner_of(pinned, search, spaces, settings)
    searching = search_settings(hpo, params.seed)
    seconds = supplement.search_seconds(tier, spaces, shape, searching, judged, data, folder)
    name = supplement.supplement_name(tier, spaces, shape, whole, data, source)
    done = len(finished_trials(folder, name, spaces[params.budgets[0]]))
    with progress(title, wanted, done) as advance:
        sets, records = supplement.run_supplement(
            planner,
            spaces,
            partial(evaluate, tier_path=tier_file(tier), shape=shape, settings=whole),
            engine,
            folder,
            name,
            lambda next_: print(f"{title}: {supplement.estimate(next_, seconds, engine.workers)}", file=sys.stderr),
            lambda finished: advance(shown(*headline(finished))),
        )

    trials = supplementary(joined(search, sets, records), tier)
    everything = every_round(search, [trials])
    entries, reason = supplement.contenders(everything)
    fitted = refit(title, entries, shape, params.training, params.seed, scratch(), engine)
    cards = [model.card for model, _ in fitted]
    outcomes = [measured(fit, replace(judged, seeds=model.card.seeds)) for model, fit in fitted]
    found = {"tier": tier, "threshold": hpo.threshold, "sets": supplement.described(sets, records), "reason": reason}
    found |= supplement.compared(cards, outcomes, hpo.objective, confidence, len(everything))
    write_parquet(f"data/supplement/{tier}/trials.parquet", trials)
    write_csv(f"data/supplement/{tier}/trials.csv", trials)
    tier_data = TierData.load(tier_file(tier))
    days = tier_data.rows("rank", shape.context)
    said = rank_scores(tier_data.dates[days], tier_data.label[days], trials["name"], records[: len(trials)])
    write_parquet(f"data/supplement/{tier}/scores.parquet", said)
    write_text(f"metrics/supplement/{tier}.yaml", yaml_text(tier, sets))
    write_json(f"metrics/supplement/{tier}.json", found)
    write_text(f"metrics/supplement/{tier}.md", supplement_text(found, trials.to_dict("records")))
    print(verdict(found))


if __name__ == "__main__":
    run(main)
