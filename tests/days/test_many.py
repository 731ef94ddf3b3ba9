"""The table of many symbols: each looks back along its own days, and roles are cut by date for all of them."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.symbols import age, dates_of, each, named
from buysignal.core.errors import UserError
from buysignal.days.columns import PURGED
from buysignal.days.params import Label, Roles
from buysignal.days.roles import ROLES, assign_roles
from buysignal.days.table import assemble, describe, label_and_role, require_rows
from buysignal.features.tiers import n_features, warmup
from tests.features.samples import random_bars

LABEL = Label(kind="touch", stop=-1.0, horizon=2, threshold=0.01, barrier="volatility", multiple=1.0)
ROLE = Roles(until="last", train=0.50, stop=0.08, rank=0.10, calibrate=0.08, threshold=0.12, test=0.12)
WHOLE = {name: random_bars(900, seed) for seed, name in enumerate("ABCD")}
EACH = {
    "A": WHOLE["A"],
    "B": WHOLE["B"].iloc[300:],  # listed late
    "C": WHOLE["C"].iloc[:600],  # delisted
    "D": WHOLE["D"].iloc[-20:],  # listed too late for the warm-up
}
BARS = pd.concat(EACH, names=["symbol", "date"])
TABLE = assemble(BARS, "a20", LABEL, ROLE)


def test_a_symbol_has_the_features_and_labels_it_has_alone():
    for symbol in "ABC":
        alone = assemble(EACH[symbol], "a20", LABEL, ROLE).drop(columns="role")
        mine = TABLE.loc[symbol].drop(columns="role")
        raw = [name for name in alone.columns if name not in mine.columns]
        assert raw == ["open", "high", "low", "close", "volume"]
        pd.testing.assert_frame_equal(mine, alone.drop(columns=raw), check_exact=True, check_freq=False)


def test_the_raw_bar_is_no_feature_and_a_symbol_without_warm_up_has_no_row():
    assert len(TABLE.columns) == n_features("a20", raw=False) + 5
    assert TABLE.index.unique("symbol").tolist() == ["A", "B", "C"]
    assert describe(TABLE, "a20", BARS)["warmup_days"] == warmup("a20")


def test_roles_are_cut_at_the_same_dates_for_all_symbols_and_purged():
    roles, dates = TABLE["role"], dates_of(TABLE.index)
    spans = {role: dates[roles == role] for role in ROLES}
    for one, other in pairwise(ROLES):
        assert spans[one].max() < spans[other].min()
        assert TABLE.loc[roles == one, "label_end"].max() < spans[other].min()
    whole = label_and_role(BARS, LABEL, ROLE)["role"]
    calendar = dates_of(BARS.index).unique().sort_values()[:-2]  # the last two have no label
    for role in ROLES[1:]:  # the first day of a role is where its share of the dates begins
        share = sum(dict(ROLE)[earlier] for earlier in ROLES[: ROLES.index(role)])
        assert dates_of(whole.index)[whole == role].min() == calendar[round(share * len(calendar))]


def test_a_row_whose_label_outlasts_a_cut_is_purged_alone():
    days = pd.bdate_range("2020-01-01", periods=40, name="date")
    ends = {"A": days[1:].append(days[-1:] + pd.Timedelta("1D"))}
    ends["B"] = ends["A"][:17].append(ends["A"][24:25]).append(ends["A"][18:])  # B does not trade for a week
    parts = {symbol: pd.DataFrame({"label_start": end, "label_end": end}, index=days) for symbol, end in ends.items()}
    found = assign_roles(pd.concat(parts, names=["symbol", "date"]), dict.fromkeys(ROLES, 1 / 6), 1, min_rows=1)
    purged = {symbol: np.flatnonzero(found[symbol] == PURGED).tolist() for symbol in parts}
    assert purged["A"] == [6, 12, 19, 26, 32] and purged["B"] == [6, 12, 17, 19, 26, 32]


def test_too_few_dates_for_a_role_are_told_by_their_number():
    few = BARS[dates_of(BARS.index) < WHOLE["A"].index[200]]
    with pytest.raises(UserError, match="200 bars leave role"):
        label_and_role(few, LABEL, ROLE)
    with pytest.raises(UserError, match="training windows after"):
        require_rows(BARS, "a20", LABEL, ROLE, 500)


def test_what_fails_in_a_symbol_names_it_and_none_long_enough_is_one_line():
    def wrong(one):
        raise UserError(f"{len(one)} days")

    with pytest.raises(UserError, match=r"^A: 900 days$"):
        each(BARS, wrong)
    with pytest.raises(UserError, match="none of 4 symbols has 1,000 days"):
        each(BARS, lambda one: one, 1000)


def test_one_symbol_is_handed_over_as_it_is():
    assert each(WHOLE["A"], lambda one: one) is WHOLE["A"]
    assert age(WHOLE["A"].index).tolist() == list(range(900)) and dates_of(WHOLE["A"].index) is WHOLE["A"].index
    assert named(BARS.index[0]) == f"A {BARS.index[0][1]:%Y-%m-%d}"
