"""The mirror: a score of volatility is told from one of direction, and what cannot be told is said in words."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from buysignal.core.files import write_json
from buysignal.judge.mirror import compared, mirror
from buysignal.models.metrics import auc
from buysignal.report.pages.direction import mirror as page
from buysignal.report.pages.direction import verdict
from tests.judge.examples import scored

N = 600


def section(rows):
    """All that the report says of the mirror."""
    return [verdict(rows), *page(rows)]


def market(direction=0.0, seed=0, n=N):
    """(rise label, fall label, volatility, drift) of days whose volatility wanders and whose drift is ``direction``."""
    rng = np.random.default_rng(seed)
    volatility = np.exp(0.7 * np.convolve(rng.standard_normal(n + 19), np.ones(20) / np.sqrt(20), "valid"))
    drift = direction * rng.choice([-1.0, 1.0], n)
    up, down = volatility * (np.abs(rng.standard_normal((2, n))) + np.stack([drift, -drift]))
    return (up > 2).astype(np.int8), (down > 2).astype(np.int8), volatility, drift


def garch_market(seed, drift=0.0, days=602, steps=40):
    """(rise label, fall label, deviation, known drift) of GARCH-t days walked in ``steps``; levels 1 % off.

    ``drift`` is the mean of a day in its deviations, up or down with equal chance and known the evening before.
    """
    rng = np.random.default_rng(seed)
    variance, rows = 1.0, []
    for _ in range(days):
        deviation, side = np.sqrt(variance), drift * rng.choice([-1.0, 1.0])
        tails = np.sqrt((6 - 2) / rng.chisquare(6))  # a t day is a normal one of random variance
        path = np.cumsum(deviation * (tails * rng.standard_normal(steps) / np.sqrt(steps) + side / steps))
        rows.append((path.max() >= 1, path.min() <= -1, deviation, side))
        variance = 0.02 + 0.08 * path[-1] ** 2 + 0.9 * variance
    up, down, deviation, side = np.array(rows).T
    return up.astype(np.int8), down.astype(np.int8), deviation, side


@pytest.mark.full
@pytest.mark.parametrize(("drift", "least", "most"), [(0.0, 0, 12), (0.3, 160, 200)])
def test_direction_is_rarely_claimed_without_it_and_found_where_it_is(drift, least, most):
    """Of 200 markets; the fits' own luck is noise on both scores."""
    found = 0
    for seed in range(200):
        up, down, deviation, side = garch_market(seed, drift)
        noise = 0.1 * np.random.default_rng(1000 + seed).standard_normal((2, len(up)))
        scores = (np.log(deviation) + side + noise[0], np.log(deviation) - side + noise[1], np.log(deviation))
        row = judged(up, down, *scores)
        found += row["verdict"] == "direction"
    assert least <= found <= most


def unit(score):
    return 1 / (1 + np.exp(-score))


def judged(up, down, rise_score, fall_score, plain, horizon=1, untaught=""):
    pairs = ((up, rise_score), (down, fall_score), (up, plain))
    return compared(*(scored(label, unit(score)) for label, score in pairs), horizon, 1, untaught)


def test_the_figures_are_those_of_the_scores():
    up, down, volatility, drift = market(0.5)
    row = judged(up, down, volatility + drift, volatility - drift, volatility)
    assert row["auc_rise"] == pytest.approx(auc(up, volatility + drift))
    assert row["auc_fall"] == pytest.approx(auc(down, volatility - drift))
    assert row["auc_cross"] == pytest.approx(auc(down, volatility + drift))
    assert row["difference"] == row["auc_rise"] - row["auc_fall"]
    assert row["cross_difference"] == row["auc_rise"] - row["auc_cross"]
    assert row["formula_rise"] == pytest.approx(auc(up, volatility))
    assert row["formula_fall"] == pytest.approx(auc(down, volatility))
    assert row["excess"] == row["cross_difference"] - (row["formula_rise"] - row["formula_fall"])
    assert (row["n"], row["rises"], row["falls"]) == (N, up.sum(), down.sum())
    assert row["low"] < row["difference"] < row["high"]
    assert row["cross_low"] < row["cross_difference"] < row["cross_high"]
    assert row["excess_low"] < row["excess"] < row["excess_high"]


def test_a_score_of_volatility_is_called_so():
    up, down, volatility, _ = market()
    row = judged(up, down, volatility, volatility, volatility)
    assert row["verdict"] == "volatility, not direction" and row["reason"] == ""
    assert row["auc_rise"] > 0.7 and row["auc_cross"] == row["auc_fall"]
    assert row["excess"] == row["excess_low"] == row["excess_high"] == 0


