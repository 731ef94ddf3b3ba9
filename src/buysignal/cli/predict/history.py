"""The answers of every day of a range."""

from __future__ import annotations

import pandas as pd

from buysignal.cli.predict.predictor import Predictor


def answers_between(predictor: Predictor, bars: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """The answers of all days from ``first`` to ``last``, both included, of bars of one symbol."""
    seen = bars[bars.index <= last]
    return predictor.answers(seen, int((seen.index >= first).sum()))
