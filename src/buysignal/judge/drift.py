"""Do the days that came look like those a model learned from? Each feature by itself.

The population stability index of a feature compares the shares of days in the deciles of the train role: ``sum((q - p)
* log(q / p))``, p there and q in the days that came (Siddiqi, Credit Risk Scorecards, 2006). The usual rule, "above .25
is a shift", is meant for independent rows. Features of a market remember for months: a calm month lies in two deciles
of the volatility, and the rule fires always. So an index is held against those of as many days in a row *inside the
train role*, each against the train role without it. Where nothing has changed, the days that came are one more such
stretch, and above all others about once in as many times as stretches fit beside each other: see `Drift.by_chance`.

Rows of many symbols: a stretch is one of dates, with all their symbols.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of

BINS = 10
PARTS = 4  # the days that are compared are at most one of so many parts of the reference
STRETCHES = 100  # compared with, at most
ALIKE = 5.0  # rows like the reference that are added to a stretch, so that no bin is empty; half a row per bin
SCARCE = 0.5  # rows that a bin of the reference has at least


@dataclass(frozen=True)
class Drift:
    """How each feature moved.

    Attributes
    ----------
    table : one row per feature, in the order of the frame: ``psi`` of the days that came; ``larger``, the share of
        stretches of the reference with a larger one, 0 if none has
    days : dates that were compared, the last ones
    stretches : of the reference that each was held against
    overall : share of stretches whose mean index over all features is larger than that of the days that came
    by_chance : how many of the features would be above all stretches if nothing had changed; they move together, so
        that often it is none, and sometimes many
    """

    table: pd.DataFrame
    days: int
    stretches: int
    overall: float
    by_chance: float

    def beyond(self, most: int = 5) -> tuple[str, ...]:
        """Features whose index is above those of all stretches, the largest first, at most so many."""
        found = self.table[self.table["larger"] == 0]
        return tuple(found["psi"].sort_values(ascending=False, kind="stable").index[:most])


def drift(reference: pd.DataFrame, realised: pd.DataFrame) -> Drift:
    """Hold the days that came against the days of a role.

    Parameters
    ----------
    reference : (rows, features) of the train role, index ``date`` or (symbol, date); of a score better a role that the
        model did not learn from, as its scores of days that it knows are more extreme
    realised : (rows, features), columns as those of ``reference``, index alike. Of more dates than a quarter of the
        reference's the last are compared: what matters is now, and stretches must fit into the reference

    Raises
    ------
    ValueError
        If a column is missing or a value is NaN, if nothing came, or if the reference has fewer dates than `PARTS`.
    """
    realised = realised.reindex(columns=reference.columns)
    if missing := [name for name in reference.columns if reference[name].isna().any() or realised[name].isna().any()]:
        raise ValueError(f"features without a value on some row: {', '.join(map(str, missing))}")
    when, came = dates_of(reference.index), dates_of(realised.index)
    day, dates = pd.factorize(when, sort=True)
    days = min(came.nunique(), len(dates) // PARTS)
    if not days:
        raise ValueError(f"nothing to compare: {len(dates)} dates of reference, {came.nunique()} that came")
    recent = realised[came >= came.unique().sort_values()[-days]]
    first = _starts(len(dates), days)
    found = [
        _indices(reference[name].to_numpy(float), day, recent[name].to_numpy(float), first, days)
        for name in reference.columns
    ]
    psi, others = np.array([one[0] for one in found]), np.array([one[1] for one in found])
    larger = (others > psi[:, None]).mean(axis=1)
    table = pd.DataFrame({"psi": psi, "larger": larger}, index=reference.columns)
    overall = float((others.mean(axis=0) > psi.mean()).mean())
    return Drift(table, days, len(first), overall, len(psi) * days / (len(dates) + days))


def _starts(dates: int, days: int) -> np.ndarray:
    """First dates of the stretches: evenly spread, from the first to the last that fits, no more than `STRETCHES`."""
    return np.unique(np.linspace(0, dates - days, min(STRETCHES, dates - days + 1)).astype(int))


def _indices(
    before: np.ndarray, day: np.ndarray, after: np.ndarray, first: np.ndarray, days: int
) -> tuple[float, np.ndarray]:
    """Index of the rows that came, and of each stretch against the rest.

    Parameters
    ----------
    before : (rows,) reference, on date number ``day`` (rows,)
    after : (n,) what came
    first : (k,) first date of each stretch of ``days`` dates
    """
    edges = np.quantile(before, np.arange(1, BINS) / BINS)
    cells = day * BINS + np.searchsorted(edges, before, side="left")
    counts = np.bincount(cells, minlength=(day.max() + 1) * BINS).reshape(-1, BINS)
    until = np.vstack([np.zeros((1, BINS), int), counts.cumsum(axis=0)])
    inside = until[first + days] - until[first]
    came = np.bincount(np.searchsorted(edges, after, side="left"), minlength=BINS)
    return float(psi(came, until[-1])), psi(inside, until[-1] - inside)


def psi(came: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Population stability index (...) of counts (..., bins) against those of the reference (..., bins).

    Of a bin that is nearly empty in both nothing is said; one that was never seen to be filled counts, but not without
    end.

    >>> round(float(psi(np.array([10, 30]), np.array([500, 500]))), 3)  # shares (12.5 / 45, 32.5 / 45) against halves
    0.212
    """
    seen = np.maximum(reference, SCARCE)
    p = seen / seen.sum(axis=-1, keepdims=True)
    q = (came + ALIKE * p) / (came.sum(axis=-1, keepdims=True) + ALIKE)
    return ((q - p) * np.log(q / p)).sum(axis=-1)
