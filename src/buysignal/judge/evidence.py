"""What a precision and a recall are read with: no share without its count, its interval and its base rate."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from buysignal.core.settings import Section, Share, ends, real, whole
from buysignal.models.metrics import share

if TYPE_CHECKING:
    from buysignal.judge.dates import Dates

INTERVALS = ("precision_interval", "recall_interval")
Count = whole(0, 10**12)
NotNegative = real("from 0 to 10**12", ge=0, le=1e12)


Ends = ends(Share, "a low and a high end in [0, 1]")


class Evidence(Section):
    """Precision and recall of some alerts, with all that is needed to doubt them.

    Attributes
    ----------
    precision : hits / n_buys; 0.0 without a buy, where it is undefined
    precision_low : one-sided lower bound of the true precision
    precision_interval : two-sided interval of it; (0, 1) without a buy
    recall : hits / days labelled 1; 0.0 if there are none
    recall_interval : two-sided interval of the true recall; (0, 1) without a day labelled 1
    n_buys, hits : days bought on, and those of them labelled 1
    n_eff : independent buys they are worth, see `buysignal.judge.intervals`
    base_rate : share of days labelled 1: the precision of buying always
    lift : precision / base_rate; 0.0 at base rate 0
    alert_rate : n_buys / days
    seeds : members whose scores are averaged; 0 where no random number is drawn
    configurations : how many were looked at before this one was shown, itself among them. The bounds
        hold for one fixed beforehand: the more were looked at, the more they flatter.
    """

    precision: Share
    precision_low: Share
    precision_interval: Ends
    recall: Share
    recall_interval: Ends
    n_buys: Count
    hits: Count
    n_eff: NotNegative
    base_rate: Share
    lift: NotNegative
    alert_rate: Share
    seeds: Count
    configurations: Count

    def fault(self) -> str:
        """No more hits than buys."""
        return f"it has {self.hits} hits in {self.n_buys} buys" if self.hits > self.n_buys else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in self}

    def to_row(self) -> dict[str, float]:
        """Plain types for a table: the ends of each interval are columns of their own, at the end."""
        row = dict(self)
        return row | {f"{name}_{end}": at for name in INTERVALS for end, at in zip(("low", "high"), row.pop(name))}


EVIDENCE = tuple(Evidence.model_fields)
"""The keys that every JSON object with a precision or a recall has."""
EVIDENCE_ROW = tuple(name for name in EVIDENCE if name not in INTERVALS)
EVIDENCE_ROW += tuple(f"{name}_{end}" for name in INTERVALS for end in ("low", "high"))
"""Columns of `Evidence.to_row`, in their order."""


def evidence(
    label: np.ndarray,
    alert: np.ndarray,
    horizon: int,
    confidence: float,
    seeds: int,
    configurations: int,
    dates: "Dates | None" = None,
) -> Evidence:
    """Judge alerts; no day, no buy and no positive day are judged too.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days; n >= 0
    alert : (n,) bool
    horizon : trading days a label looks ahead; >= 1
    confidence : of the one-sided bound and of the two-sided intervals; 0.5 < x < 1
    seeds, configurations : see `Evidence`
    dates : of the n, where they are rows of many symbols; None: each is a day of its own

    Examples
    --------
    >>> found = evidence(np.array([0, 1, 1, 0]), np.array([False, True, False, True]), 1, 0.95, 3, 20)
    >>> found.precision, found.recall, found.n_buys, found.lift, found.configurations
    (0.5, 0.5, 2, 1.0, 20)
    """
    # here, not on top: whoever only reads evidence, as `predict` does, need not wait for scipy
    from buysignal.judge.intervals import precision_interval, precision_lower, recall_interval

    label, alert = np.asarray(label), np.asarray(alert, bool)
    if label.shape != alert.shape or label.ndim != 1:
        raise ValueError(f"label and alert must be (n,); they are {label.shape} and {alert.shape}")
    n, n_buys, positives, hits = len(label), int(alert.sum()), int(label.sum()), int(label[alert].sum())
    found = precision_interval(label, alert, horizon, confidence, dates)
    caught = recall_interval(label, alert, horizon, confidence, dates)
    precision, base_rate = share(hits, n_buys), share(positives, n)
    return Evidence.model_construct(
        precision=precision,
        precision_low=float(precision_lower(label, alert, horizon, confidence, dates)[0]) if n_buys else 0.0,
        precision_interval=(found.low, found.high),
        recall=share(hits, positives),
        recall_interval=(caught.low, caught.high),
        n_buys=n_buys,
        hits=hits,
        n_eff=found.n_eff,
        base_rate=base_rate,
        lift=share(precision, base_rate),
        alert_rate=share(n_buys, n),
        seeds=seeds,
        configurations=configurations,
    )


def missing(value: Any) -> list[str]:
    """Where a JSON value has a precision or a recall without its evidence; empty if nowhere.

    An object owes every key of `EVIDENCE` as soon as its ``precision`` or ``recall`` is a number. One
    that is an object or a list is a difference or a pair of ends, and brings its own interval.

    Examples
    --------
    >>> missing({"models": [{"precision": 0.9, "n_buys": 3}], "gap": {"recall": {"low": 0.1}}})[0][:30]
    '$.models[0] lacks precision_lo'
    """
    return [f"{place} lacks {', '.join(lacking)}" for place, lacking in _lacking(value, "$")]


def _lacking(value: Any, place: str) -> list[tuple[str, list[str]]]:
    if isinstance(value, Mapping):
        inner = [pair for key, item in value.items() for pair in _lacking(item, f"{place}.{key}")]
        lacking = [key for key in EVIDENCE if value.get(key) is None]
        owed = any(_is_number(value.get(key)) for key in ("precision", "recall"))
        return [(place, lacking), *inner] if owed and lacking else inner
    if isinstance(value, list | tuple):
        return [pair for at, item in enumerate(value) for pair in _lacking(item, f"{place}[{at}]")]
    return []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
