"""What ships: the simplest contender within a standard error of the most precise; every loser with its reason."""

from dataclasses import replace

import numpy as np
import pytest

from buysignal.core.files import write_json
from buysignal.judge.choice import BELOW, BEST, SHIPS, WITHIN, choose
from buysignal.judge.evidence import missing
from buysignal.judge.operating import operating_point
from tests.judge.examples import RULES, named, scored, skilled

N = 100  # days of either role
ROLE = ["calibrate"] * N + ["threshold"] * N
LABEL = np.tile(np.arange(N) % 4 == 0, 2)  # 25 of 100 days


def buys(name, hits, family="transformer", **of_card):
    """A contender that buys on ten days of either role, so many of them right, spread over the role."""
    score = np.linspace(0.1, 0.4, N)
    score[np.flatnonzero(LABEL[:N])[::2][:hits]] = 0.9
    score[np.flatnonzero(~LABEL[:N])[3::7][: 10 - hits]] = 0.9
    return scored(LABEL, np.tile(score, 2), ROLE, name=name, family=family, **of_card)


def error_of(model):
    """By hand: the standard error of a share at its effective number of buys."""
    point = operating_point(model, RULES).point
    return (point.precision * (1 - point.precision) / point.n_eff) ** 0.5


def outcomes(choice):
    return {one.name: one.outcome for one in choice.standings}


def test_the_simplest_within_a_standard_error_of_the_best_ships():
    best, near, far = buys("m", 9), buys("v", 9, "logistic"), buys("f", 3, "formula")
    choice = choose([best, near, far, buys("boost", 9, "boosting")], RULES)
    assert choice.shipped == "v" and choice.best == "v"  # of equals the simpler is the best
    assert outcomes(choice) == {"v": SHIPS, "m": WITHIN, "boost": WITHIN, "f": BELOW}


def test_what_is_less_precise_ships_where_it_is_simpler_and_near_enough():
    best, near = buys("m", 8), buys("v", 7, "logistic")
    assert 0.8 - error_of(best) < 0.7 < 0.8  # sqrt(.8 * .2 / 10) = .126
    choice = choose([best, near], RULES)
    assert (choice.shipped, choice.best, choice.best_error) == ("v", "m", pytest.approx(error_of(best)))
    assert outcomes(choice) == {"m": BEST, "v": SHIPS}
    assert choice.reason == (
        f"v ships: its precision of 0.700 is within one standard error ({error_of(best):.3f}) of the best, 0.800 of m, "
        "and no simpler contender's is"
    )


def test_what_is_more_than_a_standard_error_ahead_ships_however_complex():
    choice = choose([buys("blend", 9, "blend"), buys("v", 5, "logistic")], RULES)
    assert choice.shipped == choice.best == "blend" and outcomes(choice) == {"blend": SHIPS, "v": BELOW}
    assert choice.reason.startswith("blend ships: it is the most precise, and nothing simpler is within its ")


def test_standings_are_the_most_precise_first_with_what_each_came_to():
    choice = choose([buys("v", 5, "logistic"), buys("m", 8)], RULES)
    assert [(one.name, one.seen.precision, one.seen.recall, one.seen.n_buys) for one in choice.standings] == [
        ("m", 0.8, 8 / 25, 10),
        ("v", 0.5, 5 / 25, 10),
    ]


def test_the_order_of_the_contenders_changes_nothing():
    models = [skilled(f"m{i}", 0.4 * i, seed=9) for i in range(4)]
    models.append(named(skilled("v", 0.6, seed=9), family="logistic", configuration=None))
    assert choose(models, RULES) == choose(models[::-1], RULES)


def test_nothing_ships_where_no_contender_qualifies():
    flat = scored(LABEL, np.full(2 * N, 0.5), ROLE, name="flat")
    for models in ([], [flat], [replace(buys("m", 5), role=np.full(2 * N, "rank"))]):
        choice = choose(models, RULES)
        assert (choice.shipped, choice.best, choice.standings) == ("", "", ())
        assert choice.reason == "nothing ships: no contender has an operating point"


def test_no_day_outside_the_threshold_and_calibrate_role_changes_the_choice():
    models = [buys("v", 4, "logistic"), buys("m", 8)]
    later = [
        replace(
            one,
            role=np.append(one.role, ["test"] * 3),
            label=np.append(one.label, [1, 0, 1]).astype(np.int8),
            index=one.dates.append(one.dates[-3:] + np.timedelta64(400, "D")),
            scores=np.hstack([one.scores, [[0.0, 1.0, 0.5]]]),
        )
        for one in models
    ]
    assert choose(models, RULES) == choose(later, RULES)


def test_a_choice_is_plain_json_and_no_precision_in_it_stands_alone(tmp_path):
    choice = choose([buys("v", 4, "logistic"), buys("m", 8)], RULES, trials=7).to_dict()
    write_json(tmp_path / "choice.json", choice)
    assert missing(choice) == [] and {one["name"]: one["configurations"] for one in choice["standings"]}["m"] == 7


def test_contenders_of_other_days_are_refused():
    other = buys("m", 8)
    with pytest.raises(ValueError, match="not judged on the same days"):
        choose([buys("v", 4, "logistic"), replace(other, index=other.dates + np.timedelta64(1, "D"))], RULES)
