"""Every trial of every round of every study in one table."""

from buysignal.analysis.rounds import every_round, search_trials
from buysignal.analysis.trials import history
from buysignal.io import read_parquet, write_csv, write_parquet
from buysignal.params import Params
from buysignal.stage import run


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
    print(f"{len(trials)} trials, {int((trials['round'] > 0).sum())} of them supplementary")


if __name__ == "__main__":
    run(main)
