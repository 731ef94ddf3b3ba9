"""A tier's analysis, its findings and its page: right where there is something to say, honest where there is not."""

import json
import os
import re
import subprocess
import sys
import warnings
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.files import stable
from buysignal.judge.trials import importance
from buysignal.judge.trials.findings import findings
from buysignal.judge.trials.importance import Importance
from buysignal.judge.trials.scaling import scaling
from buysignal.judge.trials.tier import analyze_tier
from buysignal.report.pages.search import analysis_text, counted
from buysignal.search.rounds.trends import CANNOT_TELL, HOLDS, usable
from buysignal.search.study.record import table
from buysignal.search.study.tables import coverage, long_table, top
from tests.pipeline.project import ROOT
from tests.search.study.tables import reference_space_of_all, reference_table, trial_table
from tests.search.study.toy import REFERENCE, reference_space


def analyzed(studies):
    """Findings, page and JSON of (tier, budget) -> table, as the stage makes them."""
    covered = {"-".join(key): coverage(trials, reference_space(key[1])) for key, trials in studies.items()}
    names = list(dict.fromkeys(tier for tier, _ in studies))
    longs = {tier: long_table({key: t for key, t in studies.items() if key[0] == tier}) for tier in names}
    spaces = [reference_space(budget) for budget in REFERENCE]
    tiers = [analyze_tier(tier, long, spaces, 0.24, 0.95, 0) for tier, long in longs.items()]
    steps = scaling(studies, {"a50": 55, "a100": 105}, 0.24, 0.95, 0)
    found = findings(covered, tiers, steps)
    best = {tier: top(usable(long), 5).to_dict("records") for tier, long in longs.items()}
    told = {"objective": "auc", "confidence": 0.95, "coverage": covered, "tiers": {t.tier: t.to_dict() for t in tiers}}
    told |= {"scaling": [asdict(s) for s in steps], "findings": [asdict(f) for f in found]}
    plain = stable(told)
    return found, analysis_text(plain, best), plain


@pytest.fixture(scope="module")
def reference():
    trials = reference_table()
    return analyzed({("a50", "2M"): trials[trials["d_model"] < 100], ("a50", "20M"): trials[trials["d_model"] > 100]})


def test_variants_are_told_where_there_are_some_and_only_there():
    one = {"architectures_tested": 2, "architectures_possible": 75, "trials": 6, "coverage_of_reachable": 1.0}
    one |= {"wasted": 0, "variants": 4, "complete": 6, "pruned": 0, "failed": 0, "collapsed": 0}
    [told] = findings({"a50-2M": one}, [], [])
    assert (told.verdict, told.text) == (
        HOLDS,
        "6 trials tested 2 of 75 architectures, 100% of what so many trials can reach; 0 repeated an earlier "
        "configuration, 4 were variants of an architecture.",
    )
    [plain] = findings({"a50-2M": one | {"variants": 0}}, [], [])
    assert plain.text.endswith("0 repeated an earlier configuration.")
    rows = {"a50-2M": one, "a50-20M": one | {"variants": 0}}
    assert counted(rows)[-1] == "variants" and "variants" not in counted({"a50-20M": rows["a50-20M"]})


def by_topic(found):
    return {f.topic: f for f in found}


def test_the_sentences_carry_the_references_numbers(reference):
    found = by_topic(reference[0])
    assert found["dropout"].text.startswith(
        "dropout matters for reaching the top; best supported is 0.5, with 34 of the top 60 (56.7%) and 84 of all 250 "
        "trials (33.6%); chi-square p = "
    )
    assert found["dropout"].text.endswith("Untested in or next to it: 0.35, 0.4, 0.45, 0.55, 0.6.")
    assert "37 of the top 60 (61.7%)" in found["learning_rate"].text
    assert "38 of the top 60 (63.3%)" in found["d_model"].text
    assert "Promising are 0.0001 and 0.001, together 81.7% of the top." in found["weight_decay"].text
    assert "promising n_layers 2 and 6-7" in found["two depths"].text
    assert "more than one peak" in found["two depths"].text


