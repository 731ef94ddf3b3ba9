"""A logistic regression on how much the market moves: what every claim of skill is held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from pandas.api.typing import Rolling
from scipy.special import expit

from buysignal.bars.returns import log_returns
from buysignal.bars.symbols import each
from buysignal.models.dataset import Scaler
from buysignal.models.days import Days
from buysignal.models.kept import expect
from buysignal.models.rivals.rival import Rival
from buysignal.models.scores import ModelCard

WEEK, MONTH, QUARTER = 5, 22, 66  # trading days: the scales of Corsi's HAR model (2009), and a longer one
TERMS = (9,)  # columns of `volatility_features`


@dataclass(frozen=True)
class Volatility(Rival):
    """Logistic regression on the k `volatility_features`, standardised with mean and deviation (k,).

    ``coefficients`` (1, k) and ``intercept`` (1,) are as scikit-learn has them.
    """

    KIND: ClassVar[str] = "volatility"
    FAMILY: ClassVar[str] = "logistic"
    mean: np.ndarray
    deviation: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray

    @classmethod
    def fit(cls, days: Days, seed: int) -> Self:
        from sklearn.linear_model import LogisticRegression  # two seconds, and no score needs it

        train = days.role == "train"
        features = _volatility(days)
        scaler = Scaler.fit(features[train])
        x = (features - scaler.mean) / scaler.deviation
        model = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(x[train], days.label[train])
        card = cls.card_of(days.tier, x.shape[1] + 1)
        return cls(card, scaler.mean, scaler.deviation, model.coef_, model.intercept_)

    def score(self, days: Days) -> np.ndarray:
        x = (_volatility(days) - self.mean) / self.deviation
        return expit((x * self.coefficients).sum(axis=1) + self.intercept)[None, :]  # BLAS sums a last row otherwise

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        for name, shape in {"mean": TERMS, "deviation": TERMS, "coefficients": (1, *TERMS), "intercept": (1,)}.items():
            expect(values, name, shape)
        if not (values["deviation"] > 0).all():
            raise ValueError("deviation is not above 0")
        return super().restore(card, values)


def _volatility(days: Days) -> np.ndarray:
    return each(days.bars, volatility_features).loc[days.index].to_numpy()


def volatility_features(bars: pd.DataFrame) -> pd.DataFrame:
    """How much the market moves, and the falls after which it moves more; each day from its past alone.

    ``volatility_<days>``: root mean square of close-to-close log returns. ``range_<days>``: mean of
    ``ln(high / low)``. ``return_<days>``: log return. ``below_high``: close against the highest close
    of `MONTH` days, at most 0. The last two are signed because volatility is asymmetric: it rises
    after falls (Black, Studies of Stock Price Volatility Changes, 1976). Where fewer bars lie before
    a day, the span is what there is; the first bar has no return and no row.

    Returns
    -------
    DataFrame, one row per bar after the first, all finite.
    """
    returns, span, close = log_returns(bars["close"]), np.log(bars["high"] / bars["low"]), bars["close"]
    columns = {f"volatility_{days}": np.sqrt(_trailing(returns**2, days).mean()) for days in (WEEK, MONTH, QUARTER)}
    columns |= {f"range_{days}": _trailing(span, days).mean() for days in (1, WEEK, MONTH)}
    columns |= {f"return_{days}": _trailing(returns, days).sum() for days in (1, WEEK)}
    columns["below_high"] = close / _trailing(close, MONTH).max() - 1
    return pd.DataFrame(columns).iloc[1:]


def _trailing(values: pd.Series, days: int) -> Rolling:
    return values.rolling(days, min_periods=1)
