"""Daily bars of markets whose truth is known: no direction, a planted signal, regimes that switch.

Every market is a GARCH(1,1) with Student-t shocks and no leverage (Bollerslev, Review of Economics
and Statistics 69, 1987). A day is an overnight step and `HALF_HOURS` steps of a Brownian motion,
scaled by that day's share of the t; within each step High and Low are the maximum and minimum of a
Brownian bridge between its ends. So a day's range, its return and its touch of a level fit together.

The constants are those of the S&P 500: `arch.arch_model(returns, mean="Zero", vol="GARCH", p=1, q=1,
dist="t")` on the close-to-close log returns in percent of `arch.data.sp500`, 1999-01-05 to 2018-12-31,
gives omega 0.00854, alpha 0.0951, beta 0.9037, nu 6.80: moves so persistent that the level of 3,000
days differs much from seed to seed (median deviation of 40 markets 1.26 %; the index has 1.20 %), and
with it the base rate of the label at 1 % and one day (0.19 to 0.42, median 0.27). Overnight share of the
variance from 2010 on: 0.0445. Log volume about its 66-day mean: deviation 0.187, autocorrelation 0.50,
correlation with the log range 0.32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import log_ndtr, ndtr
from scipy.stats import chi2

ALPHA, BETA, NU = 0.0951, 0.9037, 6.80
OMEGA = 0.00854e-4  # of returns as they are, not in percent
DEVIATION = (OMEGA / (1 - ALPHA - BETA)) ** 0.5  # daily, unconditional
OVERNIGHT = 0.0445  # share of a day's variance before the open
HALF_HOURS = 13  # of a session of 6.5 hours
VOLUME, VOLUME_DEVIATION, VOLUME_MEMORY = 3.0e9, 0.187, 0.50
VOLUME_OF_RANGE = 0.13  # elasticity of volume to the day's range: a correlation near the index's
BURN_IN = 500  # days before the first bar
FIRST_DAY, FIRST_PRICE = "2000-01-03", 1000.0


@dataclass(frozen=True)
class Signal:
    """A visible state that says where the next day drifts.

    Attributes
    ----------
    strength : drift of the day after a day of the state, in that day's conditional deviations; the
        days after the others drift down, so that the mean over all days is zero
    share : share of days in the state; 0 < x < 1
    days : mean length of a stay in it; >= 1
    volume : factor on the volume of a day in the state: its only trace before the drift
    """

    strength: float = 2.0
    share: float = 0.2
    days: float = 2.0
    volume: float = 2.5


@dataclass(frozen=True)
class Regimes:
    """Calm and turbulent years: factors on all moves, and one stretch in which nothing happens.

    Attributes
    ----------
    calm, turbulent : factors on the moves of a day
    days : mean length of a regime
    still : (from, to) shares of the bars between which the factor is ``stillness``
    """

    calm: float = 0.6
    turbulent: float = 1.5
    days: float = 250.0
    still: tuple[float, float] = (0.0, 0.0)
    stillness: float = 0.12


@dataclass(frozen=True)
class Design:
    """What a market is: the number of bars, and what departs from GARCH without direction."""

    days: int = 5000
    signal: Signal | None = None
    regimes: Regimes | None = None


@dataclass(frozen=True)
class Market:
    """Bars and the truth behind them.

    Attributes
    ----------
    bars : (n, 5) open, high, low, close, volume, index ``date``; pass `buysignal.bars.validate.validate`
    deviation : (n,) conditional deviation of each day's log return, known the evening before
    drift : (n,) expected log return of each day, known the evening before
    """

    bars: pd.DataFrame
    deviation: np.ndarray
    drift: np.ndarray


def simulate(design: Design, seed: int) -> Market:
    """Draw one market; every number descends from the seed, and each part from a stream of its own.

    So two designs that differ in the signal's strength alone have the same shocks.
    """
    moves, volumes, states, regimes = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(4))
    n = design.days
    overnight, steps, w = _shocks(moves, BURN_IN + n)
    sigma = _deviations(np.sqrt(w) * (overnight + steps.sum(axis=1)))[BURN_IN:]
    sigma = sigma * _factors(design.regimes, n, regimes)
    overnight, steps, w = overnight[BURN_IN:], steps[BURN_IN:], w[BURN_IN:]

    state = _state(design.signal, n, states)
    drift = _drift(design.signal, state) * sigma
    scale = sigma * np.sqrt(w)
    share = (1 - OVERNIGHT) / HALF_HOURS  # of the day in one step
    jump = scale * overnight + OVERNIGHT * drift
    path = scale[:, None] * steps + share * drift[:, None]  # (n, HALF_HOURS)
    highest, lowest = _extremes(path, scale**2 * share, moves)  # of the session, from the open

    close = np.log(FIRST_PRICE) + np.cumsum(jump + path.sum(axis=1))
    open_ = np.append(np.log(FIRST_PRICE), close[:-1]) + jump
    factor = 1.0 if design.signal is None else np.where(state, design.signal.volume, 1.0)
    volume = factor * _volume(volumes, (highest - lowest) / sigma)
    return Market(_bars(open_, open_ + highest, open_ + lowest, close, volume), sigma, drift)


def touch_probability(market: Market, threshold: float, skill: bool) -> np.ndarray:
    """Probability (n - 1,) that the next day touches ``threshold``, known the evening before.

    Reflection principle with drift for a Brownian motion over the whole day, averaged over the
    t's scale at 64 quantiles; that nobody sees the overnight part of the path is left out. Without
    ``skill`` the drift is taken as zero: what a perfect model of volatility would say.
    """
    w = (NU - 2) / chi2.ppf((np.arange(64) + 0.5) / 64, NU)
    sigma = market.deviation[1:, None] * np.sqrt(w)  # (n - 1, 64)
    drift, level = (market.drift[1:, None] if skill else 0.0), np.log1p(threshold)
    reflected = np.exp(2 * drift * level / sigma**2 + log_ndtr(-(level + drift) / sigma))
    return (ndtr((drift - level) / sigma) + reflected).mean(axis=1)


def oracle_precision(label: np.ndarray, probability: np.ndarray, alert_rate: float) -> float:
    """Share of labels 1 among the ``alert_rate`` of days of highest probability; both (n,)."""
    count = max(1, round(alert_rate * len(label)))
    return float(label[np.argsort(-probability, kind="stable")[:count]].mean())


def _shocks(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Overnight (n,) and half-hour (n, HALF_HOURS) shocks, variance 1 a day, and the t's scale w (n,)."""
    overnight = np.sqrt(OVERNIGHT) * rng.standard_normal(n)
    steps = np.sqrt((1 - OVERNIGHT) / HALF_HOURS) * rng.standard_normal((n, HALF_HOURS))
    return overnight, steps, (NU - 2) / rng.chisquare(NU, n)


