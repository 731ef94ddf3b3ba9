"""What fitting again every so many months would have brought: the same days, bought by the fits of several schedules.

Every schedule begins with one fit; *never* keeps it. A fit buys by the operating point that its own calibrate and
threshold days gave it, until the next one. The days are the same for all, so schedules are compared in pairs, with the
interval of resampled dates of `buysignal.judge.paired`. What is fitted was chosen on some of these days: precision and
recall flatter every schedule alike; only the differences tell of fitting again. Alerts are taken as given: a new
threshold that happens to fall lower buys more, with more recall and mostly less precision, in a market that never
changes, too. Only the AUC asks about the scores alone. Each interval stands alone: of many schedules one may seem
better by luck.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of
from buysignal.judge.dates import Dates, dates_among, sums
from buysignal.judge.evidence import evidence
from buysignal.judge.money import Trades, money
from buysignal.judge.operating import SelectionRules, alerts, operating_point
from buysignal.judge.paired import (
    DRAWS,
    MIN_BUYS,
    Difference,
    auc_difference,
    auc_interval,
    bootstrapped,
    choice_difference,
)
from buysignal.models.scores import ModelCard, Scored

CONFIDENCE = 0.95
NEVER = 0
"""Months of the schedule that is fitted once."""
DRAWN = ("day", "date", "lead")


@dataclass(frozen=True)
class Walked:
    """The days that were walked, by the fits of one schedule; rows in order of date and symbol.

    Attributes
    ----------
    months : between two fits; `NEVER`: there is one
    fits, silent : fits, and those of them that never buy, as they have no operating point
    index : (n,) date, of many symbols (symbol, date)
    label, score, alert : (n,) 0 or 1, the mean of the seeds, and whether it is bought
    """

    months: int
    fits: int
    silent: int
    index: pd.Index
    label: np.ndarray
    score: np.ndarray
    alert: np.ndarray

    @classmethod
    def of(cls, months: int, fits: Sequence[tuple[Scored, pd.Timestamp]], rules: SelectionRules, role: str) -> "Walked":
        """Join what each fit scores of a role up to the day of the next one.

        Parameters
        ----------
        fits : in order of time; each with its calibrate and threshold days and days of ``role``, and the first day
            that is the next fit's
        rules : by which each is given its operating point
        """
        parts, silent = [], 0
        for model, until in fits:
            point = operating_point(model, rules).point
            silent += point is None
            bought = alerts(model, role, None if point is None else point.threshold, rules.per_day)
            index = model.index[model.role == role]
            own = np.asarray(dates_of(index) < until)
            label, score, _ = model.of(role)
            parts.append((index[own], label[own], score[own], bought[own]))
        index, *arrays = zip(*parts)
        return cls(months, len(fits), silent, index[0].append(list(index[1:])), *map(np.concatenate, arrays))


def compared(
    never: Walked, *others: Walked, rules: SelectionRules, trades: Trades, seed: int, card: ModelCard, tried: int
) -> list[dict[str, Any]]:
    """A row per schedule, `NEVER` first: its evidence in all and by year, its AUC, its trades and its lead on never.

    Parameters
    ----------
    trades : of all days that were walked
    seed : of the bootstrap
    card : who was fitted
    tried : configurations looked at before this one was shown

    Raises
    ------
    ValueError
        If two schedules did not walk the same days.
    """
    if any(not one.index.equals(never.index) or (one.label != never.label).any() for one in others):
        raise ValueError("the schedules did not walk the same days")
    dates, gross = dates_among(never.index), trades.on(never.index)
    doubt, seeds, rows = (rules.horizon, CONFIDENCE, seed), len(card.seeds), []
    for one in (never, *others):
        span = auc_interval(one.label, one.score, *doubt, dates=dates)
        earned = money(gross, one.label, one.alert, rules.horizon, trades.cost, CONFIDENCE, seed, dates=dates)
        rows.append(
            {
                "months": one.months,
                "fits": one.fits,
                "silent": one.silent,
                **evidence(one.label, one.alert, rules.horizon, CONFIDENCE, seeds, tried, dates).to_dict(),
                "auc": span.point,
                "auc_interval": [span.low, span.high],
                "money": None if earned is None else earned.to_dict(),
                "against_never": None if one is never else lead(one, never, rules.horizon, seed, dates),
                "years": by_year(one, rules.horizon, seeds, tried),
            }
        )
    return rows


def lead(one: Walked, never: Walked, horizon: int, seed: int, dates: Dates | None) -> dict[str, Any]:
    """Precision, recall and AUC of a schedule minus those of never on the same days; None where one is not defined."""
    doubt, alerts = (horizon, CONFIDENCE, seed), (one.label, one.alert, never.alert)
    found = {
        "precision": precision_lead(*alerts, *doubt, dates),
        "recall": recall_lead(*alerts, *doubt, dates),
        "auc": auc_difference(one.label, one.score, never.score, *doubt, dates=dates),
    }
    return {name: None if told is None else asdict(told) for name, told in found.items()}


def precision_lead(
    label: np.ndarray,
    alert: np.ndarray,
    other: np.ndarray,
    horizon: int,
    confidence: float,
    seed: int,
    dates: Dates | None = None,
) -> Difference | None:
    """Precision of some alerts (n,) minus that of others (n,), however many each are; None if one of them is none.

    As `buysignal.judge.paired.choice_difference`; but as both may be few, fewer than `MIN_BUYS` dates with an alert of
    either cannot tell.
    """
    if not alert.any() or not other.any():
        return None
    found = choice_difference(label, alert, other.astype(float), horizon, confidence, seed, dates=dates)
    enough = np.count_nonzero(sums(other, dates)) >= MIN_BUYS
    return found if enough else replace(found, verdict="cannot tell")


def recall_lead(
    label: np.ndarray,
    alert: np.ndarray,
    other: np.ndarray,
    horizon: int,
    confidence: float,
    seed: int,
    dates: Dates | None = None,
) -> Difference | None:
    """Recall of some alerts (n,) minus that of others (n,), bootstrapped alike; None where nothing is labelled 1.

    Fewer than `MIN_BUYS` dates on which just one of the two is right cannot tell.
    """
    if not label.any():
        return None
    gained, right = (sums(values, dates) for values in ((alert.astype(int) - other) * label, label.astype(int)))

    def difference(drawn: np.ndarray) -> float:
        return float(gained[drawn].sum() / max(right[drawn].sum(), 1))

    point = difference(np.arange(len(gained)))
    found = bootstrapped(point, difference, len(gained), horizon, confidence, seed, DRAWS)
    return found if np.count_nonzero(gained) >= MIN_BUYS else replace(found, verdict="cannot tell")


def by_year(one: Walked, horizon: int, seeds: int, tried: int) -> list[dict[str, Any]]:
    """The evidence of every year that has a row."""
    year = dates_of(one.index).year.to_numpy()
    found = []
    for name in np.unique(year):
        at = year == name
        doubt = (horizon, CONFIDENCE, seeds, tried, dates_among(one.index[at]))
        found.append({"year": str(name), **evidence(one.label[at], one.alert[at], *doubt).to_dict()})
    return found


def as_metrics(card: ModelCard, never: Walked, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of metrics/walk.json."""
    dates = dates_of(never.index)
    return {
        "name": card.name,
        "tier": card.tier,
        "first": f"{dates.min():%Y-%m-%d}",
        "last": f"{dates.max():%Y-%m-%d}",
        "days": dates.nunique(),
        "rows": len(dates),
        "confidence": CONFIDENCE,
        "schedules": list(rows),
    }


