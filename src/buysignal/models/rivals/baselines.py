"""What a model must beat: a constant, a formula, a GARCH and two quick classifiers, on the models' own rows.

The label is mostly volatility: a market that moves much touches a level often, whatever its
direction. A score that only follows volatility is therefore the bar, not a coin.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api.typing import Rolling
from scipy.special import expit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from buysignal.bars.returns import ewma_deviation, log_returns
from buysignal.core.errors import UserError
from buysignal.models.dataset import Scaler
from buysignal.models.rivals.boosting import Boosting
from buysignal.models.rivals.fitted import Days, Fitted
from buysignal.models.rivals.garch import Garch, fit_garch, next_variance, touch_by_simulation

WEEK, MONTH, QUARTER = 5, 22, 66  # trading days: the scales of Corsi's HAR model (2009), and a longer one


def fit(days: Days, seed: int) -> list[Fitted]:
    """Fit every baseline on the train role; of the other days none but the stop role's is looked at.

    Equal inputs give equal bits, whatever the number of threads.

    Parameters
    ----------
    seed : of the boosting and of the simulation

    Returns
    -------
    ``<tier>-base-rate``, ``-boosting``, ``-garch``, ``-touch``, ``-volatility``, in this order.

    Raises
    ------
    UserError
        If no train row has a whole window, or the train rows show one class only.
    """
    label = days.label[days.role == "train"]
    if not len(label) or label.min() == label.max():
        raise UserError(
            f"{days.tier}: {len(label)} train rows with a whole window do not show both labels; use more bars"
        )
    known = days.known()
    with threadpool_limits(1):  # sums of floats depend on how threads share them
        return [kind.fit(known, seed) for kind in KINDS]


def save(folder: str | Path, fitted: Iterable[Fitted]) -> None:
    """Write a file per baseline, ``<name>.safetensors``."""
    for baseline in fitted:
        baseline.save(folder)


def load(folder: str | Path, tier: str) -> list[Fitted]:
    """Every baseline that `fit` gave for a tier and `save` wrote, in the same order.

    Raises
    ------
    UserError
        If a file is missing, torn, changed in a byte or another baseline's.
    """
    return [kind.load(folder, tier) for kind in KINDS]


@dataclass(frozen=True)
class BaseRate(Fitted):
    """The share of train days that were labelled 1, on every day."""

    NAME: ClassVar[str] = "base-rate"
    rate: float

    @classmethod
    def fit(cls, days: Days, seed: int) -> BaseRate:
        return cls(cls.card_of(days.tier, 1), float(days.label[days.role == "train"].mean()))

    def score(self, days: Days) -> np.ndarray:
        return np.full((1, len(days.dates)), self.rate)


@dataclass(frozen=True)
class Touch(Fitted):
    """`touch_probability` at the exponentially weighted deviation of the day: nothing is fitted."""

    NAME: ClassVar[str] = "touch"

    @classmethod
    def fit(cls, days: Days, seed: int) -> Touch:
        return cls(cls.card_of(days.tier, 0))

    def score(self, days: Days) -> np.ndarray:
        return touch_probability(ewma_deviation(days.bars["close"])[days.dates], days.horizon, days.move)[None, :]


@dataclass(frozen=True)
class GarchTouch(Fitted):
    """Variance fitted on every return up to the last train day, then filtered forward with those values.

    ``model`` holds the fields of a `Garch`.
    """

    NAME: ClassVar[str] = "garch"
    model: dict[str, Any]

    @classmethod
    def fit(cls, days: Days, seed: int) -> GarchTouch:
        returns = _percent(days).loc[: days.dates[days.role == "train"][-1]]
        model = fit_garch(returns.to_numpy())
        card = cls.card_of(days.tier, model.fitted, (seed,))
        if model.reason:
            print(f"{card.name}: {model.reason}; exponentially weighted variance instead", file=sys.stderr, flush=True)
        return cls(card, asdict(model))

    def score(self, days: Days) -> np.ndarray:
        model, returns = Garch(**self.model), _percent(days)
        variance = pd.Series(next_variance(model, returns.to_numpy()), index=returns.index)[days.dates].to_numpy()
        return touch_by_simulation(model, variance, days.horizon, days.move, *self.card.seeds)[None, :]


@dataclass(frozen=True)
class Volatility(Fitted):
    """Logistic regression on the k `volatility_features`, standardised with mean and deviation (k,).

    ``coefficients`` (1, k) and ``intercept`` (1,) are as scikit-learn has them.
    """

    NAME: ClassVar[str] = "volatility"
    mean: np.ndarray
    deviation: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray

    @classmethod
    def fit(cls, days: Days, seed: int) -> Volatility:
        train = days.role == "train"
        features = _volatility(days)
        scaler = Scaler.fit(features[train])
        x = (features - scaler.mean) / scaler.deviation
        model = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(x[train], days.label[train])
        card = cls.card_of(days.tier, x.shape[1] + 1)
        return cls(card, scaler.mean, scaler.deviation, model.coef_, model.intercept_)

    def score(self, days: Days) -> np.ndarray:
        x = (_volatility(days) - self.mean) / self.deviation
        return expit(x @ self.coefficients.T + self.intercept).T


KINDS = (BaseRate, Boosting, GarchTouch, Touch, Volatility)


def _percent(days: Days) -> pd.Series:
    return 100 * log_returns(days.bars["close"]).iloc[1:]


def _volatility(days: Days) -> np.ndarray:
    return volatility_features(days.bars).loc[days.dates].to_numpy()


def touch_probability(deviation: pd.Series | np.ndarray, horizon: int, threshold: float | np.ndarray) -> np.ndarray:
    """Probability that a driftless random walk rises by ``threshold`` within ``horizon`` days.

    ``2 * Phi(-ln(1 + threshold) / (deviation * sqrt(horizon)))``: the reflection principle for
    Brownian motion; 0 where nothing moves. Never above 1, as the threshold is positive.

    Examples
    --------
    >>> touch_probability(np.array([np.log(1.01), 0.0]), 1, 0.01).round(4).tolist()  # one deviation away; still
    [0.3173, 0.0]
    """
    deviation = np.asarray(deviation, float)
    with np.errstate(divide="ignore"):
        return 2 * norm.cdf(-np.log1p(threshold) / (deviation * np.sqrt(horizon)))


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
