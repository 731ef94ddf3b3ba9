"""Each rule at, above and below its limit, with limits computed by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.cli.gate import rules
from buysignal.cli.gate.rules import CANNOT_JUDGE, FAIL, NOT_ASKED, PASS
from buysignal.core.errors import UserError
from buysignal.core.settings import of
from buysignal.judge.params import CANNOT_TELL, DO_NOT_USE, USE
from buysignal.judge.verdict import Verdict
from tests.cli.gate.examples import GOOD, JUDGED, leading, replace

NEVER = replace(GOOD, precision=0.0, precision_low=0.0, recall=0.0, n_buys=0, n_eff=0.0)
NEVER = replace(NEVER, against_volatility=replace(GOOD.against_volatility, precision=None))


@pytest.mark.parametrize(("low", "verdict"), [(0.4, PASS), (0.400001, PASS), (0.399999, FAIL)])
def test_the_lower_bound_of_precision_reaches_its_floor(low, verdict):
    assert rules.precision_floor(replace(GOOD, precision_low=low), 0.4).verdict == verdict


@pytest.mark.parametrize(("low", "verdict"), [(0.6, FAIL), (0.600001, PASS), (0.599999, FAIL)])
def test_a_floor_below_the_base_rate_is_raised_above_it(low, verdict):
    said = rules.precision_floor(replace(GOOD, precision_low=low, base_rate=0.6), 0.4)
    assert said.verdict == verdict and said.wanted == "above the base rate, 0.600"


@pytest.mark.parametrize(("recall", "verdict"), [(0.1, PASS), (0.100001, PASS), (0.099999, FAIL)])
def test_recall_reaches_its_floor(recall, verdict):
    assert rules.recall_floor(replace(GOOD, recall=recall), 0.1).verdict == verdict


DOUBTED = of(Verdict, CANNOT_TELL, "it may as well lose money", 300)
REFUSED = of(Verdict, DO_NOT_USE, "it loses money", None)


@pytest.mark.parametrize(
    ("told", "wanted", "verdict"),
    [
        (DOUBTED, USE, CANNOT_JUDGE),
        (DOUBTED, CANNOT_TELL, PASS),
        (REFUSED, USE, FAIL),
        (REFUSED, CANNOT_TELL, FAIL),
        (GOOD.verdict, CANNOT_TELL, PASS),
        (GOOD.verdict, USE, PASS),
    ],
)
def test_what_is_not_to_be_used_fails_and_what_cannot_be_told_is_not_judged_unless_it_may(told, wanted, verdict):
    said = rules.verdict(replace(GOOD, verdict=told), wanted)
    assert said.verdict == verdict and said.reason == f"the verdict on a50-2M-T1 is {told}"


def test_a_run_from_before_there_were_verdicts_is_named():
    with pytest.raises(UserError, match=r"metrics/train.json has no verdict: run `dvc repro`"):
        rules.verdict(replace(GOOD, verdict=None), USE)


@pytest.mark.parametrize(
    ("low", "margin", "verdict"),
    [(0.0, 0.0, FAIL), (0.000001, 0.0, PASS), (-0.01, 0.0, FAIL), (-0.04, -0.05, PASS), (-0.05, -0.05, FAIL)],
)
def test_the_whole_interval_over_the_volatility_baseline_lies_above_the_margin(low, margin, verdict):
    assert rules.lift(leading(low=low), margin).verdict == verdict


@pytest.mark.parametrize(("best", "verdict"), [(0.699999, PASS), (0.7, FAIL), (0.8, FAIL)])
def test_no_other_baseline_is_as_precise_on_as_many_buys(best, verdict):
    said = rules.lift(replace(GOOD, at_as_many_buys=GOOD.at_as_many_buys | {"a50-boosting": best}), 0.0)
    assert said.verdict == verdict and ("a50-boosting has precision" in said.reason) == (verdict == FAIL)


def test_a_baseline_that_ships_is_held_against_the_others_and_volatility_is_not_held_against_itself():
    boosting = replace(GOOD, name="a50-boosting", at_as_many_buys={"a50-volatility": 0.5, "a50-boosting": 0.7})
    assert rules.lift(boosting, 0.0).verdict == PASS
    said = rules.lift(replace(GOOD, name="a50-volatility"), 0.0)
    assert said.verdict == NOT_ASKED and said.reason == "a50-volatility itself ships: nothing is to be ahead of itself"


@pytest.mark.parametrize("kind", ["formula", "garch"])
def test_what_knows_volatility_alone_is_not_asked_to_exceed_it(kind):
    said = rules.lift(replace(GOOD, name="a50-other", family=kind), 0.0)
    assert said.verdict == NOT_ASKED and said.reason == "a50-other knows volatility alone, as a50-volatility does"


@pytest.mark.parametrize(("n_buys", "verdict"), [(9, FAIL), (10, PASS)])
def test_a_few_lucky_buys_are_no_lead(n_buys, verdict):
    assert rules.lift(replace(GOOD, n_buys=n_buys), 0.0).verdict == verdict


def test_what_is_less_precise_is_called_so_in_one_sentence():
    worse = leading(replace(GOOD, precision=0.47619), difference=-0.285714, low=-1.0, high=-0.080424)
    assert rules.lift(worse, 0.0).reason == (
        "a50-2M-T1 is less precise than a50-volatility buying on as many days "
        "(difference -0.286, 95 % interval -1.000 to -0.080)"
    )


@pytest.mark.parametrize(
    ("low", "high", "margin", "words"),
    [
        (-0.1, 0.2, 0.0, "is not shown to be more precise than"),
        (-0.04, 0.2, -0.05, "is not less precise by 0.050 or more than"),
        (0.05, 0.35, 0.1, "is more precise than"),
    ],
)
def test_the_words_say_what_the_interval_says(low, high, margin, words):
    assert words in rules.lift(leading(low=low, high=high), margin).reason


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        (replace(JUDGED, prediction_width=0.05), PASS),
        (replace(JUDGED, prediction_width=0.049999), FAIL),
        (replace(JUDGED, collapsed=True), FAIL),
    ],
)
def test_the_scores_of_a_collapsed_model_fail(at, verdict):
    assert rules.no_collapse(GOOD, at, 0.05).verdict == verdict


def test_a_model_that_never_buys_fails_every_rule_that_asks_for_buys():
    said = [
        rules.precision_floor(NEVER, 0.0),
        rules.recall_floor(NEVER, 0.1),
        rules.lift(NEVER, -0.5),
        rules.no_collapse(NEVER, JUDGED, 0.05),
        rules.precision_drop(NEVER, GOOD, 0.95),
        rules.recall_drop(NEVER, JUDGED, GOOD, JUDGED, 0.95),
    ]
    assert {one.verdict for one in said} == {FAIL}
    assert {one.reason for one in said} == {"a50-2M-T1 buys on none of 600 test days"}


def test_nothing_can_fall_from_no_buys():
    assert rules.precision_drop(GOOD, NEVER, 0.95).verdict == PASS
    assert rules.precision_drop(NEVER, NEVER, 0.95).verdict == PASS
    assert rules.recall_drop(NEVER, JUDGED, NEVER, JUDGED, 0.95).verdict == PASS


@pytest.mark.parametrize("rule", [rules.precision_floor, rules.recall_floor, rules.lift])
def test_days_of_one_label_judge_nothing(rule):
    with pytest.raises(UserError, match="all 600 test days have the same label"):
        rule(replace(GOOD, one_class=True), 0.1)


# Exact 95 % intervals by Clopper and Pearson: 42 of 60 .5679-.8115, 30 of 60 .3681-.6319, 31 of 60 .3839-.6477;
# noise is sqrt((.6319 - .5)^2 + (.7 - .5679)^2) = .1867 for 30 and sqrt((.6477 - .5167)^2 + .1321^2) = .1860 for 31
@pytest.mark.parametrize(("hits", "noise", "verdict"), [(30, 0.187, FAIL), (31, 0.186, PASS)])
def test_precision_falls_by_no_more_than_two_sets_of_buys_differ_by(hits, noise, verdict):
    said = rules.precision_drop(replace(GOOD, precision=hits / 60), GOOD, 0.95)
    assert said.verdict == verdict and said.wanted == f"a drop of at most {noise:.3f}"


def test_fewer_independent_buys_excuse_a_larger_drop():
    assert rules.precision_drop(replace(GOOD, precision=0.5, n_eff=20.0), GOOD, 0.95).verdict == PASS


# two times three seeds with a deviation of .03: Student's t at 4 degrees is 2.776; 2.776 x .03 x sqrt(2) = .1178
@pytest.mark.parametrize(("fell", "verdict"), [(0.1177, PASS), (0.1179, FAIL), (0.0, PASS), (-0.2, PASS)])
def test_recall_falls_by_no_more_than_training_differs_by(fell, verdict):
    said = rules.recall_drop(replace(GOOD, recall=GOOD.recall - fell), JUDGED, GOOD, JUDGED, 0.95)
    assert said.verdict == verdict and said.wanted == "a drop of at most 0.118"


# one seed has no deviation: three seeds alone give 2 degrees, t = 4.303; 4.303 x .03 x sqrt(2) = .1825
def test_a_run_with_one_seed_borrows_the_deviation_of_the_other():
    one = replace(JUDGED, recall_sd=0.0, seeds=1)
    said = rules.recall_drop(replace(GOOD, recall=0.45), one, GOOD, JUDGED, 0.95)
    assert said.verdict == PASS and said.wanted == "a drop of at most 0.183"
    with pytest.raises(UserError, match="one seed tells nothing"):
        rules.recall_drop(replace(GOOD, recall=0.58), one, GOOD, one, 0.95)
    assert rules.recall_drop(GOOD, one, GOOD, one, 0.95).verdict == PASS  # nothing fell


# no seed, no luck of its own: three seeds of the other, 2 degrees, t = 4.303; 4.303 x .03 = .1291
def test_what_draws_nothing_by_chance_has_no_luck_of_training():
    none = replace(JUDGED, recall_sd=0.0, seeds=0)
    assert rules.recall_drop(GOOD, none, GOOD, none, 0.95).verdict == PASS
    fell = replace(GOOD, recall=0.58)
    said = rules.recall_drop(fell, none, GOOD, none, 0.95)
    assert said.verdict == FAIL and said.wanted == "a drop of at most 0.000"
    for pair in ((none, JUDGED), (JUDGED, none)):
        said = rules.recall_drop(fell, pair[0], GOOD, pair[1], 0.95)
        assert said.verdict == PASS and said.wanted == "a drop of at most 0.129"


share = st.integers(0, 10**6).map(lambda millionths: millionths / 10**6)  # as JSON keeps them
limit = st.floats(0, 0.99)


@st.composite
def models(draw):
    """A model and the same one with higher precision and recall, by as much in every number of precision."""
    low, precision, best, baseline, recall = (draw(share) for _ in range(5))
    n_buys = draw(st.integers(1, 200))
    ends = sorted(2 * draw(share) - 1 for _ in range(2))
    difference, reached = precision - baseline, {"a50-volatility": 0.0, "a50-boosting": best}
    model = replace(GOOD, precision=precision, precision_low=min(low, precision), recall=recall, n_buys=n_buys)
    model = replace(model, n_eff=float(draw(st.integers(1, n_buys))), base_rate=draw(share), at_as_many_buys=reached)
    up, more = draw(share) * (1 - precision), draw(share) * (1 - recall)
    better = replace(model, precision=min(1.0, precision + up), precision_low=min(1.0, model.precision_low + up))
    better = replace(better, recall=min(1.0, recall + more))
    raised = dict(zip(("low", "high"), (min(1.0, end + up) for end in ends)))
    return (
        leading(model, difference=difference, low=ends[0], high=ends[1]),
        leading(better, difference=difference + up, **raised),
    )


@given(models(), models(), limit, st.floats(0.51, 0.99))
def test_more_precision_and_more_recall_never_turn_pass_into_fail(pair, others, limit, confidence):
    before = others[0]
    for rule in (
        lambda model: rules.precision_floor(model, limit),
        lambda model: rules.recall_floor(model, limit),
        lambda model: rules.lift(model, limit - 0.5),
        lambda model: rules.no_collapse(model, JUDGED, limit),
        lambda model: rules.precision_drop(model, before, confidence),
        lambda model: rules.recall_drop(model, JUDGED, before, JUDGED, confidence),
    ):
        worse, better = (rule(model).verdict for model in pair)
        assert (worse, better) != (PASS, FAIL)
