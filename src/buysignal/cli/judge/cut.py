"""The days on which outside scores are judged, what they are asked for there, and the threshold they buy at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.cli.judge.asked import Asked
from buysignal.core.errors import UserError
from buysignal.days.labels import rises, thresholds
from buysignal.days.params import Label
from buysignal.judge.intervals import precision_lower
from buysignal.judge.thresholds import curve_at, score_quantiles
from buysignal.models.metrics import auc

FEWEST = 60  # days, fewer of which tell nothing
MIN_BUYS, POINTS, CONFIDENCE = 20, 101, 0.95  # how a threshold is chosen, where none is given
DOES = {  # a day that is a buy, by the kind of the label
    "touch": "reaches the level",
    "close": "closes above the level",
    "triple": "reaches the level before the stop",
}


@dataclass(frozen=True)
class Cut:
    """The days judged, consecutive bars.

    Attributes
    ----------
    dates, rows : (n,) days, and their places in the bars
    score, label, alert : (n,) float, int8 and bool
    labels, move : (T - h,) labels and (T,) relative moves asked for, of all bars
    asks : the label
    threshold, chosen : a day is a buy at this score or above, and where that comes from
    notes : days that were left out
    """

    dates: pd.DatetimeIndex
    rows: np.ndarray
    score: np.ndarray
    label: np.ndarray
    alert: np.ndarray
    labels: np.ndarray
    move: pd.Series
    asks: Label
    threshold: float
    chosen: str
    notes: tuple[str, ...]

    @property
    def horizon(self) -> int:
        """Trading days a label takes."""
        return self.asks.horizon

    @property
    def auc(self) -> float:
        """Area under the ROC of the scores."""
        return auc(self.label, self.score)


def cut(scores: pd.Series, bars: pd.DataFrame, asked: Asked, names: tuple[str, str]) -> Cut:
    """Take the days that are scored, have a past and an outcome; without a threshold the second half of them.

    Raises
    ------
    UserError
        If days are missing or no bars, fewer than `FEWEST` are left, all have the same label, or no threshold can be
        had; in one line.
    """
    name, signals = names[0], set(np.unique(scores)) <= {0.0, 1.0}
    if len(bars) <= asked.horizon:
        raise UserError(f"horizon is {asked.horizon}, and {names[1]} has {len(bars):,} bars: no day has an outcome")
    move = thresholds(bars, asked.label)
    labels = rises(bars, asked.label)["label"].to_numpy()
    require_within(asked.threshold, scores, signals)
    scores = scores.loc[asked.start :] if asked.start else scores
    rows = _places(scores, bars, name)
    decided = (rows > 0) & (rows < len(labels))
    notes = _left_out(rows, len(labels), asked.horizon)
    rows, score = rows[decided], scores.to_numpy()[decided]
    threshold, chosen, begin = _threshold(score, labels[rows], asked, signals, name)
    rows, score = rows[begin:], score[begin:]
    if len(rows) < FEWEST:
        half = ", of which the first half is to choose the threshold" if not signals and asked.threshold is None else ""
        raise UserError(f"{name} leaves {len(rows):,} days to judge{half}: {FEWEST} are the fewest that tell anything")
    label = labels[rows]
    if label.min() == label.max():
        which = "each" if label[0] else "none"
        raise UserError(
            f"{which} of the {len(rows):,} days {DOES[asked.kind]}: set one that some reach and some do not"
        )
    seen = (score, label, score >= threshold, labels, move)
    return Cut(bars.index[rows], rows, *seen, asked.label, float(threshold), chosen, notes)


def _places(scores: pd.Series, bars: pd.DataFrame, name: str) -> np.ndarray:
    """The place of every scored day in the bars, one after the other."""
    if not len(scores):
        raise UserError(f"{name} has no score on or after the day that --from names: name an earlier one")
    rows = bars.index.get_indexer(scores.index)
    outside = scores.index[rows < 0]
    if len(outside):
        span = f"{bars.index[0]:%Y-%m-%d} to {bars.index[-1]:%Y-%m-%d}"
        raise UserError(f"{name}: {len(outside):,} of {len(rows):,} days are no day of the bars, the first is "
                        f"{outside[0]:%Y-%m-%d}; the bars run from {span}")  # fmt: skip
    missing = np.setdiff1d(np.arange(rows[0], rows[-1] + 1), rows)
    if len(missing):
        raise UserError(f"{name} misses {len(missing):,} days between its first and its last, the first is "
                        f"{bars.index[missing[0]]:%Y-%m-%d}: score every bar, 0 where a signal is no buy")  # fmt: skip
    return rows


def _left_out(rows: np.ndarray, labelled: int, horizon: int) -> tuple[str, ...]:
    late, early = int((rows >= labelled).sum()), int((rows == 0).sum())
    last = "the last day is not judged: its" if late == 1 else f"the last {late} days are not judged: their"
    told = (f"{last} outcome takes {horizon} more day{'s' * (horizon > 1)}",) * bool(late)
    return told + ("the first bar is not judged: it has no past",) * early


def require_within(threshold: float | None, scores: pd.Series, signals: bool) -> None:
    low, high = scores.min(), scores.max()
    if threshold is not None and not signals and not low <= threshold <= high:
        raise UserError(f"threshold is {threshold:g}, it must lie within the scores, {low:g} to {high:g}")
    if threshold is not None and signals and not 0 < threshold <= 1:
        raise UserError(f"threshold is {threshold:g}, of signals 0 and 1 it must be above 0 and at most 1")


def _threshold(score: np.ndarray, label: np.ndarray, asked: Asked, signals: bool, name: str) -> tuple[float, str, int]:
    """The threshold, where it comes from, and the first day to be judged by it."""
    if asked.threshold is not None:
        return asked.threshold, "as given", 0
    if signals:
        return 0.5, "signals", 0
    half = len(score) // 2
    if half < FEWEST:
        return np.inf, "", half  # which is refused for its few days
    candidates = score_quantiles(score[:half], POINTS)
    candidates = candidates[curve_at(label[:half], score[:half], candidates).n_buys >= MIN_BUYS]
    if not len(candidates) or np.ptp(score[:half]) == 0:
        raise UserError(
            f"{name} has the same score on all of the first {half:,} days: no threshold can be chosen there"
        )
    alert = score[:half] >= candidates[:, None]
    low = precision_lower(label[:half], alert, asked.horizon, CONFIDENCE)[0]
    why = f"chosen on the {half:,} days before, for the highest lower bound of precision; give --threshold for all days"
    return float(candidates[np.argmax(low)]), why, half
