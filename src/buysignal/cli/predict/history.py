"""The answers of every day of a range: each is what would have been said on that day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

import numpy as np
import pandas as pd

from buysignal.bars.quality.adjust import SMALLEST, told
from buysignal.bars.quality.local import change
from buysignal.bars.quality.prepare import Judged, Rules
from buysignal.bars.reading import Reading
from buysignal.bars.symbols import SYMBOL, dates_of, is_many
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.models.best_of_day import ranks

EVERY = date.min  # of a range: since the first day that has an answer


def answers_between(predictor: Predictor, bars: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """The answers of all days from ``first`` to ``last``, both included: none looks at a later bar.

    A day has the bits that it has when bars end with it. Of many symbols those buy that `settled` says.

    Parameters
    ----------
    bars : (n, ...) that were judged, index ``date`` or (symbol, date), sorted

    Returns
    -------
    DataFrame with the columns of `Predictor.predict`, index as ``bars``: a row for each day, and symbol, with
    bars enough for an answer; maybe none.

    Raises
    ------
    UserError
        If a move is too wild for a feature to be a number; of many with the symbol's name before it.
    """
    if not is_many(bars.index):
        return _of_one(predictor, bars, first, last)
    parts = {}
    for symbol, part in bars.groupby(level=SYMBOL, sort=False):
        try:
            parts[symbol] = _of_one(predictor, part.droplevel(SYMBOL), first, last)
        except UserError as error:
            raise UserError(f"symbol {symbol}: {error}") from None
    return settled(predictor, pd.concat(parts, names=[SYMBOL]))


def _of_one(predictor: Predictor, bars: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    seen = bars.loc[:last]
    asked = int((seen.index[predictor.needed - 1 :] >= first).sum())
    return predictor.answers(seen, asked) if asked else predictor.nothing(seen.index[:0])


def settled(predictor: Predictor, rows: pd.DataFrame) -> pd.DataFrame:
    """The answers of many symbols with what is ``above`` and what is a ``buy``, of each date by itself.

    What was measured is of the symbols that the model was trained on, so the others buy only if it was asked for
    anyway. Where a model buys the best of each day, they are taken among those that may buy and have a bar of that
    day; of equal scores the name that sorts first, as they were judged.

    Parameters
    ----------
    rows : (n, ...) with ``score`` and ``above`` (the threshold is reached), index (symbol, date)
    """
    names, per_day = rows.index.get_level_values(SYMBOL), predictor.model.per_day
    may = np.full(len(rows), True) if predictor.anyway else names.isin(predictor.model.regime.known)
    above = rows["above"].to_numpy(bool)
    if per_day:
        day, name = (pd.factorize(level[may], sort=True)[0] for level in (dates_of(rows.index), names))
        best = np.full(len(rows), False)
        best[may] = ranks(rows["score"].to_numpy()[may], day, name) < per_day
        above = above & best
    return rows.assign(above=above, buy=above & may & predictor.says_buy)


def as_of_each(
    predictor: Predictor, reading: Reading, first: pd.Timestamp, rules: Rules
) -> tuple[Judged, pd.DataFrame]:
    """What the bars of a reading came to, and the answers of its days from ``first`` on, maybe none.

    A split rescales the prices before it, and a model may look at prices: so a day is answered by the prices that
    were known on it, which are not adjusted for a later split.

    Raises
    ------
    UserError
        If the bars are bad, or too few for an answer.
    """
    judged = predictor.checked(reading, rules)
    days = judged.bars.index[predictor.needed - 1 :]
    days, parts = days[days >= first], []
    for begin, end in _spans(reading, days, rules.adjust):
        known = judged if end == days[-1] else predictor.checked(reading.until(end), rules)
        parts.append(answers_between(predictor, known.bars, begin, end))
    return judged, pd.concat(parts) if parts else predictor.nothing(days)


def _spans(reading: Reading, days: pd.DatetimeIndex, adjust: str) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    """First and last of the days on which the same splits were known."""
    if adjust == "none" or not _may_split(reading):
        known = [()] * len(days)
    else:
        with np.errstate(all="ignore"):  # as where the bars are judged
            known = [told(reading.bars.loc[:day], reading) for day in days]  # a split of a later day is of no bar
    for _, span in groupby(zip(days, known), key=lambda pair: pair[1]):
        on = [day for day, _ in span]
        yield on[0], on[-1]


def _may_split(reading: Reading) -> bool:
    """Whether the file names a split, or Adj Close somewhere jumps beside Close as no small dividend makes it."""
    if not reading.splits.empty or "adj_close" not in reading.bars:
        return not reading.splits.empty
    adjusted, close = (change(np.log(reading.bars[name].to_numpy())) for name in ("adj_close", "close"))
    return bool((np.abs(adjusted - close) > SMALLEST).any())


def in_words(since: date, until: date | None) -> str:
    """A range, after *an answer*.

    >>> in_words(date(2018, 1, 1), None), in_words(EVERY, date(2018, 12, 31)), in_words(EVERY, None)
    ('from 2018-01-01 on', 'up to 2018-12-31', 'at all')
    """
    begin, end = f"from {since}" if since != EVERY else "", f"to {until}" if until else ""
    return f"{begin or 'up'} {end or 'on'}" if begin or end else "at all"


def require_a_day(predictor: Predictor, bars: pd.DatetimeIndex, since: date, until: date | None) -> None:
    """`UserError` if no day of a range has an answer, for bars of which some have one: it says where the first is."""
    days = bars.dropna().unique().sort_values()
    if not len(days[predictor.needed - 1 :]):
        return  # and that is told of the bars
    if since != EVERY and pd.Timestamp(since) > days[-1]:
        raise UserError(f"--since {since} is after the last bar, {days[-1]:%Y-%m-%d}")
    answered = days[predictor.needed - 1 :]
    inside = (answered >= pd.Timestamp(since)) & (answered <= (days[-1] if until is None else pd.Timestamp(until)))
    if not inside.any() and until is not None and pd.Timestamp(until) >= answered[0]:
        before = days[days < pd.Timestamp(since)][-1]
        raise UserError(f"there is no bar {in_words(since, until)}: the latest before is of {before:%Y-%m-%d}")
    if not inside.any():
        takes = f"the first answer of this model takes {predictor.needed} bars and is of {answered[0]:%Y-%m-%d}"
        raise UserError(f"no day {in_words(since, until)} has an answer: {takes}")
