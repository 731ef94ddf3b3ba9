"""Whether a new model is due, and up to which day it would learn."""

from __future__ import annotations

import pandas as pd

from buysignal.cli.retrain.params import BROKEN, MONTHS, Retrain
from buysignal.core.errors import UserError
from buysignal.judge import sequential
from buysignal.ship.journal.known import iso


def end_of_data(days: pd.DatetimeIndex, trial: int) -> pd.Timestamp | None:
    """The day that exactly ``trial`` of the known trading days (n,) come after; None where they are no more than that.

    >>> end_of_data(pd.DatetimeIndex(["2020-01-02", "2020-01-03", "2020-01-06"]), 2)
    Timestamp('2020-01-02 00:00:00')
    """
    return days[-1 - trial] if len(days) > trial else None


def not_due(asked: Retrain, seen: pd.Timestamp, until: pd.Timestamp | None, promise: str) -> str:
    """Why no new model is due yet, and when one will be; empty if one is.

    Parameters
    ----------
    seen : last bar that the shipped model's data have
    until : `end_of_data`; months are counted up to it, not to today: by then a new model has them to learn from
    promise : verdict of `buysignal.judge.sequential.kept`; read where the promise must be broken
    """
    if asked.when == MONTHS:
        due = seen + pd.DateOffset(months=asked.months)
        if until is not None and until >= due:
            return ""
        return (
            f"the data of what ships end on {iso(seen)}, and it is due once those of a new one would end on {iso(due)} "
            f"or later, {asked.trial} trading days before the last known one"
        )
    if asked.when == BROKEN:
        return "" if promise == sequential.BROKEN else f"the promise is not broken: {promise}"
    return "retrain.when is never; --now does it all the same"


def require_newer(days: pd.DatetimeIndex, seen: pd.Timestamp, asked: Retrain) -> pd.Timestamp:
    """The end of the new model's data.

    Raises
    ------
    UserError
        If it is not after that of what ships: there are too few new days.
    """
    until = end_of_data(days, asked.trial)
    if until is not None and until > seen:
        return until
    new = int((days > seen).sum())
    more = asked.trial + 1 - new
    raise UserError(
        f"too few new days: {new} came after {iso(seen)}, where the data of what ships end, and retrain.trial keeps "
        f"{asked.trial} of them: {more} more {'is' if more == 1 else 'are'} needed"
    )
