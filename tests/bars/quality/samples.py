"""Three hundred good bars, and what a check says of them when they are spoilt."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import Finding
from buysignal.bars.quality.prepare import Judged, Rules, judge
from buysignal.bars.reading import Reading

PRICES = ["open", "high", "low", "close"]
N, DAY = 300, 150  # rows, and the one that is spoilt
ON = "2021-08-02"  # its date


def good() -> pd.DataFrame:
    """Business days from 2021-01-04; returns of 1 % a day, gaps overnight of .2 %, a volume of a million or so."""
    rng = np.random.default_rng(15)
    close = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(N)))
    open_ = np.append(100.0, close[:-1]) * np.exp(0.002 * rng.standard_normal(N))
    high = np.maximum(open_, close) * (1 + 0.004 * rng.random(N))
    low = np.minimum(open_, close) * (1 - 0.004 * rng.random(N))
    volume = np.floor(1e6 * rng.uniform(0.5, 1.5, N))
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    index = pd.bdate_range("2021-01-04", periods=N, name="date", unit="us")
    return pd.DataFrame(columns, index=pd.DatetimeIndex(index, freq=None))


def split(ratio: float, volume: bool = True, at: int = DAY) -> pd.DataFrame:
    """The same bars before anybody adjusted them for a split of ``ratio`` new shares for one on row ``at``."""
    bars = good()
    bars.loc[bars.index[:at], PRICES] *= ratio
    if volume:
        bars.loc[bars.index[:at], "volume"] /= ratio
    return bars


def judged(bars: pd.DataFrame, today: date | None = None, reading: dict | None = None, **rules) -> Judged:
    return judge(Reading(bars, "CSV", **(reading or {})), Rules(**rules), today)


def found(bars: pd.DataFrame, kind: str, **more) -> Finding:
    """The one finding of a kind; no other is a warning or an error."""
    findings = judged(bars, **more).findings
    assert [one.kind for one in findings if one.level != "note" and one.kind != kind] == []
    [one] = [one for one in findings if one.kind == kind]
    assert len(one.said.splitlines()) == 1 and one.days == tuple(sorted(one.days))
    return one


def kinds(bars: pd.DataFrame, **more) -> list[str]:
    return [one.kind for one in judged(bars, **more).findings]
