"""What the trials of the search tell: coverage, trends, importance, gaps and sizes, each with its uncertainty."""

from buysignal.core.stage import run
from buysignal.core.files import read_parquet, write_json, write_text
from buysignal.core.params import Params
from buysignal.features.tiers import n_features
from buysignal.judge.trials.findings import findings
from buysignal.judge.trials.scaling import scaling
from buysignal.judge.trials.tier import analyze_tier
from buysignal.report.pages.search import analysis_text
from buysignal.search.rounds.trends import usable
from buysignal.search.study.setup import space_for
from buysignal.search.study.tables import coverage, long_table, top

SHOWN = 5


def main() -> None:
    params = Params.load()
    share, confidence = params.analyze.top_share, params.analyze.confidence
    budgets = sorted(params.budgets, key=lambda budget: params.grids[budget].cap)
    studies = {(t, b): read_parquet(f"data/hpo/{t}/{b}/trials.parquet") for t in params.tiers for b in budgets}
    spaces = {
        (tier, budget): space_for(budget, params.grids[budget], params.hpo, params.shape, n_features(tier))
        for tier, budget in studies
    }
    covered = {"-".join(study): coverage(trials, spaces[study]) for study, trials in studies.items()}
    tiers, best = [], {}
    for tier in params.tiers:
        trials = long_table({study: table for study, table in studies.items() if study[0] == tier})
        own = [spaces[tier, budget] for budget in budgets]
        tiers.append(analyze_tier(tier, trials, own, share, confidence, params.seed))
        best[tier] = top(usable(trials), SHOWN).to_dict("records")
    steps = scaling(studies, {t: n_features(t) for t in params.tiers}, share, confidence, params.seed)
    found = findings(covered, tiers, steps)
    result = {
        "coverage": covered,
        "tiers": {analysis.tier: analysis.to_dict() for analysis in tiers},
        "scaling": [step.to_dict() for step in steps],
        "findings": [finding.to_dict() for finding in found],
    }
    write_json("metrics/analyze.json", result)
    write_text("metrics/analysis.md", analysis_text(found, covered, tiers, best, steps, params.hpo.objective))
    for finding in found[:SHOWN]:
        print(f"{finding.where}: {finding.text}")


if __name__ == "__main__":
    run(main)