def _deviations(shock: np.ndarray) -> np.ndarray:
    """GARCH(1,1) deviations (n,) of shocks of variance 1, from the unconditional one on."""
    variance = np.empty(len(shock))
    variance[0] = DEVIATION**2
    for t in range(1, len(shock)):
        variance[t] = OMEGA + (ALPHA * shock[t - 1] ** 2 + BETA) * variance[t - 1]
    return np.sqrt(variance)


def _extremes(path: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Highest and lowest point (n,) of each session, 0 at its open.

    The maximum of a bridge from 0 to c of variance v is ``(c + sqrt(c^2 - 2 v ln U)) / 2``, U uniform
    (Karatzas and Shreve, Brownian Motion and Stochastic Calculus, 1991, section 2.8). Within a
    half-hour maximum and minimum are drawn apart; over the session they hang together through the path.
    """
    start = np.cumsum(path, axis=1) - path
    spread = -2 * variance[:, None] * np.log(1 - rng.random((2, *path.shape)))  # 1 - x lies in (0, 1]
    up, down = np.sqrt(path**2 + spread)
    return (start + (path + up) / 2).max(axis=1), (start + (path - down) / 2).min(axis=1)


def _state(signal: Signal | None, n: int, rng: np.random.Generator) -> np.ndarray:
    """Markov chain (n,), True in the visible state, from its stationary law."""
    if signal is None:
        return np.zeros(n, bool)
    leave = 1 / signal.days
    return _chain(n, signal.share, leave * signal.share / (1 - signal.share), leave, rng)


def _chain(n: int, start: float, enter: float, leave: float, rng: np.random.Generator) -> np.ndarray:
    uniform = rng.random(n)
    state = np.empty(n, bool)
    state[0] = uniform[0] < start
    for t in range(1, n):
        state[t] = uniform[t] >= leave if state[t - 1] else uniform[t] < enter
    return state


def _drift(signal: Signal | None, state: np.ndarray) -> np.ndarray:
    """Drift (n,) of each day in deviations, by the state of the day before; zero on average."""
    if signal is None:
        return np.zeros(len(state))
    other = -signal.strength * signal.share / (1 - signal.share)
    return np.append(0.0, np.where(state[:-1], signal.strength, other))


def _factors(regimes: Regimes | None, n: int, rng: np.random.Generator) -> np.ndarray:
    """Factors (n,) on the moves of each day."""
    if regimes is None:
        return np.ones(n)
    turbulent = _chain(n, 0.5, 1 / regimes.days, 1 / regimes.days, rng)
    factors = np.where(turbulent, regimes.turbulent, regimes.calm)
    first, last = (round(share * n) for share in regimes.still)
    factors[first:last] = regimes.stillness
    return factors


def _volume(rng: np.random.Generator, span: np.ndarray) -> np.ndarray:
    """Shares traded (n,): log autoregressive, and a little more on days of a wide range."""
    shock = VOLUME_DEVIATION * np.sqrt(1 - VOLUME_MEMORY**2) * rng.standard_normal(len(span))
    wave = np.empty(len(span))
    wave[0] = shock[0] / np.sqrt(1 - VOLUME_MEMORY**2)
    for t in range(1, len(span)):
        wave[t] = VOLUME_MEMORY * wave[t - 1] + shock[t]
    return np.round(VOLUME * np.exp(wave) * span**VOLUME_OF_RANGE)


def _bars(open_: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray) -> pd.DataFrame:
    """Bars of log prices; the last bit of rounding is put right."""
    prices = np.exp(np.stack([open_, high, low, close]))
    index = pd.date_range(FIRST_DAY, periods=len(close), freq="B", name="date", unit="us")
    columns = {
        "open": prices[0],
        "high": prices.max(axis=0),
        "low": prices.min(axis=0),
        "close": prices[3],
        "volume": volume,
    }
    bars = pd.DataFrame(columns, index=index)
    bars.index.freq = None
    return bars
