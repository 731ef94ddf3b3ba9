"""The k best symbols of each day, and how often they were right: what a person buys who can hold few."""

import numpy as np
import pandas as pd

from buysignal.bars.symbols import SYMBOL, dates_of


def ranks(score: np.ndarray, day: np.ndarray, symbol: np.ndarray) -> np.ndarray:
    """(rows,) place of each row within its day by falling score, from 0; of equal scores the symbol decides.

    Parameters
    ----------
    score : (rows,)
    day, symbol : (rows,) whole numbers; rows may stand in any order, and no symbol twice on a day

    Examples
    --------
    >>> ranks(np.array([0.2, 0.1, 0.5, 0.5]), np.array([0, 1, 0, 0]), np.array([0, 1, 1, 2])).tolist()
    [2, 0, 0, 1]
    """
    order = np.lexsort((symbol, -np.asarray(score, float), day))
    first = np.flatnonzero(np.diff(day[order], prepend=-1))
    sizes = np.diff(first, append=len(order))
    found = np.empty(len(order), int)
    found[order] = np.arange(len(order)) - np.repeat(first, sizes)
    return found


def precision_per_day(label: np.ndarray, score: np.ndarray, index: pd.MultiIndex, per_day: int) -> float:
    """Share of the ``per_day`` rows of highest score of each day that are labelled 1, over all days together.

    A day with fewer rows gives all of them.

    Parameters
    ----------
    label, score : (n,) n >= 1
    index : (n,) (symbol, date), in any order

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1), ("b", 2)], names=["symbol", "date"])
    >>> precision_per_day(np.array([1, 0, 0, 1]), np.array([0.5, 0.3, 0.5, 0.2]), index, 1)
    0.5
    """
    day, symbol = (pd.factorize(part, sort=True)[0] for part in (dates_of(index), index.get_level_values(SYMBOL)))
    return float(np.asarray(label)[ranks(score, day, symbol) < per_day].mean())
