"""The answers are those of the pipeline, whatever is asked beside them and whatever comes later."""

from __future__ import annotations

import doctest
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.bars.forms.read import read_file
from buysignal.cli.predict import Predictor
from buysignal.cli.predict.asked import answered
from buysignal.cli.predict.history import EVERY
from buysignal.core.files import read_json
from buysignal.models import scores
from buysignal.models.patchtst import inference

CLOSE = 1e-6


def stored(run, *folders: str):
    return [model for folder in folders for model in scores.read(run / folder)]


BEFORE = ("data/candidate", "data/evaluate/a20", "data/evaluate/a20/built", "data/baseline/a20")


@pytest.mark.parametrize("folders", [("data/tested",), BEFORE], ids=["test", "before"])
def test_every_contender_gives_the_scores_of_the_pipeline(run, folders):
    bars, models = read_file(run / "new.csv").bars, {model.card.name: model for model in stored(run, *folders)}
    for folder in read_json(run / "data/models/models.json"):
        found = Predictor.load(run / "data/models" / folder)
        known = models[found.model.card.name]
        answer = found.predict(bars).loc[known.index]
        np.testing.assert_allclose(answer["score"], known.ensemble, rtol=0, atol=CLOSE)
        clear = np.abs(known.ensemble - found.threshold) > CLOSE
        assert (answer["above"] == (known.ensemble >= found.threshold))[clear].all() and clear.sum() > 300


def test_the_probability_is_the_calibrated_score_and_the_last_bar_has_an_answer_though_no_label(predictor, bars):
    answer = predictor.predict(bars)
    assert answer.index[-1] == bars.index[-1] and len(answer) == len(bars) - predictor.needed + 1
    np.testing.assert_array_equal(answer["probability"], predictor.model.calibration.apply(answer["score"].to_numpy()))


@given(st.integers(1, 40), st.integers(1, 60))
@settings(max_examples=10, deadline=None)
def test_no_answer_depends_on_the_batch_or_on_how_many_days_are_asked_for(predictor, bars, batch, days):
    short = bars.iloc[:400]
    whole = predictor.predict(short)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference, "ROWS", batch)
        found = predictor.predict(short, days)
    pd.testing.assert_frame_equal(found, whole.iloc[-days:], rtol=0, atol=CLOSE)


def test_more_days_than_there_are_gives_all_of_them(predictor, bars):
    assert len(predictor.predict(bars.iloc[: predictor.needed + 2], days=99)) == 3


@given(st.integers(0, 2000), st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_bars_that_come_later_change_no_answer(predictor, bars, at, seed):
    cut = predictor.needed + at
    rng = np.random.default_rng(seed)
    other = bars.copy()
    other.iloc[cut:] = other.iloc[cut:].to_numpy() * np.exp(rng.normal(0, 0.2, (len(bars) - cut, 1)))
    before = predictor.predict(bars.iloc[:cut])
    pd.testing.assert_frame_equal(predictor.predict(other).iloc[: len(before)], before, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("later", ["none", "wild", "bad", "gone"])
def test_as_of_a_day_the_file_after_it_might_hold_anything(run, predictor, bars, tmp_path, later):
    """The same to the last bit, also where a bar after that day would be refused."""
    day, changed = bars.index[1500], bars.copy()
    after = changed.index > day
    if later == "wild":
        changed.loc[after] *= 1000
    elif later == "bad":
        changed.loc[after, "high"] = 1.0
    elif later == "gone":
        changed = changed[~after]
    changed.to_csv(tmp_path / "new.csv")
    right = answered(predictor, run / "new.csv", day.date(), EVERY)
    found = answered(predictor, tmp_path / "new.csv", day.date(), EVERY)
    assert found.days.equals(right.days) and found.cautions == right.cautions and found.bars.equals(right.bars)
    assert found.days.index[-1] == day


def test_the_example_of_the_documentation_is_what_happens(here, bars, monkeypatch, tmp_path):
    bars.rename_axis("Date").to_csv(tmp_path / "new.csv")
    shutil.copytree(here / "data/models/shipped", tmp_path / "data/models/shipped")
    monkeypatch.chdir(tmp_path)
    done = doctest.testmod(sys.modules[Predictor.__module__])
    assert done.attempted >= 7 and done.failed == 0
