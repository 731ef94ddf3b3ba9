"""What the buys of what ships earned on the test role: its tear sheet, and the files that hold it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from buysignal.bars.returns import ewma_deviation
from buysignal.bars.symbols import each
from buysignal.core.files import write_csv, write_json
from buysignal.judge.money import Trades
from buysignal.judge.operating import SelectionRules, alerts
from buysignal.judge.tear import COLUMNS, Tear, tear
from buysignal.models.scores import Scored, named

TEST = "test"


def sheet(
    tested: Scored,
    threshold: float,
    baselines: Mapping[str, Sequence[Scored]],
    bars: pd.DataFrame,
    rules: SelectionRules,
    trades: Trades,
    seed: int,
) -> Tear | None:
    """The tear sheet of a contender on the test role; None if it never bought there.

    Parameters
    ----------
    tested : its scores of the test role
    threshold : score from which a day is a buy
    baselines : tier -> its baselines on the same days; the volatility logistic of its own is what it stands beside
    bars : daily bars up to the last of these days or beyond
    rules : ``horizon``, which a trade lasts at most, and how many are bought a day
    trades : of all test days
    seed : of the random days
    """
    days = tested.index[tested.role == TEST]
    truth, *_ = tested.of(TEST)
    _, volatility, _ = named(baselines[tested.card.tier], f"{tested.card.tier}-volatility").of(TEST)
    deviation = each(bars["close"], ewma_deviation).loc[days].to_numpy()
    alert = alerts(tested, TEST, threshold, rules.per_day)
    return tear(days, trades.on(days), trades.cost, truth, alert, deviation, volatility, rules.horizon, seed)


def write(sheet: Tear | None) -> None:
    """Write metrics/tear.json, null without a sheet, and plots/tear/equity.csv, without a row then."""
    write_json("metrics/tear.json", None if sheet is None else sheet.to_dict())
    write_csv("plots/tear/equity.csv", pd.DataFrame(columns=list(COLUMNS)) if sheet is None else sheet.frame())