def test_a_step_of_size_says_what_it_compared_in_words():
    small, large = (trial_table(np.linspace(0.6, top, 25), parameters=size) for top, size in ((0.7, 1000), (0.9, 2000)))
    for studies, says in (
        ((small, large), "More parameters give a higher AUC: 0.8688"),
        ((large, small), "not larger"),
    ):
        found, _, _ = analyzed({("a50", b): table for b, table in zip(("2M", "20M"), studies)})
        assert says in by_topic(found)["scaling of auc with parameters"].text
    loses = trial_table(np.linspace(0.5, 0.6, 25), parameters=3000)
    found, _, _ = analyzed({("a50", "2M"): small, ("a50", "20M"): loses})
    text = by_topic(found)["scaling of auc with parameters"].text
    # the six best of 25 equally spaced: 0.6 - 2.5 steps of 0.1 / 24
    assert text.startswith(
        "More parameters give a lower AUC: 0.5896 in a50-20M (the best 6 of 25 trials; 3,000 parameters)"
    )


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        ((HOLDS, CANNOT_TELL), "By PED-ANOVA d_model tells the top from the rest; "),
        ((HOLDS, HOLDS), "By PED-ANOVA d_model and dropout tell the top from the rest; "),
        ((CANNOT_TELL, CANNOT_TELL), "By PED-ANOVA no dimension tells the top from the rest; "),
    ],
)
def test_what_matters_is_told_by_each_method_with_its_own_first(verdicts, says):
    trials = trial_table(np.linspace(0.6, 0.7, 12))
    spaces = [reference_space(budget) for budget in REFERENCE]
    shares = (("d_model", 0.6, 0.1, 0.018), ("dropout", 0.4, 0.9, 0.19))
    ranked = [Importance(*share, verdict) for share, verdict in zip(shares, verdicts)]
    tier = replace(analyze_tier("a50", long_table({("a50", "2M"): trials}), spaces, 0.24, 0.95, 0), importance=ranked)
    [found] = [f for f in findings({}, [tier], []) if f.topic == "importance"]
    assert found.text == (
        f"{says}highest are d_model (60%, p = 0.018) and dropout (40%, p = 0.19). "
        "fANOVA, which explains the objective of all trials, puts dropout first (90%)."
    )


def test_answers_come_before_what_cannot_be_told(reference):
    settled = [f.verdict != CANNOT_TELL for f in reference[0]]
    assert settled == sorted(settled, reverse=True)
    assert reference[1].index("## Findings") < reference[1].index("## What these trials cannot tell")


