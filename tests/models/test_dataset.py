"""A tier in memory: scaled by the train role alone, without the test role unless it is opened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.core.files import write_parquet
from buysignal.models.dataset import Scaler, TierData

ROLE = [*["train"] * 4, "purged", "stop", "rank", "calibrate", "threshold", "purged", "test", "test"]


def tier(**features) -> pd.DataFrame:
    """Twelve rows of a tier; a feature is one number per row."""
    days = pd.date_range("2018-01-01", periods=12, name="date")
    labels = {"label": np.array([0, 1] * 6, np.int8), "fall": np.array([1, 1, 0] * 4, np.int8)}
    labels |= {"label_start": days, "label_end": days, "role": ROLE}
    return pd.DataFrame(features | labels, index=days)


def test_the_scaler_is_fitted_on_train_rows_alone_by_hand():
    data = TierData.of(tier(x=[1, 3, 1, 3, 2, 4, 0, 2, 5, 9, 1e6, -1e6]), False, "tier")
    assert data.scaler.mean.tolist() == [2.0] and data.scaler.deviation.tolist() == [1.0]
    assert data.values[:, 0].tolist() == [-1, 1, -1, 1, 0, 2, -2, 0, 3, 7]
    assert data.values.dtype == np.float32


def test_columns_are_features_unless_they_belong_to_the_label():
    data = TierData.of(tier(b=np.arange(12.0), a=np.arange(12.0)), False, "tier")
    assert data.names == ("b", "a") and data.values.shape == (10, 2)
    assert data.label.tolist() == [0, 1] * 5 and data.label.dtype == np.int8
    assert data.role.tolist() == ROLE[:10]
    assert list(data.index) == list(pd.date_range("2018-01-01", periods=10))


def test_the_target_is_the_label_unless_the_fall_is_asked_for(tmp_path):
    frame = tier(x=np.arange(12.0))
    path = write_parquet(tmp_path / "tier.parquet", frame)
    rise, fall = TierData.load(path), TierData.load(path, target="fall")
    assert rise.label.tolist() == [0, 1] * 5 and fall.label.tolist() == ([1, 1, 0] * 4)[:10]
    assert fall.names == rise.names == ("x",) and fall.values.tobytes() == rise.values.tobytes()
    assert fall.label.dtype == np.int8


def test_a_target_that_is_not_there_is_refused_by_name():
    frame = tier(x=np.arange(12.0)).drop(columns="fall")
    with pytest.raises(UserError, match=r"^data/a20.parquet has no column fall: delete it and run `dvc repro`$"):
        TierData.of(frame, False, "data/a20.parquet", "fall")
    with pytest.raises(ValueError, match="the target is 'x': it is one of label, fall"):
        TierData.of(frame, False, "data/a20.parquet", "x")


@pytest.mark.parametrize("features", [1, 7, 9, 17, 50])
def test_features_standardised_a_few_at_a_time_have_the_bits_of_all_at_once(tmp_path, features):
    rng, n = np.random.default_rng(features), 3000
    raw = rng.standard_normal((n, features)) * 10.0 ** rng.integers(-3, 6, features) + 1e4 * rng.random(features)
    days = pd.bdate_range("2000-01-03", periods=n, name="date")
    role = np.repeat(["train", "stop", "test"], n // 3)
    frame = pd.DataFrame(raw, days, [f"f{at}" for at in range(features)]).assign(label=0, role=role)
    for opened, rows in ((False, 2000), (True, 3000)):
        data = TierData.load(write_parquet(tmp_path / "tier.parquet", frame), opened)
        scaler = Scaler.fit(raw[role == "train"])
        assert data.scaler.mean.tobytes() == scaler.mean.tobytes()
        assert data.scaler.deviation.tobytes() == scaler.deviation.tobytes()
        assert data.values.tobytes() == scaler.transform(raw[:rows]).tobytes() and data.values.flags.f_contiguous


def test_test_rows_are_absent_unless_opened(tmp_path):
    path = write_parquet(tmp_path / "tier.parquet", tier(x=np.arange(12.0)))
    closed, opened = TierData.load(path), TierData.load(path, open_test=True)
    assert "test" not in closed.role and len(closed.values) == len(closed.label) == len(closed.index) == 10
    assert opened.rows("test", 1).tolist() == [10, 11]
    assert closed.rows("test", 1).tolist() == []


@given(x=st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=12))
@settings(deadline=None)
def test_opening_the_test_changes_nothing_before_it(x):
    closed, opened = TierData.of(tier(x=x), False, "tier"), TierData.of(tier(x=x), True, "tier")
    assert closed.scaler.mean.tobytes() == opened.scaler.mean.tobytes()
    assert closed.scaler.deviation.tobytes() == opened.scaler.deviation.tobytes()
    assert closed.values.tobytes() == opened.values[:10].tobytes()
    assert closed.label.tolist() == opened.label[:10].tolist()


@pytest.mark.parametrize("level", [0.0, 0.1, 2506.85, 1e-300, -1e9])
def test_a_feature_that_does_not_move_in_train_is_shifted_not_scaled(level):
    # numpy's deviation of 3,011 times 0.1 is 1.4e-17, not 0: dividing by it would blow a later 1.1 up to 7e16
    scaler = Scaler.fit(np.full((3011, 1), level))
    assert scaler.deviation.tolist() == [1.0]
    assert scaler.transform(np.array([[level], [level + 1]])) == pytest.approx(np.array([[0.0], [1.0]]), abs=1e-6)


def test_rows_of_a_role_have_a_full_window_behind_them():
    data = TierData.of(tier(x=np.arange(12.0)), True, "tier")
    assert data.rows("train", 1).tolist() == [0, 1, 2, 3]
    assert data.rows("train", 3).tolist() == [2, 3]
    assert data.rows("stop", 6).tolist() == [5]
    assert data.rows("stop", 7).tolist() == []


def test_a_tier_without_train_rows_is_refused_by_name():
    frame = tier(x=np.arange(12.0))
    with pytest.raises(UserError) as caught:
        TierData.of(frame[frame["role"] != "train"], False, "data/a200.parquet")
    assert str(caught.value) == (
        "data/a200.parquet has no train rows left after warm-up: use more bars or a smaller tier"
    )
