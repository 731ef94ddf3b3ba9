"""Every trial of every round of every study in one table, and how far the best of them is luck."""

from buysignal.core.stage import run
from buysignal.core.files import read_parquet, write_csv, write_json, write_parquet
from buysignal.core.params import Params
from buysignal.judge.luck import auc_luck
from buysignal.judge.overfitting import pbo
from buysignal.search.study.rounds import every_round, search_trials
from buysignal.search.study.tables import history, read_rank_scores


def main() -> None:
    params = Params.load()
    studies = {(t, b): read_parquet(f"data/hpo/{t}/{b}/trials.parquet") for t in params.tiers for b in params.budgets}
    supplements = [read_parquet(f"data/supplement/{tier}/trials.parquet") for tier in params.tiers]
    trials = every_round(search_trials(studies), supplements)
    write_parquet("data/trials/trials.parquet", trials)
    write_csv("data/trials/trials.csv", trials)
    # Supplementary trials are numbered through their tier, so they make a study of their own in the plot.
    study = trials["budget"].where(trials["round"] == 0, "supplement")
    write_csv("plots/trials.csv", history(trials.assign(budget=study)))
    found = {}
    for tier in params.tiers:
        studied = [f"data/hpo/{tier}/{budget}/scores.parquet" for budget in params.budgets]
        label, said, _ = read_rank_scores([*studied, f"data/supplement/{tier}/scores.parquet"])
        overfitting, luck = (judge(label, said, params.label.horizon).to_dict() for judge in (pbo, auc_luck))
        found[tier] = {"overfitting": overfitting, "luck": luck}
    write_json("metrics/overfitting.json", found)
    print(f"{len(trials)} trials, {int((trials['round'] > 0).sum())} of them supplementary")


if __name__ == "__main__":
    run(main)
