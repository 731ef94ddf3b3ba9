"""What a score is worth as a probability: maps fitted on one role, judged on another, the best by log loss.

Decisions to buy are always made on the raw score. A calibrated probability only informs: "of days like
this one, three in ten rise". Maps are fitted on the calibrate role and judged on the threshold role;
leaving the score alone ("none") competes, and precision has no say, because no monotone map can
change which days score highest. Of many symbols a map is fitted on rows, as a probability is of a row; how sure a share
of rows is, dates say (`buysignal.judge.dates`).
"""

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from mapie.calibration import VennAbers as MapieVennAbers
from scipy.optimize import minimize_scalar
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from buysignal.core.files import DIGITS
from buysignal.judge.calibration_maps import (
    CalibrationMap,
    Identity,
    Isotonic,
    Platt,
    Temperature,
    VennAbers,
    logits,
    to_dict,
)
from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.intervals import precision_interval
from buysignal.judge.operating import JUDGE, PROPOSE
from buysignal.models.scores import Scored

MIN_DAYS = 30  # fewest days to fit a map on, and to judge one on
BINS = 10  # of the reliability table
CONFIDENCE = 0.95  # of the interval of each bin
NONE = Identity.name


@dataclass(frozen=True)
class Bin:
    """Days of neighbouring scores: mean probability, share labelled 1 with its interval, days, independent days."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int
    n_eff: float


@dataclass(frozen=True)
class Judged:
    """A map on days it was not fitted on.

    Attributes
    ----------
    log_loss : mean of ``-log(probability of what came)``, in nats; lower is better
    brier : mean squared difference of probability and label; lower is better (Brier 1950)
    ece : expected calibration error, see `expected_calibration_error`
    ece_by_chance : about what a perfectly calibrated map would show on so many days
    bins : the reliability table, lowest scores first
    """

    log_loss: float
    brier: float
    ece: float
    ece_by_chance: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Calibrated:
    """Fitted maps, the chosen one, why, and how each did; ``judged`` is empty if the days are too few to judge."""

    chosen: str
    reason: str
    maps: dict[str, CalibrationMap]
    judged: dict[str, Judged]

    @property
    def map(self) -> CalibrationMap:
        """The chosen map."""
        return self.maps[self.chosen]

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON: choice, reason and figures, not the maps (see `calibration_maps.to_dict`)."""
        judged = {name: asdict(found) for name, found in self.judged.items()}
        return {"chosen": self.chosen, "reason": self.reason, "judged": judged}


def calibrate(model: Scored, horizon: int) -> Calibrated:
    """Fit every map to the seed average on the calibrate role and choose by log loss on the threshold role.

    Where nothing can be fitted or judged the map is "none", with the reason in words. Ties go to
    "none", then to the map of fewer numbers.

    Parameters
    ----------
    model : its calibrate role fits, its threshold role judges
    horizon : trading days a label looks ahead; >= 1
    """
    (label, score, _), (judge_label, judge_score, _) = model.of(PROPOSE), model.of(JUDGE)
    dates = dates_in(model, JUDGE)
    maps: dict[str, CalibrationMap] = {NONE: Identity()}
    unfit = _why_not_fitted(label, score, _days(label, dates_in(model, PROPOSE)))
    if not unfit:
        maps |= {fit.name: fit for fit in (fitter(label, score) for fitter in FITTERS)}
    if (days := _days(judge_label, dates)) < MIN_DAYS:
        few = f"{days} days of role {JUDGE} are too few to judge a map, {MIN_DAYS} are needed"
        return Calibrated(NONE, unfit or few, maps, {})
    judged = {name: judge_map(fit, judge_label, judge_score, horizon, dates) for name, fit in maps.items()}
    if unfit:
        return Calibrated(NONE, unfit, maps, judged)
    losses = {name: round(found.log_loss, DIGITS) for name, found in judged.items()}
    chosen = min(losses, key=losses.__getitem__)  # the first of equals, and "none" stands first
    beaten = "no map beats the score itself" if chosen == NONE else f"the score itself has {losses[NONE]:.4f}"
    reason = f"lowest log loss of {len(losses)} on the {JUDGE} role, {losses[chosen]:.4f}: {beaten}"
    return Calibrated(chosen, reason, maps, judged)


def judge_map(
    fitted: CalibrationMap, label: np.ndarray, score: np.ndarray, horizon: int, dates: Dates | None = None
) -> Judged:
    """Judge a map on labels (n,) and raw scores (n,), n >= 1, in time order; ``dates`` as in `reliability`."""
    probability = fitted.apply(score)
    bins = reliability(label, score, probability, horizon, dates)
    return Judged(
        log_loss=float(log_loss(label, probability, labels=[0, 1])),
        brier=float(np.mean((probability - label) ** 2)),
        ece=expected_calibration_error(bins),
        ece_by_chance=_by_chance(bins),
        bins=bins,
    )


