"""Precision first, recall second, each on its own; the area under the ROC only ranks."""

from dataclasses import dataclass

import numpy as np

COLLAPSE_WIDTH = 0.05  # 1st to 99th percentile of the scores; healthy models of the reference span 0.8


@dataclass(frozen=True)
class Buys:
    """What buying on every day with ``score >= threshold`` gives.

    Attributes
    ----------
    threshold : score from which a day is a buy
    n, n_buys, hits : days, buys, and buys whose label is 1
    precision : hits / n_buys; 0.0 without a buy, where it is undefined and ``no_buys`` is true
    recall : hits / days labelled 1; 0.0 if there are none
    base_rate : share of days labelled 1: the precision of buying always
    lift : precision / base_rate; 0.0 at base rate 0
    alert_rate : n_buys / n
    no_buys : whether precision is undefined
    """

    threshold: float
    n: int
    n_buys: int
    hits: int
    precision: float
    recall: float
    base_rate: float
    lift: float
    alert_rate: float
    no_buys: bool


@dataclass(frozen=True)
class Ranking:
    """How scores order the days and how far they spread; needs no threshold.

    Attributes
    ----------
    n : days
    base_rate : share of days labelled 1
    one_class : whether every day has the same label, so that nothing can be ranked
    auc : area under the ROC; 0.5 where one class is absent
    average_precision : precision averaged over the recall steps; 0.0 without a day labelled 1
    prediction_min, prediction_max : range of the scores
    prediction_width : distance of their 1st and 99th percentile
    collapsed : ``prediction_width < COLLAPSE_WIDTH``. The reference calls a narrow range
        "probability collapse": such a model says nearly the same of every day. Percentiles, so that
        one odd day cannot hide it.
    """

    n: int
    base_rate: float
    one_class: bool
    auc: float
    average_precision: float
    prediction_min: float
    prediction_max: float
    prediction_width: float
    collapsed: bool


def buys(label: np.ndarray, score: np.ndarray, threshold: float) -> Buys:
    """Judge one threshold.

    Parameters
    ----------
    label : (n,) 0 or 1, n >= 1
    score : (n,)

    Examples
    --------
    >>> b = buys(np.array([0, 1, 1, 0]), np.array([0.1, 0.6, 0.2, 0.5]), 0.5)
    >>> b.n_buys, b.hits, b.precision, b.recall
    (2, 1, 0.5, 0.5)
    """
    _check(label, score)
    alert = score >= threshold
    n, n_buys = len(label), int(alert.sum())
    positives, hits = int(label.sum()), int(label[alert].sum())
    precision, base_rate = share(hits, n_buys), positives / n
    return Buys(
        threshold=float(threshold),
        n=n,
        n_buys=n_buys,
        hits=hits,
        precision=precision,
        recall=share(hits, positives),
        base_rate=base_rate,
        lift=precision / base_rate if positives else 0.0,
        alert_rate=n_buys / n,
        no_buys=n_buys == 0,
    )


def ranking(label: np.ndarray, score: np.ndarray) -> Ranking:
    """Judge the order and the spread of scores (n,) against labels (n,), n >= 1."""
    from sklearn.metrics import average_precision_score  # a second to import: no point of a curve needs it

    _check(label, score)
    low, high = np.quantile(score, [0.01, 0.99])
    return Ranking(
        n=len(label),
        base_rate=float(label.mean()),
        one_class=bool(label.min() == label.max()),
        auc=auc(label, score),
        average_precision=float(average_precision_score(label, score)) if label.any() else 0.0,
        prediction_min=float(score.min()),
        prediction_max=float(score.max()),
        prediction_width=float(high - low),
        collapsed=bool(high - low < COLLAPSE_WIDTH),
    )


def auc(label: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC, 0.5 where one class is absent: no order is better than another there.

    It is the share of pairs of a hit and a miss in which the hit has the higher score, a tie counting half
    (Mann and Whitney, 1947): pairs are counted, so that it is exact to the last digit.

    Parameters
    ----------
    label : (n,) 0 or 1
    score : (n,)

    Examples
    --------
    One hit is above both misses, the other above one and level with one: 3.5 of 4 pairs.

    >>> auc(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.2]))
    0.875
    """
    right, wrong = score[label == 1], np.sort(score[label != 1])
    if not len(right) or not len(wrong):
        return 0.5
    below = sum(int(np.searchsorted(wrong, right, side).sum()) for side in ("left", "right"))
    return below / (2 * len(right) * len(wrong))


def share(part: int, whole: int) -> float:
    """part / whole; 0.0 of nothing, because metrics hold finite numbers only."""
    return part / whole if whole else 0.0


def _check(label: np.ndarray, score: np.ndarray) -> None:
    if label.shape != score.shape or label.ndim != 1 or not len(label):
        raise ValueError(f"label and score must be (n,) with n >= 1; they are {label.shape} and {score.shape}")


def precision_at_recall(label: np.ndarray, score: np.ndarray, floor: float) -> float:
    """Precision at the largest threshold that reaches a recall of ``floor``; 0.0 if no label is 1.

    Parameters
    ----------
    label : (n,) 0 or 1
    score : (n,)
    floor : in (0, 1]

    Examples
    --------
    The two highest scores catch one of three opportunities, the three highest two of them:

    >>> label, score = np.array([1, 0, 1, 0, 1]), np.array([0.9, 0.95, 0.6, 0.5, 0.4])
    >>> [round(precision_at_recall(label, score, floor), 3) for floor in (0.3, 0.5, 1.0)]
    [0.5, 0.667, 0.6]
    """
    from sklearn.metrics import precision_recall_curve  # on top it would cost a command its start

    if not label.any():
        return 0.0
    precision, recall, _ = precision_recall_curve(label, score)  # thresholds ascend; a last point without any follows
    return float(precision[:-1][recall[:-1] >= floor][-1])
