"""A recipe is fitted again on a day of the past by what was known on it, and the days after it are scored by that."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from buysignal.core.errors import UserError
from buysignal.core.files import write_parquet
from buysignal.core.workers.engine import Engine
from buysignal.days.labels import rises as labelled
from buysignal.days.roles import assign_roles
from buysignal.judge.operating import SelectionRules
from buysignal.judge.walked import Walked, lead
from buysignal.models import refits
from buysignal.models.dataset import TierData
from buysignal.models.days import Days
from buysignal.models.params import Training
from buysignal.models.patchtst.architecture import Configuration, Shape, count_parameters
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.refits import KNOWN, WALKED, Recipe, Stretch
from buysignal.models.rivals.blend import Blend
from buysignal.models.rivals.boosting import SHALLOW, Boosting, Growth
from buysignal.models.rivals.garch import GarchTouch
from buysignal.models.rivals.volatility import Volatility
from buysignal.models.scores import ModelCard, TunedCard
from tests.models.markets import CONTEXT, LABELS, SHARES, TIER, market, panel

LABEL, SHAPE = LABELS["scaled"], Shape(CONTEXT, 5, 5, False)
CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 1e-3, 1e-4)
TRAINING = Training(epochs=1, patience=1, min_delta=0.001, seeds=2, precision="float32", rows=0)
RULES = SelectionRules(count=1, min_buys=10, min_recall=0.4, confidence=0.95, horizon=1, points=101)


@pytest.fixture(scope="module")
def small():
    """Bars and the table of a market."""
    return market(900, LABEL)


def kinds(bars, frame):
    """A contender of each way to be fitted again, as a run would have it."""
    days = Days.of(bars, frame, TIER, LABEL, CONTEXT)
    rivals = [kind.fit(days.known(), 7) for kind in (Boosting, GarchTouch, Volatility)]
    width = len(days.names)
    size = count_parameters(CONFIGURATION, SHAPE, width)
    card = ModelCard("a20-added", TIER, "transformer", "", "built", CONFIGURATION, size, 0, (1, 2), (1, 1))
    added = Transformer(card, SHAPE, np.zeros((2, size), np.float32), (1, 1), rivals[2])
    blend = Blend.of((added, rivals[0]), [one.scored(days) for one in (added, rivals[0])], TIER, "a20-blend")
    return [*rivals, added, Blend(blend.card, (added, rivals[0]), np.zeros(2), np.ones(2))]


def recipe(like, folder, label=LABEL):
    return Recipe(like, label, CONTEXT, TRAINING, 7, folder)


def stretch_of(frame, at=0, months=3):
    return refits.stretches(refits.walked_dates(frame), months)[at]


def test_the_days_walked_end_before_the_test_role_and_begin_with_the_role_rank(small):
    frame = small[1]
    dates, test = refits.walked_dates(frame), frame.index[frame["role"] == "test"]
    assert dates[0] == frame.index[frame["role"] == "rank"][0] and dates[-1] < test[0]
    assert frame.loc[: dates[-1], "label_end"].max() < test[0]
    assert dates.equals(frame.index[(frame.index >= dates[0]) & (frame.index <= dates[-1])])  # the purged ones as well
    assert refits.before_test(*small).index[-1] < test[0]


def test_refits_are_whole_months_apart_and_a_day_that_schedules_share_is_fitted_once():
    days = pd.bdate_range("2001-01-31", "2003-02-10", name="date")
    never, yearly, quarterly = (refits.stretches(days, months) for months in (0, 12, 3))
    end = days[-1] + pd.Timedelta(days=1)
    assert never == [Stretch(days[0], end)]
    assert [f"{one.since:%Y-%m-%d}" for one in yearly] == ["2001-01-31", "2002-01-31", "2003-01-31"]
    assert [f"{one.since:%m-%d}" for one in quarterly][:4] == ["01-31", "04-30", "07-31", "10-31"]
    for schedule in (yearly, quarterly):
        assert [one.until for one in schedule] == [*(one.since for one in schedule[1:]), end]
    wanted = refits.longest([never, yearly, quarterly])
    assert [one.since for one in wanted] == [one.since for one in quarterly]
    assert wanted[0].until == end and wanted[1].until == quarterly[1].until and wanted[4].until == yearly[1].until


@pytest.mark.parametrize("of", [market, panel])
def test_before_a_refit_the_days_are_cut_as_the_pipeline_cuts_them_and_purged(of):
    frame = of(LABEL)[1] if of is panel else of(900, LABEL)[1]
    stretch = stretch_of(frame, 1)
    table = refits.as_of(frame, stretch, LABEL.horizon)
    dates = table.index.get_level_values("date")
    spans = pd.Series(dates, table["role"].to_numpy(str)).groupby(level=0).agg(["min", "max", "nunique"])
    assert set(spans.index) == {*KNOWN, WALKED, "purged"} and spans.loc[WALKED, "min"] == stretch.since
    assert dates.max() < stretch.until
    known = table[~table["role"].isin([WALKED, "purged"])]
    assert known["label_end"].max() < stretch.since
    ordered = spans.loc[[*KNOWN, WALKED]]
    assert (ordered["max"].to_numpy()[:-1] < ordered["min"].to_numpy()[1:]).all()
    total, shares = sum(SHARES[role] for role in KNOWN), spans["nunique"] / spans.loc[[*KNOWN], "nunique"].sum()
    for role in KNOWN:
        assert shares[role] == pytest.approx(SHARES[role] / total, abs=0.03)


@pytest.mark.parametrize("at", range(5), ids=["boosting", "garch", "volatility", "added", "blend"])
def test_nothing_after_a_refit_changes_its_fit_and_each_kind_scores_the_days_of_its_stretch(small, at, tmp_path):
    bars, frame = small
    like, stretch = kinds(bars, frame)[at], stretch_of(frame, 1)
    told = refits.walked(stretch, recipe(like, tmp_path / "one"), bars, frame)
    assert set(told.role) == {"calibrate", "threshold", WALKED} and told.card.name == like.card.name
    walked = told.index[told.role == WALKED]
    assert walked.equals(frame.index[(frame.index >= stretch.since) & (frame.index < stretch.until)])
    wild, other = bars.copy(), frame.copy()
    wild.loc[wild.index > stretch.since] *= 3.0
    names = [*TierData.of(frame, True, TIER).names]
    other.loc[other.index > stretch.since, names] = 1e6
    unknown = other["label_end"] >= stretch.since
    other.loc[unknown, "label"] = 1 - other.loc[unknown, "label"]
    again = refits.walked(stretch, recipe(like, tmp_path / "other"), wild, other)
    seen = told.index <= stretch.since
    assert told.scores[:, seen].tobytes() == again.scores[:, seen].tobytes()
    assert told.scores[:, ~seen].tobytes() != again.scores[:, ~seen].tobytes() or like.card.family == "logistic"


def test_a_fit_of_known_days_is_what_the_pipeline_makes_of_them(small, tmp_path):
    bars, frame = small
    stretch = stretch_of(frame, 1)
    found = refits.walked(stretch, recipe(kinds(bars, frame)[2], tmp_path), bars, frame)
    days = Days.of(bars, refits.as_of(frame, stretch, LABEL.horizon), TIER, LABEL, CONTEXT)
    own = Volatility.fit(days.known(), 7).scored(days.of_roles("calibrate", "threshold", WALKED))
    assert found.scores.tobytes() == own.scores.tobytes()


def test_a_boosting_that_was_tuned_grows_as_its_best_trial(small, tmp_path):
    bars, frame = small
    boosting = kinds(bars, frame)[0]
    assert refits.grown(boosting, tmp_path) is SHALLOW  # nothing is read
    like = replace(boosting, card=TunedCard(**{**vars(boosting.card), "name": "a20-boosting-tuned"}, tried=2))
    best = Growth(depth=2, rate=0.2, leaf_rows=10, rounds=5)
    trials = pd.DataFrame([vars(SHALLOW) | {"value": 0.5}, vars(best) | {"value": 0.6}, vars(SHALLOW) | {"value": 0.6}])
    write_parquet(tmp_path / "tuning.parquet", trials)
    assert refits.grown(like, tmp_path) == best
    told = refits.walked(stretch_of(frame), replace(recipe(like, tmp_path), growth=best), bars, frame)
    assert told.card.name == "a20-boosting-tuned" and told.card.epochs[0] <= 5


def test_too_few_days_before_a_refit_are_told_in_one_line(small):
    frame = small[1]
    early = Stretch(frame.index[150], frame.index[300])
    with pytest.raises(UserError, match=r"walk: on 2001-.* role stop would have \d+ dates, fewer than 30: use"):
        refits.as_of(frame, early, LABEL.horizon)


def planted(flips, n=2400):
    """A market of which one feature knows the label; at a fifth of the days its meaning turns round, if it flips."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal(n)
    turned = np.where((np.arange(n) < n // 5) & flips, -1.0, 1.0)
    rises = rng.random(n) < 1 / (1 + np.exp(-2.0 * turned * x))
    dates = pd.bdate_range("2001-01-01", periods=n, name="date")
    high = np.where(np.append(False, rises[:-1]), 102.0, 100.5)
    bars = pd.DataFrame({"open": 100.0, "high": high, "low": 99.0, "close": 100.0 + 0.01 * rng.random(n)}, dates)
    features = pd.DataFrame({"x": x, "noise": rng.standard_normal(n)}, dates)
    labels = labelled(bars, LABELS["fixed"])
    shares = {"train": 0.50, "stop": 0.08, "rank": 0.10, "calibrate": 0.08, "threshold": 0.12, "test": 0.12}
    return bars, features.join(labels.assign(role=assign_roles(labels, shares, 1)), how="inner")


@pytest.mark.parametrize("flips", [True, False])
def test_where_a_market_turned_fitting_again_is_better_and_where_it_did_not_nobody_can_tell(
    flips, tmp_path, monkeypatch
):
    bars, frame = planted(flips)
    label = LABELS["fixed"]
    like = Boosting.fit(Days.of(bars, frame, TIER, label, CONTEXT).known(), 7)
    monkeypatch.setattr(refits, "read_bars", lambda path: bars)
    monkeypatch.setattr(refits, "read_parquet", lambda path: frame)
    schedules = [refits.stretches(refits.walked_dates(frame), months) for months in (0, 12)]
    fits = refits.each(schedules, recipe(like, tmp_path, label), Engine())
    assert [len(own) for own in fits] == [1, 3] and fits[0][0][0] is fits[1][0][0]
    never, yearly = (Walked.of(months, own, RULES, WALKED) for months, own in zip((0, 12), fits))
    found = lead(yearly, never, 1, 7, None)
    assert {found[name]["verdict"] for name in ("precision", "auc")} == ({"better"} if flips else {"cannot tell"})