def test_a_score_that_knows_rises_only_is_direction_and_its_mirror_is_falls_better():
    up, down, volatility, drift = market(1.0)
    assert judged(up, down, volatility + 3 * drift, 0.1 * volatility, volatility)["verdict"] == "direction"
    assert judged(up, down, 0.1 * volatility, volatility - 3 * drift, volatility)["verdict"] == "falls better"


def test_a_model_of_direction_is_found_also_where_its_mirror_predicts_falls_as_well():
    up, down, volatility, drift = market(1.0)
    row = judged(up, down, volatility + 3 * drift, volatility - 3 * drift, volatility)
    assert row["low"] < 0 < row["high"] and row["verdict"] == "direction"


def test_the_asymmetry_of_a_market_is_not_called_direction():
    # rises come on wild days, falls on any: volatility alone ranks the one and not the other
    rng = np.random.default_rng(0)
    _, _, volatility, _ = market()
    up, down = (volatility * np.abs(rng.standard_normal(N)) > 2).astype(np.int8), (rng.random(N) < 0.2).astype(np.int8)
    row = judged(up, down, volatility, volatility, volatility)
    assert row["low"] > 0 and row["cross_low"] > 0 and row["verdict"] == "volatility, not direction"
    assert row["reason"] == "a formula of volatility is as asymmetric on these days"
    # the other way round a constant score is beyond the formula, but ranks nothing
    row = judged(down, up, np.zeros(N), np.zeros(N), volatility)
    assert row["excess_low"] > 0 and row["verdict"] == "volatility, not direction"


def test_a_model_of_falls_that_failed_to_learn_makes_no_direction():
    # the fall score is noise, so rises look far better predicted; the rise score itself ranks falls as well
    up, down, volatility, _ = market()
    row = judged(up, down, volatility, np.random.default_rng(1).standard_normal(N), volatility)
    assert row["low"] > 0 > row["cross_low"] and row["verdict"] == "volatility, not direction"


def test_constant_scores_rank_nothing():
    up, down, _, _ = market()
    row = judged(up, down, np.zeros(N), np.zeros(N), np.zeros(N))
    assert (row["auc_rise"], row["low"], row["high"], row["cross_high"]) == (0.5, 0.0, 0.0, 0.0)
    assert row["verdict"] == "volatility, not direction"


def test_a_longer_horizon_asks_for_longer_blocks():
    up, down, volatility, drift = market(0.3)
    one, ten = (judged(up, down, volatility + drift, volatility, volatility, h) for h in (1, 10))
    assert judged(up, down, volatility + drift, volatility, volatility, 5) == one  # ten days at either
    assert one["difference"] == ten["difference"] and one["low"] != ten["low"]


@pytest.mark.parametrize(
    ("up", "down", "reason"),
    [
        (0, None, "the threshold role has no rise"),
        (1, None, "every day of the threshold role is labelled as a rise"),
        (None, 0, "the threshold role has no fall"),
        (None, 1, "every day of the threshold role is labelled as a fall"),
    ],
)
def test_a_role_of_one_class_cannot_tell_and_says_why(tmp_path, up, down, reason):
    risen, fallen, volatility, _ = market()
    risen = risen if up is None else np.full(N, up)
    fallen = fallen if down is None else np.full(N, down)
    row = judged(risen, fallen, volatility, volatility, volatility)
    assert (row["verdict"], row["reason"], row["low"], row["cross_high"]) == ("cannot tell", reason, None, None)
    write_json(tmp_path / "mirror.json", [row])  # refuses what is not finite
    assert reason in verdict([row]) and reason in section([row])[1]


def test_a_role_without_a_day_and_a_label_that_could_not_be_learned_cannot_tell(tmp_path):
    up, down, volatility, _ = market(n=60)
    rank = scored(up, unit(volatility), np.full(60, "rank"))
    row = compared(rank, rank, rank, 1, 1)
    assert (row["verdict"], row["reason"]) == ("cannot tell", "the threshold role has no day")
    row = judged(up, down, volatility, volatility, volatility, untaught="the train role has no fall")
    assert (row["verdict"], row["reason"]) == ("cannot tell", "the train role has no fall")
    assert row["auc_rise"] > 0.5
    write_json(tmp_path / "mirror.json", [row])


