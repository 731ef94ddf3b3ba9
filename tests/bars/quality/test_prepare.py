"""The one door: whatever comes, what goes through is legal, and what does not is refused in one line."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.bars.quality.prepare import Rules, judge, prepare
from buysignal.bars.reading import Reading
from buysignal.bars.validate import row_reasons
from buysignal.core.errors import UserError
from tests.bars.quality.samples import PRICES, good, split
from tests.features.samples import random_bars

VALUES = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -1.0, 5e-324, 1e300, 1e12, 1e18, 1.0])
SPOILS = st.lists(
    st.tuples(
        st.sampled_from(["cell", "column", "shuffle", "same day", "no day", "scale", "columns", "stretch", "adj"]),
        st.integers(0, 10**6),
        VALUES,
    ),
    max_size=4,
)


def spoilt(bars: pd.DataFrame, how: str, number: int, value: float) -> pd.DataFrame:
    """Bars that are wrong in one way; ``number`` says where, ``value`` what stands there."""
    rng, row, column = np.random.default_rng(number), number % len(bars), bars.columns[number % bars.shape[1]]
    some = rng.random(len(bars)) < (0.02, 0.5, 1.0)[number % 3]
    if how == "cell":
        bars.iloc[row, bars.columns.get_loc(column)] = value
    elif how == "column":
        bars[column] = np.where(some, value, bars[column])
    elif how == "shuffle":
        bars = bars.iloc[rng.permutation(len(bars))]
    elif how == "same day":
        bars.index = bars.index.where(~some, bars.index[row])
    elif how == "no day":
        bars.index = pd.DatetimeIndex(np.where(some, np.datetime64("NaT"), bars.index.to_numpy()), name="date")
    elif how == "scale":
        bars.iloc[row:, :4] *= (0.01, 100, 0.5, 2, 1 / 7)[number % 5]
    elif how == "columns":
        bars[PRICES] = bars[PRICES].to_numpy()[:, rng.permutation(4)]
    elif how == "stretch":
        first = bars.index[~bars.index.isna()][:1]
        bars.index = bars.index if first.empty else first[0] + 7 * (bars.index - first[0])
    elif "adj_close" in bars:
        bars.iloc[:row, bars.columns.get_loc("adj_close")] *= (1 / 7, 4, 0.97)[number % 3]
    return bars.rename_axis("date")


@settings(max_examples=150)
@given(
    rows=st.sampled_from([1, 2, 14, 21, 31, 60, 200]),
    seed=st.integers(0, 10**6),
    more=st.sampled_from(["", "adj_close", "no volume"]),
    spoils=SPOILS,
    rule=st.sampled_from(["error", "drop", "repair"]),
    adjust=st.sampled_from(["splits", "all", "none"]),
)
def test_whatever_comes_what_goes_through_is_legal(rows, seed, more, spoils, rule, adjust):
    bars = random_bars(rows, seed)
    if more == "adj_close":
        bars["adj_close"] = 0.9 * bars["close"]
    bars = bars.drop(columns="volume") if more == "no volume" else bars
    with np.errstate(all="ignore"):
        for how, number, value in spoils:
            bars = spoilt(bars, how, number, value)
    before = bars.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = judge(Reading(bars, "CSV"), Rules(rule, adjust=adjust))
    pd.testing.assert_frame_equal(bars, before)
    assert (result.bars is None) == bool(result.of("error"))
    assert all(len(one.said.splitlines()) == 1 for one in result.findings)
    if result.bars is not None:
        assert (row_reasons(result.bars) == "").all() and list(result.bars) == list(bars)


def test_an_error_is_raised_in_one_line_and_a_warning_is_not():
    with pytest.raises(UserError, match=r"^High is below Low on 300 of 300 rows: .*; name them so in the header"):
        prepare(Reading(good().rename(columns={"high": "low", "low": "high"}), "CSV"), Rules("drop"))
    assert len(prepare(Reading(split(4), "CSV"), Rules()).bars) == 300


def test_findings_are_told_worst_first():
    bars = good()
    bars["adj_close"] = 0.8 * bars["close"]
    bars = bars.drop(bars.index[100:110])
    bars.iloc[50:52, :4] /= 100
    bars.iloc[50:52, 5] /= 100
    assert [one.kind for one in judge(Reading(bars, "CSV"), Rules()).findings] == ["units", "gap", "dividends"]


def test_the_default_rules_are_those_of_the_params_as_shipped():
    from buysignal.bars.ingested import rules_of
    from buysignal.bars.params import Ingest
    from buysignal.core.settings import read
    from tests.pipeline.project import ROOT

    assert rules_of(read(Ingest, ROOT / "params.yaml")) == Rules()
