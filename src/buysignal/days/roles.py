"""Six chronological roles of time that never share a day through their labels."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of
from buysignal.core.errors import UserError
from buysignal.days.columns import PURGED

ROLES = ("train", "stop", "rank", "calibrate", "threshold", "test")
MIN_ROLE_ROWS = 30  # below this even a base rate of one half is known to +-0.18 only


def assign_roles(
    labels: pd.DataFrame, parts: Mapping[str, float | str], horizon: int, min_rows: int = MIN_ROLE_ROWS
) -> pd.Series:
    """Cut the calendar into `ROLES` and purge what would leak from one role into a later one.

    Dates are cut in time order, the same for all symbols: after a role's last day, or where its share of all dates
    ends that begins after the role before. Before each cut a row is purged if its date is among the last ``horizon``,
    or if its label is decided on or after the next role's first decision date (purging: Lopez de Prado, Advances in
    Financial Machine Learning, 2018, section 7.4.1). The later role keeps all its rows: their features may look back
    over the purged days, which are past by then.

    Parameters
    ----------
    labels : (n, ...) with label_start and label_end as `buysignal.days.labels.touch_label` returns them,
        index ``date`` or (symbol, date), unique and increasing
    parts : role -> its share of the dates, or its last day as an ISO date (of a day without bars, the last before it);
        ``test`` has all that are left and need not be there
    horizon : trading days a label looks ahead, hence the fewest purged between two roles; >= 1
    min_rows : fewest dates a role may keep after purging; >= 1

    Returns
    -------
    Series of str named ``role``, index of labels: a role or ``purged``.

    Raises
    ------
    UserError
        If a role would keep fewer than ``min_rows`` dates: the message says how many bars there are and, where no
        role has a last day, how many are needed. If a last day is outside of the dates.
    ValueError
        If the index is not unique and increasing, or a label is decided before its date.

    Examples
    --------
    >>> days = pd.date_range("2018-01-01", periods=21)
    >>> labels = pd.DataFrame({"label_start": days[1:20], "label_end": days[2:]}, index=days[:19])
    >>> shares = dict(train=4/19, stop=3/19, rank=3/19, calibrate=3/19, threshold=3/19, test=3/19)
    >>> roles = assign_roles(labels, shares, horizon=2, min_rows=1)
    >>> {role: np.flatnonzero(roles == role).tolist() for role in (*ROLES, PURGED)}  # doctest: +NORMALIZE_WHITESPACE
    {'train': [0, 1], 'stop': [4], 'rank': [7], 'calibrate': [10], 'threshold': [13],
     'test': [16, 17, 18], 'purged': [2, 3, 5, 6, 8, 9, 11, 12, 14, 15]}
    """
    _check(labels)
    date, position = np.unique(dates_of(labels.index).to_numpy(), return_inverse=True)  # (n,) dates, place of each row
    n, end = len(date), labels["label_end"].to_numpy()
    places = _places(date, parts)
    bounds = _bounds(n, places)
    roles = np.repeat(np.array(ROLES, dtype=object), np.diff(bounds))[position]
    for cut in bounds[1:-1]:
        if cut < n:
            roles[(position < cut) & ((position >= cut - horizon) | (end >= date[cut]))] = PURGED
    _require_dates(roles, position, places, horizon, min_rows)
    return pd.Series(roles, index=labels.index, name="role", dtype="str")


def summary(labels: pd.DataFrame, roles: pd.Series) -> dict[str, dict[str, Any]]:
    """Rows, positives, base rate and span of every role.

    Parameters
    ----------
    labels : (n, ...) with ``label`` 0 or 1, of one symbol or many
    roles : (n,) as `assign_roles` returns it, same index

    Returns
    -------
    role (and ``purged``) -> ``rows``, ``positives``, ``base_rate`` (share of rows labelled 1; 0.0
    without rows), ``first`` and ``last`` (ISO decision dates; None without rows).
    """
    if not labels.index.equals(roles.index):
        raise ValueError("labels and roles must have the same index")
    table = {}
    for role in (*ROLES, PURGED):
        label = labels.loc[roles == role, "label"]
        rows, positives = len(label), int(label.sum())
        table[role] = {
            "rows": rows,
            "positives": positives,
            "base_rate": positives / rows if rows else 0.0,
            "first": dates_of(label.index).min().strftime("%Y-%m-%d") if rows else None,
            "last": dates_of(label.index).max().strftime("%Y-%m-%d") if rows else None,
        }
    return table


def _check(labels: pd.DataFrame) -> None:
    date = dates_of(labels.index)
    if not (labels.index.is_monotonic_increasing and labels.index.is_unique):
        raise ValueError("labels must be indexed by unique, increasing dates")
    if not ((labels["label_start"] > date) & (labels["label_end"] >= labels["label_start"])).all():
        raise ValueError("a label must be decided after its date and must not end before it starts")


def _places(date: np.ndarray, parts: Mapping[str, float | str]) -> list[int | float]:
    """Of each role but the last, the number of dates (n,) up to its last day, or its share of them."""
    places: list[int | float] = []
    for role in ROLES[:-1]:
        if isinstance(part := parts[role], str):
            if not date[0] <= np.datetime64(part) <= date[-1]:
                first, last = np.datetime_as_string(date[[0, -1]], unit="D")
                raise UserError(f"roles.{role} is {part}, but the days that have a label are {first} to {last}")
            part = int(np.searchsorted(date, np.datetime64(part), side="right"))
        places.append(part)
    return places


def _bounds(n: int, places: Sequence[int | float]) -> np.ndarray:
    """First row of each role, then n: (7,), not falling."""
    bounds, since, share = [0], 0, 0.0
    for place in places:
        if isinstance(place, int):
            since, share = place, 0.0
        else:  # shares are summed and rounded once, so that many small ones lose no day
            share += place
        bounds.append(min(since + int(np.rint(share * n)), n))
    return np.maximum.accumulate([*bounds, n])


def _require_dates(
    roles: np.ndarray, position: np.ndarray, places: Sequence[int | float], horizon: int, min_rows: int
) -> None:
    kept = {role: len(np.unique(position[roles == role])) for role in ROLES}
    poorest = min(ROLES, key=lambda role: kept[role])
    if kept[poorest] >= min_rows:
        return
    bars = int(position.max()) + 1 + horizon  # the last `horizon` bars have no label
    told = f"{bars:,} bars leave role {poorest} {kept[poorest]} rows after purging, fewer than {min_rows}: "
    if any(isinstance(place, int) for place in places):
        raise UserError(f"{told}let it end later, or the role before it earlier, or use more bars")
    needed = _rows_needed(places, horizon, min_rows) + horizon
    raise UserError(f"{told}at least {needed:,} bars are needed, or a larger share in roles.{poorest}")


def _rows_needed(shares: Sequence[float], horizon: int, min_rows: int) -> int:
    """Rows from which on every role keeps ``min_rows`` when ``horizon`` rows go before each cut."""
    lost = np.array([horizon] * len(shares) + [0])

    def enough(n: int) -> bool:
        return bool((np.diff(_bounds(n, shares)) - lost >= min_rows).all())

    rows = math.ceil((min_rows + horizon + 1) / min(*shares, 1 - sum(shares))) + 1  # rounding costs at most one row
    while enough(rows - 1):
        rows -= 1
    return rows
