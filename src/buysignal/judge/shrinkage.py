"""Shrunken precision: what the first of a leaderboard can be expected to keep.

The model that ranks first is the luckiest of those that rank near it. Empirical Bayes asks how much the
models differ beyond what luck explains, and draws each towards their common mean by the rest: the
beta-binomial model of Skellam (J. R. Stat. Soc. B 10, 1948), its two parameters by maximum likelihood, as
in Casella, An introduction to empirical Bayes data analysis (Am. Stat. 39, 1985).

Two lucks it does not see, and what is done about them:

- *Persistence.* Where scores and labels both have long spells, a HAC count made from 30 alerts is too high,
  and luck looks like a difference between models. `shift_count` measures the same thing from circular
  shifts; the smaller of the two counts is the one to shrink with.
- *The choice of a threshold.* It lifts all models alike, so their mean too. `LuckBar.optimism` is how
  much, and is taken off first: `shrink_leaderboard`.

How near the truth it comes, what it costs rare skill, and which prior was dropped: docs/honesty.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

from buysignal.judge.circle import met, shifted, shifts
from buysignal.judge.dates import Dates, several
from buysignal.judge.luck import FEWEST

STRONGEST = 1e4  # effective buys a prior may be worth: a model with 30 then keeps 0.3 % of its own luck
SAME = 1e-3  # a difference of log likelihood that no data show
EDGE = 1e-4  # the mean of a prior is at least this far from 0 and 1
UNSHRUNKEN, POOLED, DIFFERENT = "unshrunken", "no difference beyond luck", "differences beyond luck"


@dataclass(frozen=True)
class Shrunken:
    """Precision of N models, each drawn towards their common mean.

    Attributes
    ----------
    precision : (N,) posterior means; the prior mean for a model without buys
    prior_mean : mean of the beta prior
    prior_strength : effective buys the prior is worth, up to `STRONGEST`; 0 if nothing is pooled
    verdict : `DIFFERENT`; `POOLED` if the prior outweighs every model's own buys; or `UNSHRUNKEN`
    reason : one sentence
    """

    precision: np.ndarray
    prior_mean: float
    prior_strength: float
    verdict: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return vars(self) | {"precision": self.precision.tolist()}


def shrink(precision: np.ndarray, n_eff: np.ndarray) -> Shrunken:
    """Beta-binomial posterior mean of each model's precision, the prior estimated from all of them.

    With mean m and strength M of the prior it is ``(n_eff precision + M m) / (n_eff + M)``.

    A single model is left as it is: there is nothing to pool, its precision at a threshold fixed
    beforehand is right on average, and an anchor such as the base rate would call skill luck.

    Parameters
    ----------
    precision : (N,) shares of buys that were right, 0..1
    n_eff : (N,) independent buys each is worth; 0 for a model without buys
    """
    precision, n_eff = np.asarray(precision, float), np.asarray(n_eff, float)
    bought = n_eff > 0
    if bought.sum() < 2:
        mean = float(precision[bought].sum())  # of one model, or of none
        reason = f"{int(bought.sum())} of {len(precision)} models buy: nothing to pool"
        return Shrunken(np.where(bought, precision, mean), mean, 0.0, UNSHRUNKEN, f"{UNSHRUNKEN}: {reason}")
    mean, strength = _prior(precision[bought] * n_eff[bought], n_eff[bought])
    posterior = (n_eff * precision + strength * mean) / (n_eff + strength)
    verdict = POOLED if strength > n_eff.max() else DIFFERENT
    return Shrunken(
        posterior,
        mean,
        strength,
        verdict,
        f"{verdict}: {int(bought.sum())} models, their common mean {mean:.3f} weighs as much as {strength:.0f} "
        f"independent buys, a model's own buys count for {np.median(n_eff[bought]):.0f} (median)",
    )


def _prior(hits: np.ndarray, n_eff: np.ndarray) -> tuple[float, float]:
    """Mean and strength of the beta prior with the highest likelihood of hits (N,) in n_eff (N,) tosses."""

    def minus_log_likelihood(x: np.ndarray) -> float:
        mean, strength = expit(x[0]), np.exp(x[1])
        a, b = mean * strength, (1 - mean) * strength
        return -float((betaln(hits + a, n_eff - hits + b) - betaln(a, b)).sum())

    pooled = float(np.clip(hits.sum() / n_eff.sum(), EDGE, 1 - EDGE))
    bounds = [(logit(EDGE), logit(1 - EDGE)), (0.0, np.log(STRONGEST))]
    starts = [np.array([logit(pooled), np.log(strength)]) for strength in (10.0, 1000.0)]  # it can have two peaks
    found = [minimize(minus_log_likelihood, x, method="L-BFGS-B", bounds=bounds) for x in starts]
    best = min(found, key=lambda result: result.fun)
    equal = np.array(
        [logit(pooled), np.log(STRONGEST)]
    )  # no difference: where the likelihood is flat, the answer is this
    mean, log_strength = equal if minus_log_likelihood(equal) <= best.fun + SAME else best.x
    return float(expit(mean)), float(np.exp(log_strength))


def shift_count(
    label: np.ndarray, alert: np.ndarray, horizon: int, dates: Dates | None = None, of_day: bool = False
) -> np.ndarray:
    """Independent buys that each row of alerts is worth, from how much its precision varies by luck.

    Shifted round the circle of days, alerts have the base rate as their true precision. Its variance over
    the shifts, ``base (1 - base) / count``, shows the count with all persistence of alerts and labels.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days
    alert : (N, n) bool
    horizon : trading days a label looks ahead; >= 1
    dates : of the n, where they are rows of many symbols, which are shifted together (`buysignal.judge.circle`); None:
        each is a day of its own
    of_day : whether the alerts are the best of each day. Where some symbols are so on most days, they are at every
        shift, and the true precision there is theirs, not the base rate: the variance is about the mean of the shifts

    Returns
    -------
    (N,), at most the buys; the buys themselves where too few days allow a shift or all have one label.
    """
    alert, label = np.asarray(alert, float), np.asarray(label, float)
    dates, n_buys, base = several(dates), alert.sum(axis=1), label.mean() if len(label) else 0.0
    by = shifts(len(label) if dates is None else len(dates), horizon)
    if len(by) < FEWEST or base in (0.0, 1.0):
        return n_buys
    if dates is None:
        luck = alert @ shifted(label, by).T / np.maximum(n_buys, 1)[:, None]
    else:
        luck = _precisions(label, alert, by, dates, base)
    centre = luck.mean(axis=1) if of_day else np.full(len(luck), base)
    variance = ((luck - centre[:, None]) ** 2).mean(axis=1)
    return np.minimum(n_buys, centre * (1 - centre) / np.maximum(variance, 1e-12))


def _precisions(label: np.ndarray, alert: np.ndarray, by: np.ndarray, dates: Dates, base: float) -> np.ndarray:
    """(N, s) of the alerts at each shift; the base rate where none of them comes to a row."""
    there, hit, at = dates.wide(np.ones(len(label))), dates.wide(label), -by % len(dates)
    bought = [dates.wide(row) for row in alert]
    hits, buys = (
        np.rint([met(values, row)[at] for row in bought]).reshape(len(alert), len(by)) for values in (hit, there)
    )
    return np.where(buys > 0, hits / np.maximum(buys, 1), base)


def shrink_leaderboard(
    label: np.ndarray,
    alert: np.ndarray,
    n_eff: np.ndarray,
    optimism: np.ndarray,
    horizon: int,
    dates: Dates | None = None,
    of_day: bool = False,
) -> Shrunken:
    """Shrunken precision of models that each chose their threshold on the days they are judged on.

    The optimism of that choice is taken off each precision, the smaller of both counts is used, then all
    are shrunk together.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days
    alert : (N, n) bool, each model at its operating point
    n_eff : (N,) their effective counts (`buysignal.judge.intervals.effective_count`)
    optimism : (N,) from `LuckBar.optimism`; 0 at thresholds fixed beforehand
    horizon : trading days a label looks ahead; >= 1
    dates, of_day : as for `shift_count`
    """
    alert = np.asarray(alert, bool)
    hits, n_buys = (alert & np.asarray(label, bool)).sum(axis=1), alert.sum(axis=1)
    precision = np.clip(hits / np.maximum(n_buys, 1) - optimism, 0.0, 1.0)
    return shrink(precision, np.minimum(n_eff, shift_count(label, alert, horizon, dates, of_day)))