def test_the_page_shows_every_value_with_its_count_share_mean_and_interval(reference):
    row = next(line for line in reference[1].splitlines() if line.startswith("| 0.5 *"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:5] == ["0.5 *", "84", "33.6%", "34", "56.7%"]
    mean, (low, high) = float(cells[5]), map(float, cells[6].split(" to "))
    assert low < mean < high


def test_no_precision_without_its_number_of_buys():
    rng = np.random.default_rng(0)
    more = {"precision": rng.random(80), "parameters": rng.integers(10**4, 10**6, 80)}
    trials = trial_table(rng.random(80), n_buys=rng.integers(1, 80, 80), **more)
    found, page, _ = analyzed({("a50", "2M"): trials[:40], ("a50", "20M"): trials[40:].reset_index(drop=True)})
    told = [f.text for f in found if "precision" in f.topic]
    assert len(told) == 2
    assert all("buys" in text for text in told)
    assert told[0].count("buys worth 30.0 independent ones, so 0.35 to 0.65 for one trial") == 2
    assert told[0].count("on 10.0% of the days at a base rate of 0.200") == 2
    tables = [part for part in page.split("\n\n") if part.startswith("|") and "precision" in part]
    assert len(tables) == 3
    assert all("buys" in part.splitlines()[0] for part in tables)


def test_values_smaller_than_jsons_six_decimals_survive(reference):
    trials = trial_table([0.7, 0.71] * 10, weight_decay=[1e-7, 3e-7] * 10)
    tier = analyze_tier("a50", trials, [reference_space_of_all()], 0.24, 0.95, 0)
    plain = stable(tier.to_dict())["dimensions"]["weight_decay"]
    assert plain["sweet_spot"] == "3e-07"
    assert set(plain["values"]) == {"1e-07", "3e-07"}


POOR = {
    "nothing finished": table([]),
    "all failed": trial_table([0.7] * 6, state="failed", error="OutOfMemory").assign(value=None, auc=None, n_buys=None),
    "all collapsed": trial_table(np.linspace(0.5, 0.6, 6), collapsed=True),
    "one trial": trial_table([0.7]),
    "two trials": trial_table([0.7, 0.6], dropout=[0.1, 0.3]),
    "one value everywhere": trial_table(np.linspace(0.6, 0.7, 12)),
    "equal objectives": trial_table([0.7] * 12, dropout=[0.1, 0.3] * 6),
    "no buys": trial_table(np.linspace(0.6, 0.7, 12), dropout=[0.1, 0.3] * 6, n_buys=0.0, precision=0.0),
}
SAYS = {
    "nothing finished": "no trial was finished",
    "all failed": "none of 6 trials completed",
    "all collapsed": "all 6 complete trials collapsed",
    "one trial": "one usable trial cannot be compared with another",
    "two trials": "2 usable trials, 10 are needed",
    "one value everywhere": "One value of dropout was tried, 0.3: nothing to compare it with",
    "equal objectives": "nothing varies among the trials",
    "no buys": "0 usable trials in a50-2M",
}


@pytest.mark.parametrize("name", POOR)
def test_poor_trials_give_a_smaller_report_that_says_what_is_missing(name):
    poor = POOR[name].drop(columns=["tier", "budget"], errors="ignore")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, page, plain = analyzed({("a50", "2M"): poor, ("a50", "20M"): poor.iloc[:0]})
    assert SAYS[name] in page
    assert not re.search(r"\bnan\b|\binf\b|None", page)
    json.dumps(plain, allow_nan=False)
    assert all(f.verdict == CANNOT_TELL for f in found if f.topic not in ("coverage", "lost trials"))


STATE = st.sampled_from(["complete", "complete", "complete", "pruned", "failed"])


@st.composite
def any_trials(draw):
    n = draw(st.integers(0, 14))

    def column(values):
        return draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))

    state = draw(st.lists(STATE, min_size=n, max_size=n))
    value = [v if s != "failed" else None for v, s in zip(column([0.5, 0.6, 0.61, 0.7]), state)]
    buys = [b if s != "failed" else None for b, s in zip(column([0.0, 3.0]), state)]
    return trial_table(
        [np.nan if v is None else v for v in value],
        state=state,
        collapsed=column([False, False, True]),
        n_buys=np.array(buys, float),
        precision=np.array([0.0 if b == 0 else np.nan if b is None else 0.5 for b in buys], float),
        **{name: column(list(grid)) for name, grid in zip(("d_model", "n_layers"), reference_space("2M").grids)},
        dropout=column([0.1, 0.3]),
        weight_decay=column([0.0, 1e-5]),
    ).drop(columns=["tier", "budget"])


@settings(max_examples=25, deadline=None)
@given(any_trials(), any_trials())
def test_whatever_the_trials_the_analysis_is_finite_and_silent(small, large):
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(importance, "SHUFFLES", 9)
        patch.setattr(importance, "TREES", 2)
        warnings.simplefilter("error")
        _, page, plain = analyzed({("a50", "2M"): small, ("a50", "20M"): large})
    assert not re.search(r"\bnan\b|\binf\b|None", page)
    json.dumps(plain, allow_nan=False)


PROCESS = """
from tests.search.study.tables import reference_table
from tests.judge.trials.test_findings import analyzed
import hashlib, json
found, page, plain = analyzed({("a50", "20M"): reference_table()[:60]})
print(hashlib.sha256((page + json.dumps(plain)).encode()).hexdigest())
"""


def test_another_process_with_another_hash_seed_gives_the_same_bytes():
    def digest(seed):
        done = subprocess.run(
            [sys.executable, "-c", PROCESS],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert digest("1") == digest("2")
