"""Each budget's best configuration of a tier under every budget's protocol, and what moving costs."""

from dataclasses import replace

from buysignal.core.stage import run, scratch
from buysignal.core.files import read_parquet, stable, write_json, write_text
from buysignal.core.params import Params
from buysignal.core.workers.engine import Engine
from buysignal.features.tiers import n_features
from buysignal.models import scores
from buysignal.models.patchtst.architecture import configuration_of
from buysignal.models.patchtst.full import Entry, refit
from buysignal.report.pages.budgets import transfer_text, verdict
from buysignal.search.rounds.transfer import cells, found
from buysignal.search.study.objective import measured
from buysignal.search.study.rounds import best, every_round, search_trials
from buysignal.search.study.settings import objective_settings
from buysignal.search.study.setup import space_for


def main(tier: str) -> None:
    params, engine = Params.load(), Engine.from_environment()
    hpo, shape, confidence = params.hpo, params.shape, params.analyze.confidence
    spaces = {b: space_for(b, params.grids[b], hpo, shape, n_features(tier)) for b in params.budgets}
    search = search_trials({(tier, b): read_parquet(f"data/hpo/{tier}/{b}/trials.parquet") for b in params.budgets})
    trials = every_round(search, [read_parquet(f"data/supplement/{tier}/trials.parquet")])
    best_of = {b: best(trials[trials["budget"] == b]) for b in params.budgets}
    usable = {b: row is not None for b, row in best_of.items()}

    chosen = cells({b: configuration_of(row) for b, row in best_of.items() if usable[b]}, spaces)
    entries = [Entry(f"{c.source} under {c.target}", tier, c.target, "", c.configuration, 0) for c in chosen]
    fitted = refit(f"transfer {tier}", entries, shape, params.training, params.seed, scratch(), engine)
    judged = objective_settings(hpo, params.training, params.seed, params.label.horizon)
    outcomes = [measured(fit, replace(judged, seeds=model.card.seeds)) for model, fit in fitted]
    sizes = [model.card.parameters for model, _ in fitted]
    result = found(tier, usable, chosen, outcomes, sizes, params.transfer.margin, confidence, len(trials))
    result["threshold"] = hpo.threshold
    result = stable(result)  # the page rounds what the file has, as the report does
    scores.write(f"data/transfer/{tier}", [model for model, _ in fitted])
    write_json(f"metrics/transfer/{tier}.json", result)
    write_text(f"metrics/transfer/{tier}.md", transfer_text(result))
    print(verdict(result))


if __name__ == "__main__":
    run(main)
