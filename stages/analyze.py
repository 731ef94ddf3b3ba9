"""Every trial of every study in one table, and how much of each space they cover."""

from buysignal.analysis.trials import coverage, history, long_table
from buysignal.features.tiers import n_features
from buysignal.io import read_parquet, write_csv, write_json, write_parquet
from buysignal.params import Params
from buysignal.search.setup import space_for
from buysignal.stage import run


def main() -> None:
    params = Params.load()
    studies = {(t, b): read_parquet(f"data/hpo/{t}/{b}/trials.parquet") for t in params.tiers for b in params.budgets}
    long = long_table(studies)
    write_parquet("data/trials/trials.parquet", long)
    write_csv("data/trials/trials.csv", long)
    write_csv("plots/trials.csv", history(long))
    found = {}
    for (tier, budget), trials in studies.items():
        space = space_for(budget, params.grids[budget], params.hpo, params.shape, n_features(tier))
        found[f"{tier}-{budget}"] = coverage(trials, space)
    write_json("metrics/analyze.json", found)
    for study, counts in found.items():
        tested, possible = counts["architectures_tested"], counts["architectures_possible"]
        print(f"{study}: {counts['trials']} trials, {counts['wasted']} wasted, {tested} of {possible} architectures")


if __name__ == "__main__":
    run(main)
