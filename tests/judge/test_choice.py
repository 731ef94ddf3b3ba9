"""What ships: the logistic, unless another is ahead of it by a standard error; every loser with its reason."""

from dataclasses import replace

import numpy as np
import pytest

from buysignal.core.files import write_json
from buysignal.judge.choice import ERRORS, SHARE, choose
from buysignal.judge.evidence import missing
from tests.judge.examples import RULES, named, scored, skilled

N = 100  # days of the threshold role, of which each contender buys 10
ROLE = ["calibrate"] * N + ["threshold"] * N
LABEL = np.tile(np.arange(N) % 4 == 0, 2)  # 25 of 100 days


def buys(name, hits, family="transformer", other=0, **of_card):
    """A contender whose ten most confident days of either role hold so many hits; ``other`` gives it other days."""
    score = np.linspace(0.1, 0.4, N)
    score[np.flatnonzero(LABEL[:N])[other::2][:hits]] = 0.9
    score[np.flatnonzero(~LABEL[:N])[3 + other :: 7][: 10 - hits]] = 0.9
    return scored(LABEL, np.tile(score, 2), ROLE, name=name, family=family, **of_card)


def outcomes(choice):
    return {one.name: one.outcome for one in choice.standings}


def test_precision_and_recall_are_counted_on_the_most_confident_tenth_of_the_days():
    choice = choose([buys("a50-volatility", 4, "logistic"), buys("m", 8)], RULES, seed=1)
    assert (choice.days, choice.buys) == (N, round(SHARE * N))
    found = {one.name: (one.seen.precision, one.seen.recall, one.lead) for one in choice.standings}
    assert found["a50-volatility"] == (pytest.approx(0.4), pytest.approx(4 / 25), None)
    assert found["m"] == (pytest.approx(0.8), pytest.approx(8 / 25), pytest.approx(0.4))
    assert [one.name for one in choice.standings] == ["m", "a50-volatility"]


def test_what_is_ahead_by_more_than_a_standard_error_ships():
    choice = choose([buys("a50-volatility", 4, "logistic"), buys("m", 8)], RULES, seed=1)
    [lead] = [one for one in choice.standings if one.name == "m"]
    assert lead.lead > ERRORS * lead.error > 0
    assert (choice.shipped, choice.benchmark) == ("m", "a50-volatility")
    assert outcomes(choice) == {"m": "ships", "a50-volatility": "the benchmark, beaten"}
    assert choice.reason.startswith("m ships: it is +0.400 ahead of a50-volatility on the same days, standard error ")


@pytest.mark.parametrize("hits", [4, 5])
def test_a_lead_within_a_standard_error_ships_the_logistic(hits):
    choice = choose([buys("a50-volatility", 4, "logistic"), buys("m", hits, other=1)], RULES, seed=1)
    assert choice.shipped == "a50-volatility"
    assert outcomes(choice) == {"m": "not ahead by enough", "a50-volatility": "ships"}
    assert choice.reason == "a50-volatility ships: no other contender is more than 1 standard error ahead of it"


def test_of_those_ahead_the_most_precise_ships_and_of_equals_the_simpler():
    models = [buys("a50-volatility", 2, "logistic"), buys("m", 8), buys("boost", 8, "boosting"), buys("n", 7)]
    choice = choose(models, RULES, seed=1)
    assert choice.shipped == "boost"
    assert set(outcomes(choice).values()) == {
        "ships",
        "the benchmark, beaten",
        "ahead of the benchmark, and less precise than what ships",
    }


def test_a_contender_that_buys_the_very_same_days_is_not_ahead():
    choice = choose([buys("a50-volatility", 6, "logistic"), buys("m", 6)], RULES, seed=1)
    assert choice.shipped == "a50-volatility"
    assert [one.lead for one in choice.standings if one.name == "m"] == [0.0]


def test_the_order_of_the_contenders_changes_nothing():
    models = [skilled(f"m{i}", 0.4 * i, seed=9) for i in range(4)]
    models.append(named(skilled("v", 0.6, seed=9), family="logistic", configuration=None))
    assert choose(models, RULES, seed=3) == choose(models[::-1], RULES, seed=3)


def test_without_a_logistic_the_most_precise_ships():
    choice = choose([buys("m", 5), buys("n", 8)], RULES, seed=1)
    assert (choice.shipped, choice.benchmark) == ("n", "")
    assert "no logistic" in choice.reason and all(one.lead is None for one in choice.standings)


def test_nothing_ships_where_no_contender_qualifies():
    flat = scored(LABEL, np.full(2 * N, 0.5), ROLE, name="flat")
    for models in ([], [flat], [replace(buys("m", 5), role=np.full(2 * N, "rank"))]):
        choice = choose(models, RULES, seed=1)
        assert (choice.shipped, choice.standings) == ("", ())
        assert choice.reason == "nothing ships: no contender has an operating point"


def test_no_day_outside_the_threshold_and_calibrate_role_changes_the_choice():
    models = [buys("a50-volatility", 4, "logistic"), buys("m", 8)]
    later = [
        replace(
            one,
            role=np.append(one.role, ["test"] * 3),
            label=np.append(one.label, [1, 0, 1]).astype(np.int8),
            dates=one.dates.append(one.dates[-3:] + np.timedelta64(400, "D")),
            scores=np.hstack([one.scores, [[0.0, 1.0, 0.5]]]),
        )
        for one in models
    ]
    assert choose(models, RULES, seed=1) == choose(later, RULES, seed=1)


def test_a_choice_is_plain_json_and_no_precision_in_it_stands_alone(tmp_path):
    choice = choose([buys("a50-volatility", 4, "logistic"), buys("m", 8)], RULES, seed=1, trials=7).to_dict()
    write_json(tmp_path / "choice.json", choice)
    assert missing(choice) == [] and {one["name"]: one["configurations"] for one in choice["standings"]}["m"] == 7


def test_contenders_of_other_days_are_refused():
    other = buys("m", 8)
    with pytest.raises(ValueError, match="not judged on the same days"):
        choose(
            [buys("a50-volatility", 4, "logistic"), replace(other, dates=other.dates + np.timedelta64(1, "D"))],
            RULES,
            1,
        )
