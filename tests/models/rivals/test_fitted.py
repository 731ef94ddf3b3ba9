"""A fitted baseline: the same to the bit after a file, blind to later days, and refused when a byte of it is wrong."""

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from buysignal.core.errors import UserError
from buysignal.days.labels import thresholds, touch_label
from buysignal.days.params import Label
from buysignal.days.roles import assign_roles
from buysignal.models.rivals import baselines
from buysignal.models.rivals.fitted import Days

SHARES = {"train": 0.40, "stop": 0.12, "rank": 0.12, "calibrate": 0.12, "threshold": 0.12, "test": 0.12}
LABELS = {
    "fixed": Label(horizon=1, threshold=0.01, barrier="fixed", multiple=1.0),
    "scaled": Label(horizon=3, threshold=0.01, barrier="volatility", multiple=0.8),
}


def market(n, label, seed=0):
    """(bars of slowly changing volatility, a table of four features), one of them in coarse steps."""
    rng = np.random.default_rng(seed)
    sigma = 0.01 * np.exp(0.5 * np.sin(np.arange(n) / 40))
    close = 100 * np.exp(np.cumsum(sigma * rng.standard_t(5, n) / 1.3))
    spread = sigma * np.abs(rng.standard_normal((2, n)))
    dates = pd.bdate_range("2001-01-01", periods=n, name="date")
    bars = pd.DataFrame({"high": close * (1 + spread[0]), "low": close * (1 - spread[1]), "close": close}, dates)
    features = pd.DataFrame({"sigma": sigma, "step": (rng.random(n) * 4).round(), "noise": rng.random(n)}, dates)
    features["range"] = np.log(bars["high"] / bars["low"])
    labels = touch_label(bars, label.horizon, thresholds(bars, label))
    return bars, features.join(labels.assign(role=assign_roles(labels, SHARES, label.horizon)), how="inner").iloc[5:]


def days(bars, frame, label, open_test=False):
    return Days.of(bars, frame, "a20", label, 10, open_test)


@pytest.mark.parametrize(("n", "name"), [(400, "fixed"), (1500, "scaled")])  # with 400 days the GARCH falls back
def test_a_loaded_fit_scores_every_role_as_the_fit_itself_does(tmp_path, n, name):
    bars, frame = market(n, LABELS[name])
    fits = baselines.fit(days(bars, frame, LABELS[name]), 7)
    baselines.save(tmp_path, fits)
    opened = days(bars, frame, LABELS[name], open_test=True)
    assert set(opened.role) == set(SHARES)
    for fit, again, loaded in zip(fits, baselines.fit(opened, 7), baselines.load(tmp_path, "a20"), strict=True):
        assert fit.card == again.card == loaded.card
        scores = fit.score(opened)
        assert scores.tobytes() == again.score(opened).tobytes() == loaded.scored(opened).scores.tobytes()
        with threadpool_limits(2):
            assert loaded.scored(opened).scores.tobytes() == scores.tobytes()


def test_no_day_after_the_stop_role_changes_a_byte_of_a_fit(tmp_path):
    bars, frame = market(1500, label := LABELS["scaled"])
    last = frame.index[frame["role"] == "stop"][-1]
    wild, late = bars.copy(), bars.index > last
    wild.loc[late] *= np.exp(np.random.default_rng(1).normal(0, 0.3, late.sum()))[:, None]
    other, after = frame.copy(), frame.index > last
    other.loc[after, ["sigma", "step", "noise", "range"]] = 1e6
    other.loc[after, "label"] = 1 - other.loc[after, "label"]
    for folder, seen in {"plain": (bars, frame), "wild": (wild, other)}.items():
        baselines.save(tmp_path / folder, baselines.fit(days(*seen, label, open_test=folder == "wild"), 7))
    files = sorted((tmp_path / "plain").iterdir())
    assert len(files) == 5
    for path in files:
        assert path.read_bytes() == (tmp_path / "wild" / path.name).read_bytes()


@pytest.fixture
def saved(tmp_path):
    label = LABELS["fixed"]
    fits = baselines.fit(days(*market(400, label), label), 7)
    baselines.save(tmp_path, fits)
    return tmp_path, fits


def test_a_fit_with_any_byte_flipped_or_cut_off_is_refused_unless_it_says_the_same(saved):
    folder, fits = saved
    path = folder / "a20-garch.safetensors"
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for at in range(len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        try:  # two decimals can be one float: such a file is whole
            assert baselines.load(folder, "a20")[2] == fits[2]
        except UserError as error:
            assert str(error).startswith(f"{path} is not a whole fit (") and "\n" not in str(error)
        path.write_bytes(whole[:at])
        with pytest.raises(UserError, match=r"is not a whole fit \(.+\): delete it and run `dvc repro`$"):
            baselines.load(folder, "a20")


@pytest.mark.parametrize("name", ["a20-boosting", "a20-volatility"])
def test_a_changed_number_is_seen(saved, name):
    folder, _ = saved
    path = folder / f"{name}.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
    with pytest.raises(UserError, match=rf"{name}.* \(its SHA-256 is another one\): delete it and run `dvc repro`$"):
        baselines.load(folder, "a20")


def test_a_missing_file_and_that_of_another_baseline_are_named(saved):
    folder, _ = saved
    path = folder / "a20-touch.safetensors"
    path.write_bytes((folder / "a20-garch.safetensors").read_bytes())
    with pytest.raises(UserError, match=r"a20-touch\.safetensors is not a whole fit \(it is a20-garch\): delete it"):
        baselines.load(folder, "a20")
    path.unlink()
    with pytest.raises(UserError, match=r"a20-touch\.safetensors is missing: run `dvc repro`"):
        baselines.load(folder, "a20")
