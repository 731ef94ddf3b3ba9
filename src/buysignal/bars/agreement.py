"""Whether bars that were read today are the continuation of those that are known."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from buysignal.bars.quality.across import few_of
from buysignal.bars.returns import log_returns
from buysignal.bars.standard import REQUIRED
from buysignal.core.errors import UserError

SAME = 1e-6  # relative difference of two prices, or volumes, that are the same
STEADY = 2e-3  # relative spread of a ratio that is one number: prices of two decimals round a split
MOST = 0.5  # share of days on which two files of one market move alike; two indices, which correlate, do not
NEAR = 5e-4  # difference of two daily log returns that are alike
ENOUGH = 5  # days that tell two markets apart
PRICES = tuple(name for name in REQUIRED if name != "volume")


@dataclass(frozen=True)
class Changed:
    """How the known past differs in what was read.

    Attributes
    ----------
    ratio : what all known prices are to be multiplied by, as after a split; 1 if prices kept their scale
    of_volume : the same of volumes
    revised : days that were known with another bar, or with none among those that were, with the bar they have now
    missing : known days without a bar now, between the first and the last that were read
    first : of the revised days those that had no bar
    """

    ratio: float
    of_volume: float
    revised: pd.DataFrame
    missing: pd.DatetimeIndex
    first: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))

    def __bool__(self) -> bool:
        return self.ratio != 1 or len(self.revised) > 0 or len(self.missing) > 0

    def applied(self, known: pd.DataFrame) -> pd.DataFrame:
        """The known bars as they are now; a day that is missing keeps its bar."""
        if self.ratio != 1:
            factors = {name: self.of_volume if name == "volume" else self.ratio for name in known}
            known = known * pd.Series(factors)
        return pd.concat([known[~known.index.isin(self.revised.index)], self.revised]).sort_index()

    @property
    def said(self) -> str:
        """In words, with days."""
        told = []
        if self.ratio != 1:
            told.append(f"all known prices times {self.ratio:.6g}, as after a split")
        others = self.revised.index.difference(self.first)
        for days, what in ((others, "another bar"), (self.first, "a bar where none was"), (self.missing, "no bar")):
            if len(days):
                told.append(f"{what} on {few_of([f'{day:%Y-%m-%d}' for day in days])}")
        return "; ".join(told)


def changed(known: pd.DataFrame, given: pd.DataFrame, through: pd.Timestamp) -> Changed:
    """What became of known bars in bars that were read.

    Parameters
    ----------
    known, given : (n, F) bars of one symbol and the same columns, index ``date``, as
        `buysignal.bars.quality.prepare` gives them
    through : the last day of which anything is known; a bar of a later day is a new one

    Raises
    ------
    UserError
        If they share no day, or are of two markets: the days that they share do not move together, or are too few to
        tell that from a split.
    """
    shared = known.index.intersection(given.index)
    if not len(shared):
        last = f"{known.index[-1]:%Y-%m-%d}"
        raise UserError(f"they share no day with the bars that are known, which end on {last}: begin on or before it")
    old, new = known.loc[shared], given.loc[shared]
    _same_market(old["close"], new["close"])
    ratio = _steady([new[name] / old[name] for name in PRICES])
    if ratio != 1 and len(shared) <= ENOUGH:
        days = f"{len(shared)} shared day{'s' * (len(shared) > 1)}"
        raise UserError(
            f"all prices are {ratio:.6g} times the known ones, and {days} cannot tell a split from another market: "
            f"give bars of more than {ENOUGH} days that are known"
        )
    of_volume = 1.0
    if ratio != 1 and "volume" in known:
        traded = old["volume"] > 0
        of_volume = _steady([new.loc[traded, "volume"] / old.loc[traded, "volume"]])
    scale = np.array([of_volume if name == "volume" else ratio for name in known])
    near = SAME if ratio == 1 else STEADY
    wrong = ~np.isclose(new.to_numpy(), old.to_numpy() * scale, rtol=near, atol=0).all(axis=1)
    between = known.index[(known.index >= given.index[0]) & (known.index <= given.index[-1])]
    added = given[(given.index >= known.index[0]) & (given.index <= through) & ~given.index.isin(known.index)]
    revised = pd.concat([new[wrong], added]).sort_index()
    return Changed(ratio, of_volume, revised, between.difference(given.index), added.index)


def _same_market(old: pd.Series, new: pd.Series) -> None:
    moves = pd.concat([log_returns(old), log_returns(new)], axis=1).dropna().to_numpy()
    alike = np.isclose(moves[:, 0], moves[:, 1], rtol=0, atol=NEAR)
    if len(moves) >= ENOUGH and alike.mean() < MOST:
        raise UserError(
            f"they are of another market than the bars that are known: on {len(moves):,} shared days the Close moves "
            f"alike on {alike.sum():,}"
        )


def _steady(ratios: list[pd.Series]) -> float:
    """The one number that most ratios are, else 1: a few days may be revised beside it."""
    every = np.concatenate([ratio.to_numpy() for ratio in ratios])
    if not len(every):
        return 1.0
    middle = float(np.median(every))
    near = np.isclose(every, middle, rtol=STEADY, atol=0).mean()
    return middle if near > 0.5 and abs(middle - 1) > STEADY else 1.0
