"""The study of simulated panels in small: dates cover and claim nothing, rows do neither."""

import numpy as np
import pytest
from bench.panel_honesty import DAYS, PER_DAY, Market, autoregressive, best, intervals, level, null, paired, planted

from buysignal.core.files import read_json
from tests.pipeline.project import ROOT

CROWD = Market(0.8, 50, "month", 5)


def test_the_share_of_variance_that_all_have_in_common_is_as_told():
    rng = np.random.default_rng(1)
    panels = [Market(0.5, 20, "none", 1).sample(rng).gross.reshape(DAYS, 20) for _ in range(4)]
    common = np.corrcoef(np.concatenate(panels).T)[np.triu_indices(20, 1)].mean()
    assert common == pytest.approx(0.5, abs=0.05)
    x = autoregressive(rng, (20_000, 1), 21.0)[:, 0]
    assert x.std() == pytest.approx(1, abs=0.15) and np.corrcoef(x[21:], x[:-21])[0, 1] == pytest.approx(0.5, abs=0.1)
    assert level(0.06) > level(0.5) == 0


def test_intervals_of_dates_cover_and_those_of_rows_do_not():
    rows = intervals(CROWD, 40, np.random.default_rng(2))
    assert [(row["rule"], row["share"]) for row in rows[:2]] == [("3 a day", "precision"), ("3 a day", "recall")]
    for row in rows:
        assert row["covered"] >= 0.85  # fewer than 34 of 40 once in 300 at 95 %
        assert row["share"] == "recall" or row["rows_covered"] < 0.7


def test_equal_scores_are_seldom_called_different():
    assert all(row["covered"] >= 0.75 for row in paired(CROWD, 16, np.random.default_rng(3)))


def test_nothing_to_find_is_not_found_and_a_clear_signal_is():
    nothing, clear = null(CROWD, 10, np.random.default_rng(4)), planted(CROWD, 0.3, 4, np.random.default_rng(5))
    assert nothing["ahead"] <= 0.2 and nothing["use"] <= 0.2 and nothing["precision"] <= 0.3
    assert clear["ahead"] == clear["precision"] == clear["luck"] == 1


def test_the_best_of_twenty_is_not_believed_where_the_twenty_are_told():
    found = best(Market(0.5, 10, "month", 1), 5, np.random.default_rng(6))
    assert found["use"] <= found["one_use"] and found["one_ahead"] > 0


def test_what_was_measured_is_what_the_documents_say():
    """The wanted figures of the committed study: coverage and false claims pooled over its cells."""
    found = read_json(ROOT / "bench" / "results" / "panel_honesty.json")
    precision = [row["covered"] for row in found["intervals"] if row["share"] == "precision"]
    assert np.mean(precision) >= 0.93 and np.mean([row["covered"] for row in found["paired"]]) >= 0.93
    assert np.mean([row["use"] for row in found["null"]]) <= 0.05
    assert found["days"] == DAYS and PER_DAY == 3
