"""What a model must beat: a constant, a formula, a GARCH and two quick classifiers, on the models' own rows.

The label is mostly volatility: a market that moves much touches a level often, whatever its
direction. A score that only follows volatility is therefore the bar, not a coin.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.typing import Rolling
from scipy.stats import norm
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from threadpoolctl import threadpool_limits

from buysignal.bars.returns import ewma_deviation, log_returns
from buysignal.core.errors import UserError
from buysignal.models.dataset import Scaler, TierData
from buysignal.models.rivals.garch import fit_garch, next_variance, touch_by_simulation
from buysignal.models.scores import ModelCard, Scored

WEEK, MONTH, QUARTER = 5, 22, 66  # trading days: the scales of Corsi's HAR model (2009), and a longer one
ROUNDS, DEPTH, RATE, LEAF_ROWS = 200, 3, 0.05, 40  # boosting: shallow and slow, for some thousand noisy days


@dataclass(frozen=True)
class _Outcome:
    """Scores (n,) of one baseline, the number of values it fitted, its boosting rounds and seeds."""

    scores: np.ndarray
    parameters: int
    epochs: tuple[int, ...] = ()
    seeds: tuple[int, ...] = ()


def baselines(
    bars: pd.DataFrame,
    frame: pd.DataFrame,
    *,
    tier: str,
    context: int,
    horizon: int,
    threshold: float | pd.Series,
    seed: int,
    open_test: bool = False,
) -> list[Scored]:
    """Fit every baseline on the train role and score the days the models score.

    Equal inputs give equal bits, whatever the number of threads. The test role changes no fit:
    with ``open_test`` the same baselines also score it.

    Parameters
    ----------
    bars : all daily bars, with high, low and close; they reach further back than ``frame``
    frame : the tier's table: features, then `buysignal.days.columns.LABEL_COLUMNS`
    tier : its name, which starts the names of the baselines
    context : days a model's window shows; earlier rows are not scored, so that all judge the same days
    horizon, threshold : what the label asks for (trading days, relative move: one for all days, or one
        per bar as `buysignal.days.labels.thresholds` gives them)
    seed : of the boosting and of the simulation
    open_test : whether the test role is scored; without it no day from its first on is looked at

    Returns
    -------
    ``<tier>-base-rate``, ``-boosting``, ``-garch``, ``-touch``, ``-volatility``, in this order.

    Raises
    ------
    UserError
        If no train row has a whole window, or the train rows show one class only.
    """
    data = TierData.of(frame, open_test, tier)
    rows = np.flatnonzero(data.role != "purged")
    rows = rows[rows >= context - 1]
    dates, role, label = data.dates[rows], data.role[rows], data.label[rows]
    train, stop = role == "train", role == "stop"
    if not train.any() or label[train].min() == label[train].max():
        raise UserError(f"{tier}: {train.sum()} train rows with a whole window do not show both labels; use more bars")
    volatility = volatility_features(bars.loc[: dates[-1]]).loc[dates].to_numpy()
    move = pd.Series(threshold, index=bars.index)[dates].to_numpy()
    with threadpool_limits(1):  # sums of floats depend on how threads share them
        outcomes = {
            "base-rate": _Outcome(np.full(len(rows), label[train].mean()), 1),
            "boosting": _boosting(data.values[rows], label, train, stop, seed),
            "garch": _garch(bars.loc[: dates[-1], "close"], dates, train, horizon, move, seed, tier),
            "touch": _Outcome(touch_probability(ewma_deviation(bars["close"])[dates], horizon, move), 0),
            "volatility": _logistic(volatility, label, train),
        }
    return [
        Scored(_card(tier, name, outcome), dates, role, label, outcome.scores[None, :])
        for name, outcome in outcomes.items()
    ]


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


def _garch(
    close: pd.Series, dates: pd.DatetimeIndex, train: np.ndarray, horizon: int, move: np.ndarray, seed: int, tier: str
) -> _Outcome:
    """Variance fitted on every return up to the last train day, then filtered forward with those values."""
    returns = 100 * log_returns(close).iloc[1:]
    model = fit_garch(returns.loc[: dates[train][-1]].to_numpy())
    if model.reason:
        print(f"{tier}-garch: {model.reason}; exponentially weighted variance instead", file=sys.stderr, flush=True)
    variance = pd.Series(next_variance(model, returns.to_numpy()), index=returns.index)[dates].to_numpy()
    return _Outcome(touch_by_simulation(model, variance, horizon, move, seed), model.fitted, (), (seed,))


def _logistic(features: np.ndarray, label: np.ndarray, train: np.ndarray) -> _Outcome:
    scaler = Scaler.fit(features[train])
    x = (features - scaler.mean) / scaler.deviation
    model = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(x[train], label[train])
    return _Outcome(model.predict_proba(x)[:, 1], x.shape[1] + 1)


def _boosting(features: np.ndarray, label: np.ndarray, train: np.ndarray, stop: np.ndarray, seed: int) -> _Outcome:
    """Boosted trees on today's features; the stop role says after how many rounds to stop.

    The early stopping of scikit-learn would hold out random days of the train role, whose
    neighbours it has seen. Without a stop row all rounds are kept.
    """
    model = HistGradientBoostingClassifier(
        learning_rate=RATE,
        max_iter=ROUNDS,
        max_depth=DEPTH,
        min_samples_leaf=LEAF_ROWS,
        early_stopping=False,
        random_state=seed,
    ).fit(features[train], label[train])
    staged = [p[:, 1] for p in model.staged_predict_proba(features)]
    rounds = len(staged)
    if stop.any():
        rounds = 1 + int(np.argmin([log_loss(label[stop], p[stop], labels=[0, 1]) for p in staged]))
    # the number of leaves has no public name
    leaves = sum(int(tree[0].get_n_leaf_nodes()) for tree in model._predictors[:rounds])
    return _Outcome(staged[rounds - 1], leaves, (rounds,), (seed,))


def _card(tier: str, name: str, outcome: _Outcome) -> ModelCard:
    return ModelCard(
        f"{tier}-{name}",
        tier,
        "baseline",
        "",
        "baseline",
        None,
        outcome.parameters,
        0,
        outcome.seeds,
        outcome.epochs,
    )
