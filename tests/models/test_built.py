"""What is built of a search: its best is added to volatility, and the strongest are blended; the rank role decides."""

from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from buysignal.core.workers.engine import Engine
from buysignal.models.built import build
from buysignal.models.contender import logit
from buysignal.models.days import Days
from buysignal.models.metrics import auc
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.pretrained import PRETRAINED, Pretrained
from buysignal.models.rivals import baselines
from buysignal.models.scores import offset_of
from tests.features.samples import random_bars
from tests.small_tier import CONFIGURATION, LABEL, SHAPE, TIER, TRAINING, tier_frame, write_tier

ENTRIES = [
    Entry(f"{TIER}-2M-T{i}", TIER, "2M", "tpe", replace(CONFIGURATION, d_model=size, learning_rate=1e-2), 2_000_000)
    for i, size in enumerate((8, 16))
]


@pytest.fixture
def found(tmp_path, monkeypatch):
    """(baselines, trained, refit) of a small tier, in the folder of a project of its own."""
    monkeypatch.chdir(tmp_path)
    write_tier(tmp_path / tier_file(TIER), tier_frame(900))
    days = Days.of(random_bars(900, seed=9), tier_frame(900), TIER, LABEL, SHAPE.context)
    rivals = [(one, one.scored(days.judged())) for one in baselines.fit(days, 3)]
    volatility = next(one for one, _ in rivals if one.card.family == "logistic")
    write_offset(offset_of(TIER), days.index, logit(volatility.scored(days).ensemble))

    def again(entries):
        return refit("", entries, SHAPE, TRAINING, 3, tmp_path, Engine())

    return rivals, again(ENTRIES), again, days


def test_the_best_of_the_rank_role_is_added_to_the_logistic_and_both_are_what_they_say(found):
    rivals, trained, again, days = found
    with threadpool_limits(1):
        [(added, its), (blend, mixed)] = build(TIER, ENTRIES, trained, rivals, SHAPE, again)
        for one, scored in ((added, its), (blend, mixed)):
            assert np.abs(one.scored(days.judged()).scores - scored.scores).max() < 1e-6 and scored.card == one.card
    best = max(range(2), key=lambda i: auc(*trained[i][0].of("rank")[:2]))
    assert added.card.configuration == ENTRIES[best].configuration
    assert (added.card.name, added.card.origin, added.card.family) == (f"{TIER}-added", "built", "transformer")
    assert added.under.card.name == f"{TIER}-volatility" and not added.card.searched
    assert blend.card.name == f"{TIER}-blend" and len(blend.members) == 3
    assert sum(one.card.family == "transformer" for one in blend.members) == 1


def test_a_transformer_is_added_to_a_pretrained_model_as_well(found):
    rivals, trained, again, days = found
    there = next(one for one, _ in rivals if one.card.family == "boosting")
    one = Pretrained.of(there, days.names, days.scaler, SHAPE.context, LABEL, "2000-01-03")
    write_offset(offset_of(TIER, PRETRAINED), days.index, logit(one.averaged(days)))
    with threadpool_limits(1):
        built = build(TIER, ENTRIES, trained, [*rivals, (one, one.scored(days.judged()))], SHAPE, again)
        added, its = built[1]
        assert np.abs(added.scored(days.judged()).scores - its.scores).max() < 1e-6
    names = [scored.card.name for _, scored in built]
    assert names == [f"{TIER}-{name}" for name in ("added", "pretrained-added", "blend")]
    assert added.under is one


def test_without_a_trained_model_the_blend_is_of_the_baselines(found):
    rivals, _, again, _ = found
    [(blend, _)] = build(TIER, [], [], rivals, SHAPE, again)
    assert {one.card.family for one in blend.members}.isdisjoint({"transformer"}) and len(blend.members) == 2


def test_no_label_after_the_rank_role_decides_what_is_built(found):
    rivals, trained, again, _ = found
    other = [(one, replace(scored, label=flipped(scored))) for one, scored in rivals]
    others = [(replace(scored, label=flipped(scored)), fit) for scored, fit in trained]
    plain, changed = (
        build(TIER, ENTRIES, these, those, SHAPE, again) for these, those in ((trained, rivals), (others, other))
    )
    assert [one.card for one, _ in plain] == [one.card for one, _ in changed]
    assert [m.card for m in plain[1][0].members] == [m.card for m in changed[1][0].members]


def flipped(scored):
    return np.where(np.isin(scored.role, ["calibrate", "threshold"]), 1 - scored.label, scored.label).astype(np.int8)
