"""An improvement of the supplement is claimed only beyond the luck of seeds, and never without its evidence."""

from __future__ import annotations

import numpy as np

from buysignal.judge.evidence import evidence, missing
from buysignal.judge.trials.evidence import with_evidence
from buysignal.judge.trials.seedmeans import seed_mean
from buysignal.judge.trials.supplement import compared, improvement, supplement
from buysignal.report.pages.rounds import buying, supplement_text
from buysignal.search.rounds.planner import joined
from buysignal.search.rounds.supplement import described
from buysignal.search.study.tables import supplementary
from tests.judge.trials.examples import CELLS, over_seeds
from tests.search.rounds.rounds import searched, told
from tests.search.study.toy import reference_space

SPACES = {budget: reference_space(budget) for budget in ("2M", "20M")}


def test_improvement_is_paired_by_seed_with_a_t_interval():
    """Differences 0.01, 0.02, 0.03: mean 0.02, half width 4.3027 x 0.01 / sqrt(3) = 0.0248."""
    found = improvement(over_seeds([0.70, 0.60, 0.80]), over_seeds([0.71, 0.62, 0.83]), "auc", 0.95)
    d = found["difference"]["auc"]
    assert (round(d["mean"], 9), round(d["low"], 4), round(d["high"], 4)) == (0.02, -0.0048, 0.0448)
    assert found["verdict"] == "cannot tell"
    one, other = over_seeds([0.70, 0.60, 0.80]), over_seeds([0.72, 0.62, 0.83])
    assert improvement(one, other, "auc", 0.95)["verdict"] == "improved"
    assert improvement(other, one, "auc", 0.95)["verdict"] == "not improved"


def test_one_seed_proves_no_improvement():
    found = improvement(over_seeds([0.5]), over_seeds([0.9]), "auc", 0.95)
    assert found["verdict"] == "cannot tell" and found["difference"]["auc"]["low"] is None


def test_improvement_is_judged_by_the_objective_and_shows_precision_and_recall_apart():
    one, other = over_seeds([0.7, 0.7], [0.40, 0.41]), over_seeds([0.7, 0.7], [0.60, 0.61])
    found = improvement(one, other, "average_precision", 0.95)
    assert set(found["difference"]) == {"precision", "recall", "n_buys", "auc", "average_precision"}
    assert round(found["difference"]["precision"]["mean"], 9) == 0.2


def test_chance_alone_is_called_an_improvement_as_seldom_as_the_confidence_says():
    rng = np.random.default_rng(1)
    calls = sum(seed_mean(rng.normal(size=3), 0.95).low > 0 for _ in range(2000))
    assert 0.015 < calls / 2000 < 0.036  # 2.5 % on this side


def test_what_is_compared_carries_its_evidence_and_the_number_of_trials_it_was_chosen_from():
    best = over_seeds([0.7, 0.8])
    plain = compared([best, best], "auc", 0.95, 40)
    assert missing(plain) == [] and {row["configurations"] for row in plain["compared"]} == {40}
    text = supplement_text(plain | {"tier": "a50", "threshold": 0.35, "sets": [], "reason": ""}, [])
    row = next(line for line in text.splitlines() if line.startswith("| a50-2M-T0 (best of the search)"))
    assert [cell.strip() for cell in row.strip("|").split("|")][1:9] == [*CELLS, "0.200", "0.7500"]
    assert "Means over 2 seeds on the rank role, of the best of 40 trials" in text


def test_the_best_are_taken_by_their_names_the_search_first():
    ran = {"sets": [], "reason": "", "best": ["search", "more"]}
    again = {"more": over_seeds([0.9, 0.91]), "search": over_seeds([0.7, 0.71])}
    found = supplement("a50", ran, again, "auc", 0.35, 0.95, 40)
    assert (found["tier"], found["threshold"], found["verdict"]) == ("a50", 0.35, "improved")
    assert [round(row["auc"], 3) for row in found["compared"]] == [0.705, 0.905]


def test_the_page_shows_the_evidence_of_each_supplementary_trial():
    sets, records = told(search := searched(SPACES, trials=4), SPACES)
    own = supplementary(joined(search, sets, records), "a50")
    label, score = np.array([1, 0, 0, 1, 0] * 4), np.linspace(0, 1, 20)
    judged = evidence(label, score >= 0.35, 1, 0.95, 1, 1)
    own = with_evidence(own, [(label, np.tile(score, (len(own), 1)), tuple(own["name"]), None)], 0.35, 1)
    found = {"tier": "a50", "threshold": 0.35, "sets": described(sets, records), "reason": "x", "compared": []}
    text = supplement_text(found, own.to_dict("records"))
    row = next(line for line in text.split("## Trials")[1].splitlines() if line.startswith("| A01")).split("|")
    assert [cell.strip() for cell in row[2:8]] == buying(judged.to_dict())
    assert f"among {8 + len(records)} looked at on this tier" in text and "The base rate is 0.400." in text


def test_without_a_supplement_nothing_can_be_told_and_the_reason_is_given():
    ran = {"sets": [], "reason": "the supplement has no trial", "best": []}
    found = supplement("a50", ran, {}, "auc", 0.5, 0.95, 8)
    text = supplement_text(found, [])
    assert "Cannot tell whether the supplement improved on the search**: the supplement has no trial." in text
