"""A blend is the mean of what its members say on one scale; who is in it, the rank role says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from buysignal.core.errors import UserError
from buysignal.models.contender import logit
from buysignal.models.rivals.blend import Blend, strongest
from buysignal.models.rivals.formulas import BaseRate, Touch
from buysignal.models.rivals.garch import GarchTouch
from buysignal.models.rivals.volatility import Volatility
from buysignal.models.scores import FAMILIES, TunedCard
from tests.judge.examples import card, scored
from tests.models.markets import LABELS, TIER, days, market

NAME = f"{TIER}-blend"


@pytest.fixture(scope="module")
def seen():
    return days(*market(700, LABELS["fixed"]), LABELS["fixed"])


@pytest.fixture(scope="module")
def members(seen):
    return [kind.fit(seen, 7) for kind in (Volatility, Touch, GarchTouch)]


def blended(members, seen, name=NAME):
    return Blend.of(members, [member.scored(seen) for member in members], TIER, name)


def test_the_score_by_hand(seen, members):
    blend = blended(members, seen)
    assert [member.card.name for member in blend.members] == ["a20-garch", "a20-touch", "a20-volatility"]
    of = np.isin(seen.role, ["stop", "rank"])
    logits = np.array([logit(member.score(seen)[0]) for member in blend.members])
    mean, deviation = logits[:, of].mean(axis=1), logits[:, of].std(axis=1)
    standard = ((logits - mean[:, None]) / deviation[:, None]).mean(axis=0)
    np.testing.assert_allclose(blend.score(seen)[0], expit(mean.mean() + deviation.mean() * standard), rtol=1e-10)
    np.testing.assert_allclose(blend.mean, mean)
    np.testing.assert_allclose(blend.deviation, deviation)
    assert blend.card.family == "blend" and blend.card.parameters == 10 + 0 + 4 and blend.card.origin == "built"


def test_a_blend_of_one_says_what_the_one_says(seen, members):
    np.testing.assert_allclose(blended(members[:1], seen).score(seen), members[0].score(seen), rtol=1e-9)


def test_the_order_in_which_members_are_given_is_nothing(seen, members):
    one, two = blended(members, seen), blended(members[::-1], seen)
    assert one.score(seen).tobytes() == two.score(seen).tobytes()


def test_no_label_and_no_later_day_has_a_say(seen, members):
    told = [member.scored(seen) for member in members]
    other = [
        replace(
            model,
            label=1 - model.label,
            scores=np.where(np.isin(model.role, ["stop", "rank"]), model.scores, 1 - model.scores),
        )
        for model in told
    ]
    one, two = (Blend.of(members, models, TIER, NAME) for models in (told, other))
    assert one.mean.tobytes() == two.mean.tobytes() and one.deviation.tobytes() == two.deviation.tobytes()


def test_a_member_that_never_moves_is_left_out_unless_none_does(seen, members):
    still = BaseRate.fit(seen, 7)
    blend = blended([*members, still], seen)
    assert len(blend.members) == 3 and blend.score(seen).tobytes() == blended(members, seen).score(seen).tobytes()
    alone = blended([still], seen)
    assert alone.deviation.tolist() == [1.0]
    np.testing.assert_allclose(alone.score(seen), still.score(seen))


def test_days_without_the_roles_and_scores_of_others_are_refused(seen, members):
    with pytest.raises(UserError, match="a20-blend: no day of the roles stop and rank has a score"):
        blended(members, seen.of_roles("train"))
    with pytest.raises(ValueError, match="other members"):
        Blend.of(members[:1], [members[1].scored(seen)], TIER, NAME)


@pytest.mark.parametrize(
    "change",
    [
        dict(members=()),
        dict(members="a20-touch"),
        dict(mean=np.zeros(2)),
        dict(deviation=np.ones((3, 1))),
        dict(deviation=np.zeros(3)),
        dict(weight=1),
    ],
)
def test_values_of_no_blend_are_refused(seen, members, change):
    blend = blended(members, seen)
    with pytest.raises((ValueError, TypeError)):
        Blend.restore(blend.card, blend.values | change)


def ranked(name, family, wrong):
    """A model whose order of ten rank days has so many wrong at the top."""
    label = np.array([0, 1] * 5 + [0, 1])
    score = np.r_[label[:10] * 0.5 + 0.2, 0.1, 0.9]
    score[: 2 * wrong] = 0.7 - 0.4 * label[: 2 * wrong]
    model = scored(label, score, ["rank"] * 10 + ["threshold"] * 2, name=name)
    return replace(model, card=replace(card(name=name, seeds=(1,)), family=family))


def test_the_strongest_are_those_that_order_the_rank_days_best():
    models = [
        ranked("a50-2M-T1", "transformer", 2),
        ranked("a50-2M-T2", "transformer", 0),
        ranked("a50-2M-T3", "transformer", 1),
        ranked("a50-boosting", "boosting", 3),
        ranked("a50-garch", "garch", 1),
        ranked("a50-volatility", "logistic", 1),
        ranked("mine", "own", 1),
    ]
    assert strongest(models, 2, 1) == ["a50-2M-T2", "a50-2M-T3", "a50-volatility"]  # of equal ones the simpler
    assert strongest(models[::-1], 1, 3) == ["a50-2M-T2", "a50-volatility", "a50-garch", "mine"]
    assert strongest(models[:1], 2, 2) == ["a50-2M-T1"]
    assert strongest([], 2, 2) == []
    assert FAMILIES.index("logistic") < FAMILIES.index("own")


def test_of_a_rival_and_the_same_one_tuned_the_tuned_one_alone_is_blended():
    fixed, other, better = (ranked(f"a50-{name}", "boosting", 1) for name in ("boosting", "boosting-tuned", "mine"))
    tuned = replace(other, card=TunedCard(**vars(other.card), tried=9))
    logistic = ranked("a50-volatility", "logistic", 2)
    assert strongest([fixed, tuned, logistic], 1, 2) == ["a50-boosting-tuned", "a50-volatility"]
    assert strongest([fixed, better, logistic], 1, 2) == ["a50-boosting", "a50-mine"]