def reliability(
    label: np.ndarray, score: np.ndarray, probability: np.ndarray, horizon: int, dates: Dates | None = None
) -> tuple[Bin, ...]:
    """Up to `BINS` bins of equally many days, cut by the raw score so that every map has the same bins.

    Days of one score stay together. The interval allows for the dependence of neighbouring days.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days; n >= 1
    score, probability : (n,)
    horizon : trading days a label looks ahead; >= 1
    dates : of the n, where they are rows of many symbols; None: each is a day of its own
    """
    count = min(BINS, len(score))
    start = np.unique(np.sort(score)[np.arange(count) * len(score) // count])
    at = np.searchsorted(start, score, side="right") - 1
    found = []
    for number in range(len(start)):
        inside = at == number
        share = precision_interval(label, inside, horizon, CONFIDENCE, dates)
        predicted, n = float(probability[inside].mean()), int(inside.sum())
        found.append(Bin(predicted, share.point, share.low, share.high, n, share.n_eff))
    return tuple(found)


def expected_calibration_error(bins: tuple[Bin, ...]) -> float:
    """Mean distance of predicted and observed over the bins, weighted by days.

    The definition of Naeini, Cooper, Hauskrecht (AAAI 2015) for the probability of label 1, with bins
    of equally many days (Nixon et al., Measuring Calibration in Deep Learning, CVPR workshops 2019).
    It is above 0 for a perfect map too, the more so the fewer days: read it beside `ece_by_chance`.
    """
    return sum(b.n * abs(b.predicted - b.observed) for b in bins) / sum(b.n for b in bins)


def _by_chance(bins: tuple[Bin, ...]) -> float:
    """Mean of that distance if every day's label were drawn with the predicted probability (normal approximation)."""
    distance = [b.n * np.sqrt(2 * b.predicted * (1 - b.predicted) / (np.pi * max(b.n_eff, 1.0))) for b in bins]
    return float(sum(distance)) / sum(b.n for b in bins)


def _days(label: np.ndarray, dates: Dates | None) -> int:
    return len(label) if dates is None else len(dates)


def _why_not_fitted(label: np.ndarray, score: np.ndarray, days: int) -> str:
    if days < MIN_DAYS:
        return f"{days} days of role {PROPOSE} are too few to fit a map, {MIN_DAYS} are needed"
    if label.min() == label.max():
        return f"every day of role {PROPOSE} is labelled {label[0]}: there is nothing to fit a map to"
    if np.ptp(score) < 10.0**-DIGITS:
        return f"every day of role {PROPOSE} has the same score: there is nothing to fit a map to"
    return ""


def _platt(label: np.ndarray, score: np.ndarray) -> Platt:
    """Logistic regression on the logit, on Platt's smoothed targets: each day counts partly as a 1, partly as a 0.

    Smoothed targets keep the slope finite where scores separate the labels. Where the score falls with
    the label the best monotone map is flat.
    """
    positives, x = int(label.sum()), logits(score)
    negatives = len(label) - positives
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    centre, width = x.mean(), x.std()
    z = np.tile((x - centre) / width, 2)[:, None]
    answer, weight = np.repeat([1, 0], len(x)), np.concatenate([target, 1 - target])
    fit = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(z, answer, sample_weight=weight)
    slope = float(fit.coef_[0, 0] / width)
    if slope <= 0:
        return Platt(0.0, float(logit(target.mean())))
    return Platt(slope, float(fit.intercept_[0] - slope * centre))


def _temperature(label: np.ndarray, score: np.ndarray) -> Temperature:
    """The temperature of lowest log loss between exp(-5) and exp(5)."""
    x = logits(score) * (2 * label.astype(float) - 1)
    found = minimize_scalar(lambda log_t: np.logaddexp(0, -x * np.exp(-log_t)).mean(), bounds=(-5, 5))
    return Temperature(float(np.exp(found.x)))


def _isotonic(label: np.ndarray, score: np.ndarray) -> Isotonic:
    """Isotonic regression, kept from a certainty that n days cannot teach: Laplace's 1 / (n + 2)."""
    edge = 1 / (len(label) + 2)
    fit = IsotonicRegression(y_min=edge, y_max=1 - edge, increasing=True, out_of_bounds="clip").fit(score, label)
    return Isotonic(tuple(fit.X_thresholds_.tolist()), tuple(fit.y_thresholds_.tolist()))


def _venn_abers(label: np.ndarray, score: np.ndarray) -> VennAbers:
    """MAPIE's two isotonic regressions, without its warnings: it divides by zero where it then looks away.

    A score at which neither moves is no knot: of many symbols there are a hundred thousand, and some hundred move.
    """
    fit = MapieVennAbers()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        fit.fit(np.column_stack([1 - score, score]), label)
    low, high = (np.maximum.accumulate(np.clip(steps[:, 1], 0, 1)) for steps in (fit.p0, fit.p1))
    moves = (np.diff(low) > 0) | (np.diff(high) > 0)
    moves[0] |= not moves.any()
    knots, kept = fit.c[moves], np.concatenate([[True], moves])
    return VennAbers(tuple(knots.tolist()), tuple(low[kept].tolist()), tuple(high[kept].tolist()))


FITTERS: tuple[Callable[[np.ndarray, np.ndarray], CalibrationMap], ...] = (
    _temperature,
    _platt,
    _isotonic,
    _venn_abers,
)


def calibration_row(name: str, tier: str, found: Calibrated) -> dict[str, Any]:
    """One row of metrics/calibration.json."""
    return {"name": name, "tier": tier, **found.to_dict()}


def shipped_map(name: str, tier: str, found: Calibrated) -> dict[str, Any]:
    """A map in data/selected.json: what predicting needs, for `write_exact_json`."""
    return {"name": name, "tier": tier, "reason": found.reason, **to_dict(found.map)}


def reliability_table(found: Calibrated | None) -> pd.DataFrame:
    """Reliability before (map "none") and after (the chosen map), one row per bin; empty without a judged model.

    Columns predicted, observed, n, low, high, map; ``low`` and ``high`` are the interval of observed.
    """
    names = [] if found is None or not found.judged else list(dict.fromkeys([NONE, found.chosen]))
    rows = [asdict(b) | {"map": name} for name in names for b in found.judged[name].bins]
    return pd.DataFrame(rows, columns=["predicted", "observed", "n", "low", "high", "map"])
