"""GARCH(1,1) with Student t innovations: tomorrow's variance, and from it the chance of what the label asks.

Measured on the embedded S&P 500 at horizon 1 and threshold 0.01, tier a50: AUC 0.574 on the calibrate role (402
days; touch formula 0.573, volatility baseline 0.711) and 0.723 on the threshold role (602 days; 0.717, 0.833).

The model knows volatility and no direction: its mean is zero. Returns are close-to-close log returns
in percent, the scale on which the likelihood is well conditioned.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.special import stdtr

from buysignal.bars.returns import LAMBDA, log_returns
from buysignal.core.errors import shown
from buysignal.models.days import Days
from buysignal.models.rivals.rival import Rival
from buysignal.models.scores import ModelCard

PATHS = 2000  # half of them drawn, the other half their mirror images
CELLS = 2**19  # days x paths held at once: bounds memory, changes no result
MIN_RETURNS = 250  # a year: below it four parameters of daily noise mean nothing
FAR = 1e6  # percent, which no price gets to: what an infinite level is where infinity cannot be subtracted
IMAGES = 5  # of a barrier on either side: the next is below 1e-7 where a day moves by up to WIDE widths
BRIGHT = 25.0  # an image that is less than exp(-25) is not seen
WIDE = 2.0  # a day that moves by more stays between the barriers with a probability below 1e-6
MOST = 1e30  # percent squared: of no value of a fit; what is larger may overflow
TAILS = (4.1, 200.0)  # degrees of freedom of the fallback: a kurtosis that exists, and a normal in all but name


@dataclass(frozen=True)
class Garch:
    """``variance[t+1] = omega + alpha * return[t]^2 + beta * variance[t]``, in percent squared.

    Attributes
    ----------
    omega, alpha, beta : of the variance
    nu : degrees of freedom of the innovations, which have variance 1; > 2
    start : variance of the first day: the mean square of the returns that were fitted
    fitted : number of values found by fitting
    reason : why this is the fallback of `fit_garch`; empty for a fit
    """

    omega: float
    alpha: float
    beta: float
    nu: float
    start: float
    fitted: int
    reason: str = ""


@dataclass(frozen=True)
class GarchTouch(Rival):
    """Variance fitted on every return up to the last train day, then filtered forward with those values.

    ``model`` holds the fields of a `Garch`.
    """

    KIND: ClassVar[str] = "garch"
    FAMILY: ClassVar[str] = "garch"
    model: dict[str, Any]

    @classmethod
    def fit(cls, days: Days, seed: int) -> Self:
        returns = _percent(days).loc[: days.index[days.role == "train"][-1]]
        model = fit_garch(returns.to_numpy())
        card = cls.card_of(days.tier, model.fitted, (seed,))
        if model.reason:
            print(f"{card.name}: {model.reason}; exponentially weighted variance instead", file=sys.stderr, flush=True)
        return cls(card, asdict(model))

    def score(self, days: Days) -> np.ndarray:
        model, returns = Garch(**self.model), _percent(days)
        variance = pd.Series(next_variance(model, returns.to_numpy()), index=returns.index)[days.index].to_numpy()
        asked = (days.horizon, days.move, *self.card.seeds)
        return by_simulation(model, variance, *asked, kind=days.kind, stop=days.stop)[None, :]

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        model, [_] = Garch(**values["model"]), card.seeds
        numbers = (model.omega, model.alpha, model.beta, model.start, model.nu)
        if not all(isinstance(value, float) and 0 <= value <= MOST for value in numbers) or model.nu <= 2:
            raise ValueError(f"its variance is {shown(numbers)}, which no fit gives")
        return super().restore(card, values)


def _percent(days: Days) -> pd.Series:
    return 100 * log_returns(days.bars["close"]).iloc[1:]


def fit_garch(returns: np.ndarray) -> Garch:
    """Fit by maximum likelihood with `arch`, or fall back to a variance that needs no fit.

    The model is Bollerslev's (A Conditionally Heteroskedastic Time Series Model for Speculative Prices
    and Rates of Return, 1987). Without `MIN_RETURNS` returns, without a movement or without
    convergence the variance is the exponentially weighted one of RiskMetrics (omega 0, alpha
    ``1 - LAMBDA``, beta ``LAMBDA``), and the tails are those whose kurtosis the standardised returns
    have (``nu = 4 + 6 / excess``); ``reason`` then says what was wrong.

    Parameters
    ----------
    returns : (n,) percent; n >= 1
    """
    from arch.univariate import arch_model  # a reader of the fit needs none

    start = float(np.mean(returns**2))
    if len(returns) < MIN_RETURNS:
        return _fallback(returns, start, f"{len(returns)} returns are fewer than {MIN_RETURNS}")
    if np.ptp(returns) == 0:
        return _fallback(returns, start, "the returns never change")
    model = arch_model(returns, mean="Zero", vol="GARCH", p=1, q=1, dist="t", rescale=False)
    found = model.fit(disp="off", show_warning=False)
    values = found.params.to_numpy()
    if found.convergence_flag != 0 or not np.isfinite(values).all():
        return _fallback(returns, start, f"the fit did not converge (flag {found.convergence_flag} of the optimiser)")
    return Garch(*(float(v) for v in values), start, fitted=len(values))


def _fallback(returns: np.ndarray, start: float, reason: str) -> Garch:
    from scipy.stats import kurtosis

    weighted = Garch(0.0, 1 - LAMBDA, LAMBDA, np.inf, start, 1, reason)
    before = np.append(start, next_variance(weighted, returns)[:-1])  # of each day, known the evening before
    standard = returns[before > 0] / np.sqrt(before[before > 0])
    moves = len(standard) > 1 and np.ptp(standard) > 0
    excess = float(kurtosis(standard)) if moves else 0.0
    nu = np.clip(4 + 6 / excess, *TAILS) if excess > 0 else TAILS[1]
    return Garch(0.0, 1 - LAMBDA, LAMBDA, float(nu), start, 1, reason)


def next_variance(model: Garch, returns: np.ndarray) -> np.ndarray:
    """Variance of the day after each return: (n,) percent squared, from returns (n,) up to that day alone."""
    from scipy.signal import lfilter

    drive = model.omega + model.alpha * returns**2
    variance, _ = lfilter([1.0], [1.0, -model.beta], drive, zi=[model.beta * model.start])
    return variance


def by_simulation(
    model: Garch,
    variance: np.ndarray,
    horizon: int,
    threshold: np.ndarray,
    seed: int,
    paths: int = PATHS,
    kind: str = "touch",
    stop: float = -1.0,
) -> np.ndarray:
    """Probability of a label of 1: of touch, that the highest price of the next ``horizon`` days reaches the level.

    Days of returns are simulated from each day's variance on; every day sees the same innovations
    (common random numbers), half of them the mirror of the other half. Within a simulated day with return
    r and deviation sigma the price is a Brownian bridge between the two closes, whose maximum is
    ``M = (r + sqrt(r^2 - 2 sigma^2 ln U)) / 2`` for a uniform U (Glasserman, Monte Carlo Methods in
    Financial Engineering, 2003, section 6.4), so that ``P(M >= b | r) = exp(-2 b (b - r) / sigma^2)`` for b
    above both closes. That probability is averaged instead of drawing U: the same mean with less noise,
    and days that differ in variance do not tie. Of triple the bridge also has a stop below it, see `_level_first`.
    Of close the days before the last are simulated, and the chance of the last, given them, is that of t.

    Parameters
    ----------
    model : gives the variance of every simulated day after the first, and the tails
    variance : (n,) of the next day, percent squared, >= 0
    horizon : trading days
    threshold : (n,) relative move, > 0; infinite where no level can be reached
    seed : of the innovations
    paths : even
    kind, stop : of the label; a stop of -1 is never reached

    Returns
    -------
    (n,) in [0, 1]. Over 60 seeds with 2,000 paths the deviation was 0.002 to 0.007, for probabilities from
    0.05 to 0.75 at horizons 1 and 5; days share it, so it moves the level of the scores, not their order.
    """
    innovations = _innovations(model.nu, horizon, seed, paths)
    share = {"touch": _touched, "close": _closed, "triple": _touched}[kind]
    if kind == "triple" and stop > -1:
        share = partial(_level_first, -100 * np.log1p(stop))
    level = 100 * np.log1p(threshold)
    rows = max(1, CELLS // paths)
    parts = [
        share(model, variance[at : at + rows], level[at : at + rows], innovations)
        for at in range(0, len(variance), rows)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _innovations(nu: float, horizon: int, seed: int, paths: int) -> np.ndarray:
    """(horizon, paths) draws of a t distribution scaled to variance 1, and their negatives."""
    drawn = np.random.default_rng(seed).standard_t(nu, (horizon, paths // 2)) * np.sqrt((nu - 2) / nu)
    return np.concatenate([drawn, -drawn], axis=1)


def _touched(model: Garch, variance: np.ndarray, level: np.ndarray, innovations: np.ndarray) -> np.ndarray:
    """Share of paths that reach level (n,), percent, from variances (n,): (n,)."""
    room = np.repeat(level[:, None], innovations.shape[1], axis=1)  # (n, P) from the last close up to the level
    spread = np.repeat(variance[:, None], innovations.shape[1], axis=1)  # (n, P) variance of the day
    below = np.ones_like(room)  # (n, P) probability not to have touched so far
    for shock in innovations:
        moved = np.sqrt(spread) * shock
        left = room - moved
        # a day that does not move reaches nothing; a path that closes at the level or above has reached it
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            crossed = np.where(spread > 0, np.exp(-2 * np.maximum(room, 0) * np.maximum(left, 0) / spread), 0.0)
        below *= 1 - crossed
        room = left
        spread = model.omega + model.alpha * moved**2 + model.beta * spread
    return 1 - below.mean(axis=1)


def _closed(model: Garch, variance: np.ndarray, level: np.ndarray, innovations: np.ndarray) -> np.ndarray:
    """Share of paths whose last close is above level (n,), percent: (n,)."""
    shocks = innovations[:-1] if len(innovations) > 1 else innovations[:0, :1]  # one day needs no path
    room, spread = (np.repeat(value[:, None], shocks.shape[1], axis=1) for value in (level, variance))
    for shock in shocks:
        moved = np.sqrt(spread) * shock
        room = room - moved
        spread = model.omega + model.alpha * moved**2 + model.beta * spread
    with np.errstate(divide="ignore", invalid="ignore"):
        missing = room / np.sqrt(spread * (model.nu - 2) / model.nu)
    return np.where(spread > 0, stdtr(model.nu, -missing), room < 0).mean(axis=1)


def _level_first(
    stop: float, model: Garch, variance: np.ndarray, level: np.ndarray, innovations: np.ndarray
) -> np.ndarray:
    """Share of paths that reach level (n,), percent, on a day that does not reach ``stop`` percent below: (n,).

    A bridge from 0 to r stays above ``-stop`` with ``1 - exp(-2 stop (stop + r) / sigma^2)``, and between both with
    the sum of `_between`; the difference is what reaches the level alone, as the label asks.
    """
    up = np.repeat(np.minimum(level, FAR)[:, None], innovations.shape[1], axis=1)  # (n, P) from the last close
    down, spread = np.full_like(up, stop), np.repeat(variance[:, None], innovations.shape[1], axis=1)
    alive, won = np.ones_like(up), np.zeros_like(up)
    for shock in innovations:
        moved = np.sqrt(spread) * shock
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            met = np.exp(-2 * np.maximum(down, 0) * np.maximum(down + moved, 0) / spread)
        safe = np.where(spread > 0, 1 - met, 1.0)
        between = np.minimum(_between(up, down, moved, spread), safe)
        won += alive * (safe - between)
        alive *= between
        up, down = up - moved, down + moved
        spread = model.omega + model.alpha * moved**2 + model.beta * spread
    return won.mean(axis=1)


def _between(up: np.ndarray, down: np.ndarray, moved: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Probability that a Brownian bridge to ``moved`` stays above ``-down`` and below ``up``, by images of both."""
    width, found = up + down, np.where(spread > 0, 0.0, 1.0)
    inside = (-down < moved) & (moved < up) & (spread > 0) & (spread <= (WIDE * width) ** 2)
    u, r, s, w = (value[inside] for value in (up, moved, spread, width))
    total = np.zeros_like(u)
    for k in sorted(range(-IMAGES, IMAGES + 1), key=abs):
        seen = slice(None) if abs(k) < 2 else s > 2 * ((abs(k) - 1) * w) ** 2 / BRIGHT
        far, at, ends, over = k * w[seen], u[seen], r[seen], s[seen]
        with np.errstate(over="ignore"):
            total[seen] += np.exp(-2 * far * (far + ends) / over) - np.exp(-2 * (at + far) * (at + far - ends) / over)
    found[inside] = np.clip(total, 0, 1)
    return found
