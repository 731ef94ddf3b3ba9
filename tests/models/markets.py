"""Small markets that every contender can be fitted on, and what is done to them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from buysignal.days.labels import rises
from buysignal.days.params import Label
from buysignal.days.roles import assign_roles
from buysignal.models.dataset import TierData
from buysignal.models.days import Days

SHARES = {"train": 0.40, "stop": 0.12, "rank": 0.12, "calibrate": 0.12, "threshold": 0.12, "test": 0.12}
LABELS = {
    "fixed": Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0),
    "scaled": Label(kind="touch", stop=-1.0, horizon=3, threshold=0.01, barrier="volatility", multiple=0.8),
    "close": Label(kind="close", stop=-1.0, horizon=3, threshold=0.002, barrier="fixed", multiple=1.0),
    "triple": Label(kind="triple", stop=-0.02, horizon=3, threshold=0.01, barrier="fixed", multiple=1.0),
}
TIER, CONTEXT = "a20", 10


def market(n, label, seed=0):
    """(bars of slowly changing volatility, a table of four features), one of them in coarse steps."""
    rng = np.random.default_rng(seed)
    sigma = 0.01 * np.exp(0.5 * np.sin(np.arange(n) / 40))
    close = 100 * np.exp(np.cumsum(sigma * rng.standard_t(5, n) / 1.3))
    spread = sigma * np.abs(rng.standard_normal((2, n)))
    dates = pd.bdate_range("2001-01-01", periods=n, name="date")
    bars = pd.DataFrame({"high": close * (1 + spread[0]), "low": close * (1 - spread[1]), "close": close}, dates)
    bars["open"] = bars["close"].shift(1, fill_value=100.0).clip(bars["low"], bars["high"])
    features = pd.DataFrame({"sigma": sigma, "step": (rng.random(n) * 4).round(), "noise": rng.random(n)}, dates)
    features["range"] = np.log(bars["high"] / bars["low"])
    labels = rises(bars, label)
    return bars, features.join(labels.assign(role=assign_roles(labels, SHARES, label.horizon)), how="inner").iloc[5:]


def panel(label):
    """The same of three symbols that begin together and end one after the other, but for C, which begins later."""
    parts = {name: market(n, label, seed) for seed, (name, n) in enumerate(zip("ABC", (700, 640, 500)))}
    parts["C"] = tuple(table.iloc[100:] for table in parts["C"])
    bars, frame = (pd.concat({name: one[at] for name, one in parts.items()}, names=["symbol", "date"]) for at in (0, 1))
    return bars, frame.assign(role=assign_roles(frame, SHARES, label.horizon))


def days(bars, frame, label, open_test=False):
    return Days.of(bars, frame, TIER, label, CONTEXT, open_test)


def asked(bars, frame, label, count):
    """The last days of a market as new ones, whose label and role nobody knows."""
    data = TierData.of(frame, True, TIER)
    table = frame[list(data.names)]
    return Days.asked(bars.loc[: table.index[-1]], table, data.scaler, TIER, label, CONTEXT, count)


def until(seen, count):
    """The first days of some, with no bar and no row after the last of them."""
    parts = {name: getattr(seen, name)[:count] for name in ("role", "label", "rows", "move")}
    size, bars = parts["rows"][-1] + 1, seen.bars.loc[: seen.index[count - 1]]
    return replace(seen, **parts, calendar=seen.calendar[:size], table=seen.table[:size], bars=bars)


def changed_after(bars, frame, role, seed=1):
    """The same market up to the last day of a role; from there on wild bars, wild features and the other labels."""
    last = frame.index[frame["role"] == role][-1]
    wild, late = bars.copy(), bars.index > last
    wild.loc[late] *= np.exp(np.random.default_rng(seed).normal(0, 0.3, late.sum()))[:, None]
    other, after = frame.copy(), frame.index > last
    names = [*TierData.of(frame, True, TIER).names]
    other.loc[after, names] = 1e6
    other.loc[after, "label"] = 1 - other.loc[after, "label"]
    return wild, other
