"""All trials in one table and what they tell: sweet spots, gaps, sizes, what the rounds brought, how much is luck."""

from dataclasses import asdict

from buysignal.core.stage import run
from buysignal.core.files import read_json, read_parquet, write_csv, write_json, write_parquet
from buysignal.core.params import Scope
from buysignal.core.settings import read, read_all
from buysignal.days.params import Label
from buysignal.judge.dates import dates_among
from buysignal.judge.luck import auc_luck
from buysignal.judge.overfitting import pbo
from buysignal.judge.trials.again import again
from buysignal.judge.trials.evidence import history, with_evidence
from buysignal.judge.trials.learned import learned
from buysignal.judge.trials.supplement import supplement
from buysignal.judge.trials.transfer import transfer
from buysignal.models import scores
from buysignal.models.params import Model
from buysignal.search.params import Analyze, Grids, Hpo, Transfer
from buysignal.search.study.setup import space_for
from buysignal.search.study.tables import every_round, read_rank_scores, search_trials, study_of


def main() -> None:
    analyze, hpo, label, model, scope = read_all(Analyze, Hpo, Label, Model, Scope)
    grids, margin, horizon, confidence = read(Grids).grids, read(Transfer).margin, label.horizon, analyze.confidence
    budgets = sorted(scope.budgets, key=lambda budget: grids[budget].cap)
    features = {tier: read_json(f"metrics/featurize/{tier}.json")["features"] for tier in scope.tiers}

    ran = {(t, b): read_parquet(f"data/hpo/{t}/{b}/trials.parquet") for t in scope.tiers for b in scope.budgets}
    supplements = [read_parquet(f"data/supplement/{tier}/trials.parquet") for tier in scope.tiers]
    trials = every_round(search_trials(ran), supplements)
    said = {}
    for tier in scope.tiers:
        studied = [f"data/hpo/{tier}/{budget}/scores.parquet" for budget in scope.budgets]
        *of_trials, days = read_rank_scores([*studied, f"data/supplement/{tier}/scores.parquet"])
        said[tier] = (*of_trials, dates_among(days))
    trials = with_evidence(trials, said.values(), hpo.threshold, horizon)
    write_parquet("data/trials/trials.parquet", trials)
    write_csv("data/trials/trials.csv", trials)
    # Supplementary trials are numbered through their tier, so they make a study of their own in the plot.
    study = trials["budget"].where(trials["round"] == 0, "supplement")
    write_csv("plots/trials.csv", history(trials.assign(budget=study)))
    luck = {}
    for tier, (label, score, _, dates) in said.items():
        overfitting, lucky = (asdict(judge(label, score, horizon, dates=dates)) for judge in (pbo, auc_luck))
        luck[tier] = {"overfitting": overfitting, "luck": lucky}
    write_json("metrics/overfitting.json", luck)

    searched = trials[trials["round"] == 0]
    studies = {(t, b): study_of(searched, t, b) for t in scope.tiers for b in budgets}
    spaces = {s: space_for(s[1], grids[s[1]], hpo, model.shape, features[s[0]]) for s in studies}
    told = learned(studies, spaces, features, analyze.top_share, confidence, scope.seed)
    write_json("metrics/analyze.json", told | {"objective": hpo.objective})

    rounds = {"supplement": [], "transfer": []}
    for tier in scope.tiers:
        count, judged = int((trials["tier"] == tier).sum()), (hpo.threshold, hpo.recall_floor, horizon, hpo.per_day)
        best = {m.card.name: again(m, *judged) for m in scores.read(f"data/supplement/{tier}/best")}
        moved = {m.card.name: again(m, *judged) for m in scores.read(f"data/evaluate/{tier}/moved")}
        sets = read_json(f"data/supplement/{tier}/sets.json")
        cells = read_json(f"data/evaluate/{tier}/moved/cells.json")
        brought = supplement(tier, sets, best, hpo.objective, hpo.threshold, confidence, count)
        placed = {(source, target): moved[name] for source, target, name in cells["cells"]}
        kept = transfer(tier, dict(cells["usable"]), placed, hpo.threshold, margin, confidence, count)
        rounds["supplement"].append(brought)
        rounds["transfer"].append(kept)
        print(f"{tier}: the supplement {brought['verdict']}; its budgets: {kept['verdict']}")
    write_json("metrics/rounds.json", rounds)
    print(f"{len(trials)} trials, {len(trials) - len(searched)} of them supplementary")


if __name__ == "__main__":
    run(main)