def drawn(walked: Sequence[Walked]) -> pd.DataFrame:
    """Columns `DRAWN`, at the last date of each month: precision so far of who is fitted most often, less never's.

    A month counts from which on either has bought on `MIN_BUYS` rows. Without a schedule there is no row.
    """
    if not walked:
        return pd.DataFrame(columns=list(DRAWN))
    never, others = walked[0], walked[1:]
    often = min(others, key=lambda one: one.months)
    date = dates_of(never.index)
    hits, buys = (
        np.array([np.cumsum(one.alert * weight) for one in (often, never)])
        for weight in (never.label.astype(int), np.ones(len(date), int))
    )
    month = date.year.to_numpy() * 12 + date.month.to_numpy()
    last = np.append(month[1:] != month[:-1], True) & (buys >= MIN_BUYS).all(axis=0)
    shares = hits[:, last] / buys[:, last]
    day = pd.factorize(date)[0][last] + 1
    return pd.DataFrame({"day": day, "date": date[last].strftime("%Y-%m-%d"), "lead": shares[0] - shares[1]})


def as_table(walked: Sequence[Walked]) -> pd.DataFrame:
    """Every walked row of every schedule, one below the other."""
    parts = [
        pd.DataFrame(
            {
                "months": np.int16(one.months),
                **{level: one.index.get_level_values(level) for level in one.index.names},
                "label": one.label.astype(np.int8),
                "score": one.score,
                "alert": one.alert,
            }
        )
        for one in walked
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"months": np.array([], np.int16)})