def test_two_models_of_different_days_are_refused():
    up, down, volatility, _ = market()
    whole, part = scored(up, unit(volatility)), scored(down[1:], unit(volatility[1:]))
    for three in ((whole, part, whole), (whole, whole, part)):
        with pytest.raises(ValueError, match="the rise, the fall and the formula of m are not judged on the same days"):
            compared(*three, 1, 1)


TAUGHT = (np.array([0, 1]), np.array([1, 0]))  # labels of a train role that can be learned


def three(**of_card):
    """A configuration trained on the rise and on the fall, and the formula, on the days of one market."""
    up, down, volatility, drift = market(0.5)
    pairs = ((up, volatility + drift), (down, volatility - drift), (up, volatility))
    return [scored(label, unit(score), **of_card) for label, score in pairs]


def test_each_configuration_is_held_against_its_mirror_and_the_formula_of_its_tier():
    (rise, fall, formula), (other, its_fall, _) = three(name="a50-2M-T3"), three(name="a100-2M-T4", tier="a100")
    wrong = scored(formula.label, 1 - formula.ensemble)
    rows = mirror([rise, other], [fall, its_fall], [TAUGHT] * 2, {"a50": formula, "a100": wrong}, 1, 1)
    assert rows == [compared(rise, fall, formula, 1, 1), compared(other, its_fall, wrong, 1, 1)]
    assert [row["name"] for row in rows] == ["a50-2M-T3", "a100-2M-T4"]
    assert rows[0]["excess"] != rows[1]["excess"]


@pytest.mark.parametrize(
    ("taught", "reason"),
    [
        (([0, 1], [0, 0]), "the train role has no fall"),
        (([1, 1], [0, 1]), "every day of the train role is labelled as a rise"),
    ],
)
def test_a_market_of_one_label_in_training_cannot_tell(taught, reason):
    rise, fall, formula = three()
    [row] = mirror([rise], [fall], [tuple(map(np.array, taught))], {"a50": formula}, 1, 1)
    assert (row["verdict"], row["reason"]) == ("cannot tell", reason)


def test_nothing_selected_is_an_empty_list():
    assert mirror([], [], [], {}, 1, 1) == []
    assert section([]) == ["**Nothing was selected**, so nothing was trained on the mirrored label."]


ROW = {
    "name": "a50-2M-T8", "tier": "a50", "seeds": 3, "n": 602, "rises": 102, "falls": 91, "confidence": 0.9,
    "auc_rise": 0.7512, "auc_fall": 0.7401, "auc_cross": 0.7302, "difference": 0.0111, "low": -0.0322,
    "high": 0.0533, "cross_difference": 0.021, "cross_low": -0.0144, "cross_high": 0.0655, "formula_rise": 0.7123,
    "formula_fall": 0.7025, "excess": 0.0112, "excess_low": -0.0313, "excess_high": 0.0454,
    "verdict": "volatility, not direction", "reason": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "begins"),
    [
        (
            "volatility, not direction",
            "**Volatility, not direction, as far as these days show**: a50-2M-T8 is not shown to rank rises better",
        ),
        (
            "direction",
            "**Direction, as far as these days show**: a50-2M-T8 ranks rises better than falls by more than volatility",
        ),
        (
            "falls better",
            "**Falls better, as far as these days show**: the same configuration, trained on the mirrored label, ranks",
        ),
    ],
)
def test_the_section_opens_with_the_verdict_on_the_headline(word, begins):
    parts = section([{**ROW, "verdict": word}, {**ROW, "name": "other", "verdict": "direction"}])
    assert parts[0].startswith(begins)
    assert "AUC 0.751 for rises; 0.740 for falls when trained on them" in parts[0]
    assert "0.730 for falls by the rise score" in parts[0] and "+0.011 [-0.031, +0.045]" in parts[0]
    assert "+0.011 [-0.032, +0.053]" in parts[0] and "+0.021 [-0.014, +0.066]" in parts[0]
    assert "90 % intervals" in parts[0]
    assert [line.split("|")[1].strip() for line in parts[-1].splitlines()[2:]] == ["a50-2M-T8", "other"]


@pytest.mark.parametrize("key", [key for key, value in ROW.items() if key not in ("tier", "seeds", "reason")])
def test_what_the_row_says_the_page_says(key):
    row = copy.copy(ROW)
    row[key] = "direction" if key == "verdict" else f"{row[key]}x" if isinstance(row[key], str) else row[key] * 2 + 1
    assert section([row]) != section([ROW])
